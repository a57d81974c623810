//! Horloges vectorielles denses : chaque nom reçoit un numéro une fois pour toutes, et une horloge est un vecteur de
//! compteurs dans cet ordre. Un nœud dont rien n'est connu y est un zéro, ou rien du tout en fin de vecteur.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::{LazyLock, PoisonError, RwLock};

/// Identifiant d'un nœud.
pub type NodeId = String;

/// Les noms rencontrés, dans les deux sens.
#[derive(Default)]
struct Names {
    numbers: HashMap<NodeId, usize>,
    names: Vec<NodeId>,
}

static NAMES: LazyLock<RwLock<Names>> = LazyLock::new(RwLock::default);

/// Le numéro d'un nœud, s'il en a un.
fn number(node: &NodeId) -> Option<usize> {
    NAMES
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .numbers
        .get(node)
        .copied()
}

/// Le numéro d'un nœud, au besoin nouveau.
fn numbered(node: &NodeId) -> usize {
    let known = number(node);
    known.unwrap_or_else(|| {
        let mut all = NAMES.write().unwrap_or_else(PoisonError::into_inner);
        let Names { numbers, names } = &mut *all;
        *numbers.entry(node.clone()).or_insert_with(|| {
            names.push(node.clone());
            names.len() - 1
        })
    })
}

/// Une horloge vectorielle.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "BTreeMap<NodeId, u64>", into = "BTreeMap<NodeId, u64>")]
pub struct VectorClock {
    counters: Vec<u64>,
}

impl From<BTreeMap<NodeId, u64>> for VectorClock {
    fn from(named: BTreeMap<NodeId, u64>) -> Self {
        let mut clock = Self::new();
        for (node, count) in &named {
            *clock.counter(node) = *count;
        }
        clock
    }
}

impl From<VectorClock> for BTreeMap<NodeId, u64> {
    fn from(clock: VectorClock) -> Self {
        clock
            .known_nodes()
            .into_iter()
            .map(|node| (node.clone(), clock.get(&node)))
            .collect()
    }
}

impl PartialEq for VectorClock {
    fn eq(&self, other: &Self) -> bool {
        self.compare(other) == CausalOrder::Equal
    }
}

impl Eq for VectorClock {}

/// Relation entre deux horloges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CausalOrder {
    /// Avant.
    Before,
    /// Après.
    After,
    /// Concurrents.
    Concurrent,
    /// Égales.
    Equal,
}

/// Un événement estampillé.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TimestampedEvent<T> {
    /// L'horloge au moment de l'événement.
    pub clock: VectorClock,
    /// Le nœud d'origine.
    pub origin: NodeId,
    /// Le contenu.
    pub payload: T,
}

impl VectorClock {
    /// Une horloge vide.
    pub fn new() -> Self {
        Self::default()
    }

    /// Un événement local.
    pub fn tick(&mut self, node_id: &NodeId) {
        *self.counter(node_id) += 1;
    }

    fn counter(&mut self, node: &NodeId) -> &mut u64 {
        let number = numbered(node);
        if self.counters.len() <= number {
            self.counters.resize(number + 1, 0);
        }
        &mut self.counters[number]
    }

    /// La réception d'un message.
    pub fn merge(&mut self, other: &VectorClock, local_node: &NodeId) {
        if self.counters.len() < other.counters.len() {
            self.counters.resize(other.counters.len(), 0);
        }
        for (mine, count) in self.counters.iter_mut().zip(&other.counters) {
            *mine = (*mine).max(*count);
        }
        self.tick(local_node);
    }

    /// Le compteur d'un nœud.
    pub fn get(&self, node_id: &NodeId) -> u64 {
        number(node_id)
            .and_then(|number| self.counters.get(number))
            .copied()
            .unwrap_or(0)
    }

    fn at_most(&self, other: &VectorClock) -> bool {
        self.counters
            .iter()
            .enumerate()
            .all(|(number, count)| *count <= other.counters.get(number).copied().unwrap_or(0))
    }

    /// Compare deux horloges.
    pub fn compare(&self, other: &VectorClock) -> CausalOrder {
        match (self.at_most(other), other.at_most(self)) {
            (true, true) => CausalOrder::Equal,
            (true, false) => CausalOrder::Before,
            (false, true) => CausalOrder::After,
            (false, false) => CausalOrder::Concurrent,
        }
    }

    /// Vrai si self précède other.
    pub fn happened_before(&self, other: &VectorClock) -> bool {
        self.compare(other) == CausalOrder::Before
    }

    /// Vrai si aucune ne précède l'autre.
    pub fn is_concurrent_with(&self, other: &VectorClock) -> bool {
        self.compare(other) == CausalOrder::Concurrent
    }

    /// Les nœuds connus.
    pub fn known_nodes(&self) -> Vec<NodeId> {
        let all = NAMES.read().unwrap_or_else(PoisonError::into_inner);
        let known = self.counters.iter().zip(&all.names).filter(|(count, _)| **count > 0);
        known.map(|(_, name)| name.clone()).collect()
    }

    /// Vers des octets.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Depuis des octets.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ClockError> {
        serde_json::from_slice(bytes).map_err(|e| ClockError::DeserializationError(e.to_string()))
    }
}

impl<T: Clone> TimestampedEvent<T> {
    /// Un nouvel événement.
    pub fn new(clock: &mut VectorClock, origin: NodeId, payload: T) -> Self {
        clock.tick(&origin);
        Self {
            clock: clock.clone(),
            origin,
            payload,
        }
    }

    /// Vrai si cet événement précède l'autre.
    pub fn caused(&self, other: &TimestampedEvent<T>) -> bool {
        self.clock.happened_before(&other.clock)
    }
}

/// Les erreurs.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    /// À l'écriture.
    #[error("Failed to serialize clock: {0}")]
    SerializationError(String),
    /// À la lecture.
    #[error("Failed to deserialize clock: {0}")]
    DeserializationError(String),
}
