//! The observed-remove set, without tombstones.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use crate::{CRDT, ReplicaId, Timestamp};

/// One insertion of a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tagged<T> {
    /// What was inserted.
    pub value: T,
    /// Which insertion it is: no other one has this tag. Its time counts the insertions of its replica, from 1.
    pub tag: Timestamp,
}

/// A set in which an insertion wins over removals that are concurrent with it.
///
/// Every insertion has a tag of its own. Removing a value removes the tags that the replica has *observed*; an insertion
/// elsewhere that it had not heard of has another tag, and stays (Shapiro et al. 2011, "A comprehensive study of CRDTs",
/// specification 15).
///
/// # Why no tombstones
/// The textbook set remembers removed tags for ever, so it grows with every insertion there ever was. This one need not
/// (Bieniusa et al. 2012, "An optimized conflict-free replicated set"). A replica numbers its insertions 1, 2, 3.., and
/// states travel whole, so what a state has heard of a replica is always its insertions up to some number: one number a
/// replica says it all. A tag that a state has heard of and no longer holds was removed there. That is what a tombstone
/// would say, without the tombstone.
///
/// It also lets an insertion replace the tags that its value had at this replica: whoever hears of the new tag has heard
/// of those. A value never holds more than one tag for each replica.
#[derive(Debug, Clone)]
pub struct ORSet<T: Clone + Eq + Hash> {
    /// The insertions that no removal has observed, by value. No value is without tags.
    elements: HashMap<T, Vec<Timestamp>>,
    /// How many insertions of each replica were heard of, removed ones included. Every tag in `elements` is among them.
    heard: HashMap<ReplicaId, u64>,
    /// In whose name this replica inserts.
    replica_id: ReplicaId,
}

impl<T: Clone + Eq + Hash> ORSet<T> {
    /// An empty set of this replica.
    ///
    /// ```
    /// assert!(ex03::ORSet::<u32>::new("A".to_string()).is_empty());
    /// ```
    pub fn new(replica_id: ReplicaId) -> Self {
        Self {
            elements: HashMap::new(),
            heard: HashMap::new(),
            replica_id,
        }
    }

    /// Inserts a value. That is news also if the set has it: a concurrent removal has not observed this insertion.
    ///
    /// ```
    /// let mut set = ex03::ORSet::new("A".to_string());
    /// set.insert("x");
    /// assert!(set.contains(&"x"));
    /// ```
    pub fn insert(&mut self, value: T) {
        let count = self.heard.entry(self.replica_id.clone()).or_insert(0);
        *count += 1;
        let tag = Timestamp {
            time: *count,
            replica: self.replica_id.clone(),
        };
        self.elements.insert(value, vec![tag]);
    }

    /// Removes all observed insertions of a value. Whether there were any.
    ///
    /// ```
    /// let mut set = ex03::ORSet::new("A".to_string());
    /// set.insert("x");
    /// assert!(set.remove(&"x"));
    /// assert!(!set.remove(&"x"));
    /// ```
    pub fn remove(&mut self, value: &T) -> bool {
        self.elements.remove(value).is_some()
    }

    /// Whether the set has a value.
    ///
    /// ```
    /// assert!(!ex03::ORSet::new("A".to_string()).contains(&"x"));
    /// ```
    pub fn contains(&self, value: &T) -> bool {
        self.elements.contains_key(value)
    }

    /// The values, each once.
    ///
    /// ```
    /// let mut set = ex03::ORSet::new("A".to_string());
    /// set.insert("x");
    /// set.insert("x");
    /// assert_eq!(set.values(), ["x"].into());
    /// ```
    pub fn values(&self) -> HashSet<T> {
        self.elements.keys().cloned().collect()
    }

    /// How many values the set has, each counted once.
    ///
    /// ```
    /// let mut set = ex03::ORSet::new("A".to_string());
    /// set.insert("x");
    /// set.insert("x");
    /// assert_eq!(set.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether the set has no value.
    ///
    /// ```
    /// let mut set = ex03::ORSet::new("A".to_string());
    /// set.insert("x");
    /// assert!(!set.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// Whether an insertion was heard of, be it removed since or not.
    fn has_heard_of(&self, tag: &Timestamp) -> bool {
        self.heard.get(&tag.replica).is_some_and(|count| tag.time <= *count)
    }

    /// Whether an insertion was heard of and is not removed.
    fn holds(&self, value: &T, tag: &Timestamp) -> bool {
        self.elements.get(value).is_some_and(|tags| tags.contains(tag))
    }

    /// The insertions of this set that `other` has not heard of.
    fn news_for(&self, other: &Self) -> Vec<Tagged<T>> {
        let insertions = self
            .elements
            .iter()
            .flat_map(|(value, tags)| tags.iter().map(move |tag| (value, tag)));
        insertions
            .filter(|(_, tag)| !other.has_heard_of(tag))
            .map(|(value, tag)| Tagged {
                value: value.clone(),
                tag: tag.clone(),
            })
            .collect()
    }
}

impl<T: Clone + Eq + Hash> CRDT for ORSet<T> {
    /// Drops what the other state has removed, takes in what it has inserted, and remembers having heard of all of it.
    fn merge(&mut self, other: &Self) {
        self.elements.retain(|value, tags| {
            tags.retain(|tag| !other.has_heard_of(tag) || other.holds(value, tag));
            !tags.is_empty()
        });
        for Tagged { value, tag } in other.news_for(self) {
            self.elements.entry(value).or_default().push(tag);
        }
        for (replica, &theirs) in &other.heard {
            match self.heard.get_mut(replica) {
                Some(mine) => *mine = theirs.max(*mine),
                None => {
                    self.heard.insert(replica.clone(), theirs);
                }
            }
        }
        debug_assert!(
            self.elements.values().flatten().all(|tag| self.has_heard_of(tag)),
            "a tag that is held was heard of"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(replica: &str) -> ORSet<&'static str> {
        ORSet::new(replica.to_owned())
    }

    #[test]
    fn a_removal_reaches_a_third_replica_by_way_of_a_second() {
        let (mut a, mut b, mut c) = (set("A"), set("B"), set("C"));
        a.insert("x");
        b.merge(&a);
        c.merge(&a);
        a.remove(&"x");
        b.merge(&a);
        b.merge(&c);
        assert!(!b.contains(&"x"), "an old state brings nothing back");
        c.merge(&b);
        assert!(!c.contains(&"x"));
    }

    #[test]
    fn a_removed_value_can_be_inserted_again() {
        let (mut a, mut b) = (set("A"), set("B"));
        a.insert("x");
        b.merge(&a);
        b.remove(&"x");
        b.insert("x");
        a.merge(&b);
        assert!(a.contains(&"x"));
    }

    #[test]
    fn removing_removes_the_insertions_of_all_replicas() {
        let (mut a, mut b) = (set("A"), set("B"));
        a.insert("x");
        b.insert("x");
        a.merge(&b);
        assert_eq!((a.len(), a.elements["x"].len()), (1, 2));
        a.remove(&"x");
        b.merge(&a);
        assert!(b.is_empty());
    }

    #[test]
    fn the_state_does_not_grow_with_removals() {
        let (mut a, mut b) = (set("A"), set("B"));
        for _ in 0..100 {
            a.insert("x");
            a.insert("x");
            b.merge(&a);
            b.remove(&"x");
            a.merge(&b);
        }
        assert!(a.elements.is_empty() && b.elements.is_empty());
        assert_eq!((a.heard.len(), b.heard.len()), (1, 1), "one number a replica");
        assert_eq!(a.heard["A"], 200);
    }
}
