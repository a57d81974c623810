//! L'anneau : un vecteur de points trié, où une recherche dichotomique trouve le responsable.

use std::collections::HashSet;

use crate::{ConsistentHashConfig, LookupResult, PhysicalNode, hash_key, hash_vnode};

/// Un nœud virtuel : sa position, et la place de son nœud physique parmi les membres.
#[derive(Clone, Copy)]
struct Point {
    position: u64,
    member: usize,
}

/// Anneau de hachage consistant. Une clé appartient au plus grand point qui ne la dépasse pas.
pub struct ConsistentHashRing {
    config: ConsistentHashConfig,
    members: Vec<PhysicalNode>,
    /// Trié par position.
    points: Vec<Point>,
}

impl ConsistentHashRing {
    /// Crée un anneau vide.
    ///
    /// ```
    /// let ring = ex01::ConsistentHashRing::new(ex01::ConsistentHashConfig::default());
    /// assert_eq!(ring.node_count(), 0);
    /// ```
    pub fn new(config: ConsistentHashConfig) -> Self {
        Self {
            config,
            members: Vec::new(),
            points: Vec::new(),
        }
    }

    /// Ajoute un nœud, ou le remplace ; rend les positions de ses nœuds virtuels.
    pub fn add_node(&mut self, node: PhysicalNode) -> HashSet<u64> {
        self.remove_node(&node.id);
        let member = self.members.len();
        let positions = self.positions_of(&node);
        self.members.push(node);
        self.points
            .extend(positions.iter().map(|&position| Point { position, member }));
        // Le début est déjà trié : le tri stable ne fait guère que fusionner.
        self.points.sort_by_key(|point| point.position);
        positions.into_iter().collect()
    }

    /// Retire un nœud ; rend les positions de ses nœuds virtuels.
    pub fn remove_node(&mut self, node_id: &str) -> HashSet<u64> {
        let Some(gone) = self.members.iter().position(|member| member.id == node_id) else {
            return HashSet::new();
        };
        let last = self.members.len() - 1;
        self.members.swap_remove(gone);
        let mut released = HashSet::new();
        self.points.retain_mut(|point| {
            if point.member == gone {
                released.insert(point.position);
                return false;
            }
            if point.member == last {
                point.member = gone;
            }
            true
        });
        released
    }

    /// Les nœuds responsables d'une clé.
    pub fn lookup(&self, key: &str) -> Option<LookupResult> {
        self.lookup_hash(hash_key(key))
    }

    /// Les nœuds responsables d'une position.
    pub fn lookup_hash(&self, hash: u64) -> Option<LookupResult> {
        let start = self.find(hash)?;
        let wanted = self.config.replication_factor.max(1).min(self.members.len());
        let mut found = Vec::with_capacity(wanted);
        let (before, after) = self.points.split_at(start + 1);
        for point in before.iter().rev().chain(after.iter().rev()) {
            if !found.contains(&point.member) {
                found.push(point.member);
            }
            if found.len() == wanted {
                break;
            }
        }
        let mut holders = found.into_iter().map(|member| self.members[member].clone());
        Some(LookupResult {
            primary: holders.next()?,
            replicas: holders.collect(),
            ring_position: self.points[start].position as f64 / 2_f64.powi(64),
        })
    }

    /// Les membres, dans un ordre quelconque.
    pub fn nodes(&self) -> Vec<&PhysicalNode> {
        self.members.iter().collect()
    }

    /// Le nombre de membres.
    pub fn node_count(&self) -> usize {
        self.members.len()
    }

    /// Les points, croissants, avec l'adresse de leur nœud.
    pub fn ring_debug(&self) -> Vec<(u64, String)> {
        let points = self.points.iter();
        points
            .map(|point| (point.position, self.members[point.member].address.clone()))
            .collect()
    }

    /// Le responsable de la position `hash` et sa distance, en reculant.
    pub(crate) fn nearest(&self, hash: u64) -> Option<(&PhysicalNode, u64)> {
        let point = self.points[self.find(hash)?];
        Some((&self.members[point.member], hash.wrapping_sub(point.position)))
    }

    /// Les positions des nœuds virtuels de `node`.
    pub(crate) fn positions_of(&self, node: &PhysicalNode) -> Vec<u64> {
        let count = self.config.virtual_nodes * node.weight as usize;
        (0..count).map(|index| hash_vnode(&node.id, index)).collect()
    }

    /// La place du dernier point qui ne dépasse pas `hash` ; avant le premier vient le dernier.
    fn find(&self, hash: u64) -> Option<usize> {
        let after = self.points.partition_point(|point| point.position <= hash);
        match after {
            0 => self.points.len().checked_sub(1),
            _ => Some(after - 1),
        }
    }
}
