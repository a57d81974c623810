//! Des types répliqués, pour l'instant : horloges, compteur, ensembles.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;

/// Un acteur.
pub type ActorId = u64;

/// Une horloge.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VectorClock(BTreeMap<ActorId, u64>);

impl VectorClock {
    /// Vide.
    pub fn new() -> Self {
        Self::default()
    }

    /// Un événement.
    pub fn inc(&mut self, actor: ActorId) {
        *self.0.entry(actor).or_insert(0) += 1;
    }

    /// Un compte.
    pub fn get(&self, actor: &ActorId) -> u64 {
        self.0.get(actor).copied().unwrap_or(0)
    }

    /// Le maximum.
    pub fn merge(&mut self, other: &Self) {
        for (actor, count) in &other.0 {
            let mine = self.0.entry(*actor).or_insert(0);
            *mine = (*mine).max(*count);
        }
    }

    /// Avant.
    pub fn happens_before(&self, other: &Self) -> bool {
        self != other && self.0.iter().all(|(actor, count)| *count <= other.get(actor))
    }
}

/// Un CRDT à états.
pub trait StateCrdt: Clone {
    /// Fusionne.
    fn merge(&mut self, other: &Self);
}

/// Un compteur.
#[derive(Clone, Debug, Default)]
pub struct GCounter {
    clock: VectorClock,
}

impl GCounter {
    /// Zéro.
    pub fn new() -> Self {
        Self::default()
    }

    /// Un de plus.
    pub fn inc(&mut self, actor: ActorId) {
        self.clock.inc(actor);
    }

    /// La somme.
    pub fn read(&self) -> u64 {
        self.clock.0.values().sum()
    }
}

impl StateCrdt for GCounter {
    fn merge(&mut self, other: &Self) {
        self.clock.merge(&other.clock);
    }
}

/// Un ensemble qui croît. Il manque `len` et `iter`.
#[derive(Clone, Debug)]
pub struct GSet<T: Clone + Eq + Hash> {
    elements: HashSet<T>,
}

impl<T: Clone + Eq + Hash> GSet<T> {
    /// Vide.
    pub fn new() -> Self {
        Self { elements: HashSet::new() }
    }

    /// Ajoute.
    pub fn add(&mut self, elem: T) {
        self.elements.insert(elem);
    }

    /// Présent.
    pub fn contains(&self, elem: &T) -> bool {
        self.elements.contains(elem)
    }
}

impl<T: Clone + Eq + Hash> StateCrdt for GSet<T> {
    fn merge(&mut self, other: &Self) {
        self.elements.extend(other.elements.iter().cloned());
    }
}

/// Un ensemble dont on retire. Il manque la fusion.
#[derive(Clone, Debug)]
pub struct Orswot<T: Clone + Eq + Hash> {
    elements: HashMap<T, ActorId>,
}

impl<T: Clone + Eq + Hash> Orswot<T> {
    /// Vide.
    pub fn new() -> Self {
        Self { elements: HashMap::new() }
    }

    /// Ajoute.
    pub fn add(&mut self, elem: T, actor: ActorId) {
        self.elements.insert(elem, actor);
    }

    /// Retire.
    pub fn remove(&mut self, elem: &T) {
        self.elements.remove(elem);
    }

    /// Présent.
    pub fn contains(&self, elem: &T) -> bool {
        self.elements.contains_key(elem)
    }

    /// Les éléments.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.elements.keys()
    }
}
