//! Participants, as the template gives them.

use tokio::sync::{mpsc, oneshot};

/// As in the template.
pub trait Transaction: Send + Sync {
    /// As in the template.
    fn id(&self) -> String;
}

/// As in the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParticipantVote {
    /// As in the template.
    VoteCommit,
    /// As in the template.
    VoteAbort,
    /// As in the template.
    Timeout,
}

/// As in the template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParticipantState {
    /// As in the template.
    Initial,
    /// As in the template.
    Ready,
    /// As in the template.
    PreCommitted,
    /// As in the template.
    Committed,
    /// As in the template.
    Aborted,
}

/// As in the template.
#[derive(Debug)]
pub enum ParticipantRequest {
    /// As in the template.
    Prepare {
        /// As in the template.
        txn: String,
        /// As in the template.
        reply: oneshot::Sender<ParticipantVote>,
    },
    /// As in the template.
    CanCommit {
        /// As in the template.
        txn: String,
        /// As in the template.
        reply: oneshot::Sender<ParticipantVote>,
    },
    /// As in the template.
    PreCommit {
        /// As in the template.
        txn: String,
        /// As in the template.
        reply: oneshot::Sender<()>,
    },
    /// As in the template.
    Commit {
        /// As in the template.
        txn: String,
        /// As in the template.
        reply: oneshot::Sender<()>,
    },
    /// As in the template.
    Abort {
        /// As in the template.
        txn: String,
        /// As in the template.
        reply: oneshot::Sender<()>,
    },
}

/// As in the template.
#[derive(Debug, Clone)]
pub struct ParticipantHandle {
    name: String,
    requests: mpsc::UnboundedSender<ParticipantRequest>,
}

impl ParticipantHandle {
    /// As in the template.
    #[must_use]
    pub fn new(name: &str) -> (Self, mpsc::UnboundedReceiver<ParticipantRequest>) {
        let (requests, arrivals) = mpsc::unbounded_channel();
        let name = name.to_owned();
        (Self { name, requests }, arrivals)
    }

    /// As in the template.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// As in the template.
    pub fn send(&self, request: ParticipantRequest) {
        let _ = self.requests.send(request);
    }
}
