//! Timestamps as values.

use ex03_protocol::{Script, Step, steps::*};
use judge::{Trial, Verdict, same};
use proptest::{collection::vec, prelude::*, sample::select};

/// Names in an order that their lengths do not have.
fn name() -> impl Strategy<Value = String> {
    select(vec!["", "A", "AB", "B", "b", "node-10", "node-9", "é"]).prop_map(str::to_owned)
}

/// Few times, so that some are equal.
fn time() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0..4_u64, 1 => Just(1 << 40)]
}

fn asking(question: impl Strategy<Value = Step>) -> impl Strategy<Value = Vec<Step>> {
    vec(question, 1..12)
}

/// R1: timestamps are ordered by time, then by replica.
pub fn timestamps_are_ordered_by_time_then_replica(trial: &mut Trial<Script>) -> Verdict {
    let question = (time(), name(), time(), name());
    let question =
        question.prop_map(|(time, replica, other, other_replica)| stamp_compare(time, replica, other, other_replica));
    trial.cases(64).forall(asking(question), same)
}

/// R1: `new` keeps the replica; `increment` moves the time by one and nothing else.
pub fn a_timestamp_keeps_its_replica(trial: &mut Trial<Script>) -> Verdict {
    let question = prop_oneof![
        name().prop_map(stamp_replica),
        (time(), name()).prop_map(|(time, replica)| stamp_increment(time, replica)),
    ];
    trial.cases(64).forall(asking(question), same)
}
