//! Les participants vus du coordinateur : le réseau de cet exercice. Fourni, rien à y changer.

use tokio::sync::{mpsc, oneshot};

/// Ce qui arrive partout ou nulle part.
pub trait Transaction: Send + Sync {
    /// Son nom, le même dans le journal et chez chaque participant.
    fn id(&self) -> String;
}

/// Ce que répond un participant à qui l'on demande s'il peut valider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParticipantVote {
    /// Il le peut, et le promet.
    VoteCommit,
    /// Il ne le peut pas.
    VoteAbort,
    /// Il n'a pas répondu à temps.
    Timeout,
}

/// Où en est un participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParticipantState {
    /// Il n'a pas voté.
    Initial,
    /// Il a voté pour, et attend.
    Ready,
    /// Il sait que tous ont voté pour (trois phases).
    PreCommitted,
    /// Il a validé.
    Committed,
    /// Il a annulé.
    Aborted,
}

/// Ce qu'on demande à un participant. Il répond par `reply` ; le laisser tomber, c'est être en panne.
#[derive(Debug)]
pub enum ParticipantRequest {
    /// Deux phases, la première : voter.
    Prepare {
        /// La transaction.
        txn: String,
        /// Le vote.
        reply: oneshot::Sender<ParticipantVote>,
    },
    /// Trois phases, la première : voter.
    CanCommit {
        /// La transaction.
        txn: String,
        /// Le vote.
        reply: oneshot::Sender<ParticipantVote>,
    },
    /// Trois phases, la deuxième : tous ont voté pour.
    PreCommit {
        /// La transaction.
        txn: String,
        /// L'acquittement.
        reply: oneshot::Sender<()>,
    },
    /// La dernière phase : valider.
    Commit {
        /// La transaction.
        txn: String,
        /// L'acquittement.
        reply: oneshot::Sender<()>,
    },
    /// La dernière phase : annuler.
    Abort {
        /// La transaction.
        txn: String,
        /// L'acquittement.
        reply: oneshot::Sender<()>,
    },
}

/// Le chemin vers un participant.
#[derive(Debug, Clone)]
pub struct ParticipantHandle {
    name: String,
    requests: mpsc::UnboundedSender<ParticipantRequest>,
}

impl ParticipantHandle {
    /// Un chemin, et les requêtes telles qu'elles arrivent au bout.
    #[must_use]
    pub fn new(name: &str) -> (Self, mpsc::UnboundedReceiver<ParticipantRequest>) {
        let (requests, arrivals) = mpsc::unbounded_channel();
        let name = name.to_owned();
        (Self { name, requests }, arrivals)
    }

    /// Le nom du participant.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Envoie une requête. Si personne n'est là pour la recevoir, elle est perdue, et son `reply` avec elle.
    pub fn send(&self, request: ParticipantRequest) {
        let _ = self.requests.send(request);
    }
}
