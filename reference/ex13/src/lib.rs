//! A replicated key-value store: the openraft crate behind a small API.
//!
//! # The idea
//!
//! Raft (Ongaro and Ousterhout, *In Search of an Understandable Consensus Algorithm*, 2014) is a library here, and the
//! work is in what a library cannot know: where votes and entries are kept, how nodes are reached, what an entry does
//! once it is committed, and what a client may be promised. openraft asks for those as traits: `RaftLogStorage`,
//! `RaftStateMachine` with its `RaftSnapshotBuilder`, `RaftNetworkFactory` with its `RaftNetwork`, tied together by a
//! `RaftTypeConfig`. (The other well-known library, raft-rs of TiKV, is a state machine without tasks or timers: its user
//! writes the loop that openraft already is.)
//!
//! # The contract
//!
//! - [`RaftNode::client_write`] answers `Ok` only for what a majority holds and the state machine has applied: no later
//!   failure of a minority takes it back.
//! - [`RaftNode::client_read`] is linearizable: it shows every write that was acknowledged before it was called.
//! - A node that does not lead answers [`RaftError::NotLeader`], with the leader if it knows one.
//! - [`RaftNode::change_membership`] returns once the new voters, and no others, decide.
//! - [`MemStorage`] outlives its node: a node started on it again remembers its vote, its log and its snapshot.
//!
//! # Invariants
//!
//! - The log is contiguous, from the entry after the last purged one to the last one.
//! - What is purged is in the snapshot.
//! - The state machine's data, membership and last applied entry change together, under one lock.
//!
//! # Cost
//!
//! A write is one round to a majority, a read one heartbeat round. A snapshot copies the whole map.
//!
//! # Common mistakes
//!
//! - Reading the local map without asking a majority: a leader that was replaced answers from the past.
//! - Forgetting the last purged entry: the log seems empty after a purge, and the node's next entries do not fit.
//! - Installing a snapshot by adding its keys to the present ones: what was deleted meanwhile comes back.
//! - Making a node a voter before it has caught up, which openraft refuses, or keeping removed voters.
//! - Giving openraft a configuration that was not validated.
//!
//! # Example
//!
//! ```
//! use ex13::{RaftNode, Request};
//! use openraft::Config;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let node = RaftNode::new(1, Config::default()).await?;
//! while !node.is_leader() {
//!     tokio::task::yield_now().await;
//! }
//! node.client_write(Request::Set { key: "mode".into(), value: b"blue".into() }).await?;
//! assert_eq!(node.client_read("mode").await?, Some(b"blue".to_vec()));
//! # Ok::<(), ex13::RaftError>(())
//! # }).unwrap();
//! ```

#![expect(
    clippy::result_large_err,
    reason = "the library's own errors are large, and its traits return them by value"
)]

mod config;
mod error;
mod log;
mod metrics;
mod network;
mod node;
mod state_machine;
mod storage;
#[cfg(test)]
mod tests;

pub use config::{NodeInfo, Request, Response, TypeConfig};
pub use error::RaftError;
pub use log::{Entry, EntryPayload, LogId, LogState};
pub use metrics::{RaftMetrics, RaftState};
pub use network::{Connection, NetworkImpl, Router};
pub use node::RaftNode;
pub use state_machine::KvStateMachine;
pub use storage::{MemStorage, StorageError};
