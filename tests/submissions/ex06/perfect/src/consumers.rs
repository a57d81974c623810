//! Les consumers : groupes, lecture, acquittements, déplacements.

use crate::broker::MessageBroker;
use crate::group::{Group, Member, Place};
use crate::queue::Queue;
use crate::storage::Partition;
use crate::types::*;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Le nombre de refus qui envoie un message aux lettres mortes.
const MAX_REFUSALS: u32 = 5;

impl MessageBroker {
    /// Crée ou rejoint un groupe.
    pub fn join_group(
        &mut self,
        group_id: ConsumerGroupId,
        consumer_id: ConsumerId,
        topics: Vec<TopicId>,
        semantics: DeliverySemantics,
    ) -> Result<(), BrokerError> {
        let group = self.groups.entry(group_id).or_default();
        group.members.insert(consumer_id, Member { topics, semantics });
        group.rebalance(&self.topics);
        Ok(())
    }

    /// Quitte un groupe ; ce que le consumer détenait retourne dans les files.
    pub fn leave_group(&mut self, group_id: &ConsumerGroupId, consumer_id: &ConsumerId) -> Result<(), BrokerError> {
        let group = self.active(group_id)?;
        group.member(consumer_id)?;
        group.members.remove(consumer_id);
        group.queues.values_mut().for_each(|queue| queue.give_back(consumer_id));
        if let Some(group) = self.groups.get_mut(group_id) {
            group.rebalance(&self.topics);
        }
        Ok(())
    }

    /// Répartit de nouveau les partitions d'un groupe.
    pub fn rebalance_group(&mut self, group_id: &ConsumerGroupId) -> Result<(), BrokerError> {
        let group = self.groups.get_mut(group_id);
        let group = group.ok_or_else(|| BrokerError::GroupNotFound(group_id.clone()))?;
        group.rebalance(&self.topics);
        Ok(())
    }

    /// Livre des messages, tout de suite.
    pub fn poll(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        max_messages: usize,
        _timeout: Duration,
    ) -> Result<Vec<ConsumedMessage>, BrokerError> {
        let now = Instant::now();
        let until = now + Duration::from_millis(self.config.ack_timeout_ms);
        let limit = self.config.max_unacked_messages;
        let group = self.active(group_id)?;
        let semantics = group.member(consumer_id)?.semantics;
        let held: usize = group.queues.values().map(|queue| queue.held_by(consumer_id, now)).sum();
        let mut room = max_messages;
        if semantics != DeliverySemantics::AtMostOnce {
            room = room.min(limit.saturating_sub(held));
        }
        let mut messages = Vec::new();
        for (topic, partition) in group.owned(consumer_id) {
            let Some(found) = self.topics.get(&topic) else {
                continue;
            };
            let (retention, stored) = (self.retention(found), found.partition(partition)?);
            let place = (topic.clone(), partition);
            let queue = self
                .groups
                .get_mut(group_id)
                .and_then(|group| group.queues.get_mut(&place));
            let Some(queue) = queue else {
                continue;
            };
            while queue
                .first()
                .is_some_and(|offset| stored.is_expired(offset, retention, now))
            {
                queue.drop_first();
            }
            let offsets = match semantics {
                DeliverySemantics::AtMostOnce => queue.hand_out(room),
                _ => queue.deliver(consumer_id, room, now, until),
            };
            room -= offsets.len();
            for offset in offsets {
                if let Some(message) = stored.message(offset) {
                    messages.push(ConsumedMessage {
                        message: message.clone(),
                        topic: topic.clone(),
                        partition,
                        offset,
                    });
                }
            }
        }
        Ok(messages)
    }

    /// Acquitte des messages, et tous ceux qui les précèdent.
    pub fn acknowledge(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        offsets: HashMap<(TopicId, PartitionId), Offset>,
    ) -> Result<(), BrokerError> {
        let group = self.active(group_id)?;
        group.member(consumer_id)?;
        for (place, offset) in offsets {
            if let Some(queue) = group.queues.get_mut(&place) {
                queue.done(offset);
            }
        }
        Ok(())
    }

    /// Refuse des messages : tout ce que le consumer détient dans leurs partitions revient.
    pub fn nack(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        offsets: HashMap<(TopicId, PartitionId), Offset>,
    ) -> Result<(), BrokerError> {
        self.active(group_id)?.member(consumer_id)?;
        for (place, offset) in offsets {
            let letters = format!("{}.dlq", place.0);
            let can_bury = self.topics.contains_key(&letters);
            let queue = self.queue(group_id, &place);
            queue.give_back(consumer_id);
            if queue.refuse(offset) < MAX_REFUSALS || !can_bury {
                continue;
            }
            queue.remove(offset);
            let message = self.partition(&place.0, place.1)?.message(offset).cloned();
            if let Some(message) = message {
                self.publish(&letters, message)?;
            }
        }
        Ok(())
    }

    /// Commite des offsets : le dernier message traité de chaque partition.
    pub fn commit_offsets(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        offsets: HashMap<(TopicId, PartitionId), Offset>,
    ) -> Result<(), BrokerError> {
        self.acknowledge(group_id, consumer_id, offsets)
    }

    /// Le dernier message traité de chaque partition.
    pub fn get_committed_offsets(&self, group_id: &ConsumerGroupId) -> HashMap<(TopicId, PartitionId), Offset> {
        let queues = self.groups.get(group_id).into_iter().flat_map(|group| &group.queues);
        queues
            .filter_map(|(place, queue)| Some((place.clone(), queue.last_done?)))
            .collect()
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
        self.active(group_id)?.member(consumer_id)?;
        let found = self.partition(topic, partition)?;
        let (first, end) = (found.first(), found.end());
        if !(first..end).contains(&offset) {
            return Err(BrokerError::InvalidOffset {
                requested: offset,
                min: first,
                max: end.saturating_sub(1),
            });
        }
        self.queue(group_id, &(topic.clone(), partition)).restart(offset, end);
        Ok(())
    }

    /// Reprend la lecture au premier message conservé.
    pub fn seek_to_beginning(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        topic: &TopicId,
        partition: PartitionId,
    ) -> Result<(), BrokerError> {
        self.active(group_id)?.member(consumer_id)?;
        let found = self.partition(topic, partition)?;
        let (first, end) = (found.first(), found.end());
        self.queue(group_id, &(topic.clone(), partition)).restart(first, end);
        Ok(())
    }

    /// Reprend la lecture à ce qui sera publié ensuite.
    pub fn seek_to_end(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        topic: &TopicId,
        partition: PartitionId,
    ) -> Result<(), BrokerError> {
        self.active(group_id)?.member(consumer_id)?;
        let end = self.partition(topic, partition)?.end();
        self.queue(group_id, &(topic.clone(), partition)).restart(end, end);
        Ok(())
    }

    /// Un groupe qui a des membres.
    fn active(&mut self, group_id: &ConsumerGroupId) -> Result<&mut Group, BrokerError> {
        self.groups
            .get_mut(group_id)
            .filter(|group| !group.members.is_empty())
            .ok_or_else(|| BrokerError::GroupNotFound(group_id.clone()))
    }

    fn partition(&self, topic: &TopicId, partition: PartitionId) -> Result<&Partition, BrokerError> {
        self.topics
            .get(topic)
            .ok_or_else(|| BrokerError::TopicNotFound(topic.clone()))?
            .partition(partition)
    }

    fn queue(&mut self, group_id: &ConsumerGroupId, place: &Place) -> &mut Queue {
        let group = self.groups.entry(group_id.clone()).or_default();
        group.queues.entry(place.clone()).or_default()
    }
}
