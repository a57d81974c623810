//! Hachage consistant, exact, mais chaque recherche parcourt les points l'un après l'autre.

use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// Configuration de l'anneau.
#[derive(Debug, Clone)]
pub struct ConsistentHashConfig {
    /// Nœuds virtuels par nœud physique.
    pub virtual_nodes: usize,
    /// Nombre de copies.
    pub replication_factor: usize,
}

impl Default for ConsistentHashConfig {
    fn default() -> Self {
        Self {
            virtual_nodes: 150,
            replication_factor: 3,
        }
    }
}

/// Un nœud physique.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PhysicalNode {
    /// Son identifiant.
    pub id: String,
    /// Son adresse.
    pub address: String,
    /// Son poids.
    pub weight: u32,
}

/// Anneau de hachage consistant.
#[derive(Clone)]
pub struct ConsistentHashRing {
    config: ConsistentHashConfig,
    nodes: HashMap<String, PhysicalNode>,
    ring: Vec<(u64, String)>,
}

/// Les nœuds responsables d'une clé.
#[derive(Debug, Clone)]
pub struct LookupResult {
    /// Le nœud primaire.
    pub primary: PhysicalNode,
    /// Les copies.
    pub replicas: Vec<PhysicalNode>,
    /// La position, de 0.0 à 1.0.
    pub ring_position: f64,
}

/// Statistiques de répartition.
#[derive(Debug, Clone)]
pub struct DistributionStats {
    /// Clés par nœud.
    pub keys_per_node: HashMap<String, usize>,
    /// Écart-type.
    pub standard_deviation: f64,
    /// Coefficient de variation.
    pub coefficient_of_variation: f64,
}

impl ConsistentHashRing {
    /// Crée un anneau vide.
    pub fn new(config: ConsistentHashConfig) -> Self {
        Self {
            config,
            nodes: HashMap::new(),
            ring: Vec::new(),
        }
    }

    /// Ajoute un nœud ; rend les positions de ses nœuds virtuels.
    pub fn add_node(&mut self, node: PhysicalNode) -> HashSet<u64> {
        if self.nodes.contains_key(&node.id) {
            self.remove_node(&node.id);
        }
        let mut added = HashSet::new();
        for index in 0..self.config.virtual_nodes * node.weight as usize {
            let position = hash_vnode(&node.id, index);
            self.ring.push((position, node.id.clone()));
            added.insert(position);
        }
        self.ring.sort();
        self.nodes.insert(node.id.clone(), node);
        added
    }

    /// Retire un nœud ; rend les positions de ses nœuds virtuels.
    pub fn remove_node(&mut self, node_id: &str) -> HashSet<u64> {
        self.nodes.remove(node_id);
        let positions: HashSet<u64> = self
            .ring
            .iter()
            .filter(|(_, id)| id == node_id)
            .map(|(position, _)| *position)
            .collect();
        self.ring.retain(|(_, id)| id != node_id);
        positions
    }

    /// Les nœuds responsables d'une clé.
    pub fn lookup(&self, key: &str) -> Option<LookupResult> {
        self.lookup_hash(hash_key(key))
    }

    /// Les nœuds responsables d'une position.
    pub fn lookup_hash(&self, hash: u64) -> Option<LookupResult> {
        let start = self
            .ring
            .iter()
            .position(|(position, _)| *position >= hash)
            .unwrap_or(0);
        let mut holders: Vec<&String> = Vec::new();
        for (_, id) in self.ring[start..].iter().chain(&self.ring[..start]) {
            if !holders.contains(&id) {
                holders.push(id);
            }
            if holders.len() >= self.config.replication_factor {
                break;
            }
        }
        let mut holders = holders.into_iter().map(|id| self.nodes[id].clone());
        Some(LookupResult {
            primary: holders.next()?,
            replicas: holders.collect(),
            ring_position: hash as f64 / u64::MAX as f64,
        })
    }

    /// Les nœuds présents.
    pub fn nodes(&self) -> Vec<&PhysicalNode> {
        self.nodes.values().collect()
    }

    /// Leur nombre.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Répartition des clés.
    pub fn distribution_stats(&self, keys: &[String]) -> DistributionStats {
        let mut keys_per_node: HashMap<String, usize> = self.nodes.keys().map(|id| (id.clone(), 0)).collect();
        for key in keys {
            if let Some(found) = self.lookup(key) {
                *keys_per_node.entry(found.primary.id).or_default() += 1;
            }
        }
        if keys.is_empty() || self.nodes.is_empty() {
            return DistributionStats {
                keys_per_node,
                standard_deviation: 0.0,
                coefficient_of_variation: 0.0,
            };
        }
        let count = self.nodes.len() as f64;
        let mean = keys.len() as f64 / count;
        let squares: f64 = keys_per_node.values().map(|&held| (held as f64 - mean).powi(2)).sum();
        let standard_deviation = (squares / count).sqrt();
        DistributionStats {
            keys_per_node,
            standard_deviation,
            coefficient_of_variation: standard_deviation / mean,
        }
    }

    /// Fraction des clés déplacées par une arrivée.
    pub fn simulate_add(&self, node: &PhysicalNode, sample_keys: &[String]) -> f64 {
        let mut after = self.clone();
        after.add_node(node.clone());
        self.moved(&after, sample_keys)
    }

    /// Fraction des clés déplacées par un départ.
    pub fn simulate_remove(&self, node_id: &str, sample_keys: &[String]) -> f64 {
        let mut after = self.clone();
        after.remove_node(node_id);
        self.moved(&after, sample_keys)
    }

    /// Les points de l'anneau.
    pub fn ring_debug(&self) -> Vec<(u64, String)> {
        self.ring.iter().map(|(position, id)| (*position, id.clone())).collect()
    }

    fn moved(&self, after: &Self, keys: &[String]) -> f64 {
        if keys.is_empty() {
            return 0.0;
        }
        let primary = |ring: &Self, key: &str| ring.lookup(key).map(|found| found.primary.id);
        let moved = keys
            .iter()
            .filter(|key| primary(self, key) != primary(after, key))
            .count();
        moved as f64 / keys.len() as f64
    }
}

/// Position d'une clé.
pub fn hash_key(key: &str) -> u64 {
    let digest = Sha256::digest(key.as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest[..8]);
    u64::from_be_bytes(bytes)
}

/// Position d'un nœud virtuel.
pub fn hash_vnode(node_id: &str, vnode_index: usize) -> u64 {
    hash_key(&format!("{node_id}#{vnode_index}"))
}
