//! Why a transaction or a saga did not happen.

use thiserror::Error;

/// Why a two-phase commit aborted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TwoPCError {
    /// A participant voted against it.
    #[error("a participant voted against the transaction")]
    Aborted,
    /// A vote did not come in time.
    #[error("a participant did not vote in time")]
    Timeout,
    /// A participant is gone.
    #[error("a participant failed before it voted")]
    ParticipantFailed,
}

/// Why a three-phase commit aborted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ThreePCError {
    /// A participant cannot commit.
    #[error("a participant cannot commit the transaction")]
    Aborted,
    /// An answer did not come in time.
    #[error("a participant did not answer in time")]
    Timeout,
    /// A participant is gone.
    #[error("a participant failed before it answered")]
    ParticipantFailed,
}

/// Why a saga did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SagaError {
    /// An action or a compensation failed: what it says of it.
    #[error("{0}")]
    StepFailed(String),
    /// A step failed, and so did compensations.
    #[error("{cause}; not compensated: {}", steps.join(", "))]
    CompensationFailed {
        /// Why the step failed.
        cause: Box<SagaError>,
        /// The steps whose compensation failed, in the order in which they were tried.
        steps: Vec<String>,
    },
}
