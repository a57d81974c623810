//! Transactions as the course sketches them, with what it leaves out filled in plainly.

mod participant;

use std::time::Duration;

pub use participant::{ParticipantHandle, ParticipantRequest, ParticipantState, ParticipantVote, Transaction};
use tokio::sync::oneshot;

/// Phases of two-phase commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TwoPCPhase {
    /// Votes.
    Prepare,
    /// All agree.
    Commit,
    /// Not all do.
    Abort,
}

/// Why it aborted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TwoPCError {
    /// A vote against it.
    Aborted,
    /// A vote is missing.
    Timeout,
    /// A participant failed.
    ParticipantFailed,
}

/// A log that nobody can read.
#[derive(Debug, Default)]
struct Lines(Vec<TwoPCPhase>);

/// Two-phase commit.
pub struct TwoPhaseCoordinator {
    participants: Vec<ParticipantHandle>,
    timeout: Duration,
    lines: Lines,
}

impl TwoPhaseCoordinator {
    /// A coordinator.
    pub fn new(participants: Vec<ParticipantHandle>, timeout: Duration) -> Self {
        Self {
            participants,
            timeout,
            lines: Lines::default(),
        }
    }

    /// Collects votes, decides, tells everybody.
    pub async fn execute<T: Transaction>(&mut self, txn: T) -> Result<(), TwoPCError> {
        self.lines.0.push(TwoPCPhase::Prepare);
        let votes = self.votes(&txn).await?;
        let agreed = votes.iter().all(|vote| *vote == ParticipantVote::VoteCommit);
        let decision = if agreed { TwoPCPhase::Commit } else { TwoPCPhase::Abort };
        self.lines.0.push(decision.clone());
        self.tell(&txn, &decision).await
    }

    async fn votes<T: Transaction>(&self, txn: &T) -> Result<Vec<ParticipantVote>, TwoPCError> {
        let mut votes = Vec::new();
        for participant in &self.participants {
            let (reply, vote) = oneshot::channel();
            participant.send(ParticipantRequest::Prepare { txn: txn.id(), reply });
            let vote = tokio::time::timeout(self.timeout, vote)
                .await
                .map_err(|_| TwoPCError::Timeout)?
                .map_err(|_| TwoPCError::ParticipantFailed)?;
            votes.push(vote);
        }
        Ok(votes)
    }

    async fn tell<T: Transaction>(&self, txn: &T, decision: &TwoPCPhase) -> Result<(), TwoPCError> {
        for participant in &self.participants {
            let (reply, done) = oneshot::channel();
            let txn = txn.id();
            participant.send(match decision {
                TwoPCPhase::Commit => ParticipantRequest::Commit { txn, reply },
                TwoPCPhase::Prepare | TwoPCPhase::Abort => ParticipantRequest::Abort { txn, reply },
            });
            tokio::time::timeout(self.timeout, done)
                .await
                .map_err(|_| TwoPCError::Timeout)?
                .map_err(|_| TwoPCError::ParticipantFailed)?;
        }
        Ok(())
    }
}

/// Phases of three-phase commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThreePCPhase {
    /// Votes.
    CanCommit,
    /// All agree, and know it.
    PreCommit,
    /// Commit.
    DoCommit,
    /// Not all agree.
    Abort,
}

/// Why it aborted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThreePCError {
    /// A vote against it.
    Aborted,
    /// A vote is missing.
    Timeout,
    /// A participant failed.
    ParticipantFailed,
}

/// Three-phase commit.
pub struct ThreePhaseCoordinator {
    participants: Vec<ParticipantHandle>,
    timeout: Duration,
}

impl ThreePhaseCoordinator {
    /// A coordinator.
    pub fn new(participants: Vec<ParticipantHandle>, timeout: Duration) -> Self {
        Self { participants, timeout }
    }

    /// Three phases, or nothing if somebody cannot.
    pub async fn execute<T: Transaction>(&mut self, txn: T) -> Result<(), ThreePCError> {
        for participant in &self.participants {
            let (reply, vote) = oneshot::channel();
            participant.send(ParticipantRequest::CanCommit { txn: txn.id(), reply });
            if self.wait(vote).await? != ParticipantVote::VoteCommit {
                return Ok(());
            }
        }
        for participant in &self.participants {
            let (reply, done) = oneshot::channel();
            participant.send(ParticipantRequest::PreCommit { txn: txn.id(), reply });
            self.wait(done).await?;
        }
        for participant in &self.participants {
            let (reply, done) = oneshot::channel();
            participant.send(ParticipantRequest::Commit { txn: txn.id(), reply });
            self.wait(done).await?;
        }
        Ok(())
    }

    async fn wait<R>(&self, answer: oneshot::Receiver<R>) -> Result<R, ThreePCError> {
        tokio::time::timeout(self.timeout, answer)
            .await
            .map_err(|_| ThreePCError::Timeout)?
            .map_err(|_| ThreePCError::ParticipantFailed)
    }

    /// Its limits.
    pub fn known_limitations() -> Vec<&'static str> {
        vec![
            "a partition of the network splits the decision",
            "more messages than two phases",
            "delays without a bound",
        ]
    }
}

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

/// Runs a saga.
#[derive(Default)]
pub struct SagaOrchestrator {
    steps: Vec<SagaStep>,
}

impl SagaOrchestrator {
    /// Without steps.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a step.
    pub fn add_step<F, C>(&mut self, name: &str, action: F, compensation: C)
    where
        F: Fn() -> Result<(), SagaError> + Send + Sync + 'static,
        C: Fn() -> Result<(), SagaError> + Send + Sync + 'static,
    {
        let (name, action) = (name.to_owned(), Box::new(action));
        self.steps.push(SagaStep {
            name,
            action,
            compensation: Box::new(compensation),
        });
    }

    /// Runs all actions, or undoes those before the one that failed.
    pub async fn execute(&mut self) -> Result<(), SagaError> {
        for (at, step) in self.steps.iter().enumerate() {
            if let Err(error) = (step.action)() {
                for done in self.steps[..at].iter().rev() {
                    (done.compensation)()?;
                }
                return Err(error);
            }
        }
        Ok(())
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

/// Events.
#[derive(Debug, Clone, Default)]
pub struct SagaEventStore {
    events: Vec<SagaEvent>,
}

impl SagaEventStore {
    /// Empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an event.
    pub fn append(&mut self, event: SagaEvent) {
        self.events.push(event);
    }

    /// All of them.
    pub fn events(&self) -> &[SagaEvent] {
        &self.events
    }

    /// Applies every event.
    pub fn rebuild_state(&self, saga_id: &str) -> SagaState {
        let mut state = SagaState {
            saga_id: saga_id.to_owned(),
            running: None,
            completed: Vec::new(),
            failed: None,
            compensating: None,
            compensated: Vec::new(),
        };
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
    /// Something happened.
    pub fn apply(&mut self, event: &SagaEvent) {
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
                self.completed.retain(|done| done != step);
                self.compensated.push(step.clone());
            }
        }
    }
}
