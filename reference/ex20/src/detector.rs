//! Finding out that a node has stopped, by its silence.

use std::time::{Duration, Instant};

/// Takes a node for dead when it was silent for too long.
///
/// In an asynchronous network silence proves nothing: a detector of this kind is only *eventually* right (Chandra and
/// Toueg, *Unreliable Failure Detectors for Reliable Distributed Systems*, 1996). Patience trades the time until a dead
/// node is noticed for the number of living ones that are buried.
#[derive(Debug)]
pub struct FailureDetector {
    /// A node that was heard of less than this ago is alive.
    pub timeout: Duration,
    /// How often a living node says so.
    pub heartbeat_interval: Duration,
    /// How many heartbeats have to be missing.
    pub suspicion_threshold: u32,
}

impl FailureDetector {
    /// A detector that misses three heartbeats in `timeout_ms`.
    pub fn new(timeout_ms: u64) -> Self {
        Self {
            timeout: Duration::from_millis(timeout_ms),
            heartbeat_interval: Duration::from_millis(timeout_ms) / 3,
            suspicion_threshold: 3,
        }
    }

    /// Whether a node whose last heartbeat came then is taken for alive. All nodes have the same limit.
    pub async fn is_node_alive(&self, _node_id: &str, last_heartbeat: Instant) -> bool {
        last_heartbeat.elapsed() < self.patience()
    }

    /// The silence that is too long.
    fn patience(&self) -> Duration {
        let missed = self.heartbeat_interval.saturating_mul(self.suspicion_threshold);
        self.timeout.max(missed)
    }
}
