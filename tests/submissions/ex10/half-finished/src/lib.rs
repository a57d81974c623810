//! Chaos, en chantier : failpoints, réseau et horloge.

mod clock;
mod failpoint;
mod latency;
mod network;
mod sync;

pub use clock::ClockSimulator;
pub use failpoint::{Failpoint, FailpointAction, FailpointCondition, FailpointError, FailpointRegistry};
pub use latency::{LatencyConfig, LatencyRule};
pub use network::{DropRule, NetworkConfig, NetworkError, NetworkPartition, NetworkSimulator, NodeId, PartitionType};
