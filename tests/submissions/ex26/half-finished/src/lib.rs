//! Physical and Lamport clocks; no order of timestamps, vector clocks that cannot be compared.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

/// Nanoseconds since the epoch.
fn nanos(time: SystemTime) -> i128 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => after.as_nanos() as i128,
        Err(before) => -(before.duration().as_nanos() as i128),
    }
}

fn duration(nanos: i128) -> Duration {
    let nanos = nanos.unsigned_abs();
    Duration::new((nanos / 1_000_000_000) as u64, (nanos % 1_000_000_000) as u32)
}

/// A machine's clock.
pub struct PhysicalClock {
    /// Billionths of a millionth.
    rate: i128,
}

impl Default for PhysicalClock {
    fn default() -> Self {
        Self::new()
    }
}

impl PhysicalClock {
    /// Without drift.
    pub fn new() -> Self {
        Self { rate: 0 }
    }

    /// Now.
    pub fn wall_time(&self) -> SystemTime {
        SystemTime::now()
    }

    /// The distance.
    pub fn calculate_skew(&self, remote_time: SystemTime) -> Duration {
        duration(Self::signed_skew(self.wall_time(), remote_time))
    }

    /// The difference.
    pub fn signed_skew(local: SystemTime, remote: SystemTime) -> i128 {
        nanos(remote) - nanos(local)
    }

    /// The distance that it drifts.
    pub fn estimate_drift(&self, elapsed: Duration) -> Duration {
        duration(self.signed_drift(elapsed))
    }

    /// The difference that it drifts.
    pub fn signed_drift(&self, elapsed: Duration) -> i128 {
        elapsed.as_nanos() as i128 * self.rate / 1_000_000_000_000_000
    }

    /// Its rate.
    pub fn set_drift_rate(&mut self, ppm: f64) {
        self.rate = (ppm * 1e9).round() as i128;
    }
}

/// A clock that has no time before its first event.
pub struct LamportClock {
    last: Option<u64>,
    node_id: u32,
}

impl LamportClock {
    /// Nothing has happened.
    pub fn new(node_id: u32) -> Self {
        Self { last: None, node_id }
    }

    /// The last time, or 0.
    pub fn time(&self) -> u64 {
        self.last.unwrap_or_default()
    }

    /// Counts.
    pub fn tick(&mut self) -> u64 {
        *self.last.insert(self.last.map_or(1, |last| last + 1))
    }

    /// Counts and tells.
    pub fn send(&mut self) -> LamportTimestamp {
        let time = self.tick();
        LamportTimestamp {
            time,
            node_id: self.node_id,
        }
    }

    /// Hears and counts.
    pub fn receive(&mut self, received: &LamportTimestamp) {
        self.last = Some(self.time().max(received.time) + 1);
    }

    /// Its limit.
    pub fn limitation_example() -> &'static str {
        "a smaller number does not imply a cause"
    }
}

/// A time and a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LamportTimestamp {
    /// When.
    pub time: u64,
    /// Where.
    pub node_id: u32,
}

/// A sorted list of nodes and counts.
#[derive(Clone)]
pub struct VectorClock {
    counts: Vec<(u32, u64)>,
    node_id: u32,
}

impl VectorClock {
    /// Knows nothing, not even itself.
    pub fn new(node_id: u32) -> Self {
        Self {
            counts: Vec::new(),
            node_id,
        }
    }

    /// The count of a node.
    pub fn get(&self, node: u32) -> u64 {
        self.counts
            .binary_search_by_key(&node, |count| count.0)
            .map_or(0, |at| self.counts[at].1)
    }

    fn raise(&mut self, node: u32, time: u64) {
        match self.counts.binary_search_by_key(&node, |count| count.0) {
            Ok(at) => self.counts[at].1 = self.counts[at].1.max(time),
            Err(at) => self.counts.insert(at, (node, time)),
        }
    }

    /// Counts.
    pub fn tick(&mut self) {
        self.raise(self.node_id, self.get(self.node_id) + 1);
    }

    /// Counts and tells all.
    pub fn send(&mut self) -> HashMap<u32, u64> {
        self.tick();
        self.counts.iter().copied().collect()
    }

    /// Hears and counts.
    pub fn receive(&mut self, received: &HashMap<u32, u64>) {
        received.iter().for_each(|(node, time)| self.raise(*node, *time));
        self.tick();
    }
}
