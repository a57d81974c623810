//! Sagas whose compensations run in the order of the steps.

use std::collections::HashMap;

/// Who makes a saga go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SagaType {
    /// Services react to events.
    Choreography,
    /// A coordinator.
    Orchestration,
}

/// Why a saga did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SagaError {
    /// An action or a compensation failed.
    #[error("step failed: {0}")]
    StepFailed(String),
    /// Compensations failed too.
    #[error("{cause}, and {steps:?} stay")]
    CompensationFailed {
        /// The first error.
        cause: Box<SagaError>,
        /// What was not undone.
        steps: Vec<String>,
    },
}

/// Undoes a step.
pub type CompensationHandler = Box<dyn Fn() -> Result<(), SagaError> + Send + Sync>;

/// A step.
pub struct SagaStep {
    /// Its name.
    pub name: String,
    /// Does it.
    pub action: Box<dyn Fn() -> Result<(), SagaError> + Send + Sync>,
    /// Undoes it.
    pub compensation: CompensationHandler,
}

/// Runs sagas.
#[derive(Default)]
pub struct SagaOrchestrator {
    id: Option<String>,
    steps: Vec<SagaStep>,
    store: SagaEventStore,
}

impl SagaOrchestrator {
    /// A saga named `saga`.
    pub fn new() -> Self {
        Self::default()
    }

    /// A saga with a name.
    pub fn with_id(saga_id: &str) -> Self {
        Self {
            id: Some(saga_id.to_owned()),
            ..Self::default()
        }
    }

    /// Adds a step.
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

    /// Runs it.
    pub async fn execute(&mut self) -> Result<(), SagaError> {
        let id = self.id.clone().unwrap_or_else(|| "saga".to_owned());
        let mut done: Vec<&SagaStep> = Vec::new();
        let mut failure = None;
        for step in &self.steps {
            let named = || (id.clone(), step.name.clone());
            let (saga_id, name) = named();
            self.store.append(SagaEvent::StepStarted { saga_id, step: name });
            let (saga_id, name) = named();
            match (step.action)() {
                Ok(()) => {
                    self.store.append(SagaEvent::StepCompleted { saga_id, step: name });
                    done.push(step);
                }
                Err(error) => {
                    self.store.append(SagaEvent::StepFailed {
                        saga_id,
                        step: name,
                        error: format!("{error:?}"),
                    });
                    failure = Some(error);
                    break;
                }
            }
        }
        let Some(cause) = failure else { return Ok(()) };
        let mut steps = Vec::new();
        for step in done {
            let named = || (id.clone(), step.name.clone());
            let (saga_id, name) = named();
            self.store
                .append(SagaEvent::CompensationStarted { saga_id, step: name });
            let (saga_id, name) = named();
            if (step.compensation)().is_ok() {
                self.store
                    .append(SagaEvent::CompensationCompleted { saga_id, step: name });
            } else {
                steps.push(name);
            }
        }
        if steps.is_empty() {
            return Err(cause);
        }
        Err(SagaError::CompensationFailed {
            cause: Box::new(cause),
            steps,
        })
    }

    /// What happened.
    pub fn events(&self) -> &SagaEventStore {
        &self.store
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SagaEvent {
    /// An action begins.
    StepStarted {
        /// The saga.
        saga_id: String,
        /// The step.
        step: String,
    },
    /// It succeeded.
    StepCompleted {
        /// The saga.
        saga_id: String,
        /// The step.
        step: String,
    },
    /// It failed.
    StepFailed {
        /// The saga.
        saga_id: String,
        /// The step.
        step: String,
        /// Why.
        error: String,
    },
    /// A compensation begins.
    CompensationStarted {
        /// The saga.
        saga_id: String,
        /// The step.
        step: String,
    },
    /// It succeeded.
    CompensationCompleted {
        /// The saga.
        saga_id: String,
        /// The step.
        step: String,
    },
}

impl SagaEvent {
    /// The saga and the step.
    fn of(&self) -> (&str, &str) {
        match self {
            Self::StepStarted { saga_id, step }
            | Self::StepCompleted { saga_id, step }
            | Self::StepFailed { saga_id, step, .. }
            | Self::CompensationStarted { saga_id, step }
            | Self::CompensationCompleted { saga_id, step } => (saga_id, step),
        }
    }
}

/// Events, and the state of each saga, kept up to date with every event.
#[derive(Debug, Clone, Default)]
pub struct SagaEventStore {
    all: Vec<SagaEvent>,
    states: HashMap<String, SagaState>,
}

impl SagaEventStore {
    /// Empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an event.
    pub fn append(&mut self, event: SagaEvent) {
        let saga = event.of().0.to_owned();
        self.states
            .entry(saga)
            .or_insert_with_key(|saga| SagaState::new(saga))
            .apply(&event);
        self.all.push(event);
    }

    /// All of them.
    pub fn events(&self) -> &[SagaEvent] {
        &self.all
    }

    /// The state of a saga.
    pub fn rebuild_state(&self, saga_id: &str) -> SagaState {
        self.states
            .get(saga_id)
            .cloned()
            .unwrap_or_else(|| SagaState::new(saga_id))
    }
}

/// Where a saga stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SagaState {
    /// The saga.
    pub saga_id: String,
    /// The step that runs.
    pub running: Option<String>,
    /// Effects that stand.
    pub completed: Vec<String>,
    /// The step that failed.
    pub failed: Option<String>,
    /// What is being undone.
    pub compensating: Option<String>,
    /// What was undone.
    pub compensated: Vec<String>,
}

impl SagaState {
    /// At the beginning.
    pub fn new(saga_id: &str) -> Self {
        Self {
            saga_id: saga_id.to_owned(),
            running: None,
            completed: Vec::new(),
            failed: None,
            compensating: None,
            compensated: Vec::new(),
        }
    }

    /// Something happened.
    pub fn apply(&mut self, event: &SagaEvent) {
        let (saga, step) = event.of();
        if saga != self.saga_id {
            return;
        }
        let step = step.to_owned();
        match event {
            SagaEvent::StepStarted { .. } => self.running = Some(step),
            SagaEvent::StepCompleted { .. } => self.completed.push(self.running.take().unwrap_or(step)),
            SagaEvent::StepFailed { .. } => self.failed = Some(self.running.take().unwrap_or(step)),
            SagaEvent::CompensationStarted { .. } => self.compensating = Some(step),
            SagaEvent::CompensationCompleted { .. } => {
                self.compensating = None;
                let at = self.completed.iter().rposition(|done| *done == step);
                self.compensated.extend(at.map(|at| self.completed.remove(at)));
            }
        }
    }
}
