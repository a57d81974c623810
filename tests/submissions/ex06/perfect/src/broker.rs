//! Le broker : topics, publication, rétention, statistiques.

use crate::group::Group;
use crate::storage::{Partition, Topic};
use crate::types::*;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Le broker.
#[derive(Debug)]
pub struct MessageBroker {
    pub(crate) config: BrokerConfig,
    pub(crate) topics: HashMap<TopicId, Topic>,
    pub(crate) groups: HashMap<ConsumerGroupId, Group>,
}

impl MessageBroker {
    /// Crée un broker sans topic.
    pub fn new(config: BrokerConfig) -> Self {
        Self {
            config,
            topics: HashMap::new(),
            groups: HashMap::new(),
        }
    }

    /// Crée un topic.
    pub fn create_topic(&mut self, config: TopicConfig) -> Result<(), BrokerError> {
        if self.topics.contains_key(&config.name) {
            return Err(BrokerError::TopicAlreadyExists(config.name));
        }
        let count = match config.partitions {
            0 => self.config.default_partitions.max(1),
            count => count,
        };
        let partitions = (0..count).map(|_| Partition::default()).collect();
        self.topics.insert(config.name.clone(), Topic { config, partitions });
        Ok(())
    }

    /// Supprime un topic et ses messages.
    pub fn delete_topic(&mut self, topic: &TopicId) -> Result<(), BrokerError> {
        self.topics
            .remove(topic)
            .ok_or_else(|| BrokerError::TopicNotFound(topic.clone()))?;
        self.groups.values_mut().for_each(|group| group.forget(topic));
        Ok(())
    }

    /// Les noms de tous les topics.
    pub fn list_topics(&self) -> Vec<TopicId> {
        self.topics.keys().cloned().collect()
    }

    /// La configuration d'un topic, telle qu'elle a été donnée.
    pub fn get_topic_config(&self, topic: &TopicId) -> Option<TopicConfig> {
        Some(self.topics.get(topic)?.config.clone())
    }

    /// Publie un message.
    pub fn publish(&mut self, topic: &TopicId, message: Message) -> Result<PublishResult, BrokerError> {
        let found = self
            .topics
            .get_mut(topic)
            .ok_or_else(|| BrokerError::TopicNotFound(topic.clone()))?;
        let max = found.config.max_message_size.unwrap_or(self.config.max_message_size);
        let size = message.payload.len();
        if size > max {
            return Err(BrokerError::MessageTooLarge { size, max });
        }
        let partition = found.choose(message.key.as_ref());
        let message_id = message.id.clone();
        let offset = found.partitions[partition as usize].push(message);
        let place = (topic.clone(), partition);
        for group in self.groups.values_mut() {
            if let Some(queue) = group.queues.get_mut(&place) {
                queue.push(offset);
            }
        }
        Ok(PublishResult {
            topic: place.0,
            partition,
            offset,
            message_id,
        })
    }

    /// Publie des messages l'un après l'autre, jusqu'au premier refus.
    pub fn publish_batch(
        &mut self,
        topic: &TopicId,
        messages: Vec<Message>,
    ) -> Result<Vec<PublishResult>, BrokerError> {
        if !self.topics.contains_key(topic) {
            return Err(BrokerError::TopicNotFound(topic.clone()));
        }
        messages
            .into_iter()
            .map(|message| self.publish(topic, message))
            .collect()
    }

    /// La durée de conservation d'un topic.
    pub(crate) fn retention(&self, topic: &Topic) -> Duration {
        Duration::from_millis(topic.config.retention_ms.unwrap_or(self.config.retention_ms))
    }

    /// Supprime les messages expirés et rend leur nombre.
    pub fn cleanup_expired(&mut self) -> usize {
        let (now, default) = (Instant::now(), self.config.retention_ms);
        let mut removed = 0;
        for topic in self.topics.values_mut() {
            let retention = Duration::from_millis(topic.config.retention_ms.unwrap_or(default));
            for partition in &mut topic.partitions {
                removed += partition.cleanup(retention, now);
            }
        }
        removed
    }

    /// Compte ce que le broker contient ; un groupe sans membre n'en est plus un.
    pub fn stats(&self) -> BrokerStats {
        let mut stats = BrokerStats {
            total_messages: 0,
            total_topics: self.topics.len(),
            total_partitions: 0,
            total_consumer_groups: self.groups.values().filter(|group| !group.members.is_empty()).count(),
            messages_per_topic: HashMap::new(),
        };
        for (name, topic) in &self.topics {
            let count = topic.partitions.iter().map(Partition::len).sum::<usize>() as u64;
            stats.total_messages += count;
            stats.total_partitions += topic.partitions.len();
            stats.messages_per_topic.insert(name.clone(), count);
        }
        stats
    }
}
