//! Shards: who holds which, and what moves when nodes come and go.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use dashmap::DashMap;

use crate::{NodeId, ShardId};

/// A shard that changes hands.
#[derive(Debug)]
pub struct ShardMove {
    /// The shard.
    pub shard: ShardId,
    /// Who held it.
    pub from: NodeId,
    /// Who holds it now.
    pub to: NodeId,
}

/// Spreads a fixed number of shards over nodes.
pub struct ShardManager {
    num_shards: u32,
    assignments: DashMap<ShardId, NodeId>,
    coordinator: Option<NodeId>,
    /// Held while shards change hands: two changes at once would not be balanced.
    turn: Mutex<()>,
}

impl ShardManager {
    /// Shards that nobody holds.
    #[must_use]
    pub fn new(num_shards: u32) -> Self {
        Self {
            num_shards,
            assignments: DashMap::new(),
            coordinator: None,
            turn: Mutex::new(()),
        }
    }

    /// Spreads the shards anew, in turn. Without nodes nobody holds any.
    pub fn assign(&self, nodes: &[NodeId]) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let nodes: Vec<NodeId> = nodes.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        self.assignments.clear();
        for (shard, node) in (0..self.num_shards).zip(nodes.iter().cycle()) {
            self.assignments.insert(ShardId(shard), *node);
        }
    }

    /// Moves as few shards as it takes to have them balanced over these nodes, and tells which.
    ///
    /// Those who hold most may keep one more than the others, so that they have the least to give.
    pub fn rebalance(&self, nodes: &[NodeId]) -> Vec<ShardMove> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut room = self.quotas(nodes);
        let mut homeless = Vec::new();
        for shard in (0..self.num_shards).map(ShardId) {
            let owner = self.get_owner(shard);
            match owner.and_then(|owner| room.get_mut(&owner)) {
                Some(left) if *left > 0 => *left -= 1,
                _ => homeless.push((shard, owner)),
            }
        }
        let mut moves = Vec::new();
        let mut free = room.into_iter().flat_map(|(node, left)| (0..left).map(move |_| node));
        for (shard, owner) in homeless {
            let Some(to) = free.next() else {
                self.assignments.remove(&shard);
                continue;
            };
            self.assignments.insert(shard, to);
            moves.extend(owner.map(|from| ShardMove { shard, from, to }));
        }
        moves
    }

    /// Who holds a shard.
    #[must_use]
    pub fn get_owner(&self, shard: ShardId) -> Option<NodeId> {
        self.assignments.get(&shard).map(|owner| *owner)
    }

    /// Says who decides about shards.
    pub fn set_coordinator(&mut self, coordinator: NodeId) {
        self.coordinator = Some(coordinator);
    }

    /// The shards of a node, in order.
    pub(crate) fn shards_of(&self, node: NodeId) -> Vec<ShardId> {
        let all = (0..self.num_shards).map(ShardId);
        all.filter(|shard| self.get_owner(*shard) == Some(node)).collect()
    }

    /// How many shards each node shall hold.
    fn quotas(&self, nodes: &[NodeId]) -> BTreeMap<NodeId, u32> {
        let mut held: BTreeMap<NodeId, u32> = nodes.iter().map(|node| (*node, 0)).collect();
        for owner in &self.assignments {
            if let Some(count) = held.get_mut(owner.value()) {
                *count += 1;
            }
        }
        let Some(total) = u32::try_from(held.len()).ok().filter(|total| *total > 0) else {
            return held;
        };
        let mut by_load: Vec<(NodeId, u32)> = held.into_iter().collect();
        by_load.sort_by_key(|(node, count)| (Reverse(*count), *node));
        let (each, more) = (self.num_shards / total, self.num_shards % total);
        let ranked = by_load.into_iter().zip(0..);
        ranked
            .map(|((node, _), rank)| (node, each + u32::from(rank < more)))
            .collect()
    }
}
