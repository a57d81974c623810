//! What a client may be refused with.

use openraft::error::{CheckIsLeaderError, ClientWriteError, Fatal, ForwardToLeader, InitializeError};

use crate::config::NodeInfo;
use crate::storage::StorageError;

/// Why an operation failed.
#[derive(Debug, thiserror::Error)]
pub enum RaftError {
    /// Another node leads, or none that is known.
    #[error("Not leader, leader is {0:?}")]
    NotLeader(Option<u64>),
    /// This node's own trouble: its storage, its configuration, its end.
    #[error("Storage error: {0}")]
    Storage(String),
    /// The other nodes could not be asked, or refused.
    #[error("Network error: {0}")]
    Network(String),
}

impl From<ForwardToLeader<u64, NodeInfo>> for RaftError {
    fn from(forward: ForwardToLeader<u64, NodeInfo>) -> Self {
        Self::NotLeader(forward.leader_id)
    }
}

impl From<ClientWriteError<u64, NodeInfo>> for RaftError {
    fn from(error: ClientWriteError<u64, NodeInfo>) -> Self {
        match error {
            ClientWriteError::ForwardToLeader(forward) => forward.into(),
            ClientWriteError::ChangeMembershipError(error) => Self::Network(error.to_string()),
        }
    }
}

impl From<CheckIsLeaderError<u64, NodeInfo>> for RaftError {
    fn from(error: CheckIsLeaderError<u64, NodeInfo>) -> Self {
        match error {
            CheckIsLeaderError::ForwardToLeader(forward) => forward.into(),
            CheckIsLeaderError::QuorumNotEnough(error) => Self::Network(error.to_string()),
        }
    }
}

impl From<InitializeError<u64, NodeInfo>> for RaftError {
    fn from(error: InitializeError<u64, NodeInfo>) -> Self {
        Self::Storage(error.to_string())
    }
}

impl From<Fatal<u64>> for RaftError {
    fn from(error: Fatal<u64>) -> Self {
        Self::Storage(error.to_string())
    }
}

impl From<StorageError> for RaftError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error.to_string())
    }
}

impl<E: Into<Self>> From<openraft::error::RaftError<u64, E>> for RaftError {
    fn from(error: openraft::error::RaftError<u64, E>) -> Self {
        match error {
            openraft::error::RaftError::APIError(error) => error.into(),
            openraft::error::RaftError::Fatal(error) => error.into(),
        }
    }
}
