//! L'horloge : un vecteur de paires, trié par nom, parcouru comme dans un tri par fusion.

use crate::{CausalOrder, ClockError, wire};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// Identifiant d'un nœud.
pub type NodeId = String;

/// Horloge vectorielle : pour chaque nœud, le nombre d'événements dont on a entendu parler.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VectorClock {
    /// Trié par nom, chaque nom une fois, aucun compteur nul.
    entries: Vec<(NodeId, u64)>,
}

impl VectorClock {
    /// Crée une horloge vide.
    ///
    /// ```
    /// assert_eq!(ex00::VectorClock::new().get(&"A".to_string()), 0);
    /// ```
    pub fn new() -> Self {
        VectorClock { entries: Vec::new() }
    }

    /// L'horloge de ces paires ; `None` si elles ne sont pas triées ou si l'une est nulle.
    pub(crate) fn from_entries(entries: Vec<(NodeId, u64)>) -> Option<Self> {
        let sorted = entries.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let counted = entries.iter().all(|(_, count)| *count > 0);
        (sorted && counted).then_some(VectorClock { entries })
    }

    /// Les paires, triées par nom.
    pub(crate) fn entries(&self) -> &[(NodeId, u64)] {
        &self.entries
    }

    fn position(&self, node: &NodeId) -> Result<usize, usize> {
        self.entries.binary_search_by(|(name, _)| name.cmp(node))
    }

    /// Enregistre un événement local.
    ///
    /// ```
    /// let mut clock = ex00::VectorClock::new();
    /// clock.tick(&"A".to_string());
    /// assert_eq!(clock.get(&"A".to_string()), 1);
    /// ```
    pub fn tick(&mut self, node_id: &NodeId) {
        match self.position(node_id) {
            Ok(at) => self.entries[at].1 += 1,
            Err(at) => self.entries.insert(at, (node_id.clone(), 1)),
        }
    }

    /// Enregistre la réception d'un message : les deux vecteurs triés sont fusionnés en une passe.
    ///
    /// ```
    /// let (a, b) = ("A".to_string(), "B".to_string());
    /// let (mut left, mut right) = (ex00::VectorClock::new(), ex00::VectorClock::new());
    /// left.tick(&a);
    /// right.merge(&left, &b);
    /// assert_eq!((right.get(&a), right.get(&b)), (1, 1));
    /// ```
    pub fn merge(&mut self, other: &VectorClock, local_node: &NodeId) {
        let mut merged = Vec::with_capacity(self.entries.len() + other.entries.len());
        let mut mine = std::mem::take(&mut self.entries).into_iter().peekable();
        let mut theirs = other.entries.iter().peekable();
        loop {
            match (mine.peek(), theirs.peek()) {
                (None, None) => break,
                (Some((a, _)), Some((b, _))) if a == b => {
                    if let (Some((name, a)), Some((_, b))) = (mine.next(), theirs.next()) {
                        merged.push((name, a.max(*b)));
                    }
                }
                (Some((a, _)), Some((b, _))) if a > b => merged.extend(theirs.next().cloned()),
                (Some(_), _) => merged.extend(mine.next()),
                (None, Some(_)) => merged.extend(theirs.next().cloned()),
            }
        }
        self.entries = merged;
        self.tick(local_node);
    }

    /// Nombre d'événements connus de ce nœud.
    ///
    /// ```
    /// assert_eq!(ex00::VectorClock::new().get(&"A".to_string()), 0);
    /// ```
    pub fn get(&self, node_id: &NodeId) -> u64 {
        self.position(node_id).map_or(0, |at| self.entries[at].1)
    }

    /// Compare les deux horloges en une passe, sans rien copier.
    ///
    /// ```
    /// let empty = ex00::VectorClock::new();
    /// assert_eq!(empty.compare(&empty), ex00::CausalOrder::Equal);
    /// ```
    pub fn compare(&self, other: &VectorClock) -> CausalOrder {
        let (mut i, mut j) = (0, 0);
        let mut order = CausalOrder::Equal;
        while i < self.entries.len() || j < other.entries.len() {
            let names = match (self.entries.get(i), other.entries.get(j)) {
                (Some((a, _)), Some((b, _))) => a.cmp(b),
                (Some(_), None) => Ordering::Less,
                (None, _) => Ordering::Greater,
            };
            order = order.and(match names {
                Ordering::Less => Ordering::Greater,
                Ordering::Greater => Ordering::Less,
                Ordering::Equal => self.entries[i].1.cmp(&other.entries[j].1),
            });
            i += usize::from(names.is_le());
            j += usize::from(names.is_ge());
        }
        order
    }

    /// Dit si cette horloge précède strictement `other`.
    ///
    /// ```
    /// let empty = ex00::VectorClock::new();
    /// assert!(!empty.happened_before(&empty));
    /// ```
    pub fn happened_before(&self, other: &VectorClock) -> bool {
        matches!(self.compare(other), CausalOrder::Before)
    }

    /// Dit si aucune des deux horloges ne précède l'autre et qu'elles diffèrent.
    ///
    /// ```
    /// let empty = ex00::VectorClock::new();
    /// assert!(!empty.is_concurrent_with(&empty));
    /// ```
    pub fn is_concurrent_with(&self, other: &VectorClock) -> bool {
        matches!(self.compare(other), CausalOrder::Concurrent)
    }

    /// Les nœuds connus.
    ///
    /// ```
    /// let mut clock = ex00::VectorClock::new();
    /// clock.tick(&"A".to_string());
    /// assert_eq!(clock.known_nodes(), ["A"]);
    /// ```
    pub fn known_nodes(&self) -> Vec<NodeId> {
        self.entries.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Écrit l'horloge sous forme d'octets.
    ///
    /// ```
    /// assert!(!ex00::VectorClock::new().to_bytes().is_empty());
    /// ```
    pub fn to_bytes(&self) -> Vec<u8> {
        wire::write(self)
    }

    /// Relit une horloge écrite par `to_bytes`.
    ///
    /// # Errors
    /// `DeserializationError` si les octets ne sont pas une horloge.
    ///
    /// ```
    /// assert!(ex00::VectorClock::from_bytes(&[]).is_err());
    /// ```
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ClockError> {
        wire::read(bytes)
    }
}
