//! Hachage consistant, inachevé : ni statistiques, ni simulation, ni vue de l'anneau.

use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};

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
    ring: BTreeMap<u64, String>,
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

impl ConsistentHashRing {
    /// Crée un anneau vide.
    pub fn new(config: ConsistentHashConfig) -> Self {
        Self {
            config,
            nodes: HashMap::new(),
            ring: BTreeMap::new(),
        }
    }

    /// Ajoute un nœud ; rend les positions de ses nœuds virtuels.
    pub fn add_node(&mut self, node: PhysicalNode) -> HashSet<u64> {
        let mut added = HashSet::new();
        for index in 0..self.config.virtual_nodes * node.weight as usize {
            let position = hash_vnode(&node.id, index);
            self.ring.insert(position, node.id.clone());
            added.insert(position);
        }
        self.nodes.insert(node.id.clone(), node);
        added
    }

    /// Retire un nœud ; rend les positions de ses nœuds virtuels.
    pub fn remove_node(&mut self, node_id: &str) -> HashSet<u64> {
        self.nodes.remove(node_id);
        let positions: HashSet<u64> = self
            .ring
            .iter()
            .filter(|(_, id)| *id == node_id)
            .map(|(position, _)| *position)
            .collect();
        for position in &positions {
            self.ring.remove(position);
        }
        positions
    }

    /// Les nœuds responsables d'une clé.
    pub fn lookup(&self, key: &str) -> Option<LookupResult> {
        self.lookup_hash(hash_key(key))
    }

    /// Les nœuds responsables d'une position.
    pub fn lookup_hash(&self, hash: u64) -> Option<LookupResult> {
        let mut holders: Vec<&String> = Vec::new();
        for id in self.ring.range(hash..).chain(self.ring.range(..hash)).map(|(_, id)| id) {
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
