//! The set that only grows: the contract determines every answer.

use std::ops::Range;

use ex17_protocol::{Script, Slot, Step, steps::*};
use judge::replicas::traffic::{REPLICAS, some};
use judge::replicas::{self, Replicas};
use judge::{Trial, Verdict, same};
use proptest::{prelude::*, sample::select};

const GSET: Replicas<Script> = Replicas {
    copy: gset_copy,
    merge: gset_merge,
    look: |c| vec![gset_values(c)],
};

fn value() -> impl Strategy<Value = String> {
    select(vec!["x", "y", "z"]).prop_map(str::to_owned)
}

fn adding(sets: Range<Slot>) -> impl Strategy<Value = Step> {
    (sets, value()).prop_map(|(c, value)| gset_add(c, value))
}

fn asking(sets: Range<Slot>) -> impl Strategy<Value = Step> {
    (sets, value()).prop_map(|(c, value)| gset_contains(c, value))
}

/// R5: a set contains what was added to it, and nothing else.
pub fn a_gset_contains_what_was_added(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(96)
        .forall(some(prop_oneof![adding(0..2), asking(0..2)]), same)
}

/// R5: `iter` and `len` count each value once, however often it was added.
pub fn a_gset_lists_each_value_once(trial: &mut Trial<Script>) -> Verdict {
    let question = prop_oneof![(0..2_u8).prop_map(gset_values), (0..2_u8).prop_map(gset_len)];
    trial.cases(96).forall(some(prop_oneof![adding(0..2), question]), same)
}

/// R5: merging is union.
pub fn gset_merge_is_union(trial: &mut Trial<Script>) -> Verdict {
    let script = some(prop_oneof![2 => GSET.among(REPLICAS, adding(REPLICAS)), 1 => asking(REPLICAS)]);
    trial.cases(128).forall(script, same)
}

/// R18: the merge of two `GSet` is commutative, associative and idempotent.
pub fn gset_merge_obeys_the_laws(trial: &mut Trial<Script>) -> Verdict {
    replicas::laws(trial.cases(16), &GSET, some(GSET.among(REPLICAS, adding(REPLICAS))))
}

/// R18: `GSet` replicas that have heard of each other's additions have the same values.
pub fn gsets_converge(trial: &mut Trial<Script>) -> Verdict {
    replicas::converges(trial.cases(16), &GSET, |count| {
        some(GSET.among(0..count, adding(0..count)))
    })
}
