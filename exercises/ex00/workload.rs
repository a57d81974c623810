//! What is timed and counted: a comparison that has to look at every node, and the reception of a large message.

use ex00::{CausalOrder, VectorClock};
use witness::Work;

witness::workloads! { compare, merge }

/// The names of `size` nodes.
fn nodes(size: usize) -> Vec<String> {
    (0..size).map(|number| format!("node-{number}")).collect()
}

/// A clock that has heard of one event of each node.
fn clock(nodes: &[String]) -> VectorClock {
    let mut clock = VectorClock::new();
    for node in nodes {
        clock.tick(node);
    }
    clock
}

/// Compares two equal clocks of `size` nodes: no difference lets it stop early.
fn compare(size: usize) -> Work {
    let nodes = nodes(size);
    let (left, right) = (clock(&nodes), clock(&nodes));
    witness::work(move || match left.compare(&right) {
        CausalOrder::Before => 1,
        CausalOrder::After => 2,
        CausalOrder::Concurrent => 3,
        CausalOrder::Equal => 4,
    })
}

/// A node that knows the first two thirds of the nodes receives a message that knows the last two thirds.
fn merge(size: usize) -> Work {
    let nodes = nodes(size);
    let (receiver, message) = (clock(&nodes[..size * 2 / 3]), clock(&nodes[size / 3..]));
    let asked = [nodes[0].clone(), nodes[size / 2].clone(), nodes[size - 1].clone()];
    witness::work(move || {
        let mut receiver = receiver.clone();
        receiver.merge(&message, &asked[0]);
        asked.iter().map(|node| receiver.get(node)).sum()
    })
}
