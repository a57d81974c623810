//! Les ensembles. L'`Orswot` est un magasin de points : chaque ajout y est un point, à côté de ce qui a été entendu.

use crate::{ActorId, OpCrdt, StateCrdt, VectorClock};
use std::collections::{BTreeMap, HashSet};
use std::hash::Hash;

/// Un ensemble qui croît.
#[derive(Clone, Debug)]
pub struct GSet<T: Clone + Eq + Hash>(HashSet<T>);

impl<T: Clone + Eq + Hash> GSet<T> {
    /// L'ensemble vide.
    pub fn new() -> Self {
        Self(HashSet::new())
    }

    /// Ajoute.
    pub fn add(&mut self, elem: T) {
        self.0.insert(elem);
    }

    /// Si l'élément est présent.
    pub fn contains(&self, elem: &T) -> bool {
        self.0.contains(elem)
    }

    /// Les éléments.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    /// Leur nombre.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// S'il n'y en a pas.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Clone + Eq + Hash> Default for GSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone + Eq + Hash> StateCrdt for GSet<T> {
    fn merge(&mut self, other: &Self) {
        for elem in &other.0 {
            self.add(elem.clone());
        }
    }
}

impl<T: Clone + Eq + Hash> OpCrdt for GSet<T> {
    type Op = T;
    fn apply(&mut self, op: T) {
        self.add(op);
    }
}

type Dot = (ActorId, u64);

/// Un ensemble dont on retire ce qu'on a vu.
#[derive(Clone, Debug)]
pub struct Orswot<T: Clone + Eq + Hash> {
    dots: BTreeMap<Dot, T>,
    context: VectorClock,
}

impl<T: Clone + Eq + Hash> Orswot<T> {
    /// L'ensemble vide.
    pub fn new() -> Self {
        Self {
            dots: BTreeMap::new(),
            context: VectorClock::new(),
        }
    }

    /// Ajoute ; les ajouts plus anciens restent.
    pub fn add(&mut self, elem: T, actor: ActorId) {
        self.context.inc(actor);
        self.dots.insert((actor, self.context.get(&actor)), elem);
    }

    /// Retire tous les ajouts connus.
    pub fn remove(&mut self, elem: &T) {
        self.dots.retain(|_, mine| mine != elem);
    }

    /// Si l'élément est présent.
    pub fn contains(&self, elem: &T) -> bool {
        self.dots.values().any(|mine| mine == elem)
    }

    /// Les éléments, chacun une fois.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        let distinct: HashSet<&T> = self.dots.values().collect();
        distinct.into_iter()
    }

    fn knows(&self, (actor, number): &Dot) -> bool {
        *number <= self.context.get(actor)
    }
}

impl<T: Clone + Eq + Hash> Default for Orswot<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone + Eq + Hash> StateCrdt for Orswot<T> {
    fn merge(&mut self, other: &Self) {
        self.dots.retain(|dot, _| other.dots.contains_key(dot) || !other.knows(dot));
        for (dot, elem) in &other.dots {
            if !self.knows(dot) {
                self.dots.insert(*dot, elem.clone());
            }
        }
        self.context.merge(&other.context);
    }
}
