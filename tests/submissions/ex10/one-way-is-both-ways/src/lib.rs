//! Chaos testing: failpoints, an unreliable network, a clock that can be moved, and scenarios that use them.
//!
//! # The idea
//!
//! A distributed system is only known to survive a failure that it has met. Instead of waiting for failures, a test
//! makes them: a *failpoint* is a named place in the code where an error can be ordered, the *network* loses, delays
//! and cuts what passes through it, the *clock* jumps. A *scenario* says in which order, and *invariants* say what has
//! to hold all the same. One seed decides everything that is random, so that a failure can be met again.
//!
//! # The contract
//!
//! - A failpoint acts if its condition holds and its count is not used up; every call is a hit.
//! - A partition that has expired separates nobody, also before it is healed.
//! - The latency rules that concern a message add up; losses are drawn independently, one draw a rule.
//! - The steps of a scenario run in order; the fault that a step injects lasts until it is removed or expires.
//! - A violated invariant is no error of the run: it is reported, and the report is no success.
//!
//! # Invariants
//!
//! - The same seed and the same calls in the same order give the same answers.
//! - No lock is held while something is waited for or while code of the user runs.
//! - The timestamps of the event log never decrease.
//!
//! # Cost
//!
//! A failpoint that is off costs a look-up in a map; a message without rules costs one lock.
//!
//! # Common mistakes
//!
//! - Counting the executions of an action on a clone of it: the registered one never runs out.
//! - Treating `A -> B` as if it also cut `B -> A`.
//! - Holding the lock of the registry while a failpoint sleeps: every other failpoint sleeps too.
//! - Calling an invariant on the runtime's own thread: one that blocks stops or panics.
//!
//! # Example
//!
//! ```
//! use ex10::{NetworkConfig, NetworkSimulator, NetworkPartition, PartitionType};
//! use std::time::Instant;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let network = NetworkSimulator::new(NetworkConfig::default(), Some(42));
//! network.partition(NetworkPartition {
//!     group_a: ["leader".to_owned()].into(),
//!     group_b: ["follower".to_owned()].into(),
//!     partition_type: PartitionType::AsymmetricAtoB,
//!     duration: None,
//!     created_at: Instant::now(),
//! }).await;
//! assert!(!network.can_communicate(&"leader".to_owned(), &"follower".to_owned()).await);
//! assert!(network.can_communicate(&"follower".to_owned(), &"leader".to_owned()).await);
//! # });
//! ```

mod clock;
mod event;
mod failpoint;
mod fault;
mod invariant;
mod latency;
mod network;
mod runner;
mod scenario;
mod sync;

pub use clock::ClockSimulator;
pub use event::{ChaosError, ChaosEvent, ChaosEventType, ChaosReport};
pub use failpoint::{Failpoint, FailpointAction, FailpointCondition, FailpointError, FailpointRegistry};
pub use fault::{FaultSpec, FaultTarget, FaultType};
pub use invariant::{Invariant, InvariantViolation};
pub use latency::{LatencyConfig, LatencyRule};
pub use network::{DropRule, NetworkConfig, NetworkError, NetworkPartition, NetworkSimulator, NodeId, PartitionType};
pub use runner::{ChaosConfig, ChaosRunner, SimulationMode};
pub use scenario::{ChaosScenario, ChaosStep, ScenarioBuilder};
