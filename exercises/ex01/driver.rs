//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.

use ex01::{ConsistentHashConfig, ConsistentHashRing, PhysicalNode, hash_key, hash_vnode};
use ex01_protocol::{DEFAULT_CONFIG, Node, Rings, Slot, config, key, node};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, RwLock};
use std::thread;

/// The rings of one script.
#[derive(Default)]
pub struct World {
    rings: BTreeMap<Slot, ConsistentHashRing>,
}

impl World {
    fn ring(&mut self, slot: Slot) -> &mut ConsistentHashRing {
        self.rings.entry(slot).or_insert_with(|| new_ring(DEFAULT_CONFIG))
    }

    /// Has `readers` at once look the first keys up, `rounds` times each, while `change` is made to the ring.
    fn share(
        &mut self,
        slot: Slot,
        readers: u8,
        rounds: usize,
        keys: u16,
        change: impl FnOnce(&RwLock<ConsistentHashRing>),
    ) -> Vec<Vec<Vec<Option<String>>>> {
        self.ring(slot);
        let ring = self.rings.remove(&slot).expect("it was just made");
        let shared = Arc::new(RwLock::new(ring));
        let readers: Vec<_> = (0..readers.min(8))
            .map(|_| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    let round = |_| primaries(&shared.read().expect("no writer panicked"), keys);
                    (0..rounds).map(round).collect()
                })
            })
            .collect();
        change(&shared);
        let seen = readers
            .into_iter()
            .map(|reader| reader.join().expect("a reader does not panic"))
            .collect();
        if let Some(ring) = Arc::into_inner(shared) {
            self.rings.insert(slot, ring.into_inner().expect("no writer panicked"));
        }
        seen
    }
}

fn new_ring((virtual_nodes, replication_factor): (usize, usize)) -> ConsistentHashRing {
    ConsistentHashRing::new(ConsistentHashConfig {
        virtual_nodes,
        replication_factor,
    })
}

fn physical(n: u8) -> PhysicalNode {
    let Node { id, address, weight } = node(n);
    PhysicalNode { id, address, weight }
}

fn plain(node: &PhysicalNode) -> Node {
    Node {
        id: node.id.clone(),
        address: node.address.clone(),
        weight: node.weight,
    }
}

fn primaries(ring: &ConsistentHashRing, keys: u16) -> Vec<Option<String>> {
    let primary = |i| ring.lookup(&key(i)).map(|found| found.primary.id);
    (0..keys).map(primary).collect()
}

fn sample(keys: u16) -> Vec<String> {
    (0..keys).map(key).collect()
}

impl Rings for World {
    fn create(&mut self, r: Slot, virtual_nodes: u16, replication: u8) {
        self.rings.insert(r, new_ring(config(virtual_nodes, replication)));
    }

    fn add_node(&mut self, r: Slot, n: u8) {
        self.ring(r).add_node(physical(n));
    }

    fn remove_node(&mut self, r: Slot, n: u8) {
        self.ring(r).remove_node(&node(n).id);
    }

    fn keys_claimed(&mut self, r: Slot, n: u8) -> usize {
        let claimed: HashSet<u64> = self.ring(r).add_node(physical(n));
        claimed.len()
    }

    fn keys_released(&mut self, r: Slot, n: u8) -> usize {
        let released: HashSet<u64> = self.ring(r).remove_node(&node(n).id);
        released.len()
    }

    fn nodes(&mut self, r: Slot) -> Vec<Node> {
        let mut nodes: Vec<Node> = self.ring(r).nodes().into_iter().map(plain).collect();
        nodes.sort();
        nodes
    }

    fn node_count(&mut self, r: Slot) -> usize {
        self.ring(r).node_count()
    }

    fn points(&mut self, r: Slot) -> Vec<u64> {
        let points: Vec<(u64, String)> = self.ring(r).ring_debug();
        points.into_iter().map(|(position, _)| position).collect()
    }

    fn owner(&mut self, r: Slot, key: String) -> Option<String> {
        self.ring(r).lookup(&key).map(|found| found.primary.id)
    }

    fn owner_of_hash(&mut self, r: Slot, hash: u64) -> Option<String> {
        self.ring(r).lookup_hash(hash).map(|found| found.primary.id)
    }

    fn owner_of_hashed_key(&mut self, r: Slot, key: String) -> Option<String> {
        self.ring(r).lookup_hash(hash_key(&key)).map(|found| found.primary.id)
    }

    fn owners(&mut self, r: Slot, keys: u16) -> Vec<Option<String>> {
        primaries(self.ring(r), keys)
    }

    fn count_owners(&mut self, r: Slot, keys: u16) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for owner in primaries(self.ring(r), keys).into_iter().flatten() {
            *counts.entry(owner).or_default() += 1;
        }
        counts
    }

    fn holders(&mut self, r: Slot, key: String) -> Option<Vec<Node>> {
        let found = self.ring(r).lookup(&key)?;
        let mut replicas: Vec<Node> = found.replicas.iter().map(plain).collect();
        replicas.sort();
        replicas.insert(0, plain(&found.primary));
        Some(replicas)
    }

    fn holders_of_hash(&mut self, r: Slot, hash: u64) -> Option<Vec<String>> {
        let found = self.ring(r).lookup_hash(hash)?;
        let mut replicas: Vec<String> = found.replicas.into_iter().map(|node| node.id).collect();
        replicas.sort();
        replicas.insert(0, found.primary.id);
        Some(replicas)
    }

    fn ring_position(&mut self, r: Slot, hash: u64) -> Option<f64> {
        self.ring(r).lookup_hash(hash).map(|found| found.ring_position)
    }

    fn keys_per_node(&mut self, r: Slot, keys: u16) -> BTreeMap<String, u64> {
        let counts: HashMap<String, usize> = self.ring(r).distribution_stats(&sample(keys)).keys_per_node;
        let held = counts.into_iter().filter(|(_, count)| *count > 0);
        held.map(|(id, count)| (id, count as u64)).collect()
    }

    fn standard_deviation(&mut self, r: Slot, keys: u16) -> f64 {
        self.ring(r).distribution_stats(&sample(keys)).standard_deviation
    }

    fn coefficient_of_variation(&mut self, r: Slot, keys: u16) -> f64 {
        self.ring(r).distribution_stats(&sample(keys)).coefficient_of_variation
    }

    fn simulate_add(&mut self, r: Slot, n: u8, keys: u16) -> f64 {
        self.ring(r).simulate_add(&physical(n), &sample(keys))
    }

    fn simulate_remove(&mut self, r: Slot, n: u8, keys: u16) -> f64 {
        self.ring(r).simulate_remove(&node(n).id, &sample(keys))
    }

    fn hash_key(&mut self, key: String) -> u64 {
        hash_key(&key)
    }

    fn hash_vnodes(&mut self, id: String, count: u16) -> Vec<u64> {
        (0..usize::from(count)).map(|index| hash_vnode(&id, index)).collect()
    }

    fn read_together(&mut self, r: Slot, threads: u8, keys: u16) -> Vec<Vec<Option<String>>> {
        let seen = self.share(r, threads, 1, keys, |_| {});
        seen.into_iter().flatten().collect()
    }

    fn join_while_reading(&mut self, r: Slot, n: u8, threads: u8, keys: u16) -> Vec<Vec<Vec<Option<String>>>> {
        self.share(r, threads, 4, keys, |ring| {
            ring.write().expect("no reader panicked").add_node(physical(n));
        })
    }
}
