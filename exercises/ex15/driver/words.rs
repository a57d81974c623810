//! Between the plain data of scripts and the types of an election.

use ex15::{ElectionMessage, LeaderElection, LeaderElectionAlgorithm, NodeId};
use ex15_protocol::{Algorithm, Post, Word};

pub(super) fn ids(nodes: &[u64]) -> Vec<NodeId> {
    nodes.iter().copied().map(NodeId).collect()
}

pub(super) fn algorithm(way: Algorithm) -> LeaderElectionAlgorithm {
    match way {
        Algorithm::Bully => LeaderElectionAlgorithm::Bully,
        Algorithm::Ring => LeaderElectionAlgorithm::Ring,
        Algorithm::RaftBased => LeaderElectionAlgorithm::RaftBased,
    }
}

/// A node that knows its peers.
pub(super) fn elector(id: u64, way: Algorithm, peers: &[u64]) -> LeaderElection {
    let mut made = LeaderElection::new(NodeId(id), algorithm(way));
    made.set_peers(&ids(peers));
    made
}

pub(super) fn message(word: &Word) -> ElectionMessage {
    match word {
        Word::Election(from) => ElectionMessage::Election { from: NodeId(*from) },
        Word::Ok(from) => ElectionMessage::Ok { from: NodeId(*from) },
        Word::Coordinator(leader) => ElectionMessage::Coordinator {
            leader: NodeId(*leader),
        },
        Word::Token(candidates) => ElectionMessage::Token {
            candidates: ids(candidates),
        },
        Word::Elected(leader) => ElectionMessage::Elected {
            leader: NodeId(*leader),
        },
    }
}

pub(super) fn word(message: ElectionMessage) -> Word {
    match message {
        ElectionMessage::Election { from } => Word::Election(from.0),
        ElectionMessage::Ok { from } => Word::Ok(from.0),
        ElectionMessage::Coordinator { leader } => Word::Coordinator(leader.0),
        ElectionMessage::Token { candidates } => Word::Token(candidates.into_iter().map(|node| node.0).collect()),
        ElectionMessage::Elected { leader } => Word::Elected(leader.0),
    }
}

/// Sorted by target, then by kind.
pub(super) fn posts(sent: Vec<(NodeId, ElectionMessage)>) -> Vec<Post> {
    let mut posts: Vec<Post> = sent
        .into_iter()
        .map(|(to, message)| Post {
            to: to.0,
            word: word(message),
        })
        .collect();
    posts.sort_by_key(|post| (post.to, kind(&post.word)));
    posts
}

fn kind(word: &Word) -> u8 {
    match word {
        Word::Election(_) => 0,
        Word::Ok(_) => 1,
        Word::Coordinator(_) => 2,
        Word::Token(_) => 3,
        Word::Elected(_) => 4,
    }
}
