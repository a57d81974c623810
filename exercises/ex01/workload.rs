//! The timed workloads. What they return follows from the contract, whatever the labels of the virtual nodes.

use ex01::{ConsistentHashConfig, ConsistentHashRing, PhysicalNode};
use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use witness::Work;

witness::workloads! { lookup, lookup_with_replicas, add_node, distribution_stats }

/// A ring of that many nodes of weight 1.
fn ring(virtual_nodes: usize, replication_factor: usize, nodes: usize) -> ConsistentHashRing {
    let mut ring = ConsistentHashRing::new(ConsistentHashConfig {
        virtual_nodes,
        replication_factor,
    });
    for number in 0..nodes {
        ring.add_node(node(number));
    }
    ring
}

fn node(number: usize) -> PhysicalNode {
    PhysicalNode {
        id: format!("node-{number}"),
        address: format!("node-{number}.example:8080"),
        weight: 1,
    }
}

fn keys(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("key-{number}")).collect()
}

thread_local! {
    /// What was set up before, by replication factor and size.
    static KEPT: RefCell<BTreeMap<(usize, usize), Rc<dyn Any>>> = const { RefCell::new(BTreeMap::new()) };
}

/// A ring of `size` nodes of 50 virtual nodes each, built once: growth is measured by going through the sizes again and
/// again, and building the largest rings takes far longer than what is timed.
fn kept_ring(replication_factor: usize, size: usize) -> Rc<ConsistentHashRing> {
    KEPT.with_borrow_mut(|kept| {
        let ring = kept
            .entry((replication_factor, size))
            .or_insert_with(|| Rc::new(ring(50, replication_factor, size)));
        Rc::clone(ring).downcast().expect("only rings are kept")
    })
}

/// Looks 100 keys up; counts their holders.
fn lookups(replication_factor: usize, size: usize) -> Work {
    let ring = kept_ring(replication_factor, size);
    let keys = keys(100);
    witness::work(move || {
        keys.iter()
            .filter_map(|key| ring.lookup(key))
            .map(|found| 1 + found.replicas.len() as u64)
            .sum()
    })
}

/// Lookups on `size` nodes without replicas: mostly the search.
fn lookup(size: usize) -> Work {
    lookups(1, size)
}

/// The same with three holders a key.
fn lookup_with_replicas(size: usize) -> Work {
    lookups(3, size)
}

/// Builds a ring of `size` nodes of 100 virtual nodes each, one by one; counts its members.
fn add_node(size: usize) -> Work {
    witness::work(move || ring(100, 3, size).node_count() as u64)
}

/// The distribution of `size` keys over 100 nodes; the sum over the nodes is the number of keys.
fn distribution_stats(size: usize) -> Work {
    let ring = ring(150, 1, 100);
    let keys = keys(size);
    witness::work(move || {
        let stats = ring.distribution_stats(&keys);
        stats.keys_per_node.values().map(|&count| count as u64).sum()
    })
}
