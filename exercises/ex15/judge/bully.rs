//! A bully on its own, in situations that the statement settles: the reference answers as it says.

use ex15_protocol::{Algorithm, Script, Step, Word, steps::*};
use judge::{Trial, Verdict, same};
use proptest::{prelude::*, sample::subsequence};

/// A node, those below it and those above it.
fn neighbours() -> impl Strategy<Value = (u64, Vec<u64>, Vec<u64>)> {
    let lower = subsequence((1..20_u64).collect::<Vec<_>>(), 1..4);
    let higher = subsequence((21..40_u64).collect::<Vec<_>>(), 1..4);
    (Just(20_u64), lower, higher)
}

fn bully(id: u64, lower: &[u64], higher: &[u64]) -> Step {
    // Peers come in no particular order.
    node(0, id, Algorithm::Bully, [higher, lower].concat())
}

fn about(trial: &mut Trial<Script>, script: impl Fn(u64, Vec<u64>, Vec<u64>) -> Vec<Step>) -> Verdict {
    let scripts = neighbours().prop_map(move |(id, lower, higher)| script(id, lower, higher));
    trial.cases(48).forall(scripts, same)
}

/// R3: `start_election` sends `Election` to each higher peer, and nothing to a lower one.
pub fn the_higher_are_asked_and_no_others(trial: &mut Trial<Script>) -> Verdict {
    about(trial, |id, lower, higher| {
        vec![bully(id, &lower, &higher), start(0), is_leader(0)]
    })
}

/// R3: without a higher peer it is the leader at once, and tells everybody.
pub fn the_highest_announces_itself(trial: &mut Trial<Script>) -> Verdict {
    about(trial, |id, lower, _| {
        vec![
            bully(id, &lower, &[]),
            start(0),
            leader(0),
            is_leader(0),
            bully(id, &[], &[]),
            start(0),
            leader(0),
        ]
    })
}

/// R3: an `Election` of a lower node is answered by `Ok`, and by an election of its own if none is under way.
pub fn the_lower_are_answered(trial: &mut Trial<Script>) -> Verdict {
    about(trial, |id, lower, higher| {
        let mut script = vec![bully(id, &lower, &higher)];
        script.extend(lower.iter().map(|low| hear(0, *low, Word::Election(*low))));
        script.extend([
            bully(id, &lower, &[]),
            hear(0, lower[0], Word::Election(lower[0])),
            leader(0),
        ]);
        script
    })
}

/// R3: after the `Ok` of a higher node it does not lead, but follows who is announced, or stands again when time is over.
pub fn who_is_answered_waits(trial: &mut Trial<Script>) -> Verdict {
    about(trial, |id, lower, higher| {
        let answered = [
            bully(id, &lower, &higher),
            start(0),
            hear(0, higher[0], Word::Ok(higher[0])),
            is_leader(0),
        ];
        let follows = [
            hear(0, higher[0], Word::Coordinator(higher[0])),
            leader(0),
            is_leader(0),
            timeout(0),
            leader(0),
        ];
        let again = [timeout(0), is_leader(0)];
        [answered.as_slice(), &follows, &answered, &again].concat()
    })
}

/// R3: if time is over and no higher node has answered, it leads and tells everybody; without an election it does nothing.
pub fn who_is_not_answered_wins(trial: &mut Trial<Script>) -> Verdict {
    about(trial, |id, lower, higher| {
        let idle = [bully(id, &lower, &higher), timeout(0), leader(0)];
        [idle.as_slice(), &[start(0), timeout(0), leader(0), is_leader(0)]].concat()
    })
}

/// R3: a `Coordinator` that is lower is not followed: a new election begins.
pub fn a_lower_coordinator_is_contested(trial: &mut Trial<Script>) -> Verdict {
    about(trial, |id, lower, higher| {
        vec![
            bully(id, &lower, &higher),
            hear(0, lower[0], Word::Coordinator(lower[0])),
            leader(0),
        ]
    })
}

/// R3: a leader that is no peer any longer is forgotten; one that still is, is not.
pub fn a_leader_that_is_gone_is_forgotten(trial: &mut Trial<Script>) -> Verdict {
    about(trial, |id, lower, higher| {
        let follows = [
            bully(id, &lower, &higher),
            hear(0, higher[0], Word::Coordinator(higher[0])),
        ];
        let rest = [set_peers(0, higher.clone()), leader(0), set_peers(0, lower), leader(0)];
        [follows.as_slice(), &rest].concat()
    })
}
