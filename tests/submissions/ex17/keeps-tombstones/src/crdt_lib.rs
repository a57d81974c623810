//! Des types répliqués : horloges en tableaux triés, ensembles en magasins de points, liste en chemins d'un arbre.

use std::hash::Hash;

pub mod automerge;
mod clock;
mod counters;
mod list;
mod mvreg;
mod sets;

pub use clock::{ActorId, VectorClock};
pub use counters::{GCounter, PNCounter};
pub use list::CrdtList;
pub use mvreg::MVReg;
pub use sets::{GSet, Orswot};

/// Un CRDT à états.
pub trait StateCrdt: Clone {
    /// La borne supérieure des deux états.
    fn merge(&mut self, other: &Self);
}

/// Un CRDT à opérations.
pub trait OpCrdt {
    /// Une opération.
    type Op;
    /// Applique une opération.
    fn apply(&mut self, op: Self::Op);
}

/// Un CRDT fait de fonctions.
pub trait CustomCrdt {
    /// L'état.
    type State;
    /// Une opération.
    type Op;
    /// L'état neutre.
    fn initial() -> Self::State;
    /// Applique une opération.
    fn apply_op(state: &mut Self::State, op: Self::Op);
    /// La borne supérieure de deux états.
    fn merge_states(a: &Self::State, b: &Self::State) -> Self::State;
}

/// Le plus grand nombre.
pub struct MaxRegister;

impl CustomCrdt for MaxRegister {
    type State = i64;
    type Op = i64;

    fn initial() -> i64 {
        i64::MIN
    }

    fn apply_op(state: &mut i64, op: i64) {
        *state = Self::merge_states(state, &op);
    }

    fn merge_states(a: &i64, b: &i64) -> i64 {
        if a < b { *b } else { *a }
    }
}

/// Un dictionnaire, dans l'ordre des insertions.
#[derive(Clone, Debug)]
pub struct CrdtMap<K: Clone + Eq + Hash, V: StateCrdt> {
    entries: Vec<(K, V)>,
}

impl<K: Clone + Eq + Hash, V: StateCrdt> CrdtMap<K, V> {
    /// Un dictionnaire vide.
    pub fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// La valeur d'une clé.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.entries.iter().find(|(mine, _)| mine == key).map(|(_, value)| value)
    }

    /// La valeur d'une clé, à modifier.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.entries.iter_mut().find(|(mine, _)| mine == key).map(|(_, value)| value)
    }

    /// Fusionne une valeur dans celle d'une clé.
    pub fn insert(&mut self, key: K, value: V) {
        if let Some(mine) = self.get_mut(&key) {
            mine.merge(&value);
        } else {
            self.entries.push((key, value));
        }
    }

    /// Les clés.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.entries.iter().map(|(key, _)| key)
    }
}

impl<K: Clone + Eq + Hash, V: StateCrdt> Default for CrdtMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Clone + Eq + Hash, V: StateCrdt> StateCrdt for CrdtMap<K, V> {
    fn merge(&mut self, other: &Self) {
        for (key, value) in &other.entries {
            self.insert(key.clone(), value.clone());
        }
    }
}
