//! The end of a span: once, whatever brings it about.

use std::collections::BTreeMap;

use ex07_protocol::{Script, Seen, Slot, Step, name, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

use crate::slot;

/// Spans that start and end in all of the given ways, and flushes.
fn lives(endings: &'static [fn(Slot) -> Step]) -> impl Strategy<Value = Vec<Step>> {
    let ending = (slot(), 0..endings.len()).prop_map(|(s, which)| endings[which](s));
    let step = prop_oneof![3 => slot().prop_map(start), 2 => ending, 1 => Just(flush())];
    vec(step, 1..24).prop_map(|steps| [steps, vec![flush()]].concat())
}

/// R10, R11: after a flush each span that was dropped has been exported once, and no active one has been.
pub fn a_dropped_span_is_exported_once(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(lives(&[finish]), same)
}

/// R10: a span that a panic drops is exported once, like any other.
pub fn a_panic_ends_the_span(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(128).forall(lives(&[finish, panic_with]), same)
}

/// R10: a span that was ended by `end` is exported once or not at all, and the others as ever.
pub fn a_span_that_ended_early_is_exported_at_most_once(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(lives(&[end, end, finish]), |case: &Case<'_, Script>| {
        // Of each name, how many were dropped, and how many ended by `end`.
        let mut counts = BTreeMap::<String, (usize, usize)>::new();
        let mut active = BTreeMap::<Slot, ()>::new();
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::start { s }, _) if active.insert(*s, ()).is_some() => {
                    counts.entry(name(*s)).or_default().0 += 1;
                }
                (Step::finish { s }, _) if active.remove(s).is_some() => counts.entry(name(*s)).or_default().0 += 1,
                (Step::end { s }, _) if active.remove(s).is_some() => counts.entry(name(*s)).or_default().1 += 1,
                (Step::flush {}, Seen::flush(names)) => {
                    for s in 0..=Slot::MAX {
                        let exported = names.iter().filter(|exported| **exported == name(s)).count();
                        let (dropped, ended) = counts.get(&name(s)).copied().unwrap_or_default();
                        if !(dropped..=dropped + ended).contains(&exported) {
                            let text = format!(
                                "{:?} was exported {exported} times: it was dropped {dropped} times, and ended by `end` {ended} times",
                                name(s)
                            );
                            return Err(Objection::at(at, text));
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// R10: dropping the tracer before its spans is no panic.
pub fn a_span_may_outlive_its_tracer(trial: &mut Trial<Script>) -> Verdict {
    let starting = vec(slot().prop_map(start), 1..4);
    let script = starting.prop_map(|starting| [starting, vec![outlive()]].concat());
    trial.cases(16).forall(script, |_: &Case<'_, Script>| Ok(()))
}
