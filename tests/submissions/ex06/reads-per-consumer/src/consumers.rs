//! Les groupes : une position par consumer et par partition.

use crate::broker::MessageBroker;
use crate::types::*;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

type Place = (TopicId, PartitionId);

#[derive(Debug, Default)]
pub(crate) struct Group {
    members: BTreeMap<ConsumerId, Vec<TopicId>>,
    positions: HashMap<(ConsumerId, Place), Offset>,
    committed: HashMap<Place, Offset>,
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
        // Chacun reprend après ce que le groupe a acquitté.
        for (place, offset) in &group.committed {
            group.positions.insert((consumer_id.clone(), place.clone()), offset + 1);
        }
        group.members.insert(consumer_id, topics);
        Ok(())
    }

    /// Quitte un groupe.
    pub fn leave_group(&mut self, group_id: &ConsumerGroupId, consumer_id: &ConsumerId) -> Result<(), BrokerError> {
        let group = self.member(group_id, consumer_id)?;
        group.members.remove(consumer_id);
        group.positions.retain(|(id, _), _| id != consumer_id);
        Ok(())
    }

    /// Rien à faire : la répartition est calculée à chaque lecture.
    pub fn rebalance_group(&mut self, group_id: &ConsumerGroupId) -> Result<(), BrokerError> {
        self.group(group_id).map(drop)
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
            for partition in 0..found.logs.len() {
                let log = &found.logs[partition];
                let place = (topic.clone(), partition as PartitionId);
                let position = group.positions.entry((consumer_id.clone(), place)).or_default();
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

    /// Acquitte : note les offsets.
    pub fn acknowledge(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        offsets: HashMap<(TopicId, PartitionId), Offset>,
    ) -> Result<(), BrokerError> {
        self.member(group_id, consumer_id)?.committed.extend(offsets);
        Ok(())
    }

    /// Refuse : recule la position.
    pub fn nack(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        offsets: HashMap<(TopicId, PartitionId), Offset>,
    ) -> Result<(), BrokerError> {
        let offsets = offsets
            .into_iter()
            .map(|(place, offset)| ((consumer_id.clone(), place), offset));
        self.member(group_id, consumer_id)?.positions.extend(offsets);
        Ok(())
    }

    /// Commite des offsets.
    pub fn commit_offsets(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        offsets: HashMap<(TopicId, PartitionId), Offset>,
    ) -> Result<(), BrokerError> {
        self.member(group_id, consumer_id)?.committed.extend(offsets);
        Ok(())
    }

    /// Les offsets commités.
    pub fn get_committed_offsets(&self, group_id: &ConsumerGroupId) -> HashMap<(TopicId, PartitionId), Offset> {
        self.groups
            .get(group_id)
            .map(|group| group.committed.clone())
            .unwrap_or_default()
    }

    fn range(&self, topic: &TopicId, partition: PartitionId) -> Result<(Offset, Offset), BrokerError> {
        let found = self
            .topics
            .get(topic)
            .ok_or_else(|| BrokerError::TopicNotFound(topic.clone()))?;
        match found.logs.get(partition as usize) {
            Some(log) => Ok((log.first, log.end())),
            None => Err(BrokerError::PartitionNotFound(topic.clone(), partition)),
        }
    }

    /// Reprend la lecture à un offset.
    pub fn seek(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        topic: &TopicId,
        partition: PartitionId,
        offset: Offset,
    ) -> Result<(), BrokerError> {
        self.member(group_id, consumer_id)?;
        let (min, max) = self.range(topic, partition)?;
        if offset < min || offset > max {
            return Err(BrokerError::InvalidOffset {
                requested: offset,
                min,
                max,
            });
        }
        let group = self.member(group_id, consumer_id)?;
        let place = (topic.clone(), partition);
        group.positions.insert((consumer_id.clone(), place), offset);
        Ok(())
    }

    /// Reprend la lecture au début.
    pub fn seek_to_beginning(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        topic: &TopicId,
        partition: PartitionId,
    ) -> Result<(), BrokerError> {
        self.member(group_id, consumer_id)?;
        let (first, _) = self.range(topic, partition)?;
        self.seek(group_id, consumer_id, topic, partition, first)
    }

    /// Reprend la lecture à la fin.
    pub fn seek_to_end(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        topic: &TopicId,
        partition: PartitionId,
    ) -> Result<(), BrokerError> {
        self.member(group_id, consumer_id)?;
        let (_, end) = self.range(topic, partition)?;
        self.seek(group_id, consumer_id, topic, partition, end)
    }
}
