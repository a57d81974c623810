//! Horloges vectorielles.

use std::collections::HashMap;

/// Identifiant d'un nœud.
pub type NodeId = String;

/// Une horloge vectorielle.
#[derive(Debug, Clone, Default)]
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
        self.tick(local_node);
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
}
