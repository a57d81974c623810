//! Replicas as a log of writes and, for each node, the entries it has seen.

#![allow(non_camel_case_types)]

use std::collections::{BTreeMap, HashMap, HashSet};

/// The properties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CapProperty {
    /// C
    Consistency,
    /// A
    Availability,
    /// P
    PartitionTolerance,
}

/// What a system keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CapClassification {
    /// C and P
    CP,
    /// A and P
    AP,
    /// C and A
    CA,
}

impl CapClassification {
    /// The two properties.
    pub fn properties(self) -> [CapProperty; 2] {
        use CapProperty::*;
        match self {
            Self::CP => [PartitionTolerance, Consistency],
            Self::AP => [PartitionTolerance, Availability],
            Self::CA => [Availability, Consistency],
        }
    }
}

/// PACELC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PacelcBehavior {
    /// C, C
    PC_EC,
    /// A, L
    PA_EL,
    /// C, L
    PC_EL,
    /// A, C
    PA_EC,
}

/// Levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConsistencyLevel {
    /// weakest
    Eventual,
    /// one client
    Session,
    /// causes
    Causal,
    /// one order
    Sequential,
    /// strongest
    Linearizable,
}

/// Quorums.
#[derive(Debug, Clone)]
pub struct QuorumConfig {
    /// nodes
    pub n: u32,
    /// writers
    pub w: u32,
    /// readers
    pub r: u32,
}

impl QuorumConfig {
    /// Whether they meet.
    pub fn is_strongly_consistent(&self) -> bool {
        match self.w.checked_add(self.r) {
            Some(sum) => sum > self.n,
            None => true,
        }
    }

    /// Write to all, read from one.
    pub fn strong(n: u32) -> Self {
        Self { n, w: n, r: 1 }
    }

    /// One.
    pub fn available(n: u32) -> Self {
        Self { n, w: 1, r: 1 }
    }
}

/// Refusals.
#[derive(Debug, thiserror::Error)]
pub enum CapError {
    /// Too few.
    #[error("Quorum not met: needed {needed}, got {got}")]
    QuorumNotMet {
        /// needed
        needed: u32,
        /// reached
        got: u32,
    },
    /// Split.
    #[error("Partition detected")]
    PartitionUnavailable,
}

/// A write.
#[derive(Debug, Clone)]
pub struct WriteResult {
    /// version
    pub version: u64,
    /// replicas
    pub acks: u32,
}

/// A read.
#[derive(Debug, Clone)]
pub struct ReadResult {
    /// value
    pub value: Option<Vec<u8>>,
    /// version
    pub version: u64,
}

/// A comparison.
#[derive(Debug, Clone)]
pub struct ConsistencyCheck {
    /// all the same
    pub consistent: bool,
    /// by node
    pub versions: HashMap<String, u64>,
}

/// The simulator.
pub struct CapSimulator {
    log: Vec<(String, Vec<u8>)>,
    // For each node and key, the last entry of the log (from 1) that it knows.
    seen: Vec<BTreeMap<String, usize>>,
    sides: Vec<bool>,
    client: usize,
    classification: CapClassification,
    quorum: QuorumConfig,
}

impl CapSimulator {
    /// A new one.
    pub fn new(num_nodes: u32, classification: CapClassification) -> Self {
        let n = num_nodes as usize;
        let quorum = match classification {
            CapClassification::AP => QuorumConfig::available(num_nodes),
            _ => QuorumConfig::strong(num_nodes),
        };
        Self { log: Vec::new(), seen: vec![BTreeMap::new(); n], sides: vec![false; n], client: 0, classification, quorum }
    }

    /// Other quorums.
    pub fn with_quorum(self, config: QuorumConfig) -> Self {
        Self { quorum: config, ..self }
    }

    /// Splits.
    pub async fn create_partition(&mut self, nodes: Vec<String>) {
        let listed: HashSet<usize> = nodes.iter().filter_map(|name| index(name)).collect();
        self.sides = (0..self.seen.len()).map(|node| listed.contains(&node)).collect();
        self.client = nodes.first().and_then(|name| index(name)).unwrap_or(self.client);
    }

    /// Moves the client.
    pub fn connect(&mut self, node: &str) {
        self.client = index(node).unwrap_or(self.client);
    }

    /// Heals.
    pub async fn heal_partition(&mut self) {
        self.sides.fill(false);
        let mut latest = BTreeMap::new();
        for (at, (key, _)) in self.log.iter().enumerate() {
            latest.insert(key.clone(), at + 1);
        }
        self.seen.fill(latest);
    }

    fn near(&self) -> Vec<usize> {
        (0..self.seen.len()).filter(|&node| self.sides[node] == self.sides[self.client]).collect()
    }

    fn admit(&self, needed: u32) -> Result<Vec<usize>, CapError> {
        let near = self.near();
        let got = near.len() as u32;
        if self.classification == CapClassification::CP && got < needed {
            return Err(CapError::QuorumNotMet { needed, got });
        }
        if self.classification == CapClassification::CA && near.len() < self.seen.len() {
            return Err(CapError::PartitionUnavailable);
        }
        Ok(near)
    }

    /// Writes.
    pub async fn write(&mut self, key: &str, value: Vec<u8>) -> Result<WriteResult, CapError> {
        let near = self.admit(self.quorum.w)?;
        self.log.push((key.to_string(), value));
        for node in &near {
            self.seen[*node].insert(key.to_string(), self.log.len());
        }
        Ok(WriteResult { version: self.log.len() as u64 * 10, acks: near.len() as u32 })
    }

    /// Reads.
    pub async fn read(&mut self, key: &str, level: ConsistencyLevel) -> Result<ReadResult, CapError> {
        let strong = matches!(level, ConsistencyLevel::Sequential | ConsistencyLevel::Linearizable);
        let near = self.admit(if strong { self.quorum.r } else { 0 })?;
        let entry = near.iter().filter_map(|node| self.seen[*node].get(key)).max();
        Ok(ReadResult {
            value: entry.map(|at| self.log[at - 1].1.clone()),
            version: entry.map_or(0, |at| *at as u64 * 10),
        })
    }

    /// Compares.
    pub async fn check_consistency(&self, key: &str) -> ConsistencyCheck {
        let mut versions = HashMap::new();
        for (node, seen) in self.seen.iter().enumerate() {
            versions.insert(format!("node-{}", node + 1), seen.get(key).map_or(0, |at| *at as u64 * 10));
        }
        let distinct: HashSet<&u64> = versions.values().collect();
        ConsistencyCheck { consistent: distinct.len() < 2, versions }
    }
}

fn index(name: &str) -> Option<usize> {
    name.strip_prefix("node-")?.parse::<usize>().ok()?.checked_sub(1)
}

/// Guarantees.
#[derive(Debug)]
pub struct SessionGuarantees {
    /// own writes
    pub read_your_writes: bool,
    /// reads
    pub monotonic_reads: bool,
    /// writes
    pub monotonic_writes: bool,
}

/// A session.
pub struct ClientSession {
    guarantees: SessionGuarantees,
    // The least version of each key that may be read.
    floor: HashMap<String, u64>,
    written: HashMap<String, u64>,
}

impl ClientSession {
    /// A new one.
    pub fn new(guarantees: SessionGuarantees) -> Self {
        Self { guarantees, floor: HashMap::new(), written: HashMap::new() }
    }

    fn raise(&mut self, key: &str, version: u64) {
        let floor = self.floor.entry(key.to_string()).or_insert(0);
        *floor = version.max(*floor);
    }

    /// Writes.
    pub async fn write(&mut self, sim: &mut CapSimulator, key: &str, value: Vec<u8>) -> Result<WriteResult, CapError> {
        if self.guarantees.monotonic_writes {
            for (key, version) in &self.written {
                let here = sim.read(key, ConsistencyLevel::Eventual).await?;
                if here.version > *version {
                    return Err(CapError::PartitionUnavailable);
                }
            }
        }
        let done = sim.write(key, value).await?;
        self.written.insert(key.to_string(), done.version);
        if self.guarantees.read_your_writes {
            self.raise(key, done.version);
        }
        Ok(done)
    }

    /// Reads.
    pub async fn read(&mut self, sim: &mut CapSimulator, key: &str, level: ConsistencyLevel) -> Result<ReadResult, CapError> {
        let found = sim.read(key, level).await?;
        if self.guarantees.monotonic_reads {
            self.raise(key, found.version);
        }
        Ok(found)
    }
}
