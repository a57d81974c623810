//! L'ensemble du manuel : des éléments étiquetés, et une pierre tombale par étiquette supprimée.

use std::collections::HashSet;
use std::hash::Hash;

use crate::{CRDT, ReplicaId, Timestamp};

/// Une insertion.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tagged<T> {
    /// La valeur.
    pub value: T,
    /// L'étiquette.
    pub tag: Timestamp,
}

/// Un ensemble dont un retrait ne supprime que les insertions observées.
#[derive(Debug, Clone)]
pub struct ORSet<T: Clone + Eq + Hash> {
    elements: HashSet<Tagged<T>>,
    tombstones: HashSet<Timestamp>,
    clock: Timestamp,
}

impl<T: Clone + Eq + Hash> ORSet<T> {
    /// Un ensemble vide.
    pub fn new(replica_id: ReplicaId) -> Self {
        Self {
            elements: HashSet::new(),
            tombstones: HashSet::new(),
            clock: Timestamp::new(replica_id),
        }
    }

    /// Insère.
    pub fn insert(&mut self, value: T) {
        self.clock.increment();
        let tag = self.clock.clone();
        self.elements.insert(Tagged { value, tag });
    }

    /// Retire toutes les insertions observées.
    pub fn remove(&mut self, value: &T) -> bool {
        let before = self.elements.len();
        let tombstones = &mut self.tombstones;
        self.elements.retain(|element| {
            let stays = element.value != *value;
            if !stays {
                tombstones.insert(element.tag.clone());
            }
            stays
        });
        self.elements.len() < before
    }

    /// Dit si la valeur est là.
    pub fn contains(&self, value: &T) -> bool {
        self.elements.iter().any(|element| element.value == *value)
    }

    /// Les valeurs.
    pub fn values(&self) -> HashSet<T> {
        self.elements.iter().map(|element| element.value.clone()).collect()
    }

    /// Leur nombre.
    pub fn len(&self) -> usize {
        let values: HashSet<&T> = self.elements.iter().map(|element| &element.value).collect();
        values.len()
    }

    /// Dit s'il n'y en a pas.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }
}

impl<T: Clone + Eq + Hash> CRDT for ORSet<T> {
    fn merge(&mut self, other: &Self) {
        self.tombstones.extend(other.tombstones.iter().cloned());
        self.elements.extend(other.elements.iter().cloned());
        let tombstones = &self.tombstones;
        self.elements.retain(|element| !tombstones.contains(&element.tag));
    }
}
