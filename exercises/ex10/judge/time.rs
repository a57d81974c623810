//! The clock.

use crate::node;
use ex10_protocol::{Script, Seen, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

fn moving() -> impl Strategy<Value = Step> {
    prop_oneof![(0..100_000_u32).prop_map(advance), (0..100_000_u32).prop_map(sleep)]
}

/// R8: the clock shows what it was advanced and slept by.
pub fn the_clock_moves_as_told(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(64)
        .forall(vec(prop_oneof![moving(), Just(now())], 1..12), same)
}

/// R8: a node's clock is off by its skew, and never before zero.
pub fn nodes_have_their_own_time(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        1 => moving(),
        2 => (node(), -200_000..200_000_i32).prop_map(|(node, millis)| skew(node, millis)),
        3 => node().prop_map(now_of),
        1 => Just(now()),
    ];
    trial.cases(96).forall(vec(steps, 1..16), same)
}

/// R8: time passes at its scale.
pub fn time_passes_at_its_scale(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(6).forall(
        (0..100_u8).prop_map(|scale| vec![scaled(scale)]),
        |case: &Case<'_, Script>| match case.steps().find(|(_, _, seen)| **seen == Seen::scaled(false)) {
            Some((at, _, _)) => Err(Objection::at(at, "the clock is faster or slower than its scale")),
            None => Ok(()),
        },
    )
}
