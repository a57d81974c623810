//! Event sourcing: what happened is kept, what is follows from it.

/// Something that happened in a saga.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SagaEvent {
    /// An action is about to run.
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
        /// Why, as text.
        error: String,
    },
    /// A compensation is about to run.
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
    /// The saga that it belongs to.
    fn saga_id(&self) -> &str {
        match self {
            Self::StepStarted { saga_id, .. }
            | Self::StepCompleted { saga_id, .. }
            | Self::StepFailed { saga_id, .. }
            | Self::CompensationStarted { saga_id, .. }
            | Self::CompensationCompleted { saga_id, .. } => saga_id,
        }
    }
}

/// Events of any number of sagas, oldest first.
#[derive(Debug, Clone, Default)]
pub struct SagaEventStore {
    pub(crate) events: Vec<SagaEvent>,
}

impl SagaEventStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an event.
    pub fn append(&mut self, event: SagaEvent) {
        self.events.push(event);
    }

    /// All events.
    #[must_use]
    pub fn events(&self) -> &[SagaEvent] {
        &self.events
    }

    /// Where a saga stands after all that happened.
    #[must_use]
    pub fn rebuild_state(&self, saga_id: &str) -> SagaState {
        let mut state = SagaState::new(saga_id);
        for event in &self.events {
            state.apply(event);
        }
        state
    }
}

/// Where a saga stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SagaState {
    /// The saga.
    pub saga_id: String,
    /// The step that runs.
    pub running: Option<String>,
    /// The steps whose effects stand, oldest first: completed and not compensated.
    pub completed: Vec<String>,
    /// The step that failed.
    pub failed: Option<String>,
    /// The step that is being compensated.
    pub compensating: Option<String>,
    /// The steps that were compensated, in that order.
    pub compensated: Vec<String>,
}

impl SagaState {
    /// Nothing happened yet.
    #[must_use]
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

    /// Something happened. Events of other sagas change nothing.
    pub fn apply(&mut self, event: &SagaEvent) {
        if event.saga_id() != self.saga_id {
            return;
        }
        match event {
            SagaEvent::StepStarted { step, .. } => self.running = Some(step.clone()),
            SagaEvent::StepCompleted { step, .. } => {
                self.running = None;
                self.completed.push(step.clone());
            }
            SagaEvent::StepFailed { step, .. } => {
                self.running = None;
                self.failed = Some(step.clone());
            }
            SagaEvent::CompensationStarted { step, .. } => self.compensating = Some(step.clone()),
            SagaEvent::CompensationCompleted { step, .. } => {
                self.compensating = None;
                // Names may repeat: it is the last one of that name that was undone.
                if let Some(at) = self.completed.iter().rposition(|done| done == step) {
                    self.completed.remove(at);
                }
                self.compensated.push(step.clone());
            }
        }
    }
}
