//! Transactions over several participants: two-phase commit, three-phase commit, and sagas.
//!
//! - [`TwoPhaseCoordinator`]: everybody commits or nobody does, at the price of waiting for a coordinator that fell silent.
//! - [`ThreePhaseCoordinator`]: one more phase, so that whoever is left can decide alone.
//! - [`SagaOrchestrator`]: no lock and no vote; what was done is undone in reverse when a later step fails.
//!
//! Coordinators talk to participants through [`ParticipantHandle`]s, and write their decisions into a [`TransactionLog`]
//! before anybody hears of them: a successor that has the log can finish what was begun.
//!
//! Sources: J. Gray, *Notes on data base operating systems* (1978); D. Skeen, *Nonblocking commit protocols* (1981); P. Bernstein,
//! V. Hadzilacos, N. Goodman, *Concurrency control and recovery in database systems* (1987), chapter 7; H. Garcia-Molina, K. Salem,
//! *Sagas* (1987).

mod error;
mod events;
mod log;
mod participant;
mod saga;
mod three_phase;
mod two_phase;

pub use error::{SagaError, ThreePCError, TwoPCError};
pub use events::{SagaEvent, SagaEventStore, SagaState};
pub use log::{LogRecord, TransactionLog};
pub use participant::{ParticipantHandle, ParticipantRequest, ParticipantState, ParticipantVote, Transaction};
pub use saga::{CompensationHandler, SagaOrchestrator, SagaStep, SagaType};
pub use three_phase::{ThreePCPhase, ThreePhaseCoordinator};
pub use two_phase::{TwoPCPhase, TwoPhaseCoordinator};
