//! Sagas whose steps do as they are told, and events.

use ex25::{SagaError, SagaEvent, SagaEventStore, SagaOrchestrator, SagaState};
use ex25_protocol::{Call, Ending, Event, Plan, Standing, step_name, step_number};
use std::sync::{Arc, Mutex};

/// What was called, shared with the steps.
pub(super) type Calls = Arc<Mutex<Vec<Call>>>;

pub(super) fn taken(calls: &Calls) -> Vec<Call> {
    calls.lock().map(|calls| calls.clone()).unwrap_or_default()
}

/// A step's action or compensation: notes the call and does as planned.
fn deed(calls: &Calls, call: Call, works: bool) -> impl Fn() -> Result<(), SagaError> + Send + Sync + 'static {
    let calls = Arc::clone(calls);
    // Made here and now: an error that the submission lacks must be missed in this step, not in a callback.
    let error = match call {
        Call::Did(step) => SagaError::StepFailed(step_name(step)),
        Call::Undid(step) => SagaError::StepFailed(format!("cannot undo {step}")),
    };
    move || {
        if let Ok(mut calls) = calls.lock() {
            calls.push(call);
        }
        if works { Ok(()) } else { Err(error.clone()) }
    }
}

/// Gives a saga its steps.
pub(super) fn fill(saga: &mut SagaOrchestrator, plan: &[Plan], calls: &Calls) {
    for (step, plan) in (0..).zip(plan) {
        saga.add_step(
            &step_name(step),
            deed(calls, Call::Did(step), plan.works),
            deed(calls, Call::Undid(step), plan.undoes),
        );
    }
}

pub(super) fn ending(result: Result<(), SagaError>) -> Ending {
    match result {
        Ok(()) => Ending::Done,
        Err(SagaError::StepFailed(name)) if step_number(&name) < u8::MAX => Ending::Undone(step_number(&name)),
        Err(SagaError::CompensationFailed { cause, steps }) => match *cause {
            SagaError::StepFailed(name) if step_number(&name) < u8::MAX => {
                Ending::Stuck(step_number(&name), steps.iter().map(|step| step_number(step)).collect())
            }
            other => Ending::Other(format!("{other:?}")),
        },
        Err(other) => Ending::Other(format!("{other:?}")),
    }
}

/// The name of the saga that is looked at.
pub(super) const OURS: &str = "saga-0";

/// An event of our saga.
pub(super) fn told(event: &SagaEvent) -> Option<Event> {
    let (saga, event) = match event {
        SagaEvent::StepStarted { saga_id, step } => (saga_id, Event::Started(step_number(step))),
        SagaEvent::StepCompleted { saga_id, step } => (saga_id, Event::Completed(step_number(step))),
        SagaEvent::StepFailed { saga_id, step, .. } => (saga_id, Event::Failed(step_number(step))),
        SagaEvent::CompensationStarted { saga_id, step } => (saga_id, Event::Undoing(step_number(step))),
        SagaEvent::CompensationCompleted { saga_id, step } => (saga_id, Event::Undone(step_number(step))),
    };
    (saga == OURS).then_some(event)
}

fn event(saga: u8, event: Event) -> SagaEvent {
    let saga_id = format!("saga-{saga}");
    match event {
        Event::Started(step) => SagaEvent::StepStarted {
            saga_id,
            step: step_name(step),
        },
        Event::Completed(step) => SagaEvent::StepCompleted {
            saga_id,
            step: step_name(step),
        },
        Event::Failed(step) => SagaEvent::StepFailed {
            saga_id,
            step: step_name(step),
            error: "it failed".to_owned(),
        },
        Event::Undoing(step) => SagaEvent::CompensationStarted {
            saga_id,
            step: step_name(step),
        },
        Event::Undone(step) => SagaEvent::CompensationCompleted {
            saga_id,
            step: step_name(step),
        },
    }
}

pub(super) fn rebuild(events: &[(u8, Event)]) -> Standing {
    let mut store = SagaEventStore::new();
    for (saga, happened) in events {
        store.append(event(*saga, *happened));
    }
    standing(&store.rebuild_state(OURS))
}

pub(super) fn fold(events: &[(u8, Event)]) -> Standing {
    let mut state = SagaState::new(OURS);
    for (saga, happened) in events {
        state.apply(&event(*saga, *happened));
    }
    standing(&state)
}

fn standing(state: &SagaState) -> Standing {
    let numbers = |names: &[String]| names.iter().map(|name| step_number(name)).collect();
    let number = |name: &Option<String>| name.as_deref().map(step_number);
    Standing {
        running: number(&state.running),
        completed: numbers(&state.completed),
        failed: number(&state.failed),
        compensating: number(&state.compensating),
        compensated: numbers(&state.compensated),
    }
}
