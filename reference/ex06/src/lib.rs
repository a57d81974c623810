//! A message broker: topics cut into partitions, consumer groups that share them, and delivery guarantees.
//!
//! # The idea
//!
//! A partition is a *log*: messages are appended and numbered, and reading removes nothing. What a reader has seen is
//! therefore one number for each partition, its *offset*, and a group of consumers is little more than such a number
//! for each partition and an *assignment* that says which consumer reads which partition. Order holds inside a
//! partition, parallelism comes from having several, and a key binds what must stay in order to one of them. The design
//! is that of Kreps, Narkhede and Rao, *Kafka: a Distributed Messaging System for Log Processing* (NetDB 2011, section 3).
//!
//! Guarantees are a question of *when the offset moves*. Before the consumer has done its work: a crash loses messages,
//! none comes twice. After it has acknowledged: a crash repeats messages, none is lost. Exactly once is at least once
//! with a consumer that recognises a repetition, for which each message has an id. Saltzer, Reed and Clark, *End-to-End
//! Arguments in System Design* (1984, section 3), tell why no broker can do the last step alone.
//!
//! # The contract
//!
//! - [`MessageBroker::publish`] appends: offsets count from 0 without gaps and are never used again. Equal keys of a
//!   topic lie in one partition.
//! - [`MessageBroker::poll`] gives as many messages as there are, up to the number asked for and to
//!   `max_unacked_messages`; those of one partition in the order of their offsets. It never waits: while it has the
//!   broker, nobody can publish.
//! - Each group sees every message; inside a group a message goes to the one consumer that owns its partition.
//! - Without [`MessageBroker::acknowledge`] in time, after [`MessageBroker::nack`], or when its consumer leaves, a
//!   message is delivered again, before those that were never delivered.
//! - A message that a group refuses for the fifth time goes to the topic `<topic>.dlq`, if there is one.
//!
//! | offset | after `acknowledge` of 4 | after `commit_offsets` of 4 |
//! |---|---|---|
//! | committed | 5, the next to read | 4, the next to read |
//!
//! # Invariants
//!
//! - In a log, `first <= offset < first + len` for each message; both ends only grow.
//! - In a cursor, what is in flight or returned is older than `next`, and nothing is both.
//! - Each partition of a topic that a member subscribes to has exactly one owner, a member that subscribes to it, and
//!   what is in flight in a partition was delivered to its owner.
//!
//! # Cost
//!
//! | operation | cost |
//! |---|---|
//! | `publish` | O(log topics + length of the key) |
//! | `poll` of k messages | O(partitions owned + k log in-flight), whatever the backlog |
//! | `acknowledge` | O(log in-flight) a message |
//! | a join or a leave | O(partitions · members) |
//! | `cleanup_expired` | O(partitions + messages removed) |
//!
//! # Common mistakes
//!
//! - Moving the offset when a message is handed out: at-least-once becomes at-most-once.
//! - A reading position for each consumer instead of each group: everybody gets everything.
//! - Removing what was read from the partition: other groups, and `seek`, need it.
//! - Indexing a vector by offset after retention has removed its beginning.
//! - Giving what was refused or timed out a place behind newer messages: the partition is no longer in order.
//! - Looking for the next message from the beginning of the partition: each poll costs the whole backlog.
//!
//! # Example
//!
//! ```
//! use std::collections::HashMap;
//! use std::time::{Duration, Instant};
//! use ex06::{BrokerConfig, DeliverySemantics, Message, MessageBroker, TopicConfig};
//!
//! let mut broker = MessageBroker::new(BrokerConfig::default());
//! let (orders, billing, worker) = ("orders".to_owned(), "billing".to_owned(), "worker".to_owned());
//! broker.create_topic(TopicConfig { name: orders.clone(), partitions: 1, retention_ms: None, max_message_size: None })?;
//! broker.join_group(billing.clone(), worker.clone(), vec![orders.clone()], DeliverySemantics::AtLeastOnce)?;
//!
//! let payload = b"one coffee".to_vec();
//! let order = Message { id: "1".to_owned(), key: None, payload, headers: HashMap::new(), timestamp: Instant::now() };
//! let stored = broker.publish(&orders, order)?;
//! let received = broker.poll(&billing, &worker, 10, Duration::ZERO)?;
//! assert_eq!(received[0].message.payload, b"one coffee");
//!
//! broker.acknowledge(&billing, &worker, HashMap::from([((orders, stored.partition), stored.offset)]))?;
//! # Ok::<(), ex06::BrokerError>(())
//! ```

mod broker;
mod config;
mod consuming;
mod cursor;
mod error;
mod group;
mod log;
mod message;
mod topic;

pub use broker::{BrokerStats, MessageBroker};
pub use config::{BrokerConfig, DeliverySemantics, TopicConfig};
pub use error::BrokerError;
pub use message::{
    ConsumedMessage, ConsumerGroupId, ConsumerId, Message, MessageId, Offset, PartitionId, PublishResult, TopicId,
};
