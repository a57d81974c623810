//! The settings of a cluster.

use std::time::Duration;

use crate::LeaderElectionAlgorithm;

/// The settings of a cluster.
#[derive(Debug, Clone)]
pub struct ClusterConfig {
    /// How often a node is to be heard of.
    pub heartbeat_interval: Duration,
    /// The level of suspicion at which a node is suspected.
    pub phi_threshold: f64,
    /// How the leader is elected.
    pub election_algorithm: LeaderElectionAlgorithm,
    /// How many shards there are.
    pub num_shards: u32,
}

impl Default for ClusterConfig {
    fn default() -> Self {
        Self {
            heartbeat_interval: Duration::from_secs(1),
            phi_threshold: 8.0,
            election_algorithm: LeaderElectionAlgorithm::Bully,
            num_shards: 64,
        }
    }
}
