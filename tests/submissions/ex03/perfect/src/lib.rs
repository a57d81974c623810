//! Structures répliquées sans conflit, avec du temps logique et, pour l'ensemble, des pierres tombales.

mod counters;
mod dated;
mod tags;

pub use counters::{GCounter, PNCounter};
pub use dated::{LWWMap, LWWRegister, Timestamp};
pub use tags::{ORSet, Tagged};

/// Un état qui peut absorber celui d'un autre réplica.
///
/// ```
/// use ex03::{CRDT, GCounter};
///
/// let (mut ici, mut la) = (GCounter::new(), GCounter::new());
/// la.increment(&"B".to_string());
/// ici.merge(&la);
/// assert_eq!(ici.value(), 1);
/// ```
pub trait CRDT: Clone {
    /// Absorbe `other`.
    fn merge(&mut self, other: &Self);
}

/// Le nom d'un réplica.
pub type ReplicaId = String;
