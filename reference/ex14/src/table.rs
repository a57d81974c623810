//! The contacts of a node.

use crate::id::BITS;
use crate::{KBucket, NodeAddr, NodeId};

/// One bucket for each length of the prefix that a contact shares with the local node.
pub struct RoutingTable {
    local_id: NodeId,
    buckets: Vec<KBucket>,
}

impl RoutingTable {
    /// An empty table with buckets of `k`.
    ///
    /// ```
    /// use ex14::{NodeId, RoutingTable};
    /// assert!(RoutingTable::new(NodeId([0; 32]), 20).all_nodes().is_empty());
    /// ```
    pub fn new(local_id: NodeId, k: usize) -> Self {
        let buckets = (0..BITS).map(|_| KBucket::new(k)).collect();
        Self { local_id, buckets }
    }

    /// The number of the bucket of an identifier: its common prefix with the local one.
    ///
    /// ```
    /// use ex14::{NodeId, RoutingTable};
    /// let table = RoutingTable::new(NodeId([0; 32]), 20);
    /// assert!(table.bucket_index(&NodeId([1; 32])) < 256);
    /// ```
    pub fn bucket_index(&self, id: &NodeId) -> usize {
        self.local_id.common_prefix_length(id).min(BITS - 1)
    }

    /// Notes that a node was seen. The local node is no contact.
    ///
    /// ```
    /// use ex14::{NodeAddr, NodeId, RoutingTable};
    /// let mut table = RoutingTable::new(NodeId([0; 32]), 20);
    /// table.add(NodeAddr { id: NodeId([0; 32]), addresses: vec![] });
    /// assert!(table.all_nodes().is_empty());
    /// ```
    pub fn add(&mut self, node: NodeAddr) {
        if node.id != self.local_id {
            let index = self.bucket_index(&node.id);
            self.buckets[index].add(node);
        }
    }

    /// The `count` contacts closest to `target`, closest first; all of them if there are fewer.
    ///
    /// ```
    /// use ex14::{NodeId, RoutingTable};
    /// let table = RoutingTable::new(NodeId([0; 32]), 20);
    /// assert!(table.closest(&NodeId([1; 32]), 3).is_empty());
    /// ```
    pub fn closest(&self, target: &NodeId, count: usize) -> Vec<NodeAddr> {
        let mut known: Vec<&NodeAddr> = self.contacts().collect();
        known.sort_unstable_by_key(|node| node.id.xor_distance(target).0);
        known.into_iter().take(count).cloned().collect()
    }

    /// All contacts.
    ///
    /// ```
    /// use ex14::{NodeId, RoutingTable};
    /// assert!(RoutingTable::new(NodeId([0; 32]), 20).all_nodes().is_empty());
    /// ```
    pub fn all_nodes(&self) -> Vec<NodeAddr> {
        self.contacts().cloned().collect()
    }

    /// How many contacts there are.
    pub(crate) fn len(&self) -> usize {
        self.contacts().count()
    }

    fn contacts(&self) -> impl Iterator<Item = &NodeAddr> {
        self.buckets.iter().flat_map(KBucket::nodes)
    }
}
