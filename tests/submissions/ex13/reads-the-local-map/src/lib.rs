//! Un magasin clé-valeur répliqué par openraft.

mod machine;
mod network;
mod node;
mod storage;
mod types;

pub use machine::{Builder, KvStateMachine};
pub use network::{Line, NetworkImpl, Router};
pub use node::{RaftError, RaftMetrics, RaftNode, RaftState};
pub use storage::{MemStorage, StorageError};
pub use types::{Entry, EntryPayload, LogId, LogState, NodeInfo, Request, Response, TypeConfig};
