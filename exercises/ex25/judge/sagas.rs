//! Sagas: what was done is undone in reverse, whatever fails, and events tell it all.

use ex25_protocol::{Call, Ending, Event, Plan, Script, Seen, Standing, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*};

/// R12: actions run in the order in which the steps were added, up to the first that fails.
pub fn steps_run_in_order_until_one_fails(trial: &mut Trial<Script>) -> Verdict {
    let script = plans(true).prop_map(|plan| vec![saga(plan)]);
    trial.cases(128).forall(script, |case| {
        each(case, |plan, calls, _, at| {
            let did = calls.iter().filter_map(|call| match call {
                Call::Did(step) => Some(*step),
                Call::Undid(_) => None,
            });
            let did: Vec<u8> = did.collect();
            let right: Vec<u8> = (0..last(plan).map_or(plan.len() as u8, |failed| failed + 1)).collect();
            if did != right {
                return Err(Objection::at(
                    at,
                    format!("the actions {did:?} ran instead of {right:?}"),
                ));
            }
            Ok(())
        })
    })
}

/// R13: when an action fails, the compensations of the steps before it run, the last one first, and no other.
pub fn what_was_completed_is_undone_in_reverse(trial: &mut Trial<Script>) -> Verdict {
    let script = plans(true).prop_map(|plan| vec![saga(plan)]);
    trial.cases(128).forall(script, |case| each(case, is_undone))
}

/// R14: a compensation that fails keeps no other from being tried.
pub fn a_failing_compensation_stops_no_other(trial: &mut Trial<Script>) -> Verdict {
    let script = plans(false).prop_map(|plan| vec![saga(plan)]);
    trial.cases(128).forall(script, |case| each(case, is_undone))
}

/// R13, R14: the error is that of the action that failed, on its own if everything was undone.
pub fn the_first_error_is_told(trial: &mut Trial<Script>) -> Verdict {
    let script = (any::<bool>()).prop_flat_map(plans).prop_map(|plan| vec![saga(plan)]);
    trial.cases(160).forall(script, |case| {
        each(case, |plan, _, ending, at| {
            let right = match (last(plan), ending) {
                (None, Ending::Done) => true,
                (Some(failed), Ending::Undone(told)) => failed == *told && stuck(plan).is_empty(),
                (Some(failed), Ending::Stuck(told, _)) => failed == *told && !stuck(plan).is_empty(),
                _ => false,
            };
            if right {
                return Ok(());
            }
            let text = match last(plan) {
                None => format!("all actions succeed, and the result is {ending:?}"),
                Some(failed) => format!("the action of step {failed} fails, and the result is {ending:?}"),
            };
            Err(Objection::at(at, text))
        })
    })
}

/// R14: the error names the steps whose compensation failed, in the order in which they were tried.
pub fn compensations_that_failed_are_named(trial: &mut Trial<Script>) -> Verdict {
    let script = plans(false).prop_map(|plan| vec![saga(plan)]);
    trial.cases(128).forall(script, |case| {
        each(case, |plan, _, ending, at| match ending {
            Ending::Stuck(_, steps) if *steps != stuck(plan) => Err(Objection::at(
                at,
                format!("it names {steps:?}, and {:?} could not be undone", stuck(plan)),
            )),
            Ending::Stuck(..) => Ok(()),
            _ if stuck(plan).is_empty() => Ok(()),
            other => Err(Objection::at(
                at,
                format!("{:?} could not be undone, and the result is {other:?}", stuck(plan)),
            )),
        })
    })
}

/// R15: every action and compensation leaves its events, in the order of what happened.
pub fn events_tell_what_happened(trial: &mut Trial<Script>) -> Verdict {
    let script = (any::<bool>())
        .prop_flat_map(plans)
        .prop_map(|plan| vec![saga_events(plan)]);
    trial.cases(128).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            let (Step::saga_events { plan }, Seen::saga_events(events)) = (step, seen) else {
                continue;
            };
            let right = story(plan);
            if *events != right {
                return Err(Objection::at(
                    at,
                    format!("the events are {events:?} instead of {right:?}"),
                ));
            }
        }
        Ok(())
    })
}

/// R16: the state after any part of the events of a saga is where the saga stood then.
pub fn a_state_follows_from_any_prefix(trial: &mut Trial<Script>) -> Verdict {
    let script = (any::<bool>(), any::<prop::sample::Index>()).prop_flat_map(|(tidy, cut)| {
        plans(tidy).prop_map(move |plan| {
            let events = story(&plan);
            let kept = events.iter().take(cut.index(events.len() + 1));
            vec![rebuild(kept.map(|event| (0, *event)).collect())]
        })
    });
    trial.cases(192).forall(script, stands)
}

/// R16: events of other sagas change nothing, also if their steps have the same names.
pub fn other_sagas_change_nothing(trial: &mut Trial<Script>) -> Verdict {
    let mixed = (plans(true), plans(false), vec(0..2_u8, 0..40));
    let script = mixed.prop_map(|(ours, theirs, turns)| {
        let (mut ours, mut theirs) = (story(&ours).into_iter(), story(&theirs).into_iter());
        let next = |saga: u8| {
            let event = if saga == 0 { ours.next() } else { theirs.next() };
            event.map(|event| (saga, event))
        };
        vec![rebuild(turns.into_iter().filter_map(next).collect())]
    });
    trial.cases(192).forall(script, stands)
}

/// R16: a state takes events one by one, and leads where the whole store leads.
pub fn events_can_be_applied_one_by_one(trial: &mut Trial<Script>) -> Verdict {
    let script = (plans(false), 0..2_u8).prop_map(|(plan, saga)| {
        let ours = story(&plan).into_iter().map(|event| (saga, event));
        vec![fold(ours.collect())]
    });
    trial.cases(96).forall(script, stands)
}

/// Sagas of up to six steps; one action of five fails, and if they are not `tidy`, half of the compensations.
fn plans(tidy: bool) -> impl Strategy<Value = Vec<Plan>> {
    let undoes = if tidy { 1.0 } else { 0.5 };
    let plan = (prop::bool::weighted(0.8), prop::bool::weighted(undoes));
    vec(plan.prop_map(|(works, undoes)| Plan { works, undoes }), 0..7)
}

/// The step whose action fails.
fn last(plan: &[Plan]) -> Option<u8> {
    plan.iter().position(|plan| !plan.works).map(|at| at as u8)
}

/// The steps whose compensation fails, in the order in which they are tried.
fn stuck(plan: &[Plan]) -> Vec<u8> {
    let failed = last(plan).unwrap_or(0);
    (0..failed)
        .rev()
        .filter(|step| !plan[usize::from(*step)].undoes)
        .collect()
}

/// What happens in a saga.
fn story(plan: &[Plan]) -> Vec<Event> {
    let mut events = Vec::new();
    for (step, plan) in (0..).zip(plan) {
        events.push(Event::Started(step));
        events.push(if plan.works {
            Event::Completed(step)
        } else {
            Event::Failed(step)
        });
        if !plan.works {
            break;
        }
    }
    for step in (0..last(plan).unwrap_or(0)).rev() {
        events.push(Event::Undoing(step));
        if plan[usize::from(step)].undoes {
            events.push(Event::Undone(step));
        }
    }
    events
}

fn is_undone(plan: &[Plan], calls: &[Call], _: &Ending, at: usize) -> Result<(), Objection> {
    let undid = calls.iter().filter_map(|call| match call {
        Call::Undid(step) => Some(*step),
        Call::Did(_) => None,
    });
    let undid: Vec<u8> = undid.collect();
    let right: Vec<u8> = (0..last(plan).unwrap_or(0)).rev().collect();
    if undid != right {
        return Err(Objection::at(
            at,
            format!("the compensations {undid:?} ran instead of {right:?}"),
        ));
    }
    Ok(())
}

/// Where saga 0 stands after events.
fn standing(events: &[(u8, Event)]) -> Standing {
    let mut standing = Standing::default();
    for (_, event) in events.iter().filter(|(saga, _)| *saga == 0) {
        match event {
            Event::Started(step) => standing.running = Some(*step),
            Event::Completed(step) => {
                standing.running = None;
                standing.completed.push(*step);
            }
            Event::Failed(step) => {
                standing.running = None;
                standing.failed = Some(*step);
            }
            Event::Undoing(step) => standing.compensating = Some(*step),
            Event::Undone(step) => {
                standing.compensating = None;
                if let Some(last) = standing.completed.iter().rposition(|done| done == step) {
                    standing.completed.remove(last);
                }
                standing.compensated.push(*step);
            }
        }
    }
    standing
}

fn stands(case: &Case<'_, Script>) -> Result<(), Objection> {
    for (at, step, seen) in case.steps() {
        let ((Step::rebuild { events }, Seen::rebuild(found)) | (Step::fold { events }, Seen::fold(found))) =
            (step, seen)
        else {
            continue;
        };
        let right = standing(events);
        if *found != right {
            return Err(Objection::at(
                at,
                format!("the saga stands at {found:?} instead of {right:?}"),
            ));
        }
    }
    Ok(())
}

fn each(
    case: &Case<'_, Script>,
    look: impl Fn(&[Plan], &[Call], &Ending, usize) -> Result<(), Objection>,
) -> Result<(), Objection> {
    for (at, step, seen) in case.steps() {
        if let (Step::saga { plan }, Seen::saga((calls, ending))) = (step, seen) {
            look(plan, calls, ending, at)?;
        }
    }
    Ok(())
}
