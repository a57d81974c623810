//! What goes wrong in a distributed system, in small: a network that fails, nodes that die, and what one does about it.
//!
//! # The idea
//!
//! A distributed system is a collection of independent computers that appears to its users as one. It fails in parts:
//! some nodes stop while others go on, messages are lost or late, and nobody sees the whole. L. Peter Deutsch and James
//! Gosling listed eight beliefs that lead to programs which work on one desk only, the *fallacies of distributed
//! computing* (1994 and 1997). Here the network is simulated, so that a program can meet what those beliefs deny.
//!
//! # The contract
//!
//! - A message is lost, cut off or late by draws of its own; if it arrives, it is unchanged.
//! - Whoever waits for an answer sets a limit: [`NetworkSimulator::send_with_timeout`].
//! - A node is alive until it was silent for the timeout *and* for as many heartbeats as the threshold says.
//! - A retry calls at most `retry_count` times and at least once, waits longer each time, and never after the last call.
//! - A failure concerns the nodes that it names; messages between the others go on.
//!
//! # Invariants
//!
//! - No random generator lives across an `.await`: every future here can be moved between threads.
//! - No arithmetic overflows, whatever numbers are given.
//!
//! # Cost
//!
//! A message costs three draws and a timer; a message between two nodes also looks at each node of the system.
//!
//! # Common mistakes
//!
//! - Keeping `thread_rng()` in a variable over the `.await`: the future is no longer `Send`, so no task can send.
//! - Waiting after the last failure: the caller learns late what was known before.
//! - `2_u64.pow(attempt)`: overflows at the 64th attempt, and is years long before that.
//! - Declaring a node dead because one heartbeat is late.
//!
//! # Example
//!
//! ```
//! use ex20::{NetworkSimulator, PartialFailureHandler};
//! use std::sync::Arc;
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
//! # runtime.block_on(async {
//! let network = Arc::new(NetworkSimulator::unreliable());
//! let handler = PartialFailureHandler { retry_count: 40, ..PartialFailureHandler::new() };
//! let answer = handler
//!     .with_retry(|| {
//!         let network = Arc::clone(&network);
//!         Box::pin(async move { network.send_message("hello").await })
//!     })
//!     .await;
//! assert_eq!(answer.unwrap(), "hello");
//! # });
//! ```

mod detector;
mod failure;
mod fallacies;
mod network;
mod retry;
mod system;

pub use detector::FailureDetector;
pub use failure::{ByzantineBehavior, FailureMode};
pub use fallacies::{DistributedChallenge, Fallacies, distribution_reasons};
pub use network::{NetworkError, NetworkSimulator};
pub use retry::PartialFailureHandler;
pub use system::{DistributedSystem, Node, NodeState};
