//! EX00 : horloges vectorielles.
//!
//! Remplacez chaque `todo!()` et choisissez la structure interne de [`VectorClock`]. Les noms et les types de cette
//! interface ne changent pas ; les exigences R1 à R9 sont dans l'énoncé. Vous pouvez répartir le code dans plusieurs
//! modules, à condition de tout réexporter ici.

use serde::{Deserialize, Serialize};

/// Identifiant d'un nœud, unique dans le système distribué. Toute chaîne convient.
pub type NodeId = String;

/// Horloge vectorielle : pour chaque nœud, le nombre d'événements dont on a entendu parler.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VectorClock {
    // À vous de choisir : dictionnaire, vecteur trié…
}

/// Relation entre deux horloges, donc entre les événements qu'elles estampillent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CausalOrder {
    /// La première précède causalement la seconde.
    Before,
    /// La seconde précède causalement la première.
    After,
    /// Aucune ne précède l'autre : chacune connaît un événement que l'autre ignore.
    Concurrent,
    /// Le même passé.
    Equal,
}

impl VectorClock {
    /// Crée une horloge qui ne connaît aucun événement (R1).
    pub fn new() -> Self {
        todo!()
    }

    /// Enregistre un événement local de `node_id` : son compteur augmente de 1 (R1).
    pub fn tick(&mut self, node_id: &NodeId) {
        todo!("tick {node_id}")
    }

    /// Enregistre la réception par `local_node` d'un message estampillé `other` : le maximum de chaque composante, puis
    /// 1 de plus pour le nœud local (R2).
    pub fn merge(&mut self, other: &VectorClock, local_node: &NodeId) {
        todo!("merge {other:?} sur {local_node}")
    }

    /// Nombre d'événements connus de `node_id` ; 0 pour un nœud inconnu (R1).
    pub fn get(&self, node_id: &NodeId) -> u64 {
        todo!("get {node_id}")
    }

    /// Compare les deux horloges, un nœud absent comptant 0 (R3).
    pub fn compare(&self, other: &VectorClock) -> CausalOrder {
        todo!("compare {other:?}")
    }

    /// Dit si cette horloge précède strictement `other` (R3).
    pub fn happened_before(&self, other: &VectorClock) -> bool {
        todo!("happened_before {other:?}")
    }

    /// Dit si chacune des deux horloges connaît un événement que l'autre ignore (R3).
    pub fn is_concurrent_with(&self, other: &VectorClock) -> bool {
        todo!("is_concurrent_with {other:?}")
    }

    /// Les nœuds dont au moins un événement est connu, chacun une fois, dans un ordre quelconque (R4).
    pub fn known_nodes(&self) -> Vec<NodeId> {
        todo!()
    }

    /// Écrit l'horloge sous forme d'octets, pour le réseau (R5).
    pub fn to_bytes(&self) -> Vec<u8> {
        todo!()
    }

    /// Relit une horloge écrite par [`VectorClock::to_bytes`] ; refuse tout le reste sans paniquer (R5).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ClockError> {
        todo!("from_bytes {bytes:?}")
    }
}

/// Un événement, le nœud où il a lieu et l'horloge de ce moment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TimestampedEvent<T> {
    /// L'horloge de `origin` juste après l'événement.
    pub clock: VectorClock,
    /// Le nœud où l'événement a lieu.
    pub origin: NodeId,
    /// Ce qui s'est passé.
    pub payload: T,
}

impl<T: Clone> TimestampedEvent<T> {
    /// Enregistre un événement de `origin` dans `clock`, puis l'estampille d'une copie de cette horloge (R6).
    pub fn new(clock: &mut VectorClock, origin: NodeId, payload: T) -> Self {
        let _ = (clock, payload);
        todo!("événement de {origin}")
    }

    /// Dit si cet événement précède causalement `other` (R6).
    pub fn caused(&self, other: &TimestampedEvent<T>) -> bool {
        let _ = other;
        todo!()
    }
}

/// Ce qui peut échouer entre une horloge et ses octets.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    /// L'horloge n'a pas pu être écrite.
    #[error("Failed to serialize clock: {0}")]
    SerializationError(String),
    /// Les octets ne sont pas une horloge.
    #[error("Failed to deserialize clock: {0}")]
    DeserializationError(String),
}
