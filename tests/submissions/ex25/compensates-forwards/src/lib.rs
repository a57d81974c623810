//! Two-phase and three-phase commit with a task for each participant.

mod participant;
mod saga;

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

pub use participant::{ParticipantHandle, ParticipantRequest, ParticipantState, ParticipantVote, Transaction};
pub use saga::{
    CompensationHandler, SagaError, SagaEvent, SagaEventStore, SagaOrchestrator, SagaState, SagaStep, SagaType,
};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;

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

/// A line of the log.
#[derive(Debug, Clone)]
pub struct LogRecord {
    /// Its transaction.
    pub txn: String,
    /// What it says.
    pub phase: TwoPCPhase,
}

/// A log of numbered lines.
#[derive(Debug, Clone, Default)]
pub struct TransactionLog {
    lines: Arc<RwLock<BTreeMap<usize, LogRecord>>>,
}

impl TransactionLog {
    /// Empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes a line.
    pub fn log_phase(&mut self, txn: &str, phase: TwoPCPhase) {
        if let Ok(mut lines) = self.lines.write() {
            let next = lines.len();
            lines.insert(
                next,
                LogRecord {
                    txn: txn.to_owned(),
                    phase,
                },
            );
        }
    }

    /// All lines.
    pub fn records(&self) -> Vec<LogRecord> {
        self.lines
            .read()
            .map(|lines| lines.values().cloned().collect())
            .unwrap_or_default()
    }
}

/// What became of a question.
enum Answer<R> {
    Said(R),
    Late,
    Failed,
}

/// Asks everybody, a task for each; answers come in any order.
fn ask<R: Send + 'static>(
    participants: &[ParticipantHandle],
    patience: Duration,
    question: fn(String, oneshot::Sender<R>) -> ParticipantRequest,
    txn: &str,
) -> JoinSet<Answer<R>> {
    let mut asked = JoinSet::new();
    for participant in participants {
        let (reply, answer) = oneshot::channel();
        participant.send(question(txn.to_owned(), reply));
        asked.spawn(async move {
            match timeout(patience, answer).await {
                Ok(Ok(said)) => Answer::Said(said),
                Ok(Err(_)) => Answer::Failed,
                Err(_) => Answer::Late,
            }
        });
    }
    asked
}

fn commit(txn: String, reply: oneshot::Sender<()>) -> ParticipantRequest {
    ParticipantRequest::Commit { txn, reply }
}

fn abort(txn: String, reply: oneshot::Sender<()>) -> ParticipantRequest {
    ParticipantRequest::Abort { txn, reply }
}

/// The first reason not to commit, as soon as there is one.
async fn first_refusal(mut votes: JoinSet<Answer<ParticipantVote>>) -> Option<TwoPCError> {
    while let Some(vote) = votes.join_next().await {
        match vote {
            Ok(Answer::Said(ParticipantVote::VoteCommit)) => {}
            Ok(Answer::Said(ParticipantVote::VoteAbort)) => return Some(TwoPCError::Aborted),
            Ok(Answer::Said(ParticipantVote::Timeout) | Answer::Late) => return Some(TwoPCError::Timeout),
            Ok(Answer::Failed) | Err(_) => return Some(TwoPCError::ParticipantFailed),
        }
    }
    None
}

/// Two-phase commit.
pub struct TwoPhaseCoordinator {
    participants: Vec<ParticipantHandle>,
    timeout: Duration,
    log: TransactionLog,
}

impl TwoPhaseCoordinator {
    /// With a log of its own.
    pub fn new(participants: Vec<ParticipantHandle>, timeout: Duration) -> Self {
        Self::with_log(participants, timeout, TransactionLog::default())
    }

    /// With a log that exists.
    pub fn with_log(participants: Vec<ParticipantHandle>, timeout: Duration, log: TransactionLog) -> Self {
        Self {
            participants,
            timeout,
            log,
        }
    }

    /// Runs a transaction; an abort is told at the first refusal, and not acknowledged.
    pub async fn execute<T: Transaction>(&mut self, txn: T) -> Result<(), TwoPCError> {
        let id = txn.id();
        self.log.log_phase(&id, TwoPCPhase::Prepare);
        let prepare = |txn, reply| ParticipantRequest::Prepare { txn, reply };
        match first_refusal(ask(&self.participants, self.timeout, prepare, &id)).await {
            Some(error) => {
                self.log.log_phase(&id, TwoPCPhase::Abort);
                drop(ask(&self.participants, self.timeout, abort, &id));
                Err(error)
            }
            None => {
                self.log.log_phase(&id, TwoPCPhase::Commit);
                ask(&self.participants, self.timeout, commit, &id).join_all().await;
                Ok(())
            }
        }
    }

    /// Finishes what was begun.
    pub async fn recover(&mut self) -> Vec<(String, TwoPCPhase)> {
        let records = self.log.records();
        let begun = records.iter().filter(|record| record.phase == TwoPCPhase::Prepare);
        let mut decisions = Vec::new();
        for LogRecord { txn, .. } in begun {
            let is_committed = records
                .iter()
                .any(|record| record.txn == *txn && record.phase == TwoPCPhase::Commit);
            if is_committed {
                ask(&self.participants, self.timeout, commit, txn).join_all().await;
                decisions.push((txn.clone(), TwoPCPhase::Commit));
            } else {
                self.log.log_phase(txn, TwoPCPhase::Abort);
                ask(&self.participants, self.timeout, abort, txn).join_all().await;
                decisions.push((txn.clone(), TwoPCPhase::Abort));
            }
        }
        decisions
    }

    /// What survivors can decide.
    pub fn terminate(states: &[ParticipantState]) -> Option<TwoPCPhase> {
        states.iter().find_map(|state| match state {
            ParticipantState::Committed => Some(TwoPCPhase::Commit),
            ParticipantState::Initial | ParticipantState::Aborted => Some(TwoPCPhase::Abort),
            ParticipantState::Ready | ParticipantState::PreCommitted => None,
        })
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

    /// Runs a transaction.
    pub async fn execute<T: Transaction>(&mut self, txn: T) -> Result<(), ThreePCError> {
        let id = txn.id();
        let can_commit = |txn, reply| ParticipantRequest::CanCommit { txn, reply };
        let refusal = first_refusal(ask(&self.participants, self.timeout, can_commit, &id)).await;
        if let Some(error) = refusal {
            ask(&self.participants, self.timeout, abort, &id).join_all().await;
            return Err(match error {
                TwoPCError::Aborted => ThreePCError::Aborted,
                TwoPCError::Timeout => ThreePCError::Timeout,
                TwoPCError::ParticipantFailed => ThreePCError::ParticipantFailed,
            });
        }
        let pre_commit = |txn, reply| ParticipantRequest::PreCommit { txn, reply };
        ask(&self.participants, self.timeout, pre_commit, &id).join_all().await;
        ask(&self.participants, self.timeout, commit, &id).join_all().await;
        Ok(())
    }

    /// What survivors decide.
    pub fn terminate(states: &[ParticipantState]) -> ThreePCPhase {
        use ParticipantState::{Committed, PreCommitted};
        match states.iter().find(|state| matches!(state, PreCommitted | Committed)) {
            Some(_) => ThreePCPhase::DoCommit,
            None => ThreePCPhase::Abort,
        }
    }

    /// Its limits.
    pub fn known_limitations() -> Vec<&'static str> {
        vec![
            "one more round",
            "network partitions break it",
            "delays must have a bound",
        ]
    }
}
