//! Counters: every actor counts on its own, and the value is the sum.

use crate::{ActorId, OpCrdt, StateCrdt, VectorClock};

/// A counter that only grows (Shapiro et al. 2011, "A comprehensive study of CRDTs", specification 6).
///
/// It is a vector clock whose events are increments: of two counts for one actor the larger is the later one, since only this
/// actor's replica increments it.
#[derive(Clone, Debug, Default)]
pub struct GCounter {
    counts: VectorClock,
}

impl GCounter {
    /// A counter at zero.
    ///
    /// ```
    /// assert_eq!(ex17::GCounter::new().read(), 0);
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one for an actor.
    ///
    /// ```
    /// let mut visits = ex17::GCounter::new();
    /// visits.inc(1);
    /// assert_eq!(visits.read(), 1);
    /// ```
    pub fn inc(&mut self, actor: ActorId) {
        self.counts.inc(actor);
    }

    /// What all actors have counted together, as far as this replica has heard.
    ///
    /// ```
    /// let mut visits = ex17::GCounter::new();
    /// visits.inc(1);
    /// visits.inc(2);
    /// assert_eq!(visits.read(), 2);
    /// ```
    pub fn read(&self) -> u64 {
        self.counts.counts().sum()
    }
}

impl StateCrdt for GCounter {
    /// Keeps the larger count of each actor.
    fn merge(&mut self, other: &Self) {
        self.counts.merge(&other.counts);
    }
}

impl OpCrdt for GCounter {
    /// An actor, and how much it has counted in all. As the number of an increment, it says all earlier ones too.
    type Op = (ActorId, u64);

    /// Hears of the increments of an actor up to a number.
    ///
    /// ```
    /// use ex17::{GCounter, OpCrdt};
    ///
    /// let mut visits = GCounter::new();
    /// visits.apply((1, 2));
    /// visits.apply((1, 1));
    /// assert_eq!(visits.read(), 2);
    /// ```
    fn apply(&mut self, (actor, count): (ActorId, u64)) {
        self.counts.raise(actor, count);
    }
}

/// A counter that goes both ways: one that counts up, and one that counts down.
#[derive(Clone, Debug, Default)]
pub struct PNCounter {
    up: GCounter,
    down: GCounter,
}

impl PNCounter {
    /// A counter at zero.
    ///
    /// ```
    /// assert_eq!(ex17::PNCounter::new().read(), 0);
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one up for an actor.
    ///
    /// ```
    /// let mut stock = ex17::PNCounter::new();
    /// stock.inc(1);
    /// assert_eq!(stock.read(), 1);
    /// ```
    pub fn inc(&mut self, actor: ActorId) {
        self.up.inc(actor);
    }

    /// Counts one down for an actor.
    ///
    /// ```
    /// let mut stock = ex17::PNCounter::new();
    /// stock.dec(1);
    /// assert_eq!(stock.read(), -1);
    /// ```
    pub fn dec(&mut self, actor: ActorId) {
        self.down.inc(actor);
    }

    /// What was counted up less what was counted down, as far as this replica has heard.
    ///
    /// ```
    /// let mut stock = ex17::PNCounter::new();
    /// stock.inc(1);
    /// stock.dec(2);
    /// stock.dec(2);
    /// assert_eq!(stock.read(), -1);
    /// ```
    pub fn read(&self) -> i64 {
        self.up.read().wrapping_sub(self.down.read()).cast_signed()
    }
}

impl StateCrdt for PNCounter {
    /// Keeps the larger counts, both ways.
    fn merge(&mut self, other: &Self) {
        self.up.merge(&other.up);
        self.down.merge(&other.down);
    }
}
