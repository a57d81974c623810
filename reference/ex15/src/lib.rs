//! A cluster seen from one of its nodes: who is in it, who is silent, who leads, who holds which shard.
//!
//! # The idea
//! A node that stopped and a node that is slow look alike. The phi accrual detector (Hayashibara et al., 2004) does not
//! decide between them: it says how surprising the silence is, on a scale that learns from the rhythm of earlier
//! heartbeats, and leaves the decision to a threshold. Everything else follows from who is thought to be there: the highest
//! of them is elected (Garcia-Molina, 1982, or with a token that goes round a ring), and each holds its part of the shards.
//!
//! # The contract
//! - [`PhiAccrualDetector`] judges silences; time is a parameter, so nothing here sleeps.
//! - [`LeaderElection`] is a state machine: a message is a call, what is to be sent is returned.
//! - [`ShardManager`] spreads shards, and moves as few as it can when nodes come and go.
//! - [`HealthChecker`] asks a node over HTTP whether it is alive and whether it is ready.
//! - [`ClusterManager`] puts them together, and announces the members through a watch.
//!
//! # Invariants
//! - Phi never decreases during a silence, and is never NaN.
//! - A node becomes leader only with nobody greater in sight (bully, ring), or with a majority (Raft).
//! - After each assignment the loads of any two nodes differ by one at most.
//! - What is announced, what is a member that can be reached, and what holds shards are the same set.
//!
//! # Cost
//! Phi takes a look at each kept interval. A bully election takes `O(n^2)` messages at worst, a ring election `2 n`. A
//! rebalance takes `O(s + n log n)` for `s` shards.
//!
//! # Common mistakes
//! - One detector for all members: the heartbeats of some hide the silence of another.
//! - Dividing by a deviation of zero.
//! - A leader for every `Ok` that comes, or for the first token that comes by.
//! - `shard % nodes` as a rebalance: nearly everything moves.
//! - A watch that is sent to at each heartbeat, or only while somebody listens.
//! - Health that is read off the connection, or off the status of another path.
//!
//! # Example
//! ```
//! use ex15::{ElectionMessage, LeaderElection, LeaderElectionAlgorithm, NodeId};
//!
//! let mut two = LeaderElection::new(NodeId(2), LeaderElectionAlgorithm::Bully);
//! two.set_peers(&[NodeId(1), NodeId(3)]);
//! let sent = two.start_election();
//! assert!(matches!(sent[..], [(NodeId(3), ElectionMessage::Election { from: NodeId(2) })]));
//!
//! // Nobody answers.
//! assert_eq!(two.on_timeout().len(), 2);
//! assert!(two.is_leader());
//! ```

mod config;
mod detector;
mod election;
mod error;
mod health;
mod manager;
mod node;
mod shards;

pub use config::ClusterConfig;
pub use detector::PhiAccrualDetector;
pub use election::{ElectionMessage, LeaderElection, LeaderElectionAlgorithm};
pub use error::ClusterError;
pub use health::{HealthChecker, HealthProbes};
pub use manager::ClusterManager;
pub use node::{NodeId, NodeInfo, NodeState, ShardId};
pub use shards::{ShardManager, ShardMove};
