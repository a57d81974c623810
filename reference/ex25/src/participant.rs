//! Participants, as a coordinator sees them: somebody who is sent requests, and may or may not answer.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

/// Something that happens everywhere or nowhere.
pub trait Transaction: Send + Sync {
    /// Its name, the same in the log and at every participant.
    fn id(&self) -> String;
}

/// What a participant says when it is asked whether it can commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParticipantVote {
    /// It can, and promises to.
    VoteCommit,
    /// It cannot.
    VoteAbort,
    /// It did not say in time.
    Timeout,
}

/// How far a participant has come with a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParticipantState {
    /// It has not voted.
    Initial,
    /// It has voted to commit, and waits.
    Ready,
    /// It knows that all voted to commit (three-phase commit).
    PreCommitted,
    /// It has committed.
    Committed,
    /// It has aborted.
    Aborted,
}

/// What a participant is asked to do. It answers through `reply`; to drop `reply` is to fail, to keep it is to be silent.
#[derive(Debug)]
pub enum ParticipantRequest {
    /// Two-phase commit, first phase: vote.
    Prepare {
        /// The transaction.
        txn: String,
        /// The vote.
        reply: oneshot::Sender<ParticipantVote>,
    },
    /// Three-phase commit, first phase: vote.
    CanCommit {
        /// The transaction.
        txn: String,
        /// The vote.
        reply: oneshot::Sender<ParticipantVote>,
    },
    /// Three-phase commit, second phase: all voted to commit.
    PreCommit {
        /// The transaction.
        txn: String,
        /// The acknowledgement.
        reply: oneshot::Sender<()>,
    },
    /// The last phase: commit.
    Commit {
        /// The transaction.
        txn: String,
        /// The acknowledgement.
        reply: oneshot::Sender<()>,
    },
    /// The last phase: abort.
    Abort {
        /// The transaction.
        txn: String,
        /// The acknowledgement.
        reply: oneshot::Sender<()>,
    },
}

/// The way to a participant.
#[derive(Debug, Clone)]
pub struct ParticipantHandle {
    name: Arc<str>,
    requests: mpsc::UnboundedSender<ParticipantRequest>,
}

impl ParticipantHandle {
    /// A way to a participant, and the requests as they arrive there.
    #[must_use]
    pub fn new(name: &str) -> (Self, mpsc::UnboundedReceiver<ParticipantRequest>) {
        let (requests, arrivals) = mpsc::unbounded_channel();
        let name = Arc::from(name);
        (Self { name, requests }, arrivals)
    }

    /// The participant's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sends a request. If nobody is there to receive it, it is dropped, and so is its `reply`.
    pub fn send(&self, request: ParticipantRequest) {
        let _ = self.requests.send(request);
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Silence {
    /// It did not come in time.
    Late,
    /// It will never come.
    Gone,
}

/// Asks all participants at once and waits for their answers together: one deadline for all, so a silent participant costs the
/// others nothing and the phase takes no longer than `timeout`.
pub(crate) async fn ask_all<R>(
    participants: &[ParticipantHandle],
    timeout: Duration,
    request: impl Fn(oneshot::Sender<R>) -> ParticipantRequest,
) -> Vec<Result<R, Silence>> {
    let deadline = Instant::now() + timeout;
    let ask = |participant: &ParticipantHandle| {
        let (reply, answer) = oneshot::channel();
        participant.send(request(reply));
        answer
    };
    let asked: Vec<oneshot::Receiver<R>> = participants.iter().map(ask).collect();
    let mut answers = Vec::with_capacity(asked.len());
    for answer in asked {
        answers.push(match timeout_at(deadline, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(Silence::Gone),
            Err(_) => Err(Silence::Late),
        });
    }
    answers
}
