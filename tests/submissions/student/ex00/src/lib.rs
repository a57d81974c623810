//! Horloges vectorielles.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Identifiant d'un nœud.
pub type NodeId = String;

/// Une horloge vectorielle.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct VectorClock {
    counters: HashMap<NodeId, u64>,
}

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
        *self.counters.entry(node_id.clone()).or_insert(0) += 1;
    }

    /// La réception d'un message.
    pub fn merge(&mut self, other: &VectorClock, local_node: &NodeId) {
        for (node, count) in &other.counters {
            let mine = self.counters.entry(node.clone()).or_insert(0);
            *mine = (*mine).max(*count);
        }
        self.counters.entry(local_node.clone()).or_default();
    }

    /// Le compteur d'un nœud.
    pub fn get(&self, node_id: &NodeId) -> u64 {
        self.counters.get(node_id).copied().unwrap_or(0)
    }

    fn at_most(&self, other: &VectorClock) -> bool {
        self.counters.iter().all(|(node, count)| *count <= other.get(node))
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
        self.counters.keys().cloned().collect()
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
