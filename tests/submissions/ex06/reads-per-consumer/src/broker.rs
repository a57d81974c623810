//! Topics et publication.

use crate::consumers::Group;
use crate::types::*;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) first: Offset,
    pub(crate) messages: Vec<Message>,
}

impl Log {
    pub(crate) fn end(&self) -> Offset {
        self.first + self.messages.len() as Offset
    }
}

#[derive(Debug)]
pub(crate) struct Topic {
    config: TopicConfig,
    pub(crate) logs: Vec<Log>,
    next: usize,
}

/// Le broker.
#[derive(Debug)]
pub struct MessageBroker {
    config: BrokerConfig,
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
        let count = if config.partitions == 0 {
            self.config.default_partitions
        } else {
            config.partitions
        };
        let logs = (0..count).map(|_| Log::default()).collect();
        let topic = Topic { config, logs, next: 0 };
        self.topics.insert(topic.config.name.clone(), topic);
        Ok(())
    }

    /// Supprime un topic.
    pub fn delete_topic(&mut self, topic: &TopicId) -> Result<(), BrokerError> {
        match self.topics.remove(topic) {
            Some(_) => Ok(()),
            None => Err(BrokerError::TopicNotFound(topic.clone())),
        }
    }

    /// Les noms des topics.
    pub fn list_topics(&self) -> Vec<TopicId> {
        self.topics.keys().cloned().collect()
    }

    /// La configuration d'un topic.
    pub fn get_topic_config(&self, topic: &TopicId) -> Option<TopicConfig> {
        self.topics.get(topic).map(|topic| topic.config.clone())
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
        let partition = match &message.key {
            Some(key) => {
                let mut hasher = DefaultHasher::new();
                key.hash(&mut hasher);
                hasher.finish() as usize % found.logs.len()
            }
            None => {
                found.next += 1;
                found.next % found.logs.len()
            }
        };
        let log = &mut found.logs[partition];
        let offset = log.end();
        let message_id = message.id.clone();
        log.messages.push(message);
        Ok(PublishResult {
            topic: topic.clone(),
            partition: partition as PartitionId,
            offset,
            message_id,
        })
    }

    /// Publie des messages.
    pub fn publish_batch(
        &mut self,
        topic: &TopicId,
        messages: Vec<Message>,
    ) -> Result<Vec<PublishResult>, BrokerError> {
        let mut results = Vec::new();
        for message in messages {
            results.push(self.publish(topic, message)?);
        }
        Ok(results)
    }

    /// Supprime les messages expirés.
    pub fn cleanup_expired(&mut self) -> usize {
        let mut removed = 0;
        for topic in self.topics.values_mut() {
            let retention = topic.config.retention_ms.unwrap_or(self.config.retention_ms);
            let retention = Duration::from_millis(retention);
            for log in &mut topic.logs {
                let kept = log
                    .messages
                    .iter()
                    .position(|message| message.timestamp.elapsed() <= retention);
                let old = kept.unwrap_or(log.messages.len());
                log.messages.drain(..old);
                log.first += old as Offset;
                removed += old;
            }
        }
        removed
    }

    /// Compte ce que le broker contient.
    pub fn stats(&self) -> BrokerStats {
        let count = |topic: &Topic| topic.logs.iter().map(|log| log.messages.len() as u64).sum::<u64>();
        let counts: HashMap<_, _> = self
            .topics
            .iter()
            .map(|(name, topic)| (name.clone(), count(topic)))
            .collect();
        BrokerStats {
            total_messages: counts.values().sum(),
            total_topics: self.topics.len(),
            total_partitions: self.topics.values().map(|topic| topic.logs.len()).sum(),
            total_consumer_groups: self.groups.len(),
            messages_per_topic: counts,
        }
    }
}
