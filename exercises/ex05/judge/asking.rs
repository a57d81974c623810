//! What is told of locks in force.

use std::collections::BTreeMap;

use ex05_protocol::{Script, Step, Token, steps::*};
use judge::{Trial, Verdict};
use proptest::{collection::btree_map, prelude::*, sample::select};

use crate::{Aspect, acquiring, client, law, lock, script, slot};

/// Releases that are those of the holder every now and then.
fn releasing() -> impl Strategy<Value = Step> {
    (lock(), client(), slot()).prop_map(|(lock, client, t)| release(lock, client, Token::Of(t)))
}

fn among_acquisitions(question: impl Strategy<Value = Step>) -> impl Strategy<Value = Vec<Step>> {
    script(prop_oneof![4 => acquiring(), 2 => releasing(), 3 => question], 20)
}

/// R7: `get_lock_info` tells what the holder was granted, and nothing of a lock that is free.
pub fn a_lock_is_told_as_it_was_granted(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(among_acquisitions(lock().prop_map(info)), law(&[Aspect::Info]))
}

/// Any string is a key or a value.
fn notes() -> impl Strategy<Value = BTreeMap<String, String>> {
    let text = || select(vec!["", "pid", "hôte", "4242", "a=b;c", "\n"]).prop_map(str::to_owned);
    btree_map(text(), text(), 0..4)
}

/// R7: the metadata of a lock is what its holder gave.
pub fn metadata_is_kept(trial: &mut Trial<Script>) -> Verdict {
    let noting = (slot(), lock(), client(), notes())
        .prop_map(|(t, lock, client, metadata)| try_acquire_with(t, lock, client, metadata));
    let steps = prop_oneof![2 => noting, 2 => lock().prop_map(metadata), 1 => releasing()];
    trial.forall(script(steps, 16), law(&[Aspect::Metadata]))
}

/// R7: `list_locks` tells of every lock that is held, as `get_lock_info` does, and of no other.
pub fn every_lock_in_force_is_listed(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(among_acquisitions(Just(list())), law(&[Aspect::List]))
}

/// R7: `list_client_locks` tells of the locks that the client holds, and of no other.
pub fn a_client_s_own_locks_are_listed(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(
        among_acquisitions(client().prop_map(list_client)),
        law(&[Aspect::ClientList]),
    )
}
