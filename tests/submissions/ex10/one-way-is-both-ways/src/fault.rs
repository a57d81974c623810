//! What a scenario can break.

use crate::latency::LatencyConfig;
use crate::network::{NodeId, PartitionType};
use std::collections::BTreeSet;
use std::time::Duration;

/// A fault to inject.
#[derive(Debug, Clone)]
pub struct FaultSpec {
    /// The name by which it is removed.
    pub id: String,
    /// What breaks.
    pub fault_type: FaultType,
    /// Where.
    pub target: FaultTarget,
    /// For how long; until it is removed if `None`.
    pub duration: Option<Duration>,
    /// How likely the injection is, from 0 to 1.
    pub probability: f64,
}

/// The kind of a fault.
#[derive(Debug, Clone)]
pub enum FaultType {
    /// The first target node and the others are cut from each other.
    NetworkPartition(PartitionType),
    /// What the targets send takes longer.
    NetworkLatency(LatencyConfig),
    /// What the targets send is lost at this rate.
    NetworkDrop(f64),
    /// The failpoint of the fault's id returns an error.
    ProcessCrash,
    /// The same, for a process that answers nobody.
    ProcessPause,
    /// The same, for a disk without room.
    DiskFull,
    /// The failpoint of the fault's id sleeps.
    DiskSlow(Duration),
    /// The failpoint of the fault's id returns an error: so many bytes are missing.
    MemoryPressure(u64),
    /// The failpoint of the fault's id sleeps, the longer the less of the processor is left.
    CpuThrottle(f64),
    /// The clocks of the targets are off by so many milliseconds.
    ClockSkew(i64),
}

/// Where a fault strikes.
#[derive(Debug, Clone)]
pub enum FaultTarget {
    /// One node.
    Node(NodeId),
    /// These nodes.
    Nodes(Vec<NodeId>),
    /// So many of the nodes that the scenario names.
    Random {
        /// How many.
        count: usize,
    },
    /// All nodes.
    All,
}

impl FaultTarget {
    /// The nodes it names.
    pub(crate) fn named(&self) -> Vec<NodeId> {
        match self {
            Self::Node(node) => vec![node.clone()],
            Self::Nodes(nodes) => nodes.clone(),
            Self::Random { .. } | Self::All => Vec::new(),
        }
    }

    /// The nodes it means among those that are known.
    pub(crate) fn among(&self, known: &BTreeSet<NodeId>, rng: &mut rand::rngs::StdRng) -> Vec<NodeId> {
        match self {
            Self::Random { count } => {
                let all: Vec<NodeId> = known.iter().cloned().collect();
                let chosen = rand::seq::index::sample(rng, all.len(), (*count).min(all.len()));
                chosen.into_iter().map(|place| all[place].clone()).collect()
            }
            Self::All => known.iter().cloned().collect(),
            named => named.named(),
        }
    }
}
