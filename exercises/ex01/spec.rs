//! The public checks: what the statement says, in examples that a student can read and run.

use ex01::{
    ConsistentHashConfig, ConsistentHashRing, DistributionStats, LookupResult, PhysicalNode, hash_key, hash_vnode,
};
use std::collections::{BTreeSet, HashSet};
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, RwLock};
use std::thread;

/// The node `id` of that weight, at an address of its own.
fn node(id: &str, weight: u32) -> PhysicalNode {
    PhysicalNode {
        id: id.to_owned(),
        address: format!("{id}.example:8080"),
        weight,
    }
}

/// A ring of the nodes node0, node1, ... of weight 1.
fn ring(virtual_nodes: usize, replication_factor: usize, nodes: usize) -> ConsistentHashRing {
    let mut ring = ConsistentHashRing::new(ConsistentHashConfig {
        virtual_nodes,
        replication_factor,
    });
    for number in 0..nodes {
        ring.add_node(node(&format!("node{number}"), 1));
    }
    ring
}

/// The keys key_0, key_1, ...
fn keys(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("key_{number}")).collect()
}

/// The id of the node responsible for `key`.
fn owner(ring: &ConsistentHashRing, key: &str) -> String {
    ring.lookup(key).expect("the ring has nodes").primary.id
}

/// R3: with the default configuration, a key is found on one of the nodes.
#[test]
fn test_basic_lookup() {
    let config = ConsistentHashConfig::default();
    assert_eq!(config.virtual_nodes, 150);
    assert_eq!(config.replication_factor, 3);

    let mut ring = ConsistentHashRing::new(config);
    ring.add_node(node("node1", 1));
    ring.add_node(node("node2", 1));

    let found = ring.lookup("my_key").expect("the ring has nodes");
    assert!(["node1", "node2"].contains(&found.primary.id.as_str()));
    assert_eq!(found.replicas.len(), 1, "two nodes cannot keep three copies");
    assert!((0.0..=1.0).contains(&found.ring_position));
}

/// R3, R4: a key always goes to the same node, by its name or by its hash, whatever the order of the arrivals.
#[test]
fn test_consistent_lookup() {
    let forwards = ring(100, 3, 5);
    let mut backwards = ring(100, 3, 0);
    for number in (0..5).rev() {
        backwards.add_node(node(&format!("node{number}"), 1));
    }

    for key in ["consistent_key", "", "clé", "another key"] {
        let first = owner(&forwards, key);
        assert_eq!(owner(&forwards, key), first);
        assert_eq!(owner(&backwards, key), first);
        let hashed = forwards.lookup_hash(hash_key(key)).expect("the ring has nodes");
        assert_eq!(hashed.primary.id, first);
    }
}

/// R3: a ring without nodes holds nothing.
#[test]
fn test_empty_ring() {
    let mut empty = ring(100, 3, 0);
    assert!(empty.lookup("key").is_none());
    assert!(empty.lookup_hash(42).is_none());

    empty.add_node(node("node0", 1));
    assert!(empty.lookup("key").is_some());
    empty.remove_node("node0");
    assert!(empty.lookup("key").is_none());
}

/// R6, R7: the eleventh node takes about one key in eleven, as simulated, and takes them for itself.
#[test]
fn test_minimal_redistribution() {
    let mut ring = ring(150, 1, 10);
    let keys = keys(10_000);
    let before: Vec<String> = keys.iter().map(|key| owner(&ring, key)).collect();

    let simulated = ring.simulate_add(&node("node_new", 1), &keys);
    assert!(simulated < 0.15, "too many keys move: {simulated}");
    assert!(simulated > 0.05, "too few keys move: {simulated}");
    assert_eq!(ring.node_count(), 10, "a simulation changes nothing");

    ring.add_node(node("node_new", 1));
    let mut moved = 0;
    for (key, before) in keys.iter().zip(before) {
        let after = owner(&ring, key);
        if after != before {
            assert_eq!(after, "node_new");
            moved += 1;
        }
    }
    assert!((simulated - f64::from(moved) / 10_000.0).abs() < 1e-9);
}

/// R7: a simulated departure moves the keys of the node that leaves.
#[test]
fn test_simulate_remove() {
    let ring = ring(150, 1, 4);
    let keys = keys(2_000);
    let held = keys.iter().filter(|key| owner(&ring, key) == "node2").count();
    let simulated = ring.simulate_remove("node2", &keys);
    assert!((simulated - held as f64 / 2_000.0).abs() < 1e-9);
    assert_eq!(ring.simulate_remove("nobody", &keys), 0.0);
    assert_eq!(ring.simulate_remove("node2", &[]), 0.0);
}

/// R5: a key is held by as many different nodes as the factor says.
#[test]
fn test_replication_different_nodes() {
    let ring = ring(100, 3, 5);
    for key in keys(200) {
        let found = ring.lookup(&key).expect("the ring has nodes");
        let holders: HashSet<&str> = std::iter::once(&found.primary)
            .chain(&found.replicas)
            .map(|holder| holder.id.as_str())
            .collect();
        assert_eq!(found.replicas.len(), 2);
        assert_eq!(holders.len(), 3);
    }
}

/// R8, R9: a node of weight 3 holds about three times the keys of a node of weight 1. The bounds are the course's own; one
/// labelling of the virtual nodes in a hundred is so uneven, with 100 of them, that it exceeds them.
#[test]
fn test_weight_distribution() {
    let mut ring = ring(100, 1, 0);
    ring.add_node(node("light", 1));
    ring.add_node(node("heavy", 3));

    let stats = ring.distribution_stats(&keys(10_000));
    let count = |id: &str| stats.keys_per_node.get(id).copied().unwrap_or(0);
    let (light, heavy) = (count("light"), count("heavy"));
    assert_eq!(light + heavy, 10_000, "every key is counted once");
    let ratio = heavy as f64 / light as f64;
    assert!(ratio > 2.0 && ratio < 4.0, "heavy holds {ratio} times as much");
}

/// R9: deviation and variation follow from the counts, and are zero where there is nothing to compare.
#[test]
fn test_distribution_stats() {
    let stats = ring(100, 1, 4).distribution_stats(&keys(4_000));
    let squares: f64 = stats
        .keys_per_node
        .values()
        .map(|&count| (count as f64 - 1_000.0).powi(2))
        .sum();
    let population = (squares / 4.0).sqrt();
    let sample = (squares / 3.0).sqrt();
    let deviation = stats.standard_deviation;
    assert!((deviation - population).abs() < 1e-6 || (deviation - sample).abs() < 1e-6);
    assert!((stats.coefficient_of_variation - deviation / 1_000.0).abs() < 1e-9);

    for nothing in [
        ring(100, 1, 0).distribution_stats(&keys(10)),
        ring(100, 1, 3).distribution_stats(&[]),
    ] {
        assert_eq!(nothing.standard_deviation, 0.0);
        assert_eq!(nothing.coefficient_of_variation, 0.0);
    }
}

/// R1: a hash depends on its arguments alone, and distinct virtual nodes have distinct positions.
#[test]
fn test_hash_functions() {
    assert_eq!(hash_key("abc"), hash_key("abc"));
    assert_ne!(hash_key("abc"), hash_key("abd"));

    // FIPS 180-2, appendix B.1. Any eight consecutive bytes will do, read in either direction.
    let digest: [u8; 32] = [
        0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03,
        0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
    ];
    let hash = hash_key("abc").to_be_bytes();
    let mut reversed = hash;
    reversed.reverse();
    let part_of_the_digest = |bytes: [u8; 8]| digest.windows(8).any(|window| window == bytes);
    assert!(
        part_of_the_digest(hash) || part_of_the_digest(reversed),
        "hash_key is SHA-256, cut to eight bytes"
    );

    let mut positions = BTreeSet::new();
    for id in ["n1", "n11", "n111"] {
        for index in 0..120 {
            assert_eq!(hash_vnode(id, index), hash_vnode(id, index));
            assert!(positions.insert(hash_vnode(id, index)), "{id} {index}");
        }
    }
}

/// R2: every node has its points, sorted, and they stay when others come.
#[test]
fn test_ring_points() {
    let positions = |ring: &ConsistentHashRing| -> Vec<u64> {
        let points = ring.ring_debug().into_iter();
        points.map(|(position, _)| position).collect()
    };
    let mut ring = ring(40, 1, 3);
    let before = positions(&ring);
    assert_eq!(before.len(), 120);
    assert!(before.is_sorted_by(|left, right| left < right));

    ring.add_node(node("strong", 2));
    let after = positions(&ring);
    assert_eq!(after.len(), 200);
    assert!(before.iter().all(|position| after.binary_search(position).is_ok()));
}

/// R10: the members are those that were added and not removed, as they were added.
#[test]
fn test_membership() {
    let mut ring = ring(20, 1, 0);
    assert_eq!(ring.node_count(), 0);
    ring.add_node(node("a", 1));
    ring.add_node(node("b", 2));
    ring.add_node(node("a", 1));
    assert_eq!(ring.node_count(), 2);

    let mut members: Vec<(String, String, u32)> = ring
        .nodes()
        .into_iter()
        .map(|member| (member.id.clone(), member.address.clone(), member.weight))
        .collect();
    members.sort();
    let expected = [
        ("a".to_owned(), "a.example:8080".to_owned(), 1),
        ("b".to_owned(), "b.example:8080".to_owned(), 2),
    ];
    assert_eq!(members, expected);

    let released: HashSet<u64> = ring.remove_node("nobody");
    assert!(released.is_empty());
    assert_eq!(ring.node_count(), 2);
    ring.remove_node("a");
    assert_eq!(ring.node_count(), 1);
    assert_eq!(owner(&ring, "any key"), "b");
}

/// R11: several threads use one ring, and a change is seen by all of them.
#[test]
fn test_shared_ring() {
    let shared = Arc::new(RwLock::new(ring(50, 2, 3)));
    let look_up = |shared: &Arc<RwLock<ConsistentHashRing>>| {
        let shared = Arc::clone(shared);
        thread::spawn(move || owner(&shared.read().expect("nobody panicked"), "key"))
    };
    let before: Vec<_> = (0..4).map(|_| look_up(&shared)).collect();
    let before: HashSet<String> = before
        .into_iter()
        .map(|reader| reader.join().expect("a lookup does not panic"))
        .collect();
    assert_eq!(before.len(), 1, "all threads find the same node");

    let old = before.into_iter().next().expect("there is one");
    shared.write().expect("nobody panicked").remove_node(&old);
    let new = look_up(&shared).join().expect("a lookup does not panic");
    assert_ne!(new, old);
}

/// R5, R11: the types have the traits of the contract.
#[test]
fn test_required_traits() {
    fn value<T: Clone + Debug>() {}
    fn identity<T: Clone + Debug + Eq + Hash>() {}
    fn shared<T: Send + Sync>() {}
    value::<ConsistentHashConfig>();
    value::<LookupResult>();
    value::<DistributionStats>();
    identity::<PhysicalNode>();
    shared::<ConsistentHashRing>();

    let found = ring(10, 1, 1).lookup("key").expect("the ring has a node");
    let copy = found.clone();
    assert!(copy.primary == found.primary);
    assert!(copy.primary != node("node0", 2));
    assert!(!format!("{copy:?}").is_empty());
}
