//! What can go wrong.

use crate::NodeId;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// The seed cannot be reached.
    #[error("Failed to join cluster: {0}")]
    JoinFailed(String),
    /// The node is not a member.
    #[error("Node not found: {0:?}")]
    NodeNotFound(NodeId),
    /// There is no leader.
    #[error("No leader elected")]
    NoLeader,
    /// The network failed.
    #[error("Network error: {0}")]
    Network(String),
}
