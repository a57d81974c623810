//! What can be timed: shards that are balanced as nodes come and go.

use ex15::{NodeId, ShardManager};
use witness::Work;

witness::workloads! { rebalance }

/// A node goes, and another comes, of 8; sums the moves.
fn rebalance(size: usize) -> Work {
    let shards = ShardManager::new(size as u32);
    let mut first = 0;
    let nodes = |first: u64| (first..first + 8).map(NodeId).collect::<Vec<_>>();
    shards.assign(&nodes(first));
    witness::work(move || {
        first += 1;
        shards.rebalance(&nodes(first)).len() as u64
    })
}
