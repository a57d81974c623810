//! What consumers do: join, poll, acknowledge, refuse, commit, seek, leave.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::cursor::Refused;
use crate::group::Group;
use crate::{
    BrokerError, ConsumedMessage, ConsumerGroupId, ConsumerId, DeliverySemantics, MessageBroker, Offset, PartitionId,
    TopicId,
};

/// What follows the name of a topic in the name of its dead letter topic.
const DEAD_LETTERS: &str = ".dlq";

impl MessageBroker {
    /// Joins a group, which is created if there is none of this name, and shares its partitions out again.
    ///
    /// A group begins at the first message of a partition that it has never read.
    pub fn join_group(
        &mut self,
        group_id: ConsumerGroupId,
        consumer_id: ConsumerId,
        topics: Vec<TopicId>,
        semantics: DeliverySemantics,
    ) -> Result<(), BrokerError> {
        if let Some(unknown) = topics.iter().find(|topic| !self.topics.contains_key(*topic)) {
            return Err(BrokerError::TopicNotFound(unknown.clone()));
        }
        let group = self.groups.entry(group_id).or_default();
        group.join(consumer_id, topics, semantics);
        group.rebalance(&self.topics);
        Ok(())
    }

    /// Leaves a group, and shares its partitions out again. What the consumer held is delivered to others.
    pub fn leave_group(&mut self, group_id: &ConsumerGroupId, consumer_id: &ConsumerId) -> Result<(), BrokerError> {
        self.group(group_id)?.leave(consumer_id)?;
        self.rebalance_group(group_id)
    }

    /// Messages for a consumer, at most `max_messages` and as many as there are.
    ///
    /// It does not wait for the `timeout`: nobody else can publish while the broker is borrowed.
    ///
    /// # Errors
    /// `TooManyUnacked` if the consumer holds as many messages as it may; it gets fewer than it asks for if it would hold
    /// more.
    pub fn poll(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        max_messages: usize,
        _timeout: Duration,
    ) -> Result<Vec<ConsumedMessage>, BrokerError> {
        let (now, patience) = (Instant::now(), Duration::from_millis(self.config.ack_timeout_ms));
        let group = self.groups.get_mut(group_id);
        let group = group.ok_or_else(|| BrokerError::GroupNotFound(group_id.clone()))?;
        let (member, cursors) = group.at_work(consumer_id)?;
        let semantics = member.semantics;
        let mut unacked = 0;
        for place in &member.owned {
            if let Some(cursor) = cursors.get_mut(place) {
                cursor.expire(now);
                unacked += cursor.unacked();
            }
        }
        let mut wanted = match self.config.max_unacked_messages.saturating_sub(unacked) {
            _ if semantics == DeliverySemantics::AtMostOnce => max_messages,
            0 => return Err(BrokerError::TooManyUnacked),
            room => max_messages.min(room),
        };
        let mut messages = Vec::new();
        for place in member.take_turns() {
            let (topic, partition) = place;
            let (Some(found), Some(cursor)) = (self.topics.get(topic), cursors.get_mut(place)) else {
                continue;
            };
            let log = found.log(*partition)?;
            let offsets = cursor.deliver(log, wanted, semantics, (now, patience));
            wanted -= offsets.len();
            messages.extend(offsets.into_iter().filter_map(|offset| {
                Some(ConsumedMessage {
                    message: log.get(offset)?.clone(),
                    topic: topic.clone(),
                    partition: *partition,
                    offset,
                })
            }));
        }
        Ok(messages)
    }

    /// Settles messages: in each partition the one at the offset and all before it. A consumer can settle only what
    /// lies in its own partitions; what a former owner says comes too late.
    pub fn acknowledge(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        offsets: HashMap<(TopicId, PartitionId), Offset>,
    ) -> Result<(), BrokerError> {
        let (member, cursors) = self.group(group_id)?.at_work(consumer_id)?;
        for place in &member.owned {
            if let (Some(offset), Some(cursor)) = (offsets.get(place), cursors.get_mut(place)) {
                cursor.acknowledge(*offset);
            }
        }
        Ok(())
    }

    /// Refuses messages: they are delivered again, or become dead letters.
    pub fn nack(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        offsets: HashMap<(TopicId, PartitionId), Offset>,
    ) -> Result<(), BrokerError> {
        let (member, cursors) = self.group(group_id)?.at_work(consumer_id)?;
        let mut refused_too_often = Vec::new();
        for place in &member.owned {
            if let (Some(offset), Some(cursor)) = (offsets.get(place), cursors.get_mut(place))
                && cursor.refuse(*offset) == Refused::TooOften
            {
                refused_too_often.push((place.clone(), *offset));
            }
        }
        for ((topic, partition), offset) in refused_too_often {
            self.bury(group_id, (topic, partition), offset)?;
        }
        Ok(())
    }

    /// Says where each partition is to be read from when it changes hands.
    pub fn commit_offsets(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        offsets: HashMap<(TopicId, PartitionId), Offset>,
    ) -> Result<(), BrokerError> {
        let (member, cursors) = self.group(group_id)?.at_work(consumer_id)?;
        for place in &member.owned {
            if let (Some(offset), Some(cursor)) = (offsets.get(place), cursors.get_mut(place)) {
                cursor.commit(*offset);
            }
        }
        Ok(())
    }

    /// The next offset to read of each partition that the group has ever owned; nothing for an unknown group.
    pub fn get_committed_offsets(&self, group_id: &ConsumerGroupId) -> HashMap<(TopicId, PartitionId), Offset> {
        let cursors = self.groups.get(group_id).into_iter().flat_map(|group| &group.cursors);
        cursors
            .map(|(place, cursor)| (place.clone(), cursor.committed()))
            .collect()
    }

    /// Goes on from an offset, forwards or backwards.
    pub fn seek(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        topic: &TopicId,
        partition: PartitionId,
        offset: Offset,
    ) -> Result<(), BrokerError> {
        let (min, max) = self.range(group_id, consumer_id, topic, partition)?;
        if !(min..=max).contains(&offset) {
            let requested = offset;
            return Err(BrokerError::InvalidOffset { requested, min, max });
        }
        let cursors = &mut self.group(group_id)?.cursors;
        cursors.entry((topic.clone(), partition)).or_default().seek(offset);
        Ok(())
    }

    /// Goes on from the first message that is kept.
    pub fn seek_to_beginning(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        topic: &TopicId,
        partition: PartitionId,
    ) -> Result<(), BrokerError> {
        let (first, _) = self.range(group_id, consumer_id, topic, partition)?;
        self.seek(group_id, consumer_id, topic, partition, first)
    }

    /// Goes on with what is published from now on.
    pub fn seek_to_end(
        &mut self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        topic: &TopicId,
        partition: PartitionId,
    ) -> Result<(), BrokerError> {
        let (_, end) = self.range(group_id, consumer_id, topic, partition)?;
        self.seek(group_id, consumer_id, topic, partition, end)
    }

    /// Shares the partitions of a group out again. Joining and leaving do this by themselves.
    pub fn rebalance_group(&mut self, group_id: &ConsumerGroupId) -> Result<(), BrokerError> {
        let group = self.groups.get_mut(group_id);
        group
            .ok_or_else(|| BrokerError::GroupNotFound(group_id.clone()))?
            .rebalance(&self.topics);
        Ok(())
    }

    /// A group to be changed, or the error that there is none.
    fn group(&mut self, group_id: &ConsumerGroupId) -> Result<&mut Group, BrokerError> {
        let group = self.groups.get_mut(group_id);
        group.ok_or_else(|| BrokerError::GroupNotFound(group_id.clone()))
    }

    /// The offsets that a member may seek to: from the first message that is kept to behind the last.
    fn range(
        &self,
        group_id: &ConsumerGroupId,
        consumer_id: &ConsumerId,
        topic: &TopicId,
        partition: PartitionId,
    ) -> Result<(Offset, Offset), BrokerError> {
        let group = self.groups.get(group_id);
        let group = group.ok_or_else(|| BrokerError::GroupNotFound(group_id.clone()))?;
        group.member(consumer_id)?;
        let found = self.topics.get(topic);
        let found = found.ok_or_else(|| BrokerError::TopicNotFound(topic.clone()))?;
        let log = found.log(partition)?;
        Ok((log.first(), log.end()))
    }

    /// Moves a message to the dead letter topic, if there is one; if not, it stays where it is.
    fn bury(
        &mut self,
        group_id: &ConsumerGroupId,
        (topic, partition): (TopicId, PartitionId),
        offset: Offset,
    ) -> Result<(), BrokerError> {
        let letters = format!("{topic}{DEAD_LETTERS}");
        let letter = match self.topics.get(&topic) {
            Some(found) => found.log(partition)?.get(offset).cloned(),
            None => None,
        };
        if let (Some(letter), Some(letters)) = (letter, self.topics.get_mut(&letters)) {
            letters.append(letter);
            let cursors = &mut self.group(group_id)?.cursors;
            cursors.entry((topic, partition)).or_default().give_up(offset);
        }
        Ok(())
    }
}
