//! Two-phase commit (Gray 1978): ask, decide, write the decision down, tell.

use std::time::Duration;

use crate::participant::{Silence, ask_all};
use crate::{
    ParticipantHandle, ParticipantRequest, ParticipantState, ParticipantVote, Transaction, TransactionLog, TwoPCError,
};

/// What a coordinator begins or decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TwoPCPhase {
    /// The first phase: participants are asked.
    Prepare,
    /// The second, if all voted for it.
    Commit,
    /// The second, otherwise.
    Abort,
}

/// Brings participants to one decision.
#[derive(Debug)]
pub struct TwoPhaseCoordinator {
    participants: Vec<ParticipantHandle>,
    timeout: Duration,
    log: TransactionLog,
}

impl TwoPhaseCoordinator {
    /// A coordinator with a log of its own. A phase waits no longer than `timeout`.
    #[must_use]
    pub fn new(participants: Vec<ParticipantHandle>, timeout: Duration) -> Self {
        Self::with_log(participants, timeout, TransactionLog::new())
    }

    /// A coordinator that continues a log.
    #[must_use]
    pub fn with_log(participants: Vec<ParticipantHandle>, timeout: Duration, log: TransactionLog) -> Self {
        Self {
            participants,
            timeout,
            log,
        }
    }

    /// Runs a transaction to its decision.
    ///
    /// `Ok` means that it is committed, also where a participant has not acknowledged it: the decision is in the log, and
    /// [`recover`](Self::recover) tells it again.
    ///
    /// # Errors
    /// Why it was aborted. Every participant that may have promised to commit was told.
    pub async fn execute<T: Transaction>(&mut self, txn: T) -> Result<(), TwoPCError> {
        let txn = txn.id();
        self.log.log_phase(&txn, TwoPCPhase::Prepare);
        let refusal = self.refusal(&txn).await;
        let decision = match refusal {
            None => TwoPCPhase::Commit,
            Some(_) => TwoPCPhase::Abort,
        };
        // From this line on the decision stands, whatever becomes of the coordinator.
        self.log.log_phase(&txn, decision.clone());
        self.tell(&txn, &decision).await;
        refusal.map_or(Ok(()), Err)
    }

    /// Finishes what the log tells of: a decision is told again, and a transaction that was not decided is aborted. Participants may
    /// hear of a decision twice. The transactions in the order in which they began, with their decisions.
    pub async fn recover(&mut self) -> Vec<(String, TwoPCPhase)> {
        let mut decisions: Vec<(String, TwoPCPhase)> = Vec::new();
        for record in self.log.records() {
            match decisions.iter_mut().find(|(txn, _)| *txn == record.txn) {
                Some((_, decision)) => *decision = record.phase,
                None => decisions.push((record.txn, record.phase)),
            }
        }
        for (txn, decision) in &mut decisions {
            if *decision == TwoPCPhase::Prepare {
                // Nobody was told to commit: that would be in the log.
                *decision = TwoPCPhase::Abort;
                self.log.log_phase(txn, TwoPCPhase::Abort);
            }
            self.tell(txn, decision).await;
        }
        decisions
    }

    /// What participants may decide among themselves when their coordinator is silent, from the states of those that can be
    /// reached; `None` if they must wait for it.
    ///
    /// Who has not voted can still refuse, so the transaction cannot have been committed. If all have voted for it, it may have
    /// been, or not.
    #[must_use]
    pub fn terminate(states: &[ParticipantState]) -> Option<TwoPCPhase> {
        if states.contains(&ParticipantState::Committed) {
            Some(TwoPCPhase::Commit)
        } else if states
            .iter()
            .any(|state| matches!(state, ParticipantState::Aborted | ParticipantState::Initial))
        {
            Some(TwoPCPhase::Abort)
        } else {
            None
        }
    }

    /// Asks for votes; why the transaction cannot be committed, if it cannot.
    async fn refusal(&self, txn: &str) -> Option<TwoPCError> {
        let prepare = |reply| ParticipantRequest::Prepare {
            txn: txn.to_owned(),
            reply,
        };
        let votes = ask_all(&self.participants, self.timeout, prepare).await;
        votes.into_iter().find_map(|vote| match vote {
            Ok(ParticipantVote::VoteCommit) => None,
            Ok(ParticipantVote::VoteAbort) => Some(TwoPCError::Aborted),
            Ok(ParticipantVote::Timeout) | Err(Silence::Late) => Some(TwoPCError::Timeout),
            Err(Silence::Gone) => Some(TwoPCError::ParticipantFailed),
        })
    }

    /// Tells all participants a decision and waits for their acknowledgements. One that does not come changes nothing.
    async fn tell(&self, txn: &str, decision: &TwoPCPhase) {
        ask_all(&self.participants, self.timeout, |reply| {
            let txn = txn.to_owned();
            if *decision == TwoPCPhase::Commit {
                ParticipantRequest::Commit { txn, reply }
            } else {
                ParticipantRequest::Abort { txn, reply }
            }
        })
        .await;
    }
}
