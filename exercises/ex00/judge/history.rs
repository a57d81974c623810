//! Whole histories: processes that send each other messages, and the causal order that the messages themselves make.

use std::collections::{BTreeMap, BTreeSet};

use ex00_protocol::{Script, Seen, Slot, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, option, prelude::*, sample::Index};

/// Event `e` leaves its stamp, which is also its message, in slot `STAMPS + e`; process `p` has its clock in slot `p`.
const STAMPS: Slot = 100;

/// R8: between two stamps, `happened_before` is true exactly when a chain of events and messages joins them.
pub fn happened_before_is_reachability(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(history(happened_before), reachability)
}

/// R8: two writes are in conflict, hence concurrent, exactly when no chain joins them either way.
pub fn conflicts_are_unreachable(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(history(is_concurrent_with), reachability)
}

fn name(process: Slot) -> String {
    format!("P{process}")
}

/// Events of two to eight processes, each local or the reception of an earlier event's message; then the question about
/// every two of their stamps.
fn history(question: fn(Slot, Slot) -> Step) -> impl Strategy<Value = Vec<Step>> {
    let events = (2..=8_u8).prop_flat_map(|processes| vec((0..processes, option::of(any::<Index>())), 2..16));
    events.prop_map(move |events| {
        let mut script = Vec::new();
        let mut stamps = Vec::new();
        for ((process, message), stamp) in events.into_iter().zip(STAMPS..) {
            script.push(match message {
                Some(message) if !stamps.is_empty() => merge(process, *message.get(&stamps), name(process)),
                _ => tick(process, name(process)),
            });
            script.push(clone_to(process, stamp));
            stamps.push(stamp);
        }
        script.extend(stamps.iter().flat_map(|a| stamps.iter().map(|b| question(*a, *b))));
        script
    })
}

/// The events, by the step that made them, of which the holder of a clock has heard: itself, and all that led to it.
type Past = BTreeSet<usize>;

/// Whether a step belongs to a history: processes tick under their own name, and stamps are copies that nobody changes.
fn is_historical(step: &Step) -> bool {
    match step {
        Step::tick { c, node } | Step::merge { c, node, .. } => *c < STAMPS && *node == name(*c),
        Step::clone_to { c, copy } => *c < STAMPS && STAMPS <= *copy,
        _ => true,
    }
}

/// Replays the script on sets of events, and compares the answers with what the sets say.
fn reachability(case: &Case<'_, Script>) -> Result<(), Objection> {
    if !case.steps().all(|(_, step, _)| is_historical(step)) {
        return Ok(());
    }
    let mut pasts = BTreeMap::<Slot, Past>::new();
    let past = |pasts: &BTreeMap<Slot, Past>, slot: &Slot| pasts.get(slot).cloned().unwrap_or_default();
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::tick { c, .. }, _) => {
                pasts.entry(*c).or_default().insert(at);
            }
            (Step::merge { c, other, .. }, _) => {
                let heard = past(&pasts, other);
                pasts.entry(*c).or_default().extend(heard.into_iter().chain([at]));
            }
            (Step::clone_to { c, copy }, _) => {
                let own = past(&pasts, c);
                pasts.insert(*copy, own);
            }
            (Step::happened_before { c, other }, Seen::happened_before(answer)) => {
                let (earlier, later) = (past(&pasts, c), past(&pasts, other));
                let truth = earlier.is_subset(&later) && earlier != later;
                agree(at, *answer, truth, LEADS)?;
            }
            (Step::is_concurrent_with { c, other }, Seen::is_concurrent_with(answer)) => {
                let (left, right) = (past(&pasts, c), past(&pasts, other));
                let truth = !left.is_subset(&right) && !right.is_subset(&left);
                agree(at, *answer, truth, JOINS_NOT)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Why an answer is `true`, and why it is `false`.
type Reasons = [&'static str; 2];

const LEADS: Reasons = [
    "a chain of events and messages leads from the first clock to the second",
    "no chain of events and messages leads from the first clock to the second",
];
const JOINS_NOT: Reasons = [
    "no chain of events and messages joins the two clocks, either way",
    "the two clocks have the same past, or a chain of events and messages joins them",
];

/// Objects to an answer that differs from the truth, with the reason of the truth.
fn agree(at: usize, answer: bool, truth: bool, [yes, no]: Reasons) -> Result<(), Objection> {
    if answer == truth {
        return Ok(());
    }
    Err(Objection::at(at, if truth { yes } else { no }))
}
