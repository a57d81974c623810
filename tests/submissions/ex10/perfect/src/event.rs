//! What is told of a run.

use crate::invariant::InvariantViolation;
use std::time::Duration;

/// Something that happened.
#[derive(Debug, Clone)]
pub struct ChaosEvent {
    /// When, on the simulated clock.
    pub timestamp: Duration,
    /// What kind of event.
    pub event_type: ChaosEventType,
    /// The name of the scenario, of the action or of the invariant, or the id of the fault.
    pub details: String,
}

/// The kind of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChaosEventType {
    /// A fault begins.
    FaultInjected,
    /// A fault ends.
    FaultRemoved,
    /// An invariant was looked at.
    InvariantChecked,
    /// It did not hold.
    InvariantViolated,
    /// A scenario begins.
    ScenarioStarted,
    /// It has ended.
    ScenarioCompleted,
    /// A step was carried out.
    StepExecuted,
}

/// What a run came to.
#[derive(Debug)]
pub struct ChaosReport {
    /// The scenario.
    pub scenario_name: String,
    /// How long it took, on the simulated clock.
    pub duration: Duration,
    /// The seed that repeats it.
    pub seed: u64,
    /// What happened, in order.
    pub events: Vec<ChaosEvent>,
    /// The invariants that did not hold, one for each time.
    pub invariant_violations: Vec<InvariantViolation>,
    /// Whether there were none.
    pub success: bool,
}

/// A run that could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum ChaosError {
    /// A step makes no sense.
    #[error("Scenario failed: {0}")]
    ScenarioFailed(String),
    /// An invariant did not hold.
    #[error("Invariant violated: {0}")]
    InvariantViolated(String),
    /// It took too long.
    #[error("Timeout during scenario")]
    Timeout,
    /// Our own fault.
    #[error("Internal error: {0}")]
    Internal(String),
}
