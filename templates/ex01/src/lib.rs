//! EX01 : hachage consistant.
//!
//! Remplacez chaque `todo!()` et choisissez la structure interne de [`ConsistentHashRing`]. Les noms et les types de cette
//! interface ne changent pas ; les exigences R1 à R12 sont dans l'énoncé. Vous pouvez répartir le code dans plusieurs
//! modules, à condition de tout réexporter ici.

use std::collections::{HashMap, HashSet};

/// Configuration de l'anneau.
#[derive(Debug, Clone)]
pub struct ConsistentHashConfig {
    /// Nombre de nœuds virtuels d'un nœud physique de poids 1.
    pub virtual_nodes: usize,
    /// Nombre de nœuds physiques qui tiennent une clé, primaire compris.
    pub replication_factor: usize,
}

impl Default for ConsistentHashConfig {
    /// 150 nœuds virtuels par nœud, trois copies d'une clé.
    fn default() -> Self {
        todo!()
    }
}

/// Un nœud physique.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PhysicalNode {
    /// Son nom, unique dans l'anneau.
    pub id: String,
    /// Son adresse, que l'anneau ne fait que transporter.
    pub address: String,
    /// Son poids : il multiplie le nombre de nœuds virtuels.
    pub weight: u32,
}

/// Anneau de hachage consistant.
pub struct ConsistentHashRing {
    // À vous de choisir : l'anneau proprement dit (une `BTreeMap` ?), les membres, la configuration…
}

/// Les nœuds responsables d'une clé.
#[derive(Debug, Clone)]
pub struct LookupResult {
    /// Le nœud primaire.
    pub primary: PhysicalNode,
    /// Les autres nœuds qui tiennent une copie, tous différents.
    pub replicas: Vec<PhysicalNode>,
    /// Position sur l'anneau, entre 0.0 et 1.0.
    pub ring_position: f64,
}

/// Répartition d'un ensemble de clés sur les nœuds.
#[derive(Debug, Clone)]
pub struct DistributionStats {
    /// Nombre de clés dont chaque nœud est le primaire.
    pub keys_per_node: HashMap<String, usize>,
    /// Écart-type de ces nombres.
    pub standard_deviation: f64,
    /// Rapport de l'écart-type à la moyenne.
    pub coefficient_of_variation: f64,
}

impl ConsistentHashRing {
    /// Crée un anneau sans nœud.
    pub fn new(config: ConsistentHashConfig) -> Self {
        todo!("new {config:?}")
    }

    /// Ajoute un nœud physique (R2, R10) ; rend ce qui doit migrer vers lui, dans la lecture que vous choisissez.
    pub fn add_node(&mut self, node: PhysicalNode) -> HashSet<u64> {
        todo!("add_node {node:?}")
    }

    /// Retire un nœud (R6, R10) ; rend ce qui doit être redistribué, l'ensemble vide pour un inconnu.
    pub fn remove_node(&mut self, node_id: &str) -> HashSet<u64> {
        todo!("remove_node {node_id}")
    }

    /// Les nœuds responsables d'une clé (R3, R5) ; `None` sur un anneau sans nœud.
    pub fn lookup(&self, key: &str) -> Option<LookupResult> {
        todo!("lookup {key}")
    }

    /// Les nœuds responsables de la position `hash` (R3, R5).
    pub fn lookup_hash(&self, hash: u64) -> Option<LookupResult> {
        todo!("lookup_hash {hash}")
    }

    /// Les nœuds physiques présents, dans un ordre quelconque (R10).
    pub fn nodes(&self) -> Vec<&PhysicalNode> {
        todo!()
    }

    /// Le nombre de nœuds physiques (R10).
    pub fn node_count(&self) -> usize {
        todo!()
    }

    /// Répartition des clés données (R9).
    pub fn distribution_stats(&self, keys: &[String]) -> DistributionStats {
        todo!("distribution_stats {keys:?}")
    }

    /// Fraction des clés dont le primaire changerait à l'arrivée de `node` (R7).
    pub fn simulate_add(&self, node: &PhysicalNode, sample_keys: &[String]) -> f64 {
        todo!("simulate_add {node:?} {sample_keys:?}")
    }

    /// Fraction des clés dont le primaire changerait au départ de `node_id` (R7).
    pub fn simulate_remove(&self, node_id: &str, sample_keys: &[String]) -> f64 {
        todo!("simulate_remove {node_id} {sample_keys:?}")
    }

    /// Toutes les positions de l'anneau, croissantes, chacune avec un texte de votre choix (R2).
    pub fn ring_debug(&self) -> Vec<(u64, String)> {
        todo!()
    }
}

/// Position d'une clé : son empreinte SHA-256, tronquée à 64 bits (R1).
pub fn hash_key(key: &str) -> u64 {
    todo!("hash_key {key}")
}

/// Position d'un nœud virtuel (R1).
pub fn hash_vnode(node_id: &str, vnode_index: usize) -> u64 {
    todo!("hash_vnode {node_id} {vnode_index}")
}
