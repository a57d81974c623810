//! Structures répliquées sans conflit.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// Un type répliqué.
pub trait CRDT: Clone {
    /// Fusionne un autre état.
    fn merge(&mut self, other: &Self);
}

/// Identifiant de réplica.
pub type ReplicaId = String;

/// Un timestamp.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Le temps.
    pub time: u64,
    /// Le réplica.
    pub replica: ReplicaId,
}

impl Timestamp {
    /// Un timestamp neuf.
    pub fn new(replica: ReplicaId) -> Self {
        Self { time: 0, replica }
    }

    /// Avance de 1.
    pub fn increment(&mut self) {
        self.time += 1;
    }
}

/// Un compteur croissant.
#[derive(Debug, Clone, Default)]
pub struct GCounter {
    counts: HashMap<ReplicaId, u64>,
}

impl GCounter {
    /// Un compteur neuf.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ajoute 1.
    pub fn increment(&mut self, replica: &ReplicaId) {
        self.increment_by(replica, 1);
    }

    /// Ajoute n.
    pub fn increment_by(&mut self, replica: &ReplicaId, n: u64) {
        *self.counts.entry(replica.clone()).or_insert(0) += n;
    }

    /// La somme.
    pub fn value(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Le compte d'un réplica.
    pub fn replica_value(&self, replica: &ReplicaId) -> u64 {
        self.counts.get(replica).copied().unwrap_or(0)
    }
}

impl CRDT for GCounter {
    fn merge(&mut self, other: &Self) {
        for (replica, count) in &other.counts {
            let mine = self.counts.entry(replica.clone()).or_insert(0);
            *mine = (*mine).max(*count);
        }
    }
}

/// Un compteur signé.
#[derive(Debug, Clone, Default)]
pub struct PNCounter {
    positive: GCounter,
    negative: GCounter,
}

impl PNCounter {
    /// Un compteur neuf.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ajoute 1.
    pub fn increment(&mut self, replica: &ReplicaId) {
        self.positive.increment(replica);
    }

    /// Retire 1.
    pub fn decrement(&mut self, replica: &ReplicaId) {
        self.negative.increment(replica);
    }

    /// Ajoute n.
    pub fn increment_by(&mut self, replica: &ReplicaId, n: u64) {
        self.positive.increment_by(replica, n);
    }

    /// Retire n.
    pub fn decrement_by(&mut self, replica: &ReplicaId, n: u64) {
        self.negative.increment_by(replica, n);
    }

    /// La valeur.
    pub fn value(&self) -> i64 {
        self.positive.value() as i64 - self.negative.value() as i64
    }
}

impl CRDT for PNCounter {
    fn merge(&mut self, other: &Self) {
        self.positive.merge(&other.positive);
        self.negative.merge(&other.negative);
    }
}

/// Un registre.
#[derive(Debug, Clone)]
pub struct LWWRegister<T: Clone> {
    value: Option<T>,
    timestamp: Timestamp,
    replica: ReplicaId,
}

impl<T: Clone> LWWRegister<T> {
    /// Un registre vide.
    pub fn new(replica: ReplicaId) -> Self {
        Self {
            value: None,
            timestamp: Timestamp::new(replica.clone()),
            replica,
        }
    }

    /// Écrit.
    pub fn set(&mut self, value: T) {
        self.write(Some(value));
    }

    fn write(&mut self, value: Option<T>) {
        self.timestamp.increment();
        self.timestamp.replica = self.replica.clone();
        self.value = value;
    }

    /// Lit.
    pub fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// Le timestamp.
    pub fn timestamp(&self) -> &Timestamp {
        &self.timestamp
    }
}

impl<T: Clone> CRDT for LWWRegister<T> {
    fn merge(&mut self, other: &Self) {
        if other.timestamp > self.timestamp {
            self.value = other.value.clone();
            self.timestamp = other.timestamp.clone();
        }
    }
}

/// Un élément et son étiquette.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tagged<T> {
    /// La valeur.
    pub value: T,
    /// L'étiquette.
    pub tag: Timestamp,
}

/// Un ensemble : les valeurs insérées, et celles qui ont été retirées.
#[derive(Debug, Clone)]
pub struct ORSet<T: Clone + Eq + Hash> {
    added: HashSet<T>,
    removed: HashSet<T>,
}

impl<T: Clone + Eq + Hash> ORSet<T> {
    /// Un ensemble vide.
    pub fn new(_replica_id: ReplicaId) -> Self {
        Self {
            added: HashSet::new(),
            removed: HashSet::new(),
        }
    }

    /// Insère.
    pub fn insert(&mut self, value: T) {
        self.added.insert(value);
    }

    /// Retire.
    pub fn remove(&mut self, value: &T) -> bool {
        let was_there = self.contains(value);
        if was_there {
            self.removed.insert(value.clone());
        }
        was_there
    }

    /// Présent ?
    pub fn contains(&self, value: &T) -> bool {
        self.added.contains(value) && !self.removed.contains(value)
    }

    /// Les valeurs.
    pub fn values(&self) -> HashSet<T> {
        self.added.difference(&self.removed).cloned().collect()
    }

    /// Leur nombre.
    pub fn len(&self) -> usize {
        self.values().len()
    }

    /// Vide ?
    pub fn is_empty(&self) -> bool {
        self.values().is_empty()
    }
}

impl<T: Clone + Eq + Hash> CRDT for ORSet<T> {
    fn merge(&mut self, other: &Self) {
        self.added.extend(other.added.iter().cloned());
        self.removed.extend(other.removed.iter().cloned());
    }
}

/// Un dictionnaire.
#[derive(Debug, Clone)]
pub struct LWWMap<K: Clone + Eq + Hash, V: Clone> {
    entries: HashMap<K, LWWRegister<V>>,
    replica_id: ReplicaId,
}

impl<K: Clone + Eq + Hash, V: Clone> LWWMap<K, V> {
    /// Un dictionnaire vide.
    pub fn new(replica_id: ReplicaId) -> Self {
        Self {
            entries: HashMap::new(),
            replica_id,
        }
    }

    fn register(&mut self, key: &K) -> &mut LWWRegister<V> {
        self.entries
            .entry(key.clone())
            .or_insert_with(|| LWWRegister::new(self.replica_id.clone()))
    }

    /// Écrit.
    pub fn insert(&mut self, key: K, value: V) {
        self.register(&key).write(Some(value));
    }

    /// Retire.
    pub fn remove(&mut self, key: &K) {
        self.register(key).write(None);
    }

    /// Lit.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key).and_then(|register| register.get())
    }

    /// Présente ?
    pub fn contains_key(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    /// Les clés.
    pub fn keys(&self) -> Vec<&K> {
        self.entries
            .iter()
            .filter(|(_, r)| r.get().is_some())
            .map(|(k, _)| k)
            .collect()
    }
}

impl<K: Clone + Eq + Hash, V: Clone> CRDT for LWWMap<K, V> {
    fn merge(&mut self, other: &Self) {
        for (key, register) in &other.entries {
            self.register(key).merge(register);
        }
    }
}
