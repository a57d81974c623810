//! The register that shows every write no other one has seen.

use crate::{StateCrdt, VectorClock};

/// A register that loses no concurrent write: the reader sees all of them, and decides (Shapiro et al. 2011, "A comprehensive
/// study of CRDTs", specification 10).
///
/// The writer says what it knew, by the clock of its write: the clocks of the values that it has read, merged, and counted up
/// for its own actor. A write takes the place of those before it. Different writes have different clocks.
#[derive(Clone, Debug)]
pub struct MVReg<T: Clone> {
    /// The latest writes. None is before another, none is there twice.
    values: Vec<(T, VectorClock)>,
}

impl<T: Clone> MVReg<T> {
    /// A register that was never written.
    ///
    /// ```
    /// assert!(ex17::MVReg::<u32>::new().read().is_empty());
    /// ```
    pub fn new() -> Self {
        Self { values: Vec::new() }
    }

    /// Hears of a write. It takes the place of what it has seen, and is ignored if it comes late: if it, or a write that has
    /// seen it, was heard of before.
    ///
    /// ```
    /// use ex17::{MVReg, VectorClock};
    ///
    /// let (mut first, mut concurrent) = (VectorClock::new(), VectorClock::new());
    /// first.inc(1);
    /// concurrent.inc(2);
    /// let mut later = first.clone();
    /// later.inc(1);
    ///
    /// let mut title = MVReg::new();
    /// title.set("draft", first);
    /// title.set("essay", concurrent);
    /// title.set("novel", later);
    /// assert_eq!(title.read().len(), 2);
    /// ```
    pub fn set(&mut self, value: T, clock: VectorClock) {
        let is_late = |seen: &VectorClock| clock == *seen || clock.happens_before(seen);
        if self.values.iter().any(|(_, seen)| is_late(seen)) {
            return;
        }
        self.values.retain(|(_, seen)| !seen.happens_before(&clock));
        self.values.push((value, clock));
    }

    /// The values of the latest writes, in no order: several, if they are concurrent.
    ///
    /// ```
    /// use ex17::{MVReg, VectorClock};
    ///
    /// let mut clock = VectorClock::new();
    /// clock.inc(1);
    /// let mut title = MVReg::new();
    /// title.set("draft", clock);
    /// assert_eq!(title.read(), [&"draft"]);
    /// ```
    pub fn read(&self) -> Vec<&T> {
        self.values.iter().map(|(value, _)| value).collect()
    }
}

impl<T: Clone> Default for MVReg<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone> StateCrdt for MVReg<T> {
    /// Hears of each of the other's writes.
    fn merge(&mut self, other: &Self) {
        for (value, clock) in &other.values {
            self.set(value.clone(), clock.clone());
        }
    }
}
