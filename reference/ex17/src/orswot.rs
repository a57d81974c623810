//! The set that removes what it has observed, and needs no tombstones to remember it.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use crate::{ActorId, StateCrdt, VectorClock};

/// An observed-remove set without tombstones (Bieniusa et al. 2012, "An optimized conflict-free replicated set").
///
/// Adding is an event: the *dot* `(actor, number)` names it. Removing an element removes the dots that this replica has
/// observed; an addition elsewhere that it had not heard of has another dot, and stays. So of a concurrent addition and
/// removal the addition wins.
///
/// # Why no tombstones
/// The clock says which dots this replica has heard of, removed ones included: those of an actor are 1, 2, 3.. up to some
/// number, since states travel whole. A dot that a state has heard of and does not hold was therefore removed there. That is
/// what a tombstone would say, and the size of the set does not depend on how much was ever removed.
///
/// An addition also takes the place of the dots that its element had at this replica: whoever hears of the new dot has heard
/// of those.
#[derive(Clone, Debug)]
pub struct Orswot<T: Clone + Eq + Hash> {
    /// The dots of each element that no removal has observed: one number an actor suffices. No element is without dots.
    entries: HashMap<T, BTreeMap<ActorId, u64>>,
    /// All dots that were heard of. Those in `entries` are among them.
    clock: VectorClock,
}

impl<T: Clone + Eq + Hash> Orswot<T> {
    /// An empty set.
    ///
    /// ```
    /// assert_eq!(ex17::Orswot::<u32>::new().iter().count(), 0);
    /// ```
    pub fn new() -> Self {
        Self {
            entries: HashMap::new(),
            clock: VectorClock::new(),
        }
    }

    /// Adds an element. That is an event also if the element is there: a concurrent removal has not observed it.
    ///
    /// ```
    /// let mut set = ex17::Orswot::new();
    /// set.add("x", 1);
    /// assert!(set.contains(&"x"));
    /// ```
    pub fn add(&mut self, elem: T, actor: ActorId) {
        self.clock.inc(actor);
        let dots = BTreeMap::from([(actor, self.clock.get(&actor))]);
        self.entries.insert(elem, dots);
    }

    /// Removes an element: all additions of it that this replica has heard of. One that is not there stays away.
    ///
    /// ```
    /// let mut set = ex17::Orswot::new();
    /// set.add("x", 1);
    /// set.remove(&"x");
    /// assert!(!set.contains(&"x"));
    /// ```
    pub fn remove(&mut self, elem: &T) {
        self.entries.remove(elem);
    }

    /// Whether an element is there.
    ///
    /// ```
    /// assert!(!ex17::Orswot::new().contains(&"x"));
    /// ```
    pub fn contains(&self, elem: &T) -> bool {
        self.entries.contains_key(elem)
    }

    /// The elements, each once, in no order.
    ///
    /// ```
    /// let mut set = ex17::Orswot::new();
    /// set.add("x", 1);
    /// set.add("x", 2);
    /// assert_eq!(set.iter().collect::<Vec<_>>(), [&"x"]);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.keys()
    }

    /// Whether an addition was heard of, be it removed since or not.
    fn has_heard_of(&self, actor: &ActorId, number: u64) -> bool {
        number <= self.clock.get(actor)
    }

    /// Whether an addition was heard of and is not removed.
    fn holds(&self, elem: &T, actor: &ActorId, number: u64) -> bool {
        self.entries.get(elem).and_then(|dots| dots.get(actor)) == Some(&number)
    }
}

impl<T: Clone + Eq + Hash> Default for Orswot<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone + Eq + Hash> StateCrdt for Orswot<T> {
    /// Drops what the other state has removed, takes in what it has added, and remembers having heard of all of it.
    fn merge(&mut self, other: &Self) {
        self.entries.retain(|elem, dots| {
            dots.retain(|actor, number| !other.has_heard_of(actor, *number) || other.holds(elem, actor, *number));
            !dots.is_empty()
        });
        for (elem, dots) in &other.entries {
            for (actor, number) in dots {
                if !self.has_heard_of(actor, *number) {
                    self.entries.entry(elem.clone()).or_default().insert(*actor, *number);
                }
            }
        }
        self.clock.merge(&other.clock);
        debug_assert!(
            self.entries
                .values()
                .flatten()
                .all(|(actor, number)| self.has_heard_of(actor, *number)),
            "an addition that is held was heard of"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removal_reaches_a_third_replica_by_way_of_a_second() {
        let mut a = Orswot::new();
        a.add("x", 1);
        let (mut b, mut c) = (a.clone(), a.clone());
        a.remove(&"x");
        b.merge(&a);
        b.merge(&c);
        assert!(!b.contains(&"x"), "an old state brings nothing back");
        c.merge(&b);
        assert!(!c.contains(&"x"));
    }

    #[test]
    fn an_addition_wins_over_a_concurrent_removal() {
        let mut a = Orswot::new();
        a.add("x", 1);
        let mut b = a.clone();
        a.remove(&"x");
        b.add("x", 2);
        let old = a.clone();
        a.merge(&b);
        b.merge(&old);
        assert!(a.contains(&"x") && b.contains(&"x"));
    }

    #[test]
    fn additions_of_two_actors_are_removed_together() {
        let (mut a, mut b) = (Orswot::new(), Orswot::new());
        a.add("x", 1);
        b.add("x", 2);
        a.merge(&b);
        assert_eq!(a.entries["x"].len(), 2);
        a.remove(&"x");
        b.merge(&a);
        assert!(!b.contains(&"x"));
    }

    #[test]
    fn the_state_does_not_grow_with_removals() {
        let (mut a, mut b) = (Orswot::new(), Orswot::new());
        for number in 0..100 {
            a.add(number, 1);
            b.merge(&a);
            b.remove(&number);
            a.merge(&b);
        }
        assert!(a.entries.is_empty() && b.entries.is_empty());
        assert_eq!(a.clock.counts().collect::<Vec<_>>(), [100], "one number an actor");
    }
}
