//! Clocks as whole numbers: nanoseconds since the epoch, vectors as sorted lists.

use std::cmp::Ordering;
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

/// An exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NTPSample {
    /// Sent.
    pub t1: SystemTime,
    /// Arrived.
    pub t2: SystemTime,
    /// Answered.
    pub t3: SystemTime,
    /// Heard.
    pub t4: SystemTime,
}

impl NTPSample {
    /// Half the sum, rounded down.
    pub fn offset(&self) -> i128 {
        let [t1, t2, t3, t4] = [self.t1, self.t2, self.t3, self.t4].map(nanos);
        (t2 - t1 + t3 - t4).div_euclid(2)
    }

    /// On the way.
    pub fn delay(&self) -> Duration {
        let [t1, t2, t3, t4] = [self.t1, self.t2, self.t3, self.t4].map(nanos);
        duration(t4 - t1 - (t3 - t2))
    }
}

/// What can go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NTPError {
    /// Nobody.
    NoServers,
}

/// A client that keeps all samples.
pub struct NTPClient {
    servers: Vec<String>,
    samples: Vec<NTPSample>,
}

impl NTPClient {
    /// Without samples.
    pub fn new(servers: Vec<String>) -> Self {
        Self {
            servers,
            samples: Vec::new(),
        }
    }

    /// One more sample.
    pub async fn sync(&mut self) -> Result<Duration, NTPError> {
        let Some(_server) = self.servers.first() else {
            return Err(NTPError::NoServers);
        };
        let now = SystemTime::now();
        self.apply(&NTPSample {
            t1: now,
            t2: now,
            t3: now,
            t4: now,
        });
        Ok(duration(self.offset()))
    }

    /// Keeps it.
    pub fn apply(&mut self, sample: &NTPSample) {
        self.samples.push(*sample);
    }

    /// Of the last one.
    pub fn offset(&self) -> i128 {
        self.samples.last().map_or(0, NTPSample::offset)
    }

    /// Now.
    pub fn synchronized_time(&self) -> SystemTime {
        self.synchronized_at(SystemTime::now())
    }

    /// Then.
    pub fn synchronized_at(&self, local: SystemTime) -> SystemTime {
        let time = nanos(local) + self.offset();
        if time < 0 {
            SystemTime::UNIX_EPOCH - duration(time)
        } else {
            SystemTime::UNIX_EPOCH + duration(time)
        }
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

impl Ord for LamportTimestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        self.time.cmp(&other.time).then(self.node_id.cmp(&other.node_id))
    }
}

impl PartialOrd for LamportTimestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
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

    fn is_within(&self, other: &VectorClock) -> bool {
        self.counts.iter().all(|(node, time)| *time <= other.get(*node))
    }

    /// By inclusion both ways.
    pub fn compare(&self, other: &VectorClock) -> VectorComparison {
        match (self.is_within(other), other.is_within(self)) {
            (true, true) => VectorComparison::Equal,
            (true, false) => VectorComparison::HappenedBefore,
            (false, true) => VectorComparison::HappenedAfter,
            (false, false) => VectorComparison::Concurrent,
        }
    }
}

/// How two events are related.
#[derive(Debug, Clone, PartialEq)]
pub enum VectorComparison {
    /// Before.
    HappenedBefore,
    /// After.
    HappenedAfter,
    /// Neither.
    Concurrent,
    /// Same.
    Equal,
}
