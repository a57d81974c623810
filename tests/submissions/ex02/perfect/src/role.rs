//! Les rôles et ce que chacun retient.

use std::collections::HashMap;

use crate::{LogIndex, NodeId, RaftState};

/// Ce qu'un leader sait d'un suiveur.
#[derive(Debug)]
pub(crate) struct Peer {
    /// Première entrée à envoyer.
    pub next: LogIndex,
    /// Dernière entrée qu'il détient à coup sûr.
    pub held: LogIndex,
}

/// Le rôle courant.
#[derive(Debug)]
pub(crate) enum Role {
    /// Suit un leader, s'il le connaît.
    Follower { leader: Option<NodeId> },
    /// Compte les nœuds qui l'ont choisi.
    Candidate { voters: Vec<NodeId> },
    /// Recopie son journal.
    Leader { peers: HashMap<NodeId, Peer> },
}

impl Role {
    pub(crate) fn state(&self) -> RaftState {
        match self {
            Role::Follower { .. } => RaftState::Follower,
            Role::Candidate { .. } => RaftState::Candidate,
            Role::Leader { .. } => RaftState::Leader,
        }
    }
}
