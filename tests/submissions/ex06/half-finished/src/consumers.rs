//! Les groupes : une position par partition, qui avance à chaque livraison.

use crate::broker::MessageBroker;
use crate::types::*;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

type Place = (TopicId, PartitionId);

#[derive(Debug, Default)]
pub(crate) struct Group {
    members: BTreeMap<ConsumerId, Vec<TopicId>>,
    positions: HashMap<Place, Offset>,
}

impl MessageBroker {
    fn group(&mut self, group_id: &ConsumerGroupId) -> Result<&mut Group, BrokerError> {
        self.groups
            .get_mut(group_id)
            .ok_or_else(|| BrokerError::GroupNotFound(group_id.clone()))
    }

    /// Un groupe dont le consumer est membre.
    fn member(&mut self, group_id: &ConsumerGroupId, consumer_id: &ConsumerId) -> Result<&mut Group, BrokerError> {
        let group = self.group(group_id)?;
        if group.members.contains_key(consumer_id) {
            Ok(group)
        } else {
            Err(BrokerError::ConsumerNotRegistered(consumer_id.clone()))
        }
    }

    /// Crée ou rejoint un groupe.
    pub fn join_group(
        &mut self,
        group_id: ConsumerGroupId,
        consumer_id: ConsumerId,
        topics: Vec<TopicId>,
        _semantics: DeliverySemantics,
    ) -> Result<(), BrokerError> {
        let group = self.groups.entry(group_id).or_default();
        group.members.insert(consumer_id, topics);
        Ok(())
    }

    /// Quitte un groupe.
    pub fn leave_group(&mut self, group_id: &ConsumerGroupId, consumer_id: &ConsumerId) -> Result<(), BrokerError> {
        self.member(group_id, consumer_id)?.members.remove(consumer_id);
        Ok(())
    }

    /// Livre des messages.
    pub fn poll(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        max_messages: usize,
        _timeout: Duration,
    ) -> Result<Vec<ConsumedMessage>, BrokerError> {
        let topics = self.member(group_id, consumer_id)?.members[consumer_id].clone();
        let Some(group) = self.groups.get_mut(group_id) else {
            return Ok(Vec::new());
        };
        let mut messages = Vec::new();
        for topic in topics {
            let Some(found) = self.topics.get(&topic) else {
                continue;
            };
            // Les abonnés du topic se partagent ses partitions à tour de rôle.
            let mut subscribers = group.members.iter().filter(|(_, topics)| topics.contains(&topic));
            let count = subscribers.clone().count();
            let rank = subscribers.position(|(id, _)| id == consumer_id).unwrap_or_default();
            for partition in (rank..found.logs.len()).step_by(count) {
                let log = &found.logs[partition];
                let place = (topic.clone(), partition as PartitionId);
                let position = group.positions.entry(place).or_default();
                *position = (*position).max(log.first);
                while messages.len() < max_messages && *position < log.end() {
                    messages.push(ConsumedMessage {
                        message: log.messages[(*position - log.first) as usize].clone(),
                        topic: topic.clone(),
                        partition: partition as PartitionId,
                        offset: *position,
                    });
                    *position += 1;
                }
            }
        }
        Ok(messages)
    }

    /// Acquitte : rien à faire, la position avance à la livraison.
    pub fn acknowledge(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        _offsets: HashMap<(TopicId, PartitionId), Offset>,
    ) -> Result<(), BrokerError> {
        self.member(group_id, consumer_id).map(drop)
    }
}
