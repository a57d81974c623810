//! Clocks as bytes: what was sent arrives, and what is no clock is refused.

use ex00_protocol::{Refusal, Script, Seen, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

use crate::{asking, awkward_node, clock};

/// R5: a clock that went through bytes has the counters of the one that was sent, whatever its nodes are called.
pub fn a_clock_survives_transport(trial: &mut Trial<Script>) -> Verdict {
    let script = (vec(awkward_node(), 0..6), awkward_node()).prop_map(|(ticking, other)| {
        let ticks = ticking.iter().map(|node| tick(0, node.clone()));
        let questions = ticking.iter().chain([&other]).map(|node| get(1, node.clone()));
        ticks.chain([transport(0, 1)]).chain(questions).collect()
    });
    trial.forall(script, same)
}

/// R5: so has a clock of many nodes, or of large counters.
pub fn a_large_clock_survives_transport(trial: &mut Trial<Script>) -> Verdict {
    let size = prop_oneof![(1..=300_u16, Just(1)), (1..=2_u16, 1..=600_u16)];
    let script = size.prop_map(|(nodes, rounds)| {
        let asked = [0, nodes / 2, nodes - 1].map(|node| get(1, format!("n{node}")));
        [vec![tick_all(0, nodes, rounds), transport(0, 1)], asked.to_vec()].concat()
    });
    trial.forall(script, same)
}

/// R5: no strict prefix of the bytes of a clock is a clock.
pub fn truncated_bytes_are_refused(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(
        asking((clock(), any::<u8>()).prop_map(|(c, keep)| transport_cut(c, keep))),
        same,
    )
}

/// R5: no bytes and random bytes are a `DeserializationError`, never a panic.
pub fn garbage_is_refused(trial: &mut Trial<Script>) -> Verdict {
    let garbage = (1..9_usize, vec(128..=255_u8, 0..32)).prop_map(|(start, rest)| [vec![0xff; start], rest].concat());
    let bytes = prop_oneof![1 => Just(Vec::new()), 4 => garbage];
    trial.forall(vec(bytes.prop_map(from_bytes), 1..4), refused)
}

/// Not every byte string is garbage in every format: what no format can mean must be refused, the rest is left open.
fn refused(case: &Case<'_, Script>) -> Result<(), Objection> {
    for (at, step, seen) in case.steps() {
        let Step::from_bytes { bytes } = step else { continue };
        let meaningless = bytes.first().is_none_or(|first| *first == 0xff) && bytes.iter().all(|byte| *byte >= 128);
        if meaningless && *seen != Seen::from_bytes(Err(Refusal::Deserialization)) {
            return Err(Objection::at(
                at,
                "bytes that are no clock are a `DeserializationError`",
            ));
        }
    }
    Ok(())
}
