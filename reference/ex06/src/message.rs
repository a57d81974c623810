//! Messages, and how they are named and found again.

use std::collections::HashMap;
use std::time::Instant;

/// The name of a topic.
pub type TopicId = String;
/// The number of a partition in its topic, from 0.
pub type PartitionId = u32;
/// The name of a group of consumers.
pub type ConsumerGroupId = String;
/// The name of a consumer in its group.
pub type ConsumerId = String;
/// The number of a message in its partition, from 0.
pub type Offset = u64;
/// What identifies a message, chosen by its producer.
pub type MessageId = String;

/// A message, as its producer made it.
#[derive(Debug, Clone)]
pub struct Message {
    /// What identifies it.
    pub id: MessageId,
    /// What it is about: messages of one key stay in order.
    pub key: Option<Vec<u8>>,
    /// What it says.
    pub payload: Vec<u8>,
    /// What is said about it.
    pub headers: HashMap<String, String>,
    /// When it was made; its age counts from there.
    pub timestamp: Instant,
}

/// A message, as a consumer gets it.
#[derive(Debug, Clone)]
pub struct ConsumedMessage {
    /// The message.
    pub message: Message,
    /// Its topic.
    pub topic: TopicId,
    /// Its partition.
    pub partition: PartitionId,
    /// Its place in the partition.
    pub offset: Offset,
}

/// Where a message was stored.
#[derive(Debug, Clone)]
pub struct PublishResult {
    /// Its topic.
    pub topic: TopicId,
    /// Its partition.
    pub partition: PartitionId,
    /// Its place in the partition.
    pub offset: Offset,
    /// Which message it was.
    pub message_id: MessageId,
}
