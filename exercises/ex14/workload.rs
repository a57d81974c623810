//! The timed workload.

use ex14::{NodeAddr, NodeId, RoutingTable};
use witness::Work;

witness::workloads! { closest }

/// The 20 closest of `size` contacts to 20 targets; sums bytes of the farthest.
fn closest(size: usize) -> Work {
    let mut table = RoutingTable::new(NodeId([0; 32]), size);
    for number in 0..size as u64 {
        let id = ex14_protocol::spread(number + 1);
        table.add(NodeAddr {
            id: NodeId(id),
            addresses: vec![ex14_protocol::address(1)],
        });
    }
    let targets: Vec<NodeId> = (0..20)
        .map(|number| NodeId(ex14_protocol::spread(5000 + number)))
        .collect();
    witness::work(move || {
        let last = targets.iter().filter_map(|target| table.closest(target, 20).pop());
        last.map(|node| u64::from(node.id.0[0]) + 1).sum()
    })
}
