//! Horloges vectorielles.

use serde::{Deserialize, Serialize};

/// Identifiant d'un nœud.
pub type NodeId = String;

/// Une horloge vectorielle.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct VectorClock {
    counters: Vec<(NodeId, u64)>,
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
        let count = self.get(node_id);
        self.raise(node_id, count + 1);
    }

    fn raise(&mut self, node_id: &NodeId, count: u64) {
        match self.counters.iter_mut().find(|(node, _)| node == node_id) {
            Some((_, mine)) => *mine = count.max(*mine),
            None => self.counters.push((node_id.clone(), count)),
        }
    }

    /// La réception d'un message.
    pub fn merge(&mut self, other: &VectorClock, local_node: &NodeId) {
        for (node, count) in &other.counters {
            if self.counters.iter().filter(|(mine, _)| mine == node).count() == 0 {
                self.counters.push((node.clone(), 0));
            }
            self.raise(node, *count);
        }
        self.tick(local_node);
    }

    /// Le compteur d'un nœud.
    pub fn get(&self, node_id: &NodeId) -> u64 {
        self.counters
            .iter()
            .find(|(node, _)| node == node_id)
            .map_or(0, |(_, count)| *count)
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
        self.counters.iter().map(|(node, _)| node.clone()).collect()
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
