//! Structures répliquées sans conflit.

use std::collections::HashMap;

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
        self.timestamp.increment();
        self.timestamp.replica = self.replica.clone();
        self.value = Some(value);
    }

    /// Lit.
    pub fn get(&self) -> Option<&T> {
        self.value.as_ref()
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
