//! What the consensus is about: the types that openraft is generic over.

use std::io::Cursor;

use serde::{Deserialize, Serialize};

openraft::declare_raft_types!(
    /// The types of this store.
    pub TypeConfig:
        D = Request,
        R = Response,
        NodeId = u64,
        Node = NodeInfo,
        Entry = openraft::Entry<TypeConfig>,
        SnapshotData = Cursor<Vec<u8>>,
        AsyncRuntime = openraft::TokioRuntime,
);

/// What a client asks the cluster to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Gives a key a value.
    Set {
        /// The key.
        key: String,
        /// Its new value.
        value: Vec<u8>,
    },
    /// Removes a key.
    Delete {
        /// The key.
        key: String,
    },
}

/// What the state machine answers to a request that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Response {
    /// Done: the answer to `Set`, and to entries that are no requests.
    Ok,
    /// The value that `Delete` removed.
    Value(Option<Vec<u8>>),
    /// It could not be done.
    Error(String),
}

/// What the cluster knows of a node, beside its id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeInfo {
    /// The node's id.
    pub id: u64,
    /// Where it is reached.
    pub addr: String,
}

impl NodeInfo {
    /// A node of this process.
    pub(crate) fn of(id: u64) -> Self {
        Self {
            id,
            addr: format!("local:{id}"),
        }
    }
}
