//! Replicas of a key-value store, a client that talks to one of them, and a network that may be split in two.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{CapClassification, CapError, ConsistencyLevel, QuorumConfig};

/// What an acknowledged write tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteResult {
    /// Its version, above those of all earlier writes.
    pub version: u64,
    /// The replicas that have stored it.
    pub acks: u32,
}

/// What a read tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadResult {
    /// The value, if there is one.
    pub value: Option<Vec<u8>>,
    /// Its version, 0 if there is none.
    pub version: u64,
}

/// What the replicas hold of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsistencyCheck {
    /// Whether all hold the same version.
    pub consistent: bool,
    /// The version of each replica, 0 where there is none.
    pub versions: HashMap<String, u64>,
}

/// The versions of a replica: the value of a key with the version that wrote it.
type SimulatedNode = HashMap<String, (u64, Vec<u8>)>;

/// A simulated system. Its nodes are `node-1` to `node-n`.
#[derive(Debug)]
pub struct CapSimulator {
    nodes: BTreeMap<String, SimulatedNode>,
    classification: CapClassification,
    quorum: QuorumConfig,
    /// One side of the partition, if there is one.
    split: Option<BTreeSet<String>>,
    /// Where the client is.
    client: String,
    /// The version of the latest write.
    clock: u64,
}

impl CapSimulator {
    /// A system without partition, its client at `node-1`.
    pub fn new(num_nodes: u32, classification: CapClassification) -> Self {
        let quorum = match classification {
            CapClassification::CP | CapClassification::CA => QuorumConfig::strong(num_nodes),
            CapClassification::AP => QuorumConfig::available(num_nodes),
        };
        Self {
            nodes: (1..=num_nodes)
                .map(|number| (format!("node-{number}"), SimulatedNode::new()))
                .collect(),
            classification,
            quorum,
            split: None,
            client: "node-1".to_owned(),
            clock: 0,
        }
    }

    /// The same with other quorums.
    #[must_use]
    pub fn with_quorum(mut self, config: QuorumConfig) -> Self {
        self.quorum = config;
        self
    }

    /// Separates these nodes from the others, in place of any earlier partition. The client is with the first of them.
    pub async fn create_partition(&mut self, nodes: Vec<String>) {
        if let Some(first) = nodes.first() {
            self.client.clone_from(first);
        }
        self.split = Some(nodes.into_iter().collect());
    }

    /// Moves the client to a node. The network stays as it is.
    pub fn connect(&mut self, node: &str) {
        node.clone_into(&mut self.client);
    }

    /// Ends the partition: all replicas take the latest version of each key.
    pub async fn heal_partition(&mut self) {
        self.split = None;
        let mut latest = SimulatedNode::new();
        for (key, (version, value)) in self.nodes.values().flatten() {
            if latest.get(key).is_none_or(|(known, _)| known < version) {
                latest.insert(key.clone(), (*version, value.clone()));
            }
        }
        for node in self.nodes.values_mut() {
            node.clone_from(&latest);
        }
    }

    /// Writes to all nodes on the client's side.
    ///
    /// # Errors
    ///
    /// [`CapError::QuorumNotMet`] if a CP system has too few of them, [`CapError::PartitionUnavailable`] if a CA system is
    /// split. Nothing is then changed.
    pub async fn write(&mut self, key: &str, value: Vec<u8>) -> Result<WriteResult, CapError> {
        self.admit(self.quorum.w)?;
        self.clock += 1;
        let side = self.side();
        for name in &side {
            if let Some(node) = self.nodes.get_mut(name) {
                node.insert(key.to_owned(), (self.clock, value.clone()));
            }
        }
        Ok(WriteResult {
            version: self.clock,
            acks: count(&side),
        })
    }

    /// The latest version on the client's side.
    ///
    /// # Errors
    ///
    /// Like [`Self::write`], for the read quorum; in a CP system only from [`ConsistencyLevel::Sequential`] on.
    pub async fn read(&mut self, key: &str, level: ConsistencyLevel) -> Result<ReadResult, CapError> {
        let needed = if level >= ConsistencyLevel::Sequential {
            self.quorum.r
        } else {
            1
        };
        self.admit(needed)?;
        let side = self.side();
        let found = side.iter().filter_map(|name| self.nodes.get(name)?.get(key));
        Ok(match found.max_by_key(|(version, _)| *version) {
            Some((version, value)) => ReadResult {
                value: Some(value.clone()),
                version: *version,
            },
            None => ReadResult {
                value: None,
                version: 0,
            },
        })
    }

    /// Looks at all replicas, on both sides.
    pub async fn check_consistency(&self, key: &str) -> ConsistencyCheck {
        let version = |node: &SimulatedNode| node.get(key).map_or(0, |(version, _)| *version);
        let versions: HashMap<String, u64> = self
            .nodes
            .iter()
            .map(|(name, node)| (name.clone(), version(node)))
            .collect();
        let distinct: BTreeSet<u64> = versions.values().copied().collect();
        ConsistencyCheck {
            consistent: distinct.len() <= 1,
            versions,
        }
    }

    /// The nodes that the client can reach.
    fn side(&self) -> Vec<String> {
        let is_near = |name: &&String| match &self.split {
            Some(split) => split.contains(*name) == split.contains(&self.client),
            None => true,
        };
        self.nodes.keys().filter(is_near).cloned().collect()
    }

    /// Whether the system answers an operation that needs so many nodes.
    fn admit(&self, needed: u32) -> Result<(), CapError> {
        let got = count(&self.side());
        match self.classification {
            CapClassification::CP if got < needed => Err(CapError::QuorumNotMet { needed, got }),
            CapClassification::CA if (got as usize) < self.nodes.len() => Err(CapError::PartitionUnavailable),
            CapClassification::CP | CapClassification::AP | CapClassification::CA => Ok(()),
        }
    }
}

/// How many they are. There are never more than the `u32` that the simulator was made of.
fn count(side: &[String]) -> u32 {
    u32::try_from(side.len()).unwrap_or(u32::MAX)
}
