//! Logical clocks against the graph of events: one event can have caused another if a path leads from it.

use ex26_protocol::{Event, Happening, PROCESSES, Relation, Script, Seen, Stamp, Step, happenings, steps::*};
use judge::{Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*};

/// Histories of a few processes that talk a lot.
fn history() -> impl Strategy<Value = Vec<Event>> {
    let process = || 0..PROCESSES as u8;
    let event = prop_oneof![
        1 => process().prop_map(Event::Local),
        2 => process().prop_map(Event::Send),
        3 => (process(), any::<u8>()).prop_map(|(process, which)| Event::Receive(process, which)),
    ];
    vec(event, 1..20)
}

/// For each event, which events happened before it.
fn causes(history: &[Happening]) -> Vec<Vec<bool>> {
    let mut causes: Vec<Vec<bool>> = Vec::new();
    for (at, happening) in history.iter().enumerate() {
        let mut before = vec![false; history.len()];
        let own = history[..at]
            .iter()
            .rposition(|earlier| earlier.process == happening.process);
        for cause in own.into_iter().chain(happening.sent_at) {
            before[cause] = true;
            for (known, earlier) in before.iter_mut().zip(&causes[cause]) {
                *known |= earlier;
            }
        }
        causes.push(before);
    }
    causes
}

/// R7: a tick and a sending count one on, a receiving one on from the larger of both times.
pub fn lamport_times_follow_the_rules(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(96)
        .forall(history().prop_map(|events| vec![lamport(events)]), |case| {
            for (at, step, seen) in case.steps() {
                let (Step::lamport { events }, Seen::lamport(stamps)) = (step, seen) else {
                    continue;
                };
                let mut clocks = [0_u64; PROCESSES as usize];
                let mut right: Vec<Stamp> = Vec::new();
                for happening in happenings(events) {
                    let heard = happening.sent_at.map_or(0, |sent_at| right[sent_at].0);
                    let clock = &mut clocks[happening.process as usize];
                    *clock = (*clock).max(heard) + 1;
                    right.push((*clock, happening.process));
                }
                if *stamps != right {
                    return Err(Objection::at(
                        at,
                        format!("the times are {stamps:?} instead of {right:?}"),
                    ));
                }
            }
            Ok(())
        })
}

/// R8: if one event can have caused another, its time is smaller.
pub fn causes_have_smaller_times(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(96)
        .forall(history().prop_map(|events| vec![lamport(events)]), |case| {
            for (at, step, seen) in case.steps() {
                let (Step::lamport { events }, Seen::lamport(stamps)) = (step, seen) else {
                    continue;
                };
                let causes = causes(&happenings(events));
                if stamps.len() != causes.len() {
                    return Err(Objection::at(
                        at,
                        format!("{} events have {} times", causes.len(), stamps.len()),
                    ));
                }
                for (later, before) in causes.iter().enumerate() {
                    let wrong = (0..later).find(|earlier| before[*earlier] && stamps[*earlier].0 >= stamps[later].0);
                    if let Some(earlier) = wrong {
                        let text = format!(
                            "event {earlier} can have caused event {later}, and their times are {} and {}",
                            stamps[earlier].0, stamps[later].0
                        );
                        return Err(Objection::at(at, text));
                    }
                }
            }
            Ok(())
        })
}

fn in_order(stamps: impl Strategy<Value = Vec<Stamp>>, trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(64)
        .forall(stamps.prop_map(|stamps| vec![sorted(stamps)]), |case| {
            for (at, step, seen) in case.steps() {
                let (Step::sorted { stamps }, Seen::sorted(found)) = (step, seen) else {
                    continue;
                };
                let mut right = stamps.clone();
                right.sort_unstable();
                if *found != right {
                    return Err(Objection::at(
                        at,
                        format!("the order is {found:?} instead of {right:?}"),
                    ));
                }
            }
            Ok(())
        })
}

/// R8: timestamps are ordered by time first.
pub fn times_are_ordered_totally(trial: &mut Trial<Script>) -> Verdict {
    in_order(vec((any::<u64>(), any::<u32>()), 0..12), trial)
}

/// R8: of two timestamps of one time, the one of the smaller node comes first.
pub fn nodes_break_ties(trial: &mut Trial<Script>) -> Verdict {
    in_order(vec((0..3_u64, 0..5_u32), 2..12), trial)
}

/// R10: a vector counts, for each process, its events that are known.
pub fn vectors_count_what_is_known(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(96)
        .forall(history().prop_map(|events| vec![vectors(events)]), |case| {
            for (at, step, seen) in case.steps() {
                let (Step::vectors { events }, Seen::vectors(found)) = (step, seen) else {
                    continue;
                };
                let history = happenings(events);
                let causes = causes(&history);
                let known = |event: usize, process: u32| {
                    let mut all = (0..history.len()).filter(|other| *other == event || causes[event][*other]);
                    all.by_ref().filter(|other| history[*other].process == process).count() as u64
                };
                let right: Vec<Vec<u64>> = (0..history.len())
                    .map(|event| (0..PROCESSES).map(|process| known(event, process)).collect())
                    .collect();
                if *found != right {
                    return Err(Objection::at(
                        at,
                        format!("the vectors are {found:?} instead of {right:?}"),
                    ));
                }
            }
            Ok(())
        })
}

/// What two events of a history are to each other.
fn right(causes: &[Vec<bool>], a: usize, b: usize) -> Relation {
    if a == b {
        Relation::Equal
    } else if causes[b][a] {
        Relation::Before
    } else if causes[a][b] {
        Relation::After
    } else {
        Relation::Concurrent
    }
}

fn related(trial: &mut Trial<Script>, wanted: impl Fn(Relation) -> bool) -> Verdict {
    trial
        .cases(96)
        .forall(history().prop_map(|events| vec![relations(events)]), |case| {
            for (at, step, seen) in case.steps() {
                let (Step::relations { events }, Seen::relations(found)) = (step, seen) else {
                    continue;
                };
                let causes = causes(&happenings(events));
                for (a, b, relation) in found {
                    let (first, second) = (*a as usize, *b as usize);
                    if first >= causes.len() || second >= causes.len() {
                        return Err(Objection::at(at, "there are more clocks than events"));
                    }
                    let right = right(&causes, first, second);
                    if wanted(right) && *relation != right {
                        let text = format!("events {a} and {b} are {right:?}, compare says {relation:?}");
                        return Err(Objection::at(at, text));
                    }
                }
            }
            Ok(())
        })
}

/// R11: a vector is smaller exactly if its event can have caused the other.
pub fn comparison_is_causality(trial: &mut Trial<Script>) -> Verdict {
    related(trial, |right| right != Relation::Concurrent)
}

/// R11: events of which neither can have caused the other are concurrent.
pub fn concurrent_events_are_concurrent(trial: &mut Trial<Script>) -> Verdict {
    related(trial, |right| right == Relation::Concurrent)
}
