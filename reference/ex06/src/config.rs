//! What can be set: for the broker, for a topic, for a consumer.

use crate::TopicId;

/// The settings of a broker, which a topic may replace by its own.
#[derive(Debug, Clone)]
pub struct BrokerConfig {
    /// How many partitions a topic has that asks for 0.
    pub default_partitions: u32,
    /// How long messages are kept, in milliseconds.
    pub retention_ms: u64,
    /// The largest payload, in bytes.
    pub max_message_size: usize,
    /// How long a consumer has to acknowledge a message, in milliseconds.
    pub ack_timeout_ms: u64,
    /// How many messages a consumer may hold without having acknowledged them.
    pub max_unacked_messages: usize,
}

/// What a consumer may be told twice, and what it may miss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliverySemantics {
    /// A message may be lost but never comes twice: it is settled when it is delivered.
    AtMostOnce,
    /// A message may come twice but is never lost: it is settled when it is acknowledged.
    AtLeastOnce,
    /// Like at least once for the broker; the consumer recognises repetitions by their message id.
    ExactlyOnce,
}

/// A topic as it is created.
#[derive(Debug, Clone)]
pub struct TopicConfig {
    /// Its name.
    pub name: TopicId,
    /// How many partitions it has; 0 for the broker's default.
    pub partitions: u32,
    /// How long its messages are kept, if not as long as the broker says.
    pub retention_ms: Option<u64>,
    /// The largest payload, if not the one that the broker allows.
    pub max_message_size: Option<usize>,
}

impl Default for BrokerConfig {
    /// Four partitions, a day, 1 MiB, half a minute, 1000 messages.
    fn default() -> Self {
        Self {
            default_partitions: 4,
            retention_ms: 24 * 60 * 60 * 1000,
            max_message_size: 1 << 20,
            ack_timeout_ms: 30_000,
            max_unacked_messages: 1000,
        }
    }
}
