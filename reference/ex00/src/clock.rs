//! The vector clock: one counter per node, ordered component by component.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::iter;
use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use crate::ClockError;

/// The name of a node, unique in the distributed system. Any string is one.
pub type NodeId = String;

/// The causal past of a node: how many events of each node it has heard of, directly or by way of others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VectorClock {
    /// Sorted by node, so that two clocks can be walked in step. A node of which nothing was heard has no entry.
    counters: BTreeMap<NodeId, NonZeroU64>,
}

/// How two clocks, hence the events that they stamp, relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CausalOrder {
    /// The first happened before the second.
    Before,
    /// The second happened before the first.
    After,
    /// Neither happened before the other: each knows of an event that the other does not.
    Concurrent,
    /// The same past.
    Equal,
}

impl VectorClock {
    /// A clock that has heard of nothing.
    ///
    /// ```
    /// use ex00::VectorClock;
    ///
    /// assert!(VectorClock::new().known_nodes().is_empty());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Records an event of `node_id`: its counter grows by one.
    ///
    /// A counter at `u64::MAX` stays there. Ticks alone cannot reach it, but a forged message may carry it, and a
    /// message must not stop the node that reads it.
    ///
    /// ```
    /// use ex00::VectorClock;
    ///
    /// let mut clock = VectorClock::new();
    /// clock.tick(&"A".to_string());
    /// clock.tick(&"A".to_string());
    /// assert_eq!(clock.get(&"A".to_string()), 2);
    /// ```
    pub fn tick(&mut self, node_id: &NodeId) {
        match self.counters.get_mut(node_id) {
            Some(counter) => *counter = counter.saturating_add(1),
            None => {
                self.counters.insert(node_id.clone(), NonZeroU64::MIN);
            }
        }
    }

    /// Records that `local_node` received a message stamped `other`: each counter becomes the larger of the two, then
    /// `local_node` ticks, for the reception is an event of its own.
    ///
    /// ```
    /// use ex00::VectorClock;
    ///
    /// let (a, b) = ("A".to_string(), "B".to_string());
    /// let (mut sender, mut receiver) = (VectorClock::new(), VectorClock::new());
    /// sender.tick(&a);
    /// receiver.merge(&sender, &b);
    /// assert_eq!((receiver.get(&a), receiver.get(&b)), (1, 1));
    /// ```
    pub fn merge(&mut self, other: &VectorClock, local_node: &NodeId) {
        for (node, &theirs) in &other.counters {
            match self.counters.get_mut(node) {
                Some(mine) => *mine = theirs.max(*mine),
                None => {
                    self.counters.insert(node.clone(), theirs);
                }
            }
        }
        self.tick(local_node);
        debug_assert!(
            matches!(other.compare(self), CausalOrder::Before | CausalOrder::Equal),
            "all that the message knew is known now"
        );
    }

    /// How many events of `node_id` this clock has heard of; none of a node it does not know.
    ///
    /// ```
    /// use ex00::VectorClock;
    ///
    /// assert_eq!(VectorClock::new().get(&"A".to_string()), 0);
    /// ```
    pub fn get(&self, node_id: &NodeId) -> u64 {
        count(self.counters.get(node_id))
    }

    /// How this clock relates to `other`: over all nodes of either, a node that one of them does not know counting zero,
    /// it is `Before` if no counter is larger and one is smaller (Fidge 1988).
    ///
    /// Nothing is copied or allocated.
    ///
    /// ```
    /// use ex00::{CausalOrder, VectorClock};
    ///
    /// let earlier = VectorClock::new();
    /// let mut later = earlier.clone();
    /// later.tick(&"A".to_string());
    /// assert_eq!(earlier.compare(&later), CausalOrder::Before);
    /// assert_eq!(later.compare(&earlier), CausalOrder::After);
    /// ```
    pub fn compare(&self, other: &VectorClock) -> CausalOrder {
        let (mut behind, mut ahead) = (false, false);
        for (mine, theirs) in components(self, other) {
            behind |= mine < theirs;
            ahead |= mine > theirs;
            if behind && ahead {
                return CausalOrder::Concurrent;
            }
        }
        match (behind, ahead) {
            (true, _) => CausalOrder::Before,
            (false, true) => CausalOrder::After,
            (false, false) => CausalOrder::Equal,
        }
    }

    /// Whether this clock happened before `other`. Strict: a clock did not happen before itself.
    ///
    /// ```
    /// use ex00::VectorClock;
    ///
    /// let earlier = VectorClock::new();
    /// let mut later = earlier.clone();
    /// later.tick(&"A".to_string());
    /// assert!(earlier.happened_before(&later));
    /// assert!(!earlier.happened_before(&earlier));
    /// ```
    pub fn happened_before(&self, other: &VectorClock) -> bool {
        self.compare(other) == CausalOrder::Before
    }

    /// Whether each of the two clocks knows of an event that the other does not: a conflict, if both wrote.
    ///
    /// ```
    /// use ex00::VectorClock;
    ///
    /// let (mut left, mut right) = (VectorClock::new(), VectorClock::new());
    /// left.tick(&"A".to_string());
    /// right.tick(&"B".to_string());
    /// assert!(left.is_concurrent_with(&right));
    /// ```
    pub fn is_concurrent_with(&self, other: &VectorClock) -> bool {
        self.compare(other) == CausalOrder::Concurrent
    }

    /// The nodes of which at least one event is known, sorted, each once.
    ///
    /// ```
    /// use ex00::VectorClock;
    ///
    /// let mut clock = VectorClock::new();
    /// clock.tick(&"B".to_string());
    /// clock.tick(&"A".to_string());
    /// assert_eq!(clock.known_nodes(), ["A", "B"]);
    /// ```
    pub fn known_nodes(&self) -> Vec<NodeId> {
        self.counters.keys().cloned().collect()
    }

    /// The clock as bytes for the network: JSON, whose closing brace makes every shorter prefix invalid. Equal clocks
    /// have equal bytes.
    ///
    /// ```
    /// use ex00::VectorClock;
    ///
    /// let mut clock = VectorClock::new();
    /// clock.tick(&"A".to_string());
    /// assert_eq!(VectorClock::from_bytes(&clock.to_bytes())?, clock);
    /// # Ok::<(), ex00::ClockError>(())
    /// ```
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a map from strings to integers has a JSON form")
    }

    /// The clock that was written as `bytes`.
    ///
    /// # Errors
    /// [`ClockError::DeserializationError`] if the bytes are no clock. A counter of zero is refused too: no clock writes
    /// one.
    ///
    /// ```
    /// use ex00::{ClockError, VectorClock};
    ///
    /// assert!(matches!(VectorClock::from_bytes(b""), Err(ClockError::DeserializationError(_))));
    /// ```
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ClockError> {
        serde_json::from_slice(bytes).map_err(|error| ClockError::DeserializationError(error.to_string()))
    }
}

/// The causal order as the partial order it is: `<` is happened-before, and concurrent clocks do not compare.
impl PartialOrd for VectorClock {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match self.compare(other) {
            CausalOrder::Before => Some(Ordering::Less),
            CausalOrder::After => Some(Ordering::Greater),
            CausalOrder::Equal => Some(Ordering::Equal),
            CausalOrder::Concurrent => None,
        }
    }
}

/// A counter as a number; an absent one is zero.
fn count(counter: Option<&NonZeroU64>) -> u64 {
    counter.map_or(0, |counter| counter.get())
}

/// The two counters of each node that either clock knows. Both maps are sorted, so one walk sees every node once.
fn components(left: &VectorClock, right: &VectorClock) -> impl Iterator<Item = (u64, u64)> {
    let mut left = left.counters.iter().peekable();
    let mut right = right.counters.iter().peekable();
    iter::from_fn(move || {
        let nearest = match (left.peek(), right.peek()) {
            (Some((mine, _)), Some((theirs, _))) => mine.cmp(theirs),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return None,
        };
        let mine = if nearest.is_le() { left.next() } else { None };
        let theirs = if nearest.is_ge() { right.next() } else { None };
        Some((
            count(mine.map(|(_, counter)| counter)),
            count(theirs.map(|(_, counter)| counter)),
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The clock with these counters, by ticks alone.
    fn clock(counters: &[(&str, u64)]) -> VectorClock {
        let mut clock = VectorClock::new();
        for (node, count) in counters {
            for _ in 0..*count {
                clock.tick(&(*node).to_owned());
            }
        }
        clock
    }

    #[test]
    fn components_visit_each_node_once() {
        let left = clock(&[("A", 1), ("B", 2), ("D", 4)]);
        let right = clock(&[("B", 3), ("C", 5)]);
        let seen: Vec<_> = components(&left, &right).collect();
        assert_eq!(seen, [(1, 0), (2, 3), (0, 5), (4, 0)]);
    }

    #[test]
    fn a_node_known_to_one_side_only_decides() {
        let small = clock(&[("A", 1)]);
        let large = clock(&[("A", 1), ("B", 1)]);
        assert_eq!(small.compare(&large), CausalOrder::Before);
        assert_eq!(large.compare(&small), CausalOrder::After);
        assert_eq!(VectorClock::new().compare(&VectorClock::new()), CausalOrder::Equal);
    }

    #[test]
    fn larger_counters_on_both_sides_are_concurrent() {
        let left = clock(&[("A", 2), ("B", 1)]);
        let right = clock(&[("A", 1), ("B", 2)]);
        assert_eq!(left.compare(&right), CausalOrder::Concurrent);
        assert_eq!(left.partial_cmp(&right), None);
    }

    #[test]
    fn merging_takes_the_maximum_then_ticks() {
        let mut receiver = clock(&[("A", 3), ("B", 1)]);
        receiver.merge(&clock(&[("A", 1), ("B", 4), ("C", 2)]), &"B".to_owned());
        assert_eq!(receiver, clock(&[("A", 3), ("B", 5), ("C", 2)]));
    }

    #[test]
    fn merging_nothing_still_is_an_event() {
        let mut receiver = VectorClock::new();
        receiver.merge(&VectorClock::new(), &"A".to_owned());
        assert_eq!(receiver, clock(&[("A", 1)]));
    }

    #[test]
    fn every_shorter_prefix_is_refused() {
        let bytes = clock(&[("A", 1), ("nœud \"B\"", 300)]).to_bytes();
        for keep in 0..bytes.len() {
            assert!(
                VectorClock::from_bytes(&bytes[..keep]).is_err(),
                "the first {keep} bytes"
            );
        }
    }

    #[test]
    fn a_stored_zero_is_refused() {
        let error = VectorClock::from_bytes(br#"{"counters":{"A":0}}"#).unwrap_err();
        assert!(matches!(error, ClockError::DeserializationError(_)));
    }

    #[test]
    fn a_forged_counter_stops_nobody() {
        let forged = VectorClock::from_bytes(format!(r#"{{"counters":{{"A":{}}}}}"#, u64::MAX).as_bytes()).unwrap();
        let mut clock = VectorClock::new();
        clock.merge(&forged, &"A".to_owned());
        assert_eq!(clock.get(&"A".to_owned()), u64::MAX);
    }

    #[test]
    fn clocks_cross_threads() {
        fn crosses<T: Send + Sync>() {}
        crosses::<VectorClock>();
    }
}
