//! Clocks as the course sketches them: distances without a sign, an offset that is half a round trip.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant, SystemTime};

/// A machine's clock.
pub struct PhysicalClock {
    rate: f64,
}

impl Default for PhysicalClock {
    fn default() -> Self {
        Self::new()
    }
}

impl PhysicalClock {
    /// Without drift.
    pub fn new() -> Self {
        Self { rate: 0.0 }
    }

    /// Now.
    pub fn wall_time(&self) -> SystemTime {
        SystemTime::now()
    }

    /// The distance.
    pub fn calculate_skew(&self, remote_time: SystemTime) -> Duration {
        Self::distance(SystemTime::now(), remote_time)
    }

    fn distance(a: SystemTime, b: SystemTime) -> Duration {
        match a.duration_since(b) {
            Ok(distance) => distance,
            Err(error) => error.duration(),
        }
    }

    /// The distance again.
    pub fn signed_skew(local: SystemTime, remote: SystemTime) -> i128 {
        Self::distance(local, remote).as_nanos() as i128
    }

    /// How far it drifts.
    pub fn estimate_drift(&self, elapsed: Duration) -> Duration {
        Duration::from_secs_f64((elapsed.as_secs_f64() * (self.rate / 1_000_000.0)).abs())
    }

    /// The same.
    pub fn signed_drift(&self, elapsed: Duration) -> i128 {
        self.estimate_drift(elapsed).as_nanos() as i128
    }

    /// Its rate.
    pub fn set_drift_rate(&mut self, ppm: f64) {
        self.rate = ppm;
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
    /// Half a round trip.
    pub fn offset(&self) -> i128 {
        self.delay().as_nanos() as i128 / 2
    }

    /// A round trip.
    pub fn delay(&self) -> Duration {
        self.t4.duration_since(self.t1).unwrap_or_default()
    }
}

/// What can go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NTPError {
    /// Nobody.
    NoServers,
}

/// A client.
pub struct NTPClient {
    servers: Vec<String>,
    offset: Duration,
}

impl NTPClient {
    /// Not synchronized.
    pub fn new(servers: Vec<String>) -> Self {
        Self {
            servers,
            offset: Duration::ZERO,
        }
    }

    /// Half of how long asking took.
    pub async fn sync(&mut self) -> Result<Duration, NTPError> {
        let sent = Instant::now();
        let _asked = self.servers.len();
        self.offset = sent.elapsed() / 2;
        Ok(self.offset)
    }

    /// Takes a sample over.
    pub fn apply(&mut self, sample: &NTPSample) {
        self.offset = sample.delay() / 2;
    }

    /// The offset.
    pub fn offset(&self) -> i128 {
        self.offset.as_nanos() as i128
    }

    /// Now.
    pub fn synchronized_time(&self) -> SystemTime {
        SystemTime::now() + self.offset
    }

    /// Then.
    pub fn synchronized_at(&self, local: SystemTime) -> SystemTime {
        local + self.offset
    }
}

/// Lamport's clock.
pub struct LamportClock {
    counter: u64,
    node_id: u32,
}

impl LamportClock {
    /// At 0.
    pub fn new(node_id: u32) -> Self {
        Self { counter: 0, node_id }
    }

    /// The counter.
    pub fn time(&self) -> u64 {
        self.counter
    }

    /// An event.
    pub fn tick(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// A sending.
    pub fn send(&mut self) -> LamportTimestamp {
        self.counter += 1;
        LamportTimestamp {
            time: self.counter,
            node_id: self.node_id,
        }
    }

    /// A reception.
    pub fn receive(&mut self, received: &LamportTimestamp) {
        self.counter = std::cmp::max(self.counter, received.time) + 1;
    }

    /// Its limit.
    pub fn limitation_example() -> &'static str {
        "that a is smaller than b does not imply that a happened before b"
    }
}

/// A time and a place.
#[derive(Debug, Clone, Copy)]
pub struct LamportTimestamp {
    /// When.
    pub time: u64,
    /// Where.
    pub node_id: u32,
}

/// A vector clock.
#[derive(Clone)]
pub struct VectorClock {
    clock: HashMap<u32, u64>,
    node_id: u32,
}

impl VectorClock {
    /// Knows itself.
    pub fn new(node_id: u32) -> Self {
        Self {
            clock: HashMap::from([(node_id, 0)]),
            node_id,
        }
    }

    /// An entry.
    pub fn get(&self, node: u32) -> u64 {
        *self.clock.get(&node).unwrap_or(&0)
    }

    /// An event.
    pub fn tick(&mut self) {
        *self.clock.entry(self.node_id).or_insert(0) += 1;
    }

    /// A sending.
    pub fn send(&mut self) -> HashMap<u32, u64> {
        self.tick();
        self.clock.clone()
    }

    /// A reception.
    pub fn receive(&mut self, received: &HashMap<u32, u64>) {
        for (node, time) in received {
            let entry = self.clock.entry(*node).or_insert(0);
            *entry = std::cmp::max(*entry, *time);
        }
        self.tick();
    }

    /// Entry by entry.
    pub fn compare(&self, other: &VectorClock) -> VectorComparison {
        let nodes: HashSet<u32> = self.clock.keys().chain(other.clock.keys()).copied().collect();
        let less = nodes.iter().any(|node| self.get(*node) < other.get(*node));
        let more = nodes.iter().any(|node| self.get(*node) > other.get(*node));
        if less && more {
            VectorComparison::Concurrent
        } else if less {
            VectorComparison::HappenedBefore
        } else if more {
            VectorComparison::HappenedAfter
        } else {
            VectorComparison::Equal
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
