//! Gestion d'un cluster.

mod cluster;
mod detector;
mod election;
mod health;
mod shards;
mod types;

pub use cluster::ClusterManager;
pub use detector::PhiAccrualDetector;
pub use election::{ElectionMessage, LeaderElection, LeaderElectionAlgorithm};
pub use health::{HealthChecker, HealthProbes};
pub use shards::{ShardManager, ShardMove};
pub use types::{ClusterConfig, ClusterError, NodeId, NodeInfo, NodeState, ShardId};
