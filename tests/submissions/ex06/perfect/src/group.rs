//! Un groupe : ses membres, ses files, et à qui appartient chaque partition.

use crate::queue::Queue;
use crate::storage::Topic;
use crate::types::*;
use std::collections::{BTreeMap, HashMap};

pub(crate) type Place = (TopicId, PartitionId);

#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) topics: Vec<TopicId>,
    pub(crate) semantics: DeliverySemantics,
}

#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) members: BTreeMap<ConsumerId, Member>,
    pub(crate) queues: BTreeMap<Place, Queue>,
    owners: BTreeMap<Place, ConsumerId>,
}

impl Group {
    pub(crate) fn member(&self, consumer: &ConsumerId) -> Result<&Member, BrokerError> {
        self.members
            .get(consumer)
            .ok_or_else(|| BrokerError::ConsumerNotRegistered(consumer.clone()))
    }

    /// Les partitions d'un consumer.
    pub(crate) fn owned(&self, consumer: &ConsumerId) -> Vec<Place> {
        let owned = self.owners.iter().filter(|(_, owner)| *owner == consumer);
        owned.map(|(place, _)| place.clone()).collect()
    }

    pub(crate) fn forget(&mut self, topic: &TopicId) {
        self.queues.retain(|(name, _), _| name != topic);
        self.owners.retain(|(name, _), _| name != topic);
    }

    /// Répartit les partitions, en laissant à chacun autant des siennes que possible.
    pub(crate) fn rebalance(&mut self, topics: &HashMap<TopicId, Topic>) {
        let before = std::mem::take(&mut self.owners);
        for (name, topic) in topics {
            let subscribers = self.members.iter().filter(|(_, member)| member.topics.contains(name));
            let mut counts: BTreeMap<ConsumerId, usize> = subscribers.map(|(id, _)| (id.clone(), 0)).collect();
            if counts.is_empty() {
                continue;
            }
            let (share, mut extra) = (
                topic.partitions.len() / counts.len(),
                topic.partitions.len() % counts.len(),
            );
            let mut free = Vec::new();
            for (number, partition) in (0..).zip(&topic.partitions) {
                let place = (name.clone(), number);
                self.queues
                    .entry(place.clone())
                    .or_insert_with(|| Queue::from(partition.first(), partition.end()));
                let owner = before.get(&place).cloned();
                let kept = owner.and_then(|owner| {
                    let count = counts.get_mut(&owner)?;
                    if *count >= share && (*count > share || extra == 0) {
                        return None;
                    }
                    if *count == share {
                        extra -= 1;
                    }
                    *count += 1;
                    Some(owner)
                });
                match kept {
                    Some(owner) => drop(self.owners.insert(place, owner)),
                    None => free.push(place),
                }
            }
            for place in free {
                if let Some((owner, count)) = counts.iter_mut().min_by_key(|(_, count)| **count) {
                    *count += 1;
                    self.owners.insert(place, owner.clone());
                }
            }
        }
    }
}
