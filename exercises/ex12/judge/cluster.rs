//! Schedules of a cluster, and how laws walk through what happened.

use ex12_protocol::{Happening, PROPOSERS, Place, Reach, Script, Seen, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{
    collection::vec,
    prelude::*,
    sample::{select, subsequence},
};

/// Schedules that a property is tried on.
pub const SCHEDULES: u32 = 128;
/// The same for what rarely shows.
pub const MANY_SCHEDULES: u32 = 384;

/// The acceptors of a cluster of which nothing is said.
pub const DEFAULT: usize = 5;

/// The acceptors of a cluster.
pub fn size(acceptors: u8) -> usize {
    usize::from(acceptors.clamp(1, 7))
}

/// Runs schedules of clusters of three, four and five acceptors.
pub fn always(
    trial: &mut Trial<Script>,
    schedules: u32,
    law: impl Fn(&Case<'_, Script>) -> Result<(), Objection>,
) -> Verdict {
    trial.cases(schedules).forall(schedule(select(vec![3, 4, 5])), law)
}

/// Walks through what happened in the cluster, with the number of its acceptors, until a law objects.
pub fn follow(
    case: &Case<'_, Script>,
    mut law: impl FnMut(usize, &Happening) -> Result<(), String>,
) -> Result<(), Objection> {
    let mut total = DEFAULT;
    for (at, step, seen) in case.steps() {
        if let Step::cluster { acceptors } = step {
            total = size(*acceptors);
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
        let attempts = vec(attempt(acceptors), 3..8);
        attempts.prop_map(move |attempts| [vec![cluster(acceptors)], attempts.concat()].concat())
    })
}

/// A proposer prepares, and something follows, most often that it offers.
fn attempt(acceptors: u8) -> impl Strategy<Value = Vec<Step>> {
    let back = prop_oneof![3 => Just(Reach::MAX), 2 => any::<Reach>()];
    (0..PROPOSERS, reach(acceptors), back).prop_flat_map(move |(p, reach, back)| {
        vec(event(acceptors, p), 1..5).prop_map(move |events| [vec![campaign(p, reach, back)], events].concat())
    })
}

/// Most often just enough acceptors: then any two sets share few, and what one of these does wrong shows.
fn reach(acceptors: u8) -> impl Strategy<Value = Reach> {
    let all: Reach = (1 << acceptors) - 1;
    prop_oneof![1 => Just(all), 1 => 0..=all, 4 => some(acceptors, acceptors / 2 + 1)]
}

/// So many acceptors.
fn some(acceptors: u8, count: u8) -> impl Strategy<Value = Reach> {
    let places: Vec<u8> = (0..acceptors).collect();
    subsequence(places, usize::from(count)).prop_map(|places| places.iter().fold(0, |reach, place| reach | 1 << place))
}

fn event(acceptors: u8, p: Place) -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => reach(acceptors).prop_map(move |reach| offer(p, reach)),
        6 => some(acceptors, 1).prop_map(move |reach| offer(p, reach)),
        3 => (0..PROPOSERS, reach(acceptors)).prop_map(|(p, reach)| offer(p, reach)),
        2 => (0..acceptors).prop_map(move |a| replies_arrive(p, a)),
        2 => (0..PROPOSERS, 0..acceptors).prop_map(|(p, a)| replies_arrive(p, a)),
        2 => (0..PROPOSERS, 0..acceptors).prop_map(|(p, a)| offers_arrive(p, a)),
        1 => (0..PROPOSERS, 0..acceptors).prop_map(|(p, a)| prepares_arrive(p, a)),
        2 => (0..acceptors).prop_map(|a| tell(1, a)),
    ]
}
