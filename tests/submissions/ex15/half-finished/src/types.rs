//! Les types simples.

use std::collections::HashMap;
use std::time::Instant;

/// Identifiant d'un nœud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u64);

/// Identifiant d'un shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShardId(pub u32);

/// État d'un nœud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeState {
    /// Il arrive.
    Joining,
    /// Il est là.
    Healthy,
    /// Il se tait.
    Suspected,
    /// Il se tait toujours.
    Unreachable,
    /// Il part.
    Leaving,
    /// Il est parti.
    Left,
}

/// Ce que l'on sait d'un nœud.
#[derive(Debug, Clone)]
pub struct NodeInfo {
    /// Son identifiant.
    pub id: NodeId,
    /// Son adresse.
    pub addr: String,
    /// Son état.
    pub state: NodeState,
    /// Son dernier battement.
    pub last_heartbeat: Instant,
    /// Ses shards.
    pub shards: Vec<ShardId>,
    /// Le reste.
    pub metadata: HashMap<String, String>,
}

