//! Vector clocks: one event can have caused another if and only if its vector is smaller.

use std::collections::HashMap;

/// How much a node knows of each node: the number of its events. A node that is not there counts as 0.
#[derive(Debug, Clone)]
pub struct VectorClock {
    pub(crate) clock: HashMap<u32, u64>,
    node_id: u32,
}

/// How two events are related.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VectorComparison {
    /// The first can have caused the second.
    HappenedBefore,
    /// The second can have caused the first.
    HappenedAfter,
    /// Neither can have caused the other.
    Concurrent,
    /// They are the same.
    Equal,
}

impl VectorClock {
    /// A clock of a node where nothing has happened.
    #[must_use]
    pub fn new(node_id: u32) -> Self {
        Self {
            clock: HashMap::from([(node_id, 0)]),
            node_id,
        }
    }

    /// How many events of a node are known.
    #[must_use]
    pub fn get(&self, node: u32) -> u64 {
        self.clock.get(&node).copied().unwrap_or(0)
    }

    /// Something happens here.
    pub fn tick(&mut self) {
        *self.clock.entry(self.node_id).or_default() += 1;
    }

    /// A message is sent, with all that is known.
    pub fn send(&mut self) -> HashMap<u32, u64> {
        self.tick();
        self.clock.clone()
    }

    /// A message is received: what its sender knew is known, and that it was received.
    pub fn receive(&mut self, received: &HashMap<u32, u64>) {
        for (node, time) in received {
            let known = self.clock.entry(*node).or_default();
            *known = (*known).max(*time);
        }
        self.tick();
    }

    /// How this event and another are related.
    #[must_use]
    pub fn compare(&self, other: &Self) -> VectorComparison {
        let nodes = || self.clock.keys().chain(other.clock.keys());
        let less = nodes().any(|node| self.get(*node) < other.get(*node));
        let greater = nodes().any(|node| self.get(*node) > other.get(*node));
        match (less, greater) {
            (false, false) => VectorComparison::Equal,
            (true, false) => VectorComparison::HappenedBefore,
            (false, true) => VectorComparison::HappenedAfter,
            (true, true) => VectorComparison::Concurrent,
        }
    }
}
