//! Gestion d'un cluster.

mod detector;
mod election;
mod shards;
mod types;

pub use detector::PhiAccrualDetector;
pub use election::{ElectionMessage, LeaderElection, LeaderElectionAlgorithm};
pub use shards::{ShardManager, ShardMove};
pub use types::{NodeId, NodeInfo, NodeState, ShardId};
