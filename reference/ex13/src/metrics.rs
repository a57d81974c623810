//! What a node says of itself.

use openraft::ServerState;

use crate::config::NodeInfo;

/// A node's view of itself and of the cluster, at one moment.
#[derive(Debug, Clone)]
pub struct RaftMetrics {
    /// The node's id.
    pub id: u64,
    /// Its role.
    pub state: RaftState,
    /// The term of its last vote.
    pub current_term: u64,
    /// The leader it follows, or itself.
    pub current_leader: Option<u64>,
    /// The index of its last log entry, 0 if there is none.
    pub last_log_index: u64,
    /// The index of the last entry applied to its state machine, 0 if there is none.
    pub last_applied: u64,
    /// The voters, in ascending order.
    pub membership: Vec<u64>,
}

/// The roles of Raft. A node that has no vote, or has stopped, follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RaftState {
    /// It follows.
    Follower,
    /// It asks for votes.
    Candidate,
    /// It leads.
    Leader,
}

impl From<ServerState> for RaftState {
    fn from(state: ServerState) -> Self {
        match state {
            ServerState::Leader => Self::Leader,
            ServerState::Candidate => Self::Candidate,
            ServerState::Follower | ServerState::Learner | ServerState::Shutdown => Self::Follower,
        }
    }
}

impl From<&openraft::RaftMetrics<u64, NodeInfo>> for RaftMetrics {
    fn from(metrics: &openraft::RaftMetrics<u64, NodeInfo>) -> Self {
        Self {
            id: metrics.id,
            state: metrics.state.into(),
            current_term: metrics.current_term,
            current_leader: metrics.current_leader,
            last_log_index: metrics.last_log_index.unwrap_or(0),
            last_applied: metrics.last_applied.map_or(0, |last| last.index),
            membership: metrics.membership_config.voter_ids().collect(),
        }
    }
}
