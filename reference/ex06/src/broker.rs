//! The broker's own side: topics, publishing, retention, statistics. What consumers do is in `consuming`.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use crate::group::Group;
use crate::topic::Topic;
use crate::{BrokerConfig, BrokerError, ConsumerGroupId, Message, PublishResult, TopicConfig, TopicId};

/// A broker: topics and the groups that read them.
#[derive(Debug)]
pub struct MessageBroker {
    pub(crate) config: BrokerConfig,
    pub(crate) topics: BTreeMap<TopicId, Topic>,
    pub(crate) groups: BTreeMap<ConsumerGroupId, Group>,
}

/// What a broker holds at the moment.
#[derive(Debug, Clone)]
pub struct BrokerStats {
    /// The messages that are kept.
    pub total_messages: u64,
    /// The topics.
    pub total_topics: usize,
    /// The partitions of all topics.
    pub total_partitions: usize,
    /// The groups that were ever joined.
    pub total_consumer_groups: usize,
    /// The messages that are kept, of each topic.
    pub messages_per_topic: HashMap<TopicId, u64>,
}

impl MessageBroker {
    /// A broker without topics.
    pub fn new(config: BrokerConfig) -> Self {
        Self {
            config,
            topics: BTreeMap::new(),
            groups: BTreeMap::new(),
        }
    }

    /// Creates a topic.
    ///
    /// ```
    /// use ex06::{BrokerConfig, BrokerError, MessageBroker, TopicConfig};
    ///
    /// let mut broker = MessageBroker::new(BrokerConfig::default());
    /// let topic = TopicConfig { name: "orders".into(), partitions: 0, retention_ms: None, max_message_size: None };
    /// broker.create_topic(topic.clone())?;
    /// assert_eq!(broker.stats().total_partitions, 4);
    /// assert!(matches!(broker.create_topic(topic), Err(BrokerError::TopicAlreadyExists(_))));
    /// # Ok::<(), BrokerError>(())
    /// ```
    pub fn create_topic(&mut self, mut config: TopicConfig) -> Result<(), BrokerError> {
        if self.topics.contains_key(&config.name) {
            return Err(BrokerError::TopicAlreadyExists(config.name));
        }
        if config.partitions == 0 {
            config.partitions = self.config.default_partitions.max(1);
        }
        self.topics.insert(config.name.clone(), Topic::new(config));
        Ok(())
    }

    /// Deletes a topic with its messages, and all that groups know of it.
    pub fn delete_topic(&mut self, topic: &TopicId) -> Result<(), BrokerError> {
        if self.topics.remove(topic).is_none() {
            return Err(BrokerError::TopicNotFound(topic.clone()));
        }
        for group in self.groups.values_mut() {
            group.forget(topic);
        }
        Ok(())
    }

    /// The names of all topics, sorted.
    pub fn list_topics(&self) -> Vec<TopicId> {
        self.topics.keys().cloned().collect()
    }

    /// How a topic was created, with the number of partitions that it has.
    pub fn get_topic_config(&self, topic: &TopicId) -> Option<TopicConfig> {
        self.topics.get(topic).map(|topic| topic.config.clone())
    }

    /// Stores a message in the partition that its key chooses, or in any if it has none.
    pub fn publish(&mut self, topic: &TopicId, message: Message) -> Result<PublishResult, BrokerError> {
        let max_size = self.config.max_message_size;
        let found = self.find(topic)?;
        check_size(found, &message, max_size)?;
        Ok(store(found, message))
    }

    /// Stores messages in their order; all of them, or none if one is too large.
    pub fn publish_batch(
        &mut self,
        topic: &TopicId,
        messages: Vec<Message>,
    ) -> Result<Vec<PublishResult>, BrokerError> {
        let max_size = self.config.max_message_size;
        let found = self.find(topic)?;
        for message in &messages {
            check_size(found, message, max_size)?;
        }
        Ok(messages.into_iter().map(|message| store(found, message)).collect())
    }

    /// Removes the messages that are older than their topic keeps them, and says how many.
    pub fn cleanup_expired(&mut self) -> usize {
        let now = Instant::now();
        let mut removed = 0;
        for topic in self.topics.values_mut() {
            let retention = topic.config.retention_ms.unwrap_or(self.config.retention_ms);
            let retention = Duration::from_millis(retention);
            removed += topic.logs_mut().map(|log| log.forget(retention, now)).sum::<usize>();
        }
        removed
    }

    /// Counts what the broker holds.
    pub fn stats(&self) -> BrokerStats {
        let messages_per_topic: HashMap<_, _> = self
            .topics
            .iter()
            .map(|(name, topic)| (name.clone(), topic.len()))
            .collect();
        BrokerStats {
            total_messages: messages_per_topic.values().sum(),
            total_topics: self.topics.len(),
            total_partitions: self.topics.values().map(|topic| topic.logs().count()).sum(),
            total_consumer_groups: self.groups.len(),
            messages_per_topic,
        }
    }

    /// A topic to be changed, or the error that there is none.
    fn find(&mut self, topic: &TopicId) -> Result<&mut Topic, BrokerError> {
        let found = self.topics.get_mut(topic);
        found.ok_or_else(|| BrokerError::TopicNotFound(topic.clone()))
    }
}

/// Whether a topic takes a message of this size. `max` is what it takes if it says nothing itself.
fn check_size(topic: &Topic, message: &Message, max: usize) -> Result<(), BrokerError> {
    let max = topic.config.max_message_size.unwrap_or(max);
    let size = message.payload.len();
    if size > max {
        return Err(BrokerError::MessageTooLarge { size, max });
    }
    Ok(())
}

fn store(topic: &mut Topic, message: Message) -> PublishResult {
    let message_id = message.id.clone();
    let (partition, offset) = topic.append(message);
    PublishResult {
        topic: topic.config.name.clone(),
        partition,
        offset,
        message_id,
    }
}
