//! The two ways to replicate.

/// A state that can take in the state of another replica.
///
/// `merge` is a least upper bound: commutative, associative and idempotent. Hence states may be delivered in any order, late,
/// and more than once.
///
/// ```
/// use ex17::{GCounter, StateCrdt};
///
/// fn join<C: StateCrdt>(states: &[C]) -> Option<C> {
///     let (first, others) = states.split_first()?;
///     let mut joined = first.clone();
///     others.iter().for_each(|state| joined.merge(state));
///     Some(joined)
/// }
///
/// let (mut one, mut two) = (GCounter::new(), GCounter::new());
/// one.inc(1);
/// two.inc(2);
/// assert_eq!(join(&[one, two]).unwrap().read(), 2);
/// ```
pub trait StateCrdt: Clone {
    /// Takes in everything that `other` has heard of.
    fn merge(&mut self, other: &Self);
}

/// A state that can be told of single operations.
///
/// `apply` commutes, and here an operation that was applied before changes nothing, so operations may be delivered in any
/// order and more than once. None may be lost: nothing makes up for it.
///
/// ```
/// use ex17::{GSet, OpCrdt};
///
/// let mut set = GSet::new();
/// set.apply("x");
/// assert!(set.contains(&"x"));
/// ```
pub trait OpCrdt {
    /// What happened at a replica, as it is told to others.
    type Op;

    /// Takes in an operation.
    fn apply(&mut self, op: Self::Op);
}
