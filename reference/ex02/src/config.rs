//! What a node knows of its cluster, and what follows from it: peers, majority and timeouts.

use std::time::Duration;

use crate::{NodeId, Term};

/// The configuration of one node. It does not change.
#[derive(Debug, Clone)]
pub struct RaftConfig {
    /// This node.
    pub node_id: NodeId,
    /// All nodes of the cluster, this one included.
    pub cluster: Vec<NodeId>,
    /// The shortest election timeout, in milliseconds.
    pub election_timeout_min: u64,
    /// The longest election timeout, in milliseconds.
    pub election_timeout_max: u64,
    /// The time between heartbeats, in milliseconds.
    pub heartbeat_interval: u64,
}

impl RaftConfig {
    /// The other nodes.
    pub(crate) fn peers(&self) -> impl Iterator<Item = NodeId> {
        self.cluster.iter().copied().filter(|node| *node != self.node_id)
    }

    /// The least number of nodes of which two groups always share one.
    pub(crate) fn majority(&self) -> usize {
        self.cluster.len() / 2 + 1
    }

    /// The election timeout of this node in a term, both bounds included.
    ///
    /// Timeouts are random so that votes rarely split (section 5.2), and they follow from node and term, so that equal
    /// histories give equal outputs. A new term is a new draw, which is when a draw matters.
    pub(crate) fn election_timeout(&self, term: Term) -> Duration {
        let width = self.election_timeout_max.saturating_sub(self.election_timeout_min);
        let draw = scramble(scramble(self.node_id) ^ term);
        let offset = match width.checked_add(1) {
            Some(values) => draw % values,
            None => draw,
        };
        Duration::from_millis(self.election_timeout_min + offset)
    }

    /// The time until the next heartbeat.
    pub(crate) fn heartbeat(&self) -> Duration {
        Duration::from_millis(self.heartbeat_interval)
    }
}

/// One step of SplitMix64 (Steele, Lea and Flood 2014): close inputs give unrelated outputs.
fn scramble(seed: u64) -> u64 {
    let mut bits = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn config(nodes: u64, min: u64, max: u64) -> RaftConfig {
        RaftConfig {
            node_id: 1,
            cluster: (1..=nodes).collect(),
            election_timeout_min: min,
            election_timeout_max: max,
            heartbeat_interval: 50,
        }
    }

    #[test]
    fn two_majorities_share_a_node() {
        for nodes in 1..10 {
            let majority = config(nodes, 1, 1).majority();
            assert!(2 * majority > nodes as usize);
            assert!(2 * (majority - 1) <= nodes as usize);
        }
    }

    #[test]
    fn timeouts_fill_their_range() {
        let config = config(3, 10, 14);
        let drawn: BTreeSet<_> = (0..200).map(|term| config.election_timeout(term).as_millis()).collect();
        assert_eq!(drawn, BTreeSet::from([10, 11, 12, 13, 14]));
    }

    #[test]
    fn a_range_may_be_a_single_value_or_everything() {
        assert_eq!(config(3, 7, 7).election_timeout(1), Duration::from_millis(7));
        config(3, 0, u64::MAX).election_timeout(1);
    }
}
