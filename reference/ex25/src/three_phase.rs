//! Three-phase commit (Skeen 1981): before anybody commits, everybody knows that all agreed, so that survivors never have to wait.

use std::time::Duration;

use tokio::sync::oneshot;

use crate::participant::{Silence, ask_all};
use crate::{ParticipantHandle, ParticipantRequest, ParticipantState, ParticipantVote, ThreePCError, Transaction};

/// The phases, and how a transaction may end before the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThreePCPhase {
    /// The first: can everybody commit?
    CanCommit,
    /// The second: everybody can, and is told so. From here on the transaction commits.
    PreCommit,
    /// The third: commit.
    DoCommit,
    /// Somebody cannot, or did not say.
    Abort,
}

/// Brings participants to one decision that does not need its coordinator any more once it was made.
#[derive(Debug)]
pub struct ThreePhaseCoordinator {
    participants: Vec<ParticipantHandle>,
    timeout: Duration,
}

impl ThreePhaseCoordinator {
    /// A coordinator. A phase waits no longer than `timeout`.
    #[must_use]
    pub fn new(participants: Vec<ParticipantHandle>, timeout: Duration) -> Self {
        Self { participants, timeout }
    }

    /// Runs a transaction to its decision.
    ///
    /// Once everybody was sent `PreCommit` the transaction commits: who does not acknowledge it is taken to have failed, and asks when
    /// it is back.
    ///
    /// # Errors
    /// Why it was aborted, before anybody heard of `PreCommit`.
    pub async fn execute<T: Transaction>(&mut self, txn: T) -> Result<(), ThreePCError> {
        let txn = txn.id();
        if let Some(refusal) = self.refusal(&txn).await {
            self.tell(|reply| ParticipantRequest::Abort {
                txn: txn.clone(),
                reply,
            })
            .await;
            return Err(refusal);
        }
        self.tell(|reply| ParticipantRequest::PreCommit {
            txn: txn.clone(),
            reply,
        })
        .await;
        self.tell(|reply| ParticipantRequest::Commit {
            txn: txn.clone(),
            reply,
        })
        .await;
        Ok(())
    }

    /// What survivors decide when their coordinator is silent, from their states. They never have to wait: nobody commits while
    /// somebody has not heard of `PreCommit`, so without any `PreCommitted` among them nobody has.
    #[must_use]
    pub fn terminate(states: &[ParticipantState]) -> ThreePCPhase {
        let knows =
            |state: &ParticipantState| matches!(state, ParticipantState::PreCommitted | ParticipantState::Committed);
        if states.iter().any(knows) {
            ThreePCPhase::DoCommit
        } else {
            ThreePCPhase::Abort
        }
    }

    /// What the protocol cannot do.
    #[must_use]
    pub fn known_limitations() -> Vec<&'static str> {
        vec![
            "a network partition can make the two sides decide differently",
            "three round trips and 6n messages, where two-phase commit has two round trips and 4n",
            "it needs a bound on delays: a slow participant cannot be told from one that failed",
        ]
    }

    async fn refusal(&self, txn: &str) -> Option<ThreePCError> {
        let can_commit = |reply| ParticipantRequest::CanCommit {
            txn: txn.to_owned(),
            reply,
        };
        let votes = ask_all(&self.participants, self.timeout, can_commit).await;
        votes.into_iter().find_map(|vote| match vote {
            Ok(ParticipantVote::VoteCommit) => None,
            Ok(ParticipantVote::VoteAbort) => Some(ThreePCError::Aborted),
            Ok(ParticipantVote::Timeout) | Err(Silence::Late) => Some(ThreePCError::Timeout),
            Err(Silence::Gone) => Some(ThreePCError::ParticipantFailed),
        })
    }

    /// Sends a request to all and waits for acknowledgements, as long as a phase may last.
    async fn tell(&self, request: impl Fn(oneshot::Sender<()>) -> ParticipantRequest) {
        ask_all(&self.participants, self.timeout, request).await;
    }
}
