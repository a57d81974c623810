//! Counters: every replica counts on its own, and the value is the sum.

use std::collections::HashMap;

use crate::{CRDT, ReplicaId};

/// A counter that only grows (Shapiro et al. 2011, "A comprehensive study of CRDTs", specification 6).
///
/// A replica increments under its own name only. Of two counts for one name the larger is then the later one, since
/// nobody else writes there: merging takes the maximum.
#[derive(Debug, Clone, Default)]
pub struct GCounter {
    /// How much each replica has added, as far as this one has heard. A replica without an entry has added nothing.
    counts: HashMap<ReplicaId, u64>,
}

impl GCounter {
    /// A counter at zero.
    ///
    /// ```
    /// assert_eq!(ex03::GCounter::new().value(), 0);
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one in the name of `replica`.
    ///
    /// ```
    /// let mut visits = ex03::GCounter::new();
    /// visits.increment(&"A".to_string());
    /// assert_eq!(visits.value(), 1);
    /// ```
    pub fn increment(&mut self, replica: &ReplicaId) {
        self.increment_by(replica, 1);
    }

    /// Adds `n` in the name of `replica`.
    ///
    /// ```
    /// let mut visits = ex03::GCounter::new();
    /// visits.increment_by(&"A".to_string(), 40);
    /// visits.increment_by(&"A".to_string(), 2);
    /// assert_eq!(visits.value(), 42);
    /// ```
    pub fn increment_by(&mut self, replica: &ReplicaId, n: u64) {
        match self.counts.get_mut(replica) {
            Some(count) => *count += n,
            None => {
                self.counts.insert(replica.clone(), n);
            }
        }
    }

    /// What all replicas have added together, as far as this one has heard.
    ///
    /// ```
    /// let mut visits = ex03::GCounter::new();
    /// visits.increment(&"A".to_string());
    /// visits.increment(&"B".to_string());
    /// assert_eq!(visits.value(), 2);
    /// ```
    pub fn value(&self) -> u64 {
        self.counts.values().sum()
    }

    /// What one replica has added.
    ///
    /// ```
    /// let mut visits = ex03::GCounter::new();
    /// visits.increment(&"A".to_string());
    /// assert_eq!(visits.replica_value(&"A".to_string()), 1);
    /// assert_eq!(visits.replica_value(&"B".to_string()), 0);
    /// ```
    pub fn replica_value(&self, replica: &ReplicaId) -> u64 {
        self.counts.get(replica).copied().unwrap_or(0)
    }
}

impl CRDT for GCounter {
    /// For each replica, the larger of the two counts.
    fn merge(&mut self, other: &Self) {
        for (replica, &theirs) in &other.counts {
            match self.counts.get_mut(replica) {
                Some(mine) => *mine = theirs.max(*mine),
                None => {
                    self.counts.insert(replica.clone(), theirs);
                }
            }
        }
    }
}

/// A counter that goes up and down: two that only grow, one for each direction (the same study, specification 7).
///
/// A single signed count per replica would not do: after +1 and −1 it is back where it was, and the maximum of two counts
/// is no longer the later one.
#[derive(Debug, Clone, Default)]
pub struct PNCounter {
    positive: GCounter,
    negative: GCounter,
}

impl PNCounter {
    /// A counter at zero.
    ///
    /// ```
    /// assert_eq!(ex03::PNCounter::new().value(), 0);
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one in the name of `replica`.
    ///
    /// ```
    /// let mut stock = ex03::PNCounter::new();
    /// stock.increment(&"A".to_string());
    /// assert_eq!(stock.value(), 1);
    /// ```
    pub fn increment(&mut self, replica: &ReplicaId) {
        self.positive.increment(replica);
    }

    /// Takes one away in the name of `replica`.
    ///
    /// ```
    /// let mut stock = ex03::PNCounter::new();
    /// stock.decrement(&"A".to_string());
    /// assert_eq!(stock.value(), -1);
    /// ```
    pub fn decrement(&mut self, replica: &ReplicaId) {
        self.negative.increment(replica);
    }

    /// Adds `n` in the name of `replica`.
    ///
    /// ```
    /// let mut stock = ex03::PNCounter::new();
    /// stock.increment_by(&"A".to_string(), 12);
    /// assert_eq!(stock.value(), 12);
    /// ```
    pub fn increment_by(&mut self, replica: &ReplicaId, n: u64) {
        self.positive.increment_by(replica, n);
    }

    /// Takes `n` away in the name of `replica`.
    ///
    /// ```
    /// let mut stock = ex03::PNCounter::new();
    /// stock.decrement_by(&"A".to_string(), 12);
    /// assert_eq!(stock.value(), -12);
    /// ```
    pub fn decrement_by(&mut self, replica: &ReplicaId, n: u64) {
        self.negative.increment_by(replica, n);
    }

    /// What was added less what was taken away; below zero if more was taken away.
    ///
    /// ```
    /// let mut stock = ex03::PNCounter::new();
    /// stock.increment_by(&"A".to_string(), 2);
    /// stock.decrement_by(&"B".to_string(), 5);
    /// assert_eq!(stock.value(), -3);
    /// ```
    pub fn value(&self) -> i64 {
        // In two's complement this is exact whenever the difference fits, also for totals that do not.
        self.positive.value().wrapping_sub(self.negative.value()).cast_signed()
    }
}

impl CRDT for PNCounter {
    /// Merges either direction.
    fn merge(&mut self, other: &Self) {
        self.positive.merge(&other.positive);
        self.negative.merge(&other.negative);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(replica: &str) -> ReplicaId {
        replica.to_owned()
    }

    #[test]
    fn common_history_is_counted_once() {
        let mut a = GCounter::new();
        a.increment_by(&name("A"), 3);
        let mut b = a.clone();
        b.increment(&name("B"));
        a.increment(&name("A"));
        a.merge(&b);
        b.merge(&a);
        assert_eq!((a.value(), b.value()), (5, 5));
    }

    #[test]
    fn an_old_state_takes_nothing_back() {
        let mut a = GCounter::new();
        a.increment(&name("A"));
        let old = a.clone();
        a.increment(&name("A"));
        a.merge(&old);
        assert_eq!(a.replica_value(&name("A")), 2);
    }

    #[test]
    fn up_and_down_cancel_out_only_in_the_value() {
        let mut a = PNCounter::new();
        let start = a.clone();
        a.increment(&name("A"));
        a.decrement(&name("A"));
        let mut b = start;
        b.merge(&a);
        a.decrement(&name("A"));
        b.merge(&a);
        assert_eq!(b.value(), -1);
    }

    #[test]
    fn large_totals_have_an_exact_difference() {
        let mut a = PNCounter::new();
        a.increment_by(&name("A"), u64::MAX - 1);
        a.decrement_by(&name("A"), u64::MAX);
        assert_eq!(a.value(), -1);
    }
}
