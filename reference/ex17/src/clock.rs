//! The vector clock: what tells *before* from *concurrent*.

use std::collections::BTreeMap;

/// Who writes. An actor has one writer at a time, and its events are numbered 1, 2, 3...
pub type ActorId = u64;

/// How many events of each actor are in somebody's past (Mattern 1989, "Virtual Time and Global States of Distributed
/// Systems").
///
/// An actor without an entry has had no event. No entry is 0, so clocks with the same counts are the same map, and the derived
/// equality is right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VectorClock(BTreeMap<ActorId, u64>);

impl VectorClock {
    /// The clock of somebody who has heard of nothing.
    ///
    /// ```
    /// assert_eq!(ex17::VectorClock::new().get(&1), 0);
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one more event of an actor.
    ///
    /// ```
    /// let mut clock = ex17::VectorClock::new();
    /// clock.inc(1);
    /// clock.inc(1);
    /// assert_eq!(clock.get(&1), 2);
    /// ```
    pub fn inc(&mut self, actor: ActorId) {
        *self.0.entry(actor).or_insert(0) += 1;
    }

    /// The number of events of an actor.
    ///
    /// ```
    /// let mut clock = ex17::VectorClock::new();
    /// clock.inc(1);
    /// assert_eq!((clock.get(&1), clock.get(&2)), (1, 0));
    /// ```
    pub fn get(&self, actor: &ActorId) -> u64 {
        self.0.get(actor).copied().unwrap_or(0)
    }

    /// Hears of everything that `other` has heard of: the larger count for each actor.
    ///
    /// ```
    /// use ex17::VectorClock;
    ///
    /// let (mut left, mut right) = (VectorClock::new(), VectorClock::new());
    /// left.inc(1);
    /// right.inc(2);
    /// left.merge(&right);
    /// assert_eq!((left.get(&1), left.get(&2)), (1, 1));
    /// ```
    pub fn merge(&mut self, other: &Self) {
        for (actor, theirs) in &other.0 {
            self.raise(*actor, *theirs);
        }
    }

    /// Whether this clock is smaller: nothing of it is missing in `other`, which has heard of something more.
    ///
    /// ```
    /// use ex17::VectorClock;
    ///
    /// let earlier = VectorClock::new();
    /// let mut later = earlier.clone();
    /// later.inc(1);
    /// assert!(earlier.happens_before(&later));
    /// assert!(!later.happens_before(&earlier) && !later.happens_before(&later));
    /// ```
    pub fn happens_before(&self, other: &Self) -> bool {
        self != other && self.0.iter().all(|(actor, count)| *count <= other.get(actor))
    }

    /// Hears of the first `count` events of an actor.
    pub(crate) fn raise(&mut self, actor: ActorId, count: u64) {
        if count > 0 {
            let mine = self.0.entry(actor).or_insert(0);
            *mine = count.max(*mine);
        }
    }

    /// All counts.
    pub(crate) fn counts(&self) -> impl Iterator<Item = u64> {
        self.0.values().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(counts: &[(ActorId, u64)]) -> VectorClock {
        let mut clock = VectorClock::new();
        for (actor, count) in counts {
            clock.raise(*actor, *count);
        }
        clock
    }

    #[test]
    fn an_entry_of_the_other_clock_alone_counts() {
        assert!(clock(&[]).happens_before(&clock(&[(1, 1)])));
        assert!(clock(&[(1, 1)]).happens_before(&clock(&[(1, 1), (2, 1)])));
    }

    #[test]
    fn concurrent_clocks_are_not_ordered() {
        let (left, right) = (clock(&[(1, 2), (2, 1)]), clock(&[(1, 1), (2, 2)]));
        assert!(!left.happens_before(&right) && !right.happens_before(&left));
    }

    #[test]
    fn a_missing_entry_is_a_zero() {
        assert_eq!(clock(&[(1, 0)]), clock(&[]));
        assert!(!clock(&[]).happens_before(&clock(&[(1, 0)])));
    }
}
