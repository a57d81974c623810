//! A consumer group: who belongs to it, who owns which partition, and how far each partition is read.

use std::collections::{BTreeMap, BTreeSet};

use crate::cursor::Cursor;
use crate::topic::Topic;
use crate::{BrokerError, ConsumerId, DeliverySemantics, PartitionId, TopicId};

/// A partition of a topic.
pub(crate) type Place = (TopicId, PartitionId);

/// The members of a group, and its place in each partition.
#[derive(Debug, Default)]
pub(crate) struct Group {
    members: BTreeMap<ConsumerId, Member>,
    /// How far the group is in each partition it ever read. They outlive the members.
    pub(crate) cursors: BTreeMap<Place, Cursor>,
}

/// A consumer that belongs to the group.
#[derive(Debug)]
pub(crate) struct Member {
    topics: BTreeSet<TopicId>,
    pub(crate) semantics: DeliverySemantics,
    /// The partitions that it reads.
    pub(crate) owned: Vec<Place>,
    /// Which of them is read first at the next poll, so that a busy one does not starve the others.
    turn: usize,
}

impl Member {
    /// Its partitions, each poll beginning with another one.
    pub(crate) fn take_turns(&mut self) -> impl Iterator<Item = &Place> + use<'_> {
        let start = self.turn % self.owned.len().max(1);
        self.turn = start + 1;
        let (before, after) = self.owned.split_at(start);
        after.iter().chain(before)
    }
}

impl Group {
    /// A member, or the error that it is none.
    pub(crate) fn member(&self, consumer: &ConsumerId) -> Result<&Member, BrokerError> {
        let member = self.members.get(consumer);
        member.ok_or_else(|| BrokerError::ConsumerNotRegistered(consumer.clone()))
    }

    /// A member and the cursors, both to be changed.
    pub(crate) fn at_work(
        &mut self,
        consumer: &ConsumerId,
    ) -> Result<(&mut Member, &mut BTreeMap<Place, Cursor>), BrokerError> {
        let member = self.members.get_mut(consumer);
        let member = member.ok_or_else(|| BrokerError::ConsumerNotRegistered(consumer.clone()))?;
        Ok((member, &mut self.cursors))
    }

    /// Takes a member in. Who belongs to the group already changes its topics and semantics.
    pub(crate) fn join(&mut self, consumer: ConsumerId, topics: Vec<TopicId>, semantics: DeliverySemantics) {
        let topics = topics.into_iter().collect();
        match self.members.get_mut(&consumer) {
            Some(member) => {
                member.topics = topics;
                member.semantics = semantics;
            }
            None => {
                let member = Member {
                    topics,
                    semantics,
                    owned: Vec::new(),
                    turn: 0,
                };
                self.members.insert(consumer, member);
            }
        }
    }

    /// Lets a member go. What it held goes back, also if it is the next to come.
    pub(crate) fn leave(&mut self, consumer: &ConsumerId) -> Result<(), BrokerError> {
        let member = self.members.remove(consumer);
        let member = member.ok_or_else(|| BrokerError::ConsumerNotRegistered(consumer.clone()))?;
        for place in &member.owned {
            self.cursors.entry(place.clone()).or_default().hand_over();
        }
        Ok(())
    }

    /// Gives each partition to the subscriber that has the fewest so far: the numbers differ by at most one where all
    /// subscribe to the same topics. A partition that changes hands begins at its committed offset.
    pub(crate) fn rebalance(&mut self, topics: &BTreeMap<TopicId, Topic>) {
        let mut owners = BTreeMap::new();
        for (consumer, member) in &mut self.members {
            owners.extend(member.owned.drain(..).map(|place| (place, consumer.clone())));
        }
        for (topic, partition) in topics.iter().flat_map(|(name, topic)| places(name, topic)) {
            let subscribers = self
                .members
                .iter_mut()
                .filter(|(_, member)| member.topics.contains(topic));
            let Some((consumer, member)) = subscribers.min_by_key(|(_, member)| member.owned.len()) else {
                continue;
            };
            let place = (topic.clone(), partition);
            let cursor = self.cursors.entry(place.clone()).or_default();
            if owners.get(&place) != Some(consumer) {
                cursor.hand_over();
            }
            member.owned.push(place);
        }
    }

    /// Forgets all about a topic.
    pub(crate) fn forget(&mut self, topic: &TopicId) {
        self.cursors.retain(|(name, _), _| name != topic);
        for member in self.members.values_mut() {
            member.topics.remove(topic);
            member.owned.retain(|(name, _)| name != topic);
        }
    }
}

/// The partitions of a topic.
fn places<'t>(name: &'t TopicId, topic: &Topic) -> impl Iterator<Item = (&'t TopicId, PartitionId)> + use<'t> {
    (0..topic.config.partitions).map(move |partition| (name, partition))
}
