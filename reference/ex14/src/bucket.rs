//! Contacts of one prefix length.

use crate::{NodeAddr, NodeId};

/// Up to `k` contacts, the one seen last at the end.
#[derive(Debug)]
pub struct KBucket {
    nodes: Vec<NodeAddr>,
    k: usize,
}

impl KBucket {
    /// An empty bucket for `k` contacts.
    ///
    /// ```
    /// assert!(!ex14::KBucket::new(20).is_full());
    /// ```
    pub fn new(k: usize) -> Self {
        Self { nodes: Vec::new(), k }
    }

    /// Notes that a node was seen, with these addresses. If the bucket is full, the one seen least recently gives way.
    ///
    /// ```
    /// use ex14::{KBucket, NodeAddr, NodeId};
    /// let mut bucket = KBucket::new(1);
    /// bucket.add(NodeAddr { id: NodeId([1; 32]), addresses: vec![] });
    /// assert!(bucket.is_full());
    /// ```
    pub fn add(&mut self, node: NodeAddr) {
        self.remove(&node.id);
        if self.is_full() && !self.nodes.is_empty() {
            self.nodes.remove(0);
        }
        if self.nodes.len() < self.k {
            self.nodes.push(node);
        }
    }

    /// The contacts.
    ///
    /// ```
    /// assert!(ex14::KBucket::new(20).nodes().is_empty());
    /// ```
    pub fn nodes(&self) -> &[NodeAddr] {
        &self.nodes
    }

    /// Whether there are `k` contacts.
    ///
    /// ```
    /// assert!(!ex14::KBucket::new(3).is_full());
    /// ```
    pub fn is_full(&self) -> bool {
        self.nodes.len() >= self.k
    }

    fn remove(&mut self, id: &NodeId) {
        self.nodes.retain(|known| known.id != *id);
    }
}
