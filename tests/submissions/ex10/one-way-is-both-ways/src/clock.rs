//! A clock that can be advanced, scaled, and seen differently by each node.

use crate::network::NodeId;
use crate::sync::lock;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Simulated time: `time_scale` simulated seconds pass in a real one, and `advance` adds more.
#[derive(Debug)]
pub struct ClockSimulator {
    real_start: Instant,
    advanced: Mutex<Duration>,
    skews: Mutex<HashMap<NodeId, i64>>,
    time_scale: f64,
}

impl ClockSimulator {
    /// A clock at zero. With a scale of 0 time passes only by `advance` and `sleep`.
    pub fn new(time_scale: f64) -> Self {
        Self {
            real_start: Instant::now(),
            advanced: Mutex::default(),
            skews: Mutex::default(),
            // Also makes 0 of what is no number.
            time_scale: time_scale.max(0.0),
        }
    }

    /// The simulated time.
    pub async fn now(&self) -> Duration {
        self.reading()
    }

    /// The time as a node sees it, never before zero.
    pub async fn now_for_node(&self, node: &NodeId) -> Duration {
        let skew = lock(&self.skews).get(node).copied().unwrap_or(0);
        let distance = Duration::from_millis(skew.unsigned_abs());
        if skew < 0 {
            self.reading().saturating_sub(distance)
        } else {
            self.reading().saturating_add(distance)
        }
    }

    /// Moves the time forward.
    pub async fn advance(&self, duration: Duration) {
        self.forward(duration);
    }

    /// Sets how far a node's clock is ahead, or behind if negative.
    pub async fn set_clock_skew(&self, node: &NodeId, skew_ms: i64) {
        lock(&self.skews).insert(node.clone(), skew_ms);
    }

    /// Sleeps in simulated time: the clock moves, the caller does not wait.
    pub async fn sleep(&self, duration: Duration) {
        self.forward(duration);
        tokio::task::yield_now().await;
    }

    pub(crate) fn reading(&self) -> Duration {
        let advanced = *lock(&self.advanced);
        let real = Duration::try_from_secs_f64(self.real_start.elapsed().as_secs_f64() * self.time_scale);
        advanced.saturating_add(real.unwrap_or(Duration::MAX))
    }

    pub(crate) fn forward(&self, duration: Duration) {
        let mut advanced = lock(&self.advanced);
        *advanced = advanced.saturating_add(duration);
    }
}
