//! What all replicated types have in common.

/// A state that can take in the state of another replica.
///
/// `merge` is a least upper bound: commutative, associative and idempotent. Hence states may be delivered in any order,
/// late, and more than once; a lost one is made up for by any later one.
///
/// ```
/// use ex03::{CRDT, GCounter};
///
/// fn join_all<C: CRDT>(replicas: &mut [C]) {
///     for from in 0..replicas.len() {
///         let message = replicas[from].clone();
///         replicas.iter_mut().for_each(|replica| replica.merge(&message));
///     }
/// }
///
/// let mut replicas = [GCounter::new(), GCounter::new()];
/// replicas[1].increment(&"B".to_string());
/// join_all(&mut replicas);
/// assert_eq!(replicas[0].value(), 1);
/// ```
pub trait CRDT: Clone {
    /// Takes in everything that `other` has heard of.
    fn merge(&mut self, other: &Self);
}
