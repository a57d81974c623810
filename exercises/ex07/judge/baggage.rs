//! Baggage: a map, and copies of it.

use ex07_protocol::{Script, Step, steps::*};
use judge::{Trial, Verdict, same};
use proptest::prelude::*;

use crate::{one_of, script, slot};

fn key() -> impl Strategy<Value = String> {
    one_of(&["tenant", "user", "User", "", "clé"])
}

/// Items that come and go.
fn changes() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (slot(), key(), one_of(&["1", "2", "", "a=b, c"])).prop_map(|(b, key, value)| set_item(b, key, value)),
        1 => (slot(), key()).prop_map(|(b, key)| remove_item(b, key)),
    ]
}

/// R13: `get` gives what was last `set` and not removed; removing what is not there does nothing.
pub fn baggage_keeps_the_last_value(trial: &mut Trial<Script>) -> Verdict {
    let question = (slot(), key()).prop_map(|(b, key)| item(b, key));
    trial
        .cases(192)
        .forall(script(prop_oneof![2 => changes(), 1 => question], 24), same)
}

/// R13: `iter` gives each item once.
pub fn all_items_are_listed_once(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(192).forall(
        script(prop_oneof![3 => changes(), 1 => slot().prop_map(items)], 24),
        same,
    )
}

/// R13: a clone and its original change apart.
pub fn copies_of_baggage_are_apart(trial: &mut Trial<Script>) -> Verdict {
    let copying = (slot(), slot()).prop_map(|(b, copy)| copy_baggage(b, copy));
    let question = (slot(), key()).prop_map(|(b, key)| item(b, key));
    trial.cases(128).forall(
        script(prop_oneof![3 => changes(), 1 => copying, 2 => question], 24),
        same,
    )
}
