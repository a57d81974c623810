//! Sagas (Garcia-Molina and Salem 1987): a chain of local steps, each with a way to undo it.

use std::fmt;

use crate::{SagaError, SagaEvent, SagaEventStore};

/// Who makes a saga go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SagaType {
    /// Nobody: each service reacts to the events of others.
    Choreography,
    /// A coordinator, such as [`SagaOrchestrator`].
    Orchestration,
}

/// Undoes a step that was completed.
pub type CompensationHandler = Box<dyn Fn() -> Result<(), SagaError> + Send + Sync>;

/// A step of a saga.
pub struct SagaStep {
    /// Its name, for errors and events.
    pub name: String,
    /// Does it.
    pub action: Box<dyn Fn() -> Result<(), SagaError> + Send + Sync>,
    /// Undoes it.
    pub compensation: CompensationHandler,
}

impl fmt::Debug for SagaStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SagaStep")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Runs the steps of a saga, and undoes them if one fails.
#[derive(Debug)]
pub struct SagaOrchestrator {
    id: String,
    steps: Vec<SagaStep>,
    events: SagaEventStore,
}

impl Default for SagaOrchestrator {
    fn default() -> Self {
        Self::new()
    }
}

impl SagaOrchestrator {
    /// A saga named `saga`, without steps.
    #[must_use]
    pub fn new() -> Self {
        Self::with_id("saga")
    }

    /// A saga with a name of its own.
    #[must_use]
    pub fn with_id(saga_id: &str) -> Self {
        Self {
            id: saga_id.to_owned(),
            steps: Vec::new(),
            events: SagaEventStore::new(),
        }
    }

    /// Adds a step at the end.
    pub fn add_step<F, C>(&mut self, name: &str, action: F, compensation: C)
    where
        F: Fn() -> Result<(), SagaError> + Send + Sync + 'static,
        C: Fn() -> Result<(), SagaError> + Send + Sync + 'static,
    {
        self.steps.push(SagaStep {
            name: name.to_owned(),
            action: Box::new(action),
            compensation: Box::new(compensation),
        });
    }

    /// Runs the steps in order. If one fails, those that were completed are compensated, the last one first; a compensation that fails
    /// keeps no other from being tried.
    ///
    /// # Errors
    /// The error of the step that failed; [`SagaError::CompensationFailed`] with that error inside, if not all could be undone.
    pub async fn execute(&mut self) -> Result<(), SagaError> {
        for at in 0..self.steps.len() {
            self.record(at, |saga_id, step| SagaEvent::StepStarted { saga_id, step });
            if let Err(cause) = (self.steps[at].action)() {
                let error = cause.to_string();
                self.record(at, |saga_id, step| SagaEvent::StepFailed { saga_id, step, error });
                return Err(self.compensate(at, cause));
            }
            self.record(at, |saga_id, step| SagaEvent::StepCompleted { saga_id, step });
        }
        Ok(())
    }

    /// What happened, as it happened.
    #[must_use]
    pub fn events(&self) -> &SagaEventStore {
        &self.events
    }

    /// Undoes the steps before `failed`; the error of the whole.
    fn compensate(&mut self, failed: usize, cause: SagaError) -> SagaError {
        let mut stuck = Vec::new();
        for at in (0..failed).rev() {
            self.record(at, |saga_id, step| SagaEvent::CompensationStarted { saga_id, step });
            match (self.steps[at].compensation)() {
                Ok(()) => self.record(at, |saga_id, step| SagaEvent::CompensationCompleted { saga_id, step }),
                Err(_) => stuck.push(self.steps[at].name.clone()),
            }
        }
        if stuck.is_empty() {
            cause
        } else {
            SagaError::CompensationFailed {
                cause: Box::new(cause),
                steps: stuck,
            }
        }
    }

    fn record(&mut self, at: usize, event: impl FnOnce(String, String) -> SagaEvent) {
        self.events.append(event(self.id.clone(), self.steps[at].name.clone()));
    }
}
