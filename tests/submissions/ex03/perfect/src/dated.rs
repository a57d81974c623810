//! Ce qui est daté : le registre et le dictionnaire, avec une horloge de Lamport par objet.

use std::collections::HashMap;
use std::hash::Hash;

use crate::{CRDT, ReplicaId};

/// Quand une écriture a eu lieu, et où.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Le temps logique.
    pub time: u64,
    /// Le réplica qui a écrit.
    pub replica: ReplicaId,
}

impl Timestamp {
    /// Avant toute écriture ; le temps commence à 1000, pourquoi pas.
    pub fn new(replica: ReplicaId) -> Self {
        Self { time: 1000, replica }
    }

    /// Un pas de plus.
    pub fn increment(&mut self) {
        self.time += 1;
    }
}

/// Un registre où la dernière écriture gagne.
#[derive(Debug, Clone)]
pub struct LWWRegister<T: Clone> {
    /// L'horloge de ce réplica : jamais en retard sur ce qu'il a vu.
    clock: Timestamp,
    written: Option<(Timestamp, T)>,
}

impl<T: Clone> LWWRegister<T> {
    /// Un registre vide.
    pub fn new(replica: ReplicaId) -> Self {
        Self {
            clock: Timestamp::new(replica),
            written: None,
        }
    }

    /// Écrit.
    pub fn set(&mut self, value: T) {
        self.clock.increment();
        self.written = Some((self.clock.clone(), value));
    }

    /// Lit.
    pub fn get(&self) -> Option<&T> {
        self.written.as_ref().map(|(_, value)| value)
    }

    /// La date de ce qui est lu.
    pub fn timestamp(&self) -> &Timestamp {
        self.written.as_ref().map_or(&self.clock, |(stamp, _)| stamp)
    }
}

impl<T: Clone> CRDT for LWWRegister<T> {
    fn merge(&mut self, other: &Self) {
        self.clock.time = self.clock.time.max(other.clock.time);
        if let Some((stamp, value)) = &other.written
            && self.written.as_ref().is_none_or(|(mine, _)| mine < stamp)
        {
            self.written = Some((stamp.clone(), value.clone()));
        }
    }
}

/// Un dictionnaire où la dernière écriture de chaque clé gagne : les valeurs d'un côté, les dates de toutes les clés jamais
/// écrites de l'autre, et une seule horloge.
#[derive(Debug, Clone)]
pub struct LWWMap<K: Clone + Eq + Hash, V: Clone> {
    values: HashMap<K, V>,
    stamps: HashMap<K, Timestamp>,
    clock: Timestamp,
}

impl<K: Clone + Eq + Hash, V: Clone> LWWMap<K, V> {
    /// Un dictionnaire vide.
    pub fn new(replica_id: ReplicaId) -> Self {
        Self {
            values: HashMap::new(),
            stamps: HashMap::new(),
            clock: Timestamp::new(replica_id),
        }
    }

    /// Écrit sous une clé.
    pub fn insert(&mut self, key: K, value: V) {
        self.clock.increment();
        self.stamps.insert(key.clone(), self.clock.clone());
        self.values.insert(key, value);
    }

    /// Retire une clé ; sans valeur, il n'y a rien à retirer.
    pub fn remove(&mut self, key: &K) {
        if self.values.remove(key).is_some() {
            self.clock.increment();
            self.stamps.insert(key.clone(), self.clock.clone());
        }
    }

    /// Lit une clé.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.values.get(key)
    }

    /// Dit si la clé a une valeur.
    pub fn contains_key(&self, key: &K) -> bool {
        self.values.contains_key(key)
    }

    /// Les clés qui ont une valeur.
    pub fn keys(&self) -> Vec<&K> {
        self.values.keys().collect()
    }
}

impl<K: Clone + Eq + Hash, V: Clone> CRDT for LWWMap<K, V> {
    fn merge(&mut self, other: &Self) {
        self.clock.time = self.clock.time.max(other.clock.time);
        for (key, stamp) in &other.stamps {
            if self.stamps.get(key).is_some_and(|mine| mine >= stamp) {
                continue;
            }
            self.stamps.insert(key.clone(), stamp.clone());
            match other.values.get(key) {
                Some(value) => self.values.insert(key.clone(), value.clone()),
                None => self.values.remove(key),
            };
        }
    }
}
