//! Les ensembles. L'`Orswot` se souvient de chaque ajout retiré.

use crate::{ActorId, OpCrdt, StateCrdt};
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
    removed: HashSet<Dot>,
    /// Le dernier numéro de chaque acteur.
    numbers: BTreeMap<ActorId, u64>,
}

impl<T: Clone + Eq + Hash> Orswot<T> {
    /// L'ensemble vide.
    pub fn new() -> Self {
        Self {
            dots: BTreeMap::new(),
            removed: HashSet::new(),
            numbers: BTreeMap::new(),
        }
    }

    /// Ajoute.
    pub fn add(&mut self, elem: T, actor: ActorId) {
        let number = self.numbers.entry(actor).or_default();
        *number += 1;
        self.dots.insert((actor, *number), elem);
    }

    /// Retire tous les ajouts connus, et s'en souvient.
    pub fn remove(&mut self, elem: &T) {
        let removed: Vec<Dot> = self.dots.iter().filter(|(_, mine)| *mine == elem).map(|(dot, _)| *dot).collect();
        self.removed.extend(removed);
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
}

impl<T: Clone + Eq + Hash> Default for Orswot<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone + Eq + Hash> StateCrdt for Orswot<T> {
    fn merge(&mut self, other: &Self) {
        self.removed.extend(&other.removed);
        self.dots.extend(other.dots.iter().map(|(dot, elem)| (*dot, elem.clone())));
        self.dots.retain(|dot, _| !self.removed.contains(dot));
        for (actor, number) in &other.numbers {
            let mine = self.numbers.entry(*actor).or_default();
            *mine = (*mine).max(*number);
        }
    }
}
