//! Why the broker refuses.

use crate::{ConsumerGroupId, ConsumerId, Offset, PartitionId, TopicId};

/// The reasons for which an operation does nothing.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// No topic has this name.
    #[error("Topic not found: {0}")]
    TopicNotFound(TopicId),
    /// A topic has this name already.
    #[error("Topic already exists: {0}")]
    TopicAlreadyExists(TopicId),
    /// The topic has fewer partitions.
    #[error("Partition not found: {0}:{1}")]
    PartitionNotFound(TopicId, PartitionId),
    /// Nobody ever joined a group of this name.
    #[error("Consumer group not found: {0}")]
    GroupNotFound(ConsumerGroupId),
    /// The consumer is no member of the group.
    #[error("Consumer not registered: {0}")]
    ConsumerNotRegistered(ConsumerId),
    /// The payload is larger than the topic allows.
    #[error("Message too large: {size} > {max}")]
    MessageTooLarge {
        /// The bytes of the payload.
        size: usize,
        /// The bytes that are allowed.
        max: usize,
    },
    /// There is no such place in the partition.
    #[error("Invalid offset: {requested}, valid range: [{min}, {max}]")]
    InvalidOffset {
        /// The offset asked for.
        requested: Offset,
        /// The first message that is still there.
        min: Offset,
        /// The place behind the last message.
        max: Offset,
    },
    /// The consumer has to acknowledge before it gets more.
    #[error("Too many unacked messages")]
    TooManyUnacked,
}
