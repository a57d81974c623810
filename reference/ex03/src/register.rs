//! The last-writer-wins register.

use crate::timestamp::wall_clock;
use crate::{CRDT, ReplicaId, Timestamp};

/// A value that anyone may overwrite; of concurrent writes the one with the largest timestamp stays (Shapiro et al. 2011,
/// "A comprehensive study of CRDTs", specification 8).
///
/// The other writes are lost. Where they must not be, keep all concurrent values and let the reader choose.
#[derive(Debug, Clone)]
pub struct LWWRegister<T: Clone> {
    /// What the winning write wrote: nothing, if it removed the value, or if there was no write.
    value: Option<T>,
    /// Of the winning write, by whomever. Its time is the largest that this register has heard of.
    timestamp: Timestamp,
    /// In whose name this replica writes; merging never changes it.
    replica: ReplicaId,
}

impl<T: Clone> LWWRegister<T> {
    /// A register of this replica that was never written.
    ///
    /// ```
    /// use ex03::LWWRegister;
    ///
    /// assert_eq!(LWWRegister::<u32>::new("A".to_string()).get(), None);
    /// ```
    pub fn new(replica: ReplicaId) -> Self {
        Self {
            value: None,
            timestamp: Timestamp::new(replica.clone()),
            replica,
        }
    }

    /// Writes a value, with a timestamp above all that this register has heard of.
    ///
    /// ```
    /// use ex03::LWWRegister;
    ///
    /// let mut register = LWWRegister::new("A".to_string());
    /// register.set("first");
    /// register.set("second");
    /// assert_eq!(register.get(), Some(&"second"));
    /// ```
    pub fn set(&mut self, value: T) {
        self.write(Some(value));
    }

    /// Takes the value away. That is a write like any other, and leaves its timestamp behind: without it, the next old
    /// state would bring the value back.
    pub(crate) fn clear(&mut self) {
        self.write(None);
    }

    fn write(&mut self, value: Option<T>) {
        self.timestamp = self.timestamp.followed_by(&self.replica, wall_clock());
        self.value = value;
    }

    /// The value of the winning write.
    ///
    /// ```
    /// use ex03::LWWRegister;
    ///
    /// let mut register = LWWRegister::new("A".to_string());
    /// register.set(42);
    /// assert_eq!(register.get(), Some(&42));
    /// ```
    pub fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// The timestamp of the winning write: time 0 if there was none.
    ///
    /// ```
    /// use ex03::LWWRegister;
    ///
    /// let mut register = LWWRegister::new("A".to_string());
    /// register.set(1);
    /// let first = register.timestamp().clone();
    /// register.set(2);
    /// assert!(first < *register.timestamp());
    /// ```
    pub fn timestamp(&self) -> &Timestamp {
        &self.timestamp
    }
}

impl<T: Clone> CRDT for LWWRegister<T> {
    /// The write with the larger timestamp wins. Equal timestamps are the same write; time 0, no write, loses to all.
    fn merge(&mut self, other: &Self) {
        if self.timestamp < other.timestamp {
            self.value.clone_from(&other.value);
            self.timestamp.clone_from(&other.timestamp);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn register(replica: &str) -> LWWRegister<u32> {
        LWWRegister::new(replica.to_owned())
    }

    #[test]
    fn quick_writes_stay_in_order() {
        let (mut a, mut b) = (register("A"), register("B"));
        for value in 0..1000 {
            a.set(value);
            b.merge(&a);
            assert_eq!(b.get(), Some(&value));
        }
    }

    #[test]
    fn a_write_after_a_merge_wins_and_is_signed_by_its_writer() {
        let (mut a, mut b) = (register("A"), register("B"));
        for value in 0..100 {
            b.set(value);
        }
        a.merge(&b);
        assert_eq!(a.timestamp().replica, "B");
        a.set(7);
        assert_eq!(a.timestamp().replica, "A");
        b.merge(&a);
        assert_eq!(b.get(), Some(&7));
    }

    #[test]
    fn ties_are_broken_the_same_way_on_both_sides() {
        let (mut a, mut b) = (register("A"), register("B"));
        (a.value, a.timestamp.time) = (Some(1), 9);
        (b.value, b.timestamp.time) = (Some(2), 9);
        let message = a.clone();
        a.merge(&b);
        b.merge(&message);
        assert_eq!((a.get(), b.get()), (Some(&2), Some(&2)));
    }

    #[test]
    fn a_register_that_was_never_written_wins_nothing() {
        let (mut a, b) = (register("A"), register("B"));
        a.set(1);
        a.merge(&b);
        assert_eq!(a.get(), Some(&1));
    }

    #[test]
    fn a_removal_beats_what_it_has_seen() {
        let (mut a, mut b) = (register("A"), register("B"));
        a.set(1);
        let old = a.clone();
        b.merge(&a);
        b.clear();
        a.merge(&b);
        a.merge(&old);
        assert_eq!(a.get(), None);
    }
}
