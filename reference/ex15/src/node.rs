//! Nodes and shards, by name.

use std::collections::HashMap;
use std::time::Instant;

/// The name of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u64);

/// The name of a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShardId(pub u32);

/// What is thought of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeState {
    /// It is about to come.
    Joining,
    /// It is there.
    Healthy,
    /// It has been silent for surprisingly long.
    Suspected,
    /// It has been suspected, and still is silent: it counts as gone.
    Unreachable,
    /// It is about to go.
    Leaving,
    /// It has gone.
    Left,
}

impl NodeState {
    /// Whether a node in this state is announced and holds shards.
    pub(crate) fn is_present(&self) -> bool {
        matches!(self, Self::Joining | Self::Healthy | Self::Suspected)
    }
}

/// What is known of a node.
#[derive(Debug, Clone)]
pub struct NodeInfo {
    /// Its name.
    pub id: NodeId,
    /// Where it is reached, `host:port`; empty if that is not known.
    pub addr: String,
    /// What is thought of it.
    pub state: NodeState,
    /// When it was last heard of.
    pub last_heartbeat: Instant,
    /// The shards it holds.
    pub shards: Vec<ShardId>,
    /// What else is known of it.
    pub metadata: HashMap<String, String>,
}
