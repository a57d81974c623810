//! Schedules of a cluster, and how laws walk through what happened.

use ex12_protocol::{Happening, PROPOSERS, Place, Reach, Script, Seen, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*, sample::select};

/// Schedules that a property is tried on.
const SCHEDULES: u32 = 192;

/// Runs schedules of clusters of three, four and five acceptors.
pub fn always(trial: &mut Trial<Script>, law: impl Fn(&Case<'_, Script>) -> Result<(), Objection>) -> Verdict {
    trial.cases(SCHEDULES).forall(schedule(select(vec![3, 4, 5])), law)
}

/// Walks through what happened in the cluster, with the number of its acceptors, until a law objects.
pub fn follow(
    case: &Case<'_, Script>,
    mut law: impl FnMut(usize, &Happening) -> Result<(), String>,
) -> Result<(), Objection> {
    let mut total = 5;
    for (at, step, seen) in case.steps() {
        if let Step::cluster { acceptors } = step {
            total = usize::from((*acceptors).clamp(1, 7));
        }
        for happening in events(seen) {
            law(total, happening).map_err(|text| Objection::at(at, text))?;
        }
    }
    Ok(())
}

/// What happened in a step.
pub fn events(seen: &Seen) -> &[Happening] {
    match seen {
        Seen::campaign(events)
        | Seen::prepares_arrive(events)
        | Seen::replies_arrive(events)
        | Seen::offer(events)
        | Seen::offers_arrive(events)
        | Seen::tell(events)
        | Seen::settle(events) => events,
        _ => &[],
    }
}

/// Proposers that prepare and offer one after another, with now and then another that goes on, and messages that come late.
pub fn schedule(acceptors: impl Strategy<Value = u8>) -> impl Strategy<Value = Vec<Step>> {
    acceptors.prop_flat_map(|acceptors| {
        let attempts = vec(attempt(acceptors), 2..8);
        attempts.prop_map(move |attempts| [vec![cluster(acceptors)], attempts.concat()].concat())
    })
}

/// A proposer prepares, and something follows, most often that it offers.
fn attempt(acceptors: u8) -> impl Strategy<Value = Vec<Step>> {
    let back = prop_oneof![3 => Just(Reach::MAX), 1 => any::<Reach>()];
    (0..PROPOSERS, reach(acceptors), back).prop_flat_map(move |(p, reach, back)| {
        vec(event(acceptors, p), 0..5).prop_map(move |events| [vec![campaign(p, reach, back)], events].concat())
    })
}

/// All acceptors, many or some.
fn reach(acceptors: u8) -> impl Strategy<Value = Reach> {
    let all: Reach = (1 << acceptors) - 1;
    prop_oneof![
        1 => Just(all),
        2 => 0..=all,
        3 => (0..=all, 0..=all).prop_map(|(some, others)| some | others),
    ]
}

fn event(acceptors: u8, p: Place) -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => reach(acceptors).prop_map(move |reach| offer(p, reach)),
        2 => (0..acceptors).prop_map(move |a| replies_arrive(p, a)),
        2 => (0..PROPOSERS, reach(acceptors)).prop_map(|(p, reach)| offer(p, reach)),
        2 => (0..PROPOSERS, 0..acceptors).prop_map(|(p, a)| offers_arrive(p, a)),
        1 => (0..PROPOSERS, 0..acceptors).prop_map(|(p, a)| prepares_arrive(p, a)),
        1 => (0..PROPOSERS, 0..acceptors).prop_map(|(p, a)| replies_arrive(p, a)),
        2 => (0..acceptors).prop_map(|a| tell(1, a)),
    ]
}
