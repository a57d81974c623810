//! Timestamps: a total order on writes that no two writes share.

use std::time::{SystemTime, UNIX_EPOCH};

/// The name of a replica. It belongs to one replica only, and for ever.
pub type ReplicaId = String;

/// When a write happened, and where. Ordered by time, then by replica, so that writes of different replicas never tie.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// The time: 0 before the first write. What it counts is for its user to say.
    pub time: u64,
    /// The replica that wrote.
    pub replica: ReplicaId,
}

impl Timestamp {
    /// The timestamp of a replica that has not written yet: before every write.
    ///
    /// ```
    /// use ex03::Timestamp;
    ///
    /// assert_eq!(Timestamp::new("A".to_string()).replica, "A");
    /// ```
    pub fn new(replica: ReplicaId) -> Self {
        Self { time: 0, replica }
    }

    /// Moves the time on by one.
    ///
    /// ```
    /// use ex03::Timestamp;
    ///
    /// let before = Timestamp::new("A".to_string());
    /// let mut after = before.clone();
    /// after.increment();
    /// assert!(before < after);
    /// ```
    pub fn increment(&mut self) {
        self.time += 1;
    }

    /// The timestamp of a write of `replica` that has heard of this one, at `now` by the clock on the wall: not before
    /// `now`, and in any case after this one. A clock that stands still, or is behind, cannot make a write lose against
    /// what its writer had seen (the idea of hybrid clocks: Kulkarni et al. 2014, "Logical Physical Clocks", section 3).
    pub(crate) fn followed_by(&self, replica: &ReplicaId, now: u64) -> Self {
        let mut next = Self {
            time: self.time,
            replica: replica.clone(),
        };
        next.increment();
        next.time = next.time.max(now);
        debug_assert!(*self < next, "a write comes after what it has heard of");
        next
    }
}

/// The time on the wall, in milliseconds since 1970; a clock set to before that tells nothing.
///
/// The contract gives writes no time, so it is read here, in this one place. Nothing depends on it for convergence: it
/// only makes the *last* writer the likely winner.
pub(crate) fn wall_clock() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(time: u64, replica: &str) -> Timestamp {
        Timestamp {
            time,
            replica: replica.to_owned(),
        }
    }

    #[test]
    fn time_decides_before_the_replica() {
        assert!(stamp(1, "B") < stamp(2, "A"));
        assert!(stamp(1, "A") < stamp(1, "B"));
        assert_eq!(stamp(1, "A"), stamp(1, "A"));
    }

    #[test]
    fn a_write_follows_the_clock_when_it_is_ahead() {
        assert_eq!(stamp(5, "A").followed_by(&"B".to_owned(), 1000), stamp(1000, "B"));
    }

    #[test]
    fn a_write_follows_what_it_has_heard_when_the_clock_is_behind() {
        assert_eq!(stamp(1000, "B").followed_by(&"A".to_owned(), 5), stamp(1001, "A"));
        assert_eq!(stamp(1000, "B").followed_by(&"A".to_owned(), 1000), stamp(1001, "A"));
    }

    #[test]
    fn the_clock_on_the_wall_is_past_the_year_2020() {
        assert!(wall_clock() > 1_577_836_800_000);
    }
}
