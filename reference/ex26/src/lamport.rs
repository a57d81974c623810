//! Lamport's clock: if one event can have caused another, its number is smaller.

/// A counter that never falls behind what it has heard of.
#[derive(Debug, Clone)]
pub struct LamportClock {
    pub(crate) counter: u64,
    node_id: u32,
}

/// The time of an event, and where it happened. Ordered by time, then by node: a total order that respects causality.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LamportTimestamp {
    /// The time.
    pub time: u64,
    /// The node: it breaks ties.
    pub node_id: u32,
}

impl LamportClock {
    /// A clock at 0.
    #[must_use]
    pub fn new(node_id: u32) -> Self {
        Self { counter: 0, node_id }
    }

    /// The time of the last event.
    #[must_use]
    pub fn time(&self) -> u64 {
        self.counter
    }

    /// Something happens here: its time.
    pub fn tick(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// A message is sent, with the time of its sending.
    pub fn send(&mut self) -> LamportTimestamp {
        LamportTimestamp {
            time: self.tick(),
            node_id: self.node_id,
        }
    }

    /// A message is received: later than its sending, and than all that happened here.
    pub fn receive(&mut self, received: &LamportTimestamp) {
        self.counter = self.counter.max(received.time) + 1;
    }

    /// What these numbers cannot tell.
    #[must_use]
    pub fn limitation_example() -> &'static str {
        "L(a) < L(b) does not imply a -> b: events that know nothing of each other have numbers too, and one is smaller"
    }
}
