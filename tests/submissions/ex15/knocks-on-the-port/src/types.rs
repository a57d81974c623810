//! Les types simples.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::LeaderElectionAlgorithm;

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

/// Configuration.
#[derive(Debug, Clone)]
pub struct ClusterConfig {
    /// Intervalle attendu.
    pub heartbeat_interval: Duration,
    /// Seuil.
    pub phi_threshold: f64,
    /// Algorithme.
    pub election_algorithm: LeaderElectionAlgorithm,
    /// Nombre de shards.
    pub num_shards: u32,
}

impl Default for ClusterConfig {
    fn default() -> Self {
        Self {
            heartbeat_interval: Duration::from_millis(1000),
            phi_threshold: 8.0,
            election_algorithm: LeaderElectionAlgorithm::Bully,
            num_shards: 64,
        }
    }
}

/// Ce qui peut échouer.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// Graine injoignable.
    #[error("cannot join: {0}")]
    JoinFailed(String),
    /// Nœud inconnu.
    #[error("no such node: {0:?}")]
    NodeNotFound(NodeId),
    /// Pas de leader.
    #[error("no leader")]
    NoLeader,
    /// Réseau.
    #[error("network: {0}")]
    Network(String),
}
