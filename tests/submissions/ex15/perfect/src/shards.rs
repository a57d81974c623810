//! Les shards, dans une table derrière un verrou : on prend au plus chargé pour donner au moins chargé.

use std::collections::BTreeMap;
use std::sync::RwLock;

use crate::{NodeId, ShardId};

/// Un shard qui change de nœud.
#[derive(Debug)]
pub struct ShardMove {
    /// Le shard.
    pub shard: ShardId,
    /// Qui l'avait.
    pub from: NodeId,
    /// Qui l'a.
    pub to: NodeId,
}

/// Répartition des shards.
pub struct ShardManager {
    owners: RwLock<Vec<Option<NodeId>>>,
    /// Le coordinateur, s'il est connu.
    pub coordinator: Option<NodeId>,
}

impl ShardManager {
    /// Des shards sans propriétaire.
    pub fn new(num_shards: u32) -> Self {
        Self {
            owners: RwLock::new(vec![None; num_shards as usize]),
            coordinator: None,
        }
    }

    /// Répartit par tranches.
    pub fn assign(&self, nodes: &[NodeId]) {
        let mut owners = self.owners.write().expect("pas de panique");
        let count = owners.len();
        for (shard, owner) in owners.iter_mut().enumerate() {
            *owner = nodes.get(shard * nodes.len() / count.max(1)).copied();
        }
    }

    /// Rééquilibre.
    pub fn rebalance(&self, nodes: &[NodeId]) -> Vec<ShardMove> {
        let mut owners = self.owners.write().expect("pas de panique");
        let before = owners.clone();
        let mut held: BTreeMap<NodeId, Vec<usize>> = nodes.iter().map(|node| (*node, Vec::new())).collect();
        let mut free = Vec::new();
        for (shard, owner) in owners.iter().enumerate() {
            match owner.and_then(|owner| held.get_mut(&owner)) {
                Some(shards) => shards.push(shard),
                None => free.push(shard),
            }
        }
        while let Some(shard) = free.pop() {
            if let Some(shards) = held.values_mut().min_by_key(|shards| shards.len()) {
                shards.push(shard);
            }
        }
        loop {
            let most = held.iter().max_by_key(|(_, shards)| shards.len()).map(|(node, shards)| (*node, shards.len()));
            let least = held.iter().min_by_key(|(_, shards)| shards.len()).map(|(node, shards)| (*node, shards.len()));
            let (Some((rich, most)), Some((poor, least))) = (most, least) else { break };
            if most <= least + 1 {
                break;
            }
            let shard = held.get_mut(&rich).and_then(Vec::pop);
            if let (Some(shards), Some(shard)) = (held.get_mut(&poor), shard) {
                shards.push(shard);
            }
        }
        owners.fill(None);
        for (node, shards) in held {
            for shard in shards {
                owners[shard] = Some(node);
            }
        }
        let mut moves = Vec::new();
        for (shard, pair) in before.iter().zip(owners.iter()).enumerate() {
            if let (Some(from), Some(to)) = pair {
                if from != to {
                    moves.push(ShardMove { shard: ShardId(shard as u32), from: *from, to: *to });
                }
            }
        }
        moves
    }

    /// Le propriétaire.
    pub fn get_owner(&self, shard: ShardId) -> Option<NodeId> {
        *self.owners.read().expect("pas de panique").get(shard.0 as usize)?
    }

    /// Définit le coordinateur.
    pub fn set_coordinator(&mut self, coordinator: NodeId) {
        self.coordinator = Some(coordinator);
    }
}
