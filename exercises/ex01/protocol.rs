//! The script language of EX01: rings in numbered slots, and the numbered nodes that join and leave them.
//!
//! What the contract leaves open cannot be said: a node's address and weight follow from its number, so a node never
//! comes back as another one, and no weight, number of virtual nodes or replication factor is zero.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The number of a ring.
pub type Slot = u8;

/// A physical node, as plain data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Node {
    /// Its name.
    pub id: String,
    /// Where it is reached.
    pub address: String,
    /// Its share of the keys, relative to others.
    pub weight: u32,
}

/// The node number `n`: `n1` and `n11` are among the names, on purpose, and weights are 1, 2 or 3.
pub fn node(n: u8) -> Node {
    Node {
        id: format!("n{n}"),
        address: format!("10.0.0.{n}:8080"),
        weight: u32::from(n % 3) + 1,
    }
}

/// The number of virtual nodes and the replication factor of a ring that was not created: those of the default
/// configuration.
pub const DEFAULT_CONFIG: (usize, usize) = (150, 3);

/// The number of virtual nodes and the replication factor that `create` asks for: at least one each.
pub fn config(virtual_nodes: u16, replication: u8) -> (usize, usize) {
    (usize::from(virtual_nodes.max(1)), usize::from(replication.max(1)))
}

/// The key number `i`.
pub fn key(i: u16) -> String {
    format!("key_{i}")
}

/// A node as the student would write it.
fn literal(n: u8) -> String {
    let Node { id, address, weight } = node(n);
    format!("PhysicalNode {{ id: {id:?}.into(), address: {address:?}.into(), weight: {weight} }}")
}

/// The first keys as the student would write them.
fn literals(keys: u16) -> String {
    format!("(0..{keys}).map(|i| format!(\"key_{{i}}\")).collect::<Vec<_>>()")
}

witness::language! {
    /// Rings by number. A ring that was not created has the default configuration and no nodes. Bulk steps use the keys
    /// `key_0`, `key_1`..
    pub trait Rings {
        /// A ring without nodes, in place of the one in the slot.
        fn create(r: Slot, virtual_nodes: u16, replication: u8) => {
            let (virtual_nodes, replication_factor) = config(*virtual_nodes, *replication);
            format!(
                "let mut ring{r} = ConsistentHashRing::new(ConsistentHashConfig {{ \
                 virtual_nodes: {virtual_nodes}, replication_factor: {replication_factor} }});"
            )
        };
        /// A node joins.
        fn add_node(r: Slot, n: u8) => { format!("ring{r}.add_node({});", literal(*n)) };
        /// A node leaves.
        fn remove_node(r: Slot, n: u8) => { format!("ring{r}.remove_node({:?});", node(*n).id) };
        /// A node joins; how many keys it claims.
        fn keys_claimed(r: Slot, n: u8) -> usize => { format!("ring{r}.add_node({}).len()", literal(*n)) };
        /// A node leaves; how many keys it releases.
        fn keys_released(r: Slot, n: u8) -> usize => { format!("ring{r}.remove_node({:?}).len()", node(*n).id) };

        /// The members. Sorted: the contract fixes no order.
        fn nodes(r: Slot) -> Vec<Node> => "ring{r}.nodes()";
        /// The number of members.
        fn node_count(r: Slot) -> usize => "ring{r}.node_count()";
        /// The positions of all virtual nodes.
        fn points(r: Slot) -> Vec<u64> => "ring{r}.ring_debug() // positions";

        /// The primary of a key.
        fn owner(r: Slot, key: String) -> Option<String> => "ring{r}.lookup({key:?}).map(|found| found.primary.id)";
        /// The primary of a position.
        fn owner_of_hash(r: Slot, hash: u64) -> Option<String> =>
            "ring{r}.lookup_hash({hash}).map(|found| found.primary.id)";
        /// The primary of the position of a key.
        fn owner_of_hashed_key(r: Slot, key: String) -> Option<String> =>
            "ring{r}.lookup_hash(hash_key({key:?})).map(|found| found.primary.id)";
        /// The primary of each of the first keys.
        fn owners(r: Slot, keys: u16) -> Vec<Option<String>> =>
            "(0..{keys}).map(|i| ring{r}.lookup(&format!(\"key_{{i}}\")).map(|found| found.primary.id))";
        /// How many of the first keys each node is the primary of.
        fn count_owners(r: Slot, keys: u16) -> BTreeMap<String, u64> =>
            "(0..{keys}).map(|i| ring{r}.lookup(&format!(\"key_{{i}}\")).map(|found| found.primary.id)) // counted";
        /// The holders of a key: the primary, then the replicas, sorted: the contract fixes no order.
        fn holders(r: Slot, key: String) -> Option<Vec<Node>> =>
            "ring{r}.lookup({key:?}).map(|found| (found.primary, found.replicas))";
        /// The holders of a position, in the same way, by name.
        fn holders_of_hash(r: Slot, hash: u64) -> Option<Vec<String>> =>
            "ring{r}.lookup_hash({hash}).map(|found| (found.primary, found.replicas))";
        /// Where a position lies on the circle.
        fn ring_position(r: Slot, hash: u64) -> Option<f64> =>
            "ring{r}.lookup_hash({hash}).map(|found| found.ring_position)";

        /// The keys of each node, without those that hold none: whether these are listed is open.
        fn keys_per_node(r: Slot, keys: u16) -> BTreeMap<String, u64> => {
            format!("ring{r}.distribution_stats(&{}).keys_per_node", literals(*keys))
        };
        /// How much these numbers differ.
        fn standard_deviation(r: Slot, keys: u16) -> f64 => {
            format!("ring{r}.distribution_stats(&{}).standard_deviation", literals(*keys))
        };
        /// The same, relative to their mean.
        fn coefficient_of_variation(r: Slot, keys: u16) -> f64 => {
            format!("ring{r}.distribution_stats(&{}).coefficient_of_variation", literals(*keys))
        };
        /// The fraction of the first keys that would move if a node joined.
        fn simulate_add(r: Slot, n: u8, keys: u16) -> f64 => {
            format!("ring{r}.simulate_add(&{}, &{})", literal(*n), literals(*keys))
        };
        /// The fraction of the first keys that would move if a node left.
        fn simulate_remove(r: Slot, n: u8, keys: u16) -> f64 => {
            format!("ring{r}.simulate_remove({:?}, &{})", node(*n).id, literals(*keys))
        };

        /// The position of a key.
        fn hash_key(key: String) -> u64 => "hash_key({key:?})";
        /// The positions of the first virtual nodes of a node.
        fn hash_vnodes(id: String, count: u16) -> Vec<u64> => "(0..{count}).map(|i| hash_vnode({id:?}, i))";

        /// The primaries of the first keys, as each of several threads finds them at once.
        fn read_together(r: Slot, threads: u8, keys: u16) -> Vec<Vec<Option<String>>> => {
            format!(
                "let shared{r} = Arc::new(RwLock::new(ring{r})); \
                 // {threads} threads look up key_0..key_{keys} under read locks"
            )
        };
        /// A node joins while several threads look the first keys up, four times each, one read lock a time.
        fn join_while_reading(r: Slot, n: u8, threads: u8, keys: u16) -> Vec<Vec<Vec<Option<String>>>> => {
            format!(
                "let shared{r} = Arc::new(RwLock::new(ring{r})); shared{r}.write().unwrap().add_node({}); \
                 // meanwhile {threads} threads look up key_0..key_{keys} under read locks, four times each",
                literal(*n)
            )
        };
    }
}
