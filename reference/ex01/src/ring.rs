//! The ring: virtual nodes on a circle, and the walk that finds who holds a key.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::{hash_key, hash_vnode};

/// How a ring is cut and how often a key is stored.
#[derive(Debug, Clone)]
pub struct ConsistentHashConfig {
    /// How many virtual nodes a physical node of weight 1 has. The more, the more even the loads: they differ by about
    /// `1 / √virtual_nodes`.
    pub virtual_nodes: usize,
    /// On how many physical nodes a key is stored, the primary included. 0 counts as 1.
    pub replication_factor: usize,
}

/// A machine of the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PhysicalNode {
    /// Its name, unique in the ring. Positions depend on the name alone.
    pub id: String,
    /// Where it is reached. The ring only carries it.
    pub address: String,
    /// Its share of the keys, relative to the other nodes: it multiplies the number of virtual nodes. A node of weight 0
    /// is a member that holds nothing.
    pub weight: u32,
}

/// Who holds a key.
#[derive(Debug, Clone)]
pub struct LookupResult {
    /// The node responsible for the key.
    pub primary: PhysicalNode,
    /// The further nodes that keep a copy, in the order in which they would take over.
    pub replicas: Vec<PhysicalNode>,
    /// Where the key lies on the circle, from 0.0 to 1.0.
    pub ring_position: f64,
}

/// A consistent hash ring of physical nodes.
#[derive(Debug, Clone)]
pub struct ConsistentHashRing {
    config: ConsistentHashConfig,
    /// The members by id. The points share these values, so that a walk recognises a node by its pointer.
    nodes: BTreeMap<String, Arc<PhysicalNode>>,
    /// The virtual nodes by position, each with its physical node, which is a member.
    points: BTreeMap<u64, Arc<PhysicalNode>>,
}

impl Default for ConsistentHashConfig {
    /// 150 virtual nodes a node, three copies of a key.
    fn default() -> Self {
        Self {
            virtual_nodes: 150,
            replication_factor: 3,
        }
    }
}

impl ConsistentHashRing {
    /// A ring without nodes.
    ///
    /// ```
    /// use ex01::{ConsistentHashConfig, ConsistentHashRing};
    ///
    /// let ring = ConsistentHashRing::new(ConsistentHashConfig::default());
    /// assert!(ring.lookup("key").is_none());
    /// ```
    pub fn new(config: ConsistentHashConfig) -> Self {
        Self {
            config,
            nodes: BTreeMap::new(),
            points: BTreeMap::new(),
        }
    }

    /// Lets `node` join, in place of the node with its id if there is one.
    ///
    /// The ring stores no keys, so the keys to migrate are given by the points where their arcs end: the positions of the
    /// node's virtual nodes. Keys that lie between such a point and the point before it move to `node`.
    ///
    /// Two virtual nodes at one position would be a collision of truncated digests, which a ring of a million points has
    /// with a probability of 3 in 100 million; the node that came last then holds the point.
    ///
    /// ```
    /// use ex01::{ConsistentHashConfig, ConsistentHashRing, PhysicalNode};
    ///
    /// let config = ConsistentHashConfig { virtual_nodes: 100, replication_factor: 1 };
    /// let mut ring = ConsistentHashRing::new(config);
    /// let moved = ring.add_node(PhysicalNode { id: "a".into(), address: "10.0.0.1:80".into(), weight: 2 });
    /// assert_eq!(moved.len(), 200);
    /// ```
    pub fn add_node(&mut self, node: PhysicalNode) -> HashSet<u64> {
        self.remove_node(&node.id);
        let node = Arc::new(node);
        self.nodes.insert(node.id.clone(), Arc::clone(&node));
        let claimed: HashSet<u64> = self.positions(&node).collect();
        self.points
            .extend(claimed.iter().map(|&position| (position, Arc::clone(&node))));
        claimed
    }

    /// Lets the node named `node_id` leave; nothing happens if there is none.
    ///
    /// Returns the positions of its virtual nodes: keys between such a point and the point before it are to be
    /// redistributed, to the node that comes next on the ring.
    ///
    /// ```
    /// use ex01::{ConsistentHashConfig, ConsistentHashRing};
    ///
    /// let mut ring = ConsistentHashRing::new(ConsistentHashConfig::default());
    /// assert!(ring.remove_node("nobody").is_empty());
    /// ```
    pub fn remove_node(&mut self, node_id: &str) -> HashSet<u64> {
        let Some(node) = self.nodes.remove(node_id) else {
            return HashSet::new();
        };
        let released: HashSet<u64> = self.positions(&node).collect();
        for position in &released {
            self.points.remove(position);
        }
        released
    }

    /// The nodes that hold `key`; none if the ring has no point.
    ///
    /// ```
    /// use ex01::{ConsistentHashConfig, ConsistentHashRing, PhysicalNode};
    ///
    /// let mut ring = ConsistentHashRing::new(ConsistentHashConfig::default());
    /// ring.add_node(PhysicalNode { id: "a".into(), address: "10.0.0.1:80".into(), weight: 1 });
    /// let found = ring.lookup("key").expect("the ring has a node");
    /// assert_eq!(found.primary.id, "a");
    /// assert!(found.replicas.is_empty(), "there is no other node to replicate to");
    /// ```
    pub fn lookup(&self, key: &str) -> Option<LookupResult> {
        self.lookup_hash(hash_key(key))
    }

    /// The nodes that hold the keys at position `hash`; none if the ring has no point. A point owns its own position and
    /// those before it.
    ///
    /// ```
    /// use ex01::{ConsistentHashConfig, ConsistentHashRing, PhysicalNode};
    ///
    /// let mut ring = ConsistentHashRing::new(ConsistentHashConfig::default());
    /// ring.add_node(PhysicalNode { id: "a".into(), address: "10.0.0.1:80".into(), weight: 1 });
    /// let found = ring.lookup_hash(u64::MAX).expect("behind the last point comes the first");
    /// assert_eq!((found.primary.id.as_str(), found.ring_position), ("a", 1.0));
    /// ```
    pub fn lookup_hash(&self, hash: u64) -> Option<LookupResult> {
        let copies = self.config.replication_factor.clamp(1, self.nodes.len().max(1));
        let mut holders: Vec<&Arc<PhysicalNode>> = Vec::with_capacity(copies);
        for node in self.walk(hash) {
            if !holders.iter().any(|holder| Arc::ptr_eq(holder, node)) {
                holders.push(node);
                if holders.len() == copies {
                    break;
                }
            }
        }
        let (primary, replicas) = holders.split_first()?;
        Some(LookupResult {
            primary: PhysicalNode::clone(primary),
            replicas: replicas.iter().map(|node| PhysicalNode::clone(node)).collect(),
            ring_position: hash as f64 / u64::MAX as f64,
        })
    }

    /// The members, sorted by id.
    ///
    /// ```
    /// use ex01::{ConsistentHashConfig, ConsistentHashRing, PhysicalNode};
    ///
    /// let mut ring = ConsistentHashRing::new(ConsistentHashConfig::default());
    /// let node = PhysicalNode { id: "a".into(), address: "10.0.0.1:80".into(), weight: 1 };
    /// ring.add_node(node.clone());
    /// assert_eq!(ring.nodes(), [&node]);
    /// ```
    pub fn nodes(&self) -> Vec<&PhysicalNode> {
        self.nodes.values().map(Arc::as_ref).collect()
    }

    /// The number of members.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Every point of the ring in ascending order, with the id of the node it stands for.
    ///
    /// ```
    /// use ex01::{ConsistentHashConfig, ConsistentHashRing, PhysicalNode};
    ///
    /// let config = ConsistentHashConfig { virtual_nodes: 4, replication_factor: 1 };
    /// let mut ring = ConsistentHashRing::new(config);
    /// ring.add_node(PhysicalNode { id: "a".into(), address: "10.0.0.1:80".into(), weight: 2 });
    /// let points = ring.ring_debug();
    /// assert_eq!(points.len(), 8);
    /// assert!(points.is_sorted());
    /// ```
    pub fn ring_debug(&self) -> Vec<(u64, String)> {
        self.points
            .iter()
            .map(|(&position, node)| (position, node.id.clone()))
            .collect()
    }

    /// The id of the node responsible for `key`, without copying anything.
    pub(crate) fn owner(&self, key: &str) -> Option<&str> {
        let node = self.walk(hash_key(key)).next()?;
        Some(&node.id)
    }

    /// The physical nodes of all points, clockwise once around from `hash`.
    fn walk(&self, hash: u64) -> impl Iterator<Item = &Arc<PhysicalNode>> {
        let ahead = self.points.range(hash..);
        let from_the_start = self.points.range(..hash);
        ahead.chain(from_the_start).map(|(_, node)| node)
    }

    /// Where the virtual nodes of `node` stand: they depend on its id alone, and a larger weight only adds to them.
    fn positions(&self, node: &PhysicalNode) -> impl Iterator<Item = u64> {
        let weight = usize::try_from(node.weight).unwrap_or(usize::MAX);
        let count = self.config.virtual_nodes.saturating_mul(weight);
        (0..count).map(|index| hash_vnode(&node.id, index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: &str, weight: u32) -> PhysicalNode {
        PhysicalNode {
            id: id.to_owned(),
            address: format!("{id}:8080"),
            weight,
        }
    }

    fn ring(virtual_nodes: usize, replication_factor: usize, ids: &[&str]) -> ConsistentHashRing {
        let mut ring = ConsistentHashRing::new(ConsistentHashConfig {
            virtual_nodes,
            replication_factor,
        });
        for id in ids {
            ring.add_node(node(id, 1));
        }
        ring
    }

    #[test]
    fn the_circle_closes() {
        let ring = ring(3, 1, &["a", "b"]);
        let points = ring.ring_debug();
        let (last, _) = points[points.len() - 1];
        let found = ring.lookup_hash(last + 1).unwrap();
        assert_eq!(found.primary.id, points[0].1);
    }

    #[test]
    fn a_point_owns_its_position() {
        let ring = ring(5, 1, &["a", "b", "c"]);
        for (position, id) in ring.ring_debug() {
            assert_eq!(ring.lookup_hash(position).unwrap().primary.id, id);
        }
    }

    #[test]
    fn replicas_are_the_next_distinct_nodes() {
        let ring = ring(20, 3, &["a", "b", "c", "d"]);
        let found = ring.lookup_hash(0).unwrap();
        let mut distinct: Vec<String> = Vec::new();
        for (_, id) in ring.ring_debug() {
            if !distinct.contains(&id) {
                distinct.push(id);
            }
        }
        assert_eq!(found.primary.id, distinct[0]);
        assert_eq!(found.replicas[0].id, distinct[1]);
        assert_eq!(found.replicas[1].id, distinct[2]);
        assert_eq!(found.replicas.len(), 2);
    }

    #[test]
    fn a_ring_remembers_no_history() {
        let straight = ring(30, 2, &["a", "b", "c"]);
        let mut winding = ring(30, 2, &["c", "gone", "a"]);
        winding.remove_node("gone");
        winding.add_node(node("b", 7));
        winding.add_node(node("b", 1));
        assert_eq!(straight.ring_debug(), winding.ring_debug());
        assert_eq!(straight.nodes(), winding.nodes());
    }

    #[test]
    fn a_factor_of_zero_and_a_weight_of_zero_have_a_meaning() {
        let mut ring = ring(10, 0, &["a"]);
        ring.add_node(node("idle", 0));
        let found = ring.lookup("key").unwrap();
        assert_eq!((found.primary.id.as_str(), found.replicas.len()), ("a", 0));
        ring.remove_node("a");
        assert!(ring.lookup("key").is_none());
        assert_eq!(ring.node_count(), 1);
    }
}
