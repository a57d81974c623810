//! The script language of EX06: topics, groups and consumers by number, and what one can do with them.
//!
//! Topic 0 is called `t0`, group 0 `g0`, consumer 0 `c0`. Messages are numbered by the driver, `m1`, `m2`.., in the order in
//! which a script publishes them, and say their name. Where a message lies is never guessed: steps answer where it is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The number of a topic, a group or a consumer.
pub type Slot = u8;

/// When the broker takes a message for settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Semantics {
    /// It may be lost, and never comes twice.
    AtMostOnce,
    /// It may come twice, and is never lost.
    AtLeastOnce,
    /// Neither, as long as nothing fails.
    ExactlyOnce,
}

/// The kind of an error with what it tells, but without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// No such topic.
    TopicNotFound(String),
    /// Such a topic is there already.
    TopicAlreadyExists(String),
    /// No such partition.
    PartitionNotFound(String, u32),
    /// No such group.
    GroupNotFound(String),
    /// No such consumer in the group.
    ConsumerNotRegistered(String),
    /// The size, and the largest that is allowed.
    MessageTooLarge(usize, usize),
    /// The offset asked for, the first that is valid, and the one behind the last message, also if the error names the last.
    InvalidOffset(u64, u64, u64),
    /// An error that the contract does not name here.
    Other,
}

/// A message at its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Record {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: u32,
    /// The offset.
    pub offset: u64,
    /// The message's id.
    pub message: String,
}

/// A topic's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// How many partitions it has.
    pub partitions: u32,
    /// Its own retention.
    pub retention_ms: Option<u64>,
    /// Its own largest message.
    pub max_message_size: Option<usize>,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its payload.
    pub payload: Vec<u8>,
    /// Its headers.
    pub headers: BTreeMap<String, String>,
}

/// What is left of a partition of which the first messages are too old.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aged {
    /// How many messages were removed.
    pub removed: usize,
    /// The offsets that a consumer gets from the beginning.
    pub offsets: Vec<u64>,
    /// What a seek to offset 0 answers.
    pub sought: Result<(), Refusal>,
}

/// The name of a topic.
#[must_use]
pub fn topic(t: Slot) -> String {
    format!("t{t}")
}

/// The name of a group.
#[must_use]
pub fn group(g: Slot) -> String {
    format!("g{g}")
}

/// The name of a consumer.
#[must_use]
pub fn consumer(c: Slot) -> String {
    format!("c{c}")
}

/// A key as the script text shows it.
fn key_text(key: Option<u8>) -> String {
    key.map_or_else(|| "None".to_owned(), |key| format!("Some(b\"key{key}\".to_vec())"))
}

witness::language! {
    /// One broker. What a consumer *holds* is what was delivered to it and neither acknowledged nor refused. Steps that the
    /// contract leaves open do nothing: joining twice, subscribing to a topic that was never created, acknowledging or refusing
    /// what is not held.
    pub trait Broker {
        /// Starts again with so many partitions by default.
        fn default_partitions(partitions: u8) => { format!("let mut broker = MessageBroker::new(BrokerConfig {{ default_partitions: {}, ..Default::default() }});", partitions.max(&1)) };
        /// Starts again with a largest message.
        fn limit_size(bytes: u16) => "let mut broker = MessageBroker::new(BrokerConfig {{ max_message_size: {bytes}, ..Default::default() }});";
        /// Starts again with so many messages at most that a consumer may hold; at least one.
        fn limit_unacked(messages: u8) => { format!("let mut broker = MessageBroker::new(BrokerConfig {{ max_unacked_messages: {}, ..Default::default() }});", messages.max(&1)) };
        /// Starts again with a retention of one millisecond.
        fn forget_quickly() => "let mut broker = MessageBroker::new(BrokerConfig {{ retention_ms: 1, ..Default::default() }});";
        /// Starts again with a millisecond to acknowledge.
        fn hurry() => "let mut broker = MessageBroker::new(BrokerConfig {{ ack_timeout_ms: 1, ..Default::default() }});";

        /// Creates a topic of so many partitions, at least one.
        fn create(t: Slot, partitions: u8) -> Result<(), Refusal> => { format!("broker.create_topic(TopicConfig {{ name: \"t{t}\".into(), partitions: {}, retention_ms: None, max_message_size: None }})", partitions.max(&1)) };
        /// Creates a topic that asks for no partitions.
        fn create_default(t: Slot) -> Result<(), Refusal> => "broker.create_topic(TopicConfig {{ name: \"t{t}\".into(), partitions: 0, retention_ms: None, max_message_size: None }})";
        /// Creates a topic with settings of its own.
        fn create_with(t: Slot, partitions: u8, retention_ms: Option<u32>, max_size: Option<u16>) -> Result<(), Refusal> => { format!("broker.create_topic(TopicConfig {{ name: \"t{t}\".into(), partitions: {}, retention_ms: {retention_ms:?}, max_message_size: {max_size:?} }})", partitions.max(&1)) };
        /// Deletes a topic.
        fn delete(t: Slot) -> Result<(), Refusal> => "broker.delete_topic(&\"t{t}\".into())";
        /// The names of all topics. Sorted.
        fn topics() -> Vec<String> => "broker.list_topics()";
        /// How a topic was created.
        fn described(t: Slot) -> Option<Described> => "broker.get_topic_config(&\"t{t}\".into())";
        /// The messages that are kept.
        fn total_messages() -> u64 => "broker.stats().total_messages";
        /// The topics that there are.
        fn total_topics() -> usize => "broker.stats().total_topics";
        /// The partitions of all topics.
        fn total_partitions() -> usize => "broker.stats().total_partitions";
        /// The groups.
        fn total_groups() -> usize => "broker.stats().total_consumer_groups";
        /// The messages that are kept of each topic. Sorted by topic; one without messages need not be there and is left out.
        fn messages_per_topic() -> Vec<(String, u64)> => "broker.stats().messages_per_topic";

        /// Publishes a message and says where it is.
        fn publish(t: Slot, key: Option<u8>) -> Result<Record, Refusal> => { format!("broker.publish(&\"t{t}\".into(), Message {{ key: {}, .. }})", key_text(*key)) };
        /// Publishes messages at once and says where each is.
        fn publish_batch(t: Slot, keys: Vec<Option<u8>>) -> Result<Vec<Record>, Refusal> => {
            let messages: Vec<_> = keys.iter().map(|key| format!("Message {{ key: {}, .. }}", key_text(*key))).collect();
            format!("broker.publish_batch(&\"t{t}\".into(), vec![{}])", messages.join(", "))
        };
        /// Publishes a message with a payload of so many bytes, without key and headers.
        fn publish_sized(t: Slot, bytes: u16) -> Result<(), Refusal> => "broker.publish(&\"t{t}\".into(), Message {{ payload: vec![0; {bytes}], .. }})";
        /// The same for several messages at once.
        fn publish_batch_sized(t: Slot, bytes: Vec<u16>) -> Result<(), Refusal> => "broker.publish_batch(&\"t{t}\".into(), /* payloads of {bytes:?} bytes */)";
        /// Publishes a message that says this.
        fn publish_letter(t: Slot, letter: Letter) -> bool => "broker.publish(&\"t{t}\".into(), /* {letter:?} */)";
        /// Publishes messages of many different keys and says which partitions they reach. Sorted.
        fn spread(t: Slot, keys: u16) -> Vec<u32> => "for i in 0..{keys} {{ broker.publish(&\"t{t}\".into(), Message {{ key: Some(format!(\"user-{{i}}\").into_bytes()), .. }}); }} // the partitions";

        /// Joins a group.
        fn join(g: Slot, c: Slot, topics: Vec<Slot>, semantics: Semantics) -> Result<(), Refusal> => {
            let topics: Vec<_> = topics.iter().map(|t| format!("\"t{t}\".into()")).collect();
            format!("broker.join_group(\"g{g}\".into(), \"c{c}\".into(), vec![{}], DeliverySemantics::{semantics:?})", topics.join(", "))
        };
        /// Leaves a group.
        fn leave(g: Slot, c: Slot) -> Result<(), Refusal> => "broker.leave_group(&\"g{g}\".into(), &\"c{c}\".into())";
        /// If the consumer is a member, leaves the group and joins it again.
        fn come_back(g: Slot, c: Slot) -> Result<(), Refusal> => "broker.leave_group(&\"g{g}\".into(), &\"c{c}\".into()); broker.join_group(\"g{g}\".into(), \"c{c}\".into(), /* as before */)";
        /// If the consumer is a member, the same, but in between the topic is deleted and created anew with one partition.
        fn renew(g: Slot, c: Slot, t: Slot) -> Result<(), Refusal> => "broker.leave_group(&\"g{g}\".into(), &\"c{c}\".into()); broker.delete_topic(&\"t{t}\".into()); broker.create_topic(/* t{t} */); broker.join_group(\"g{g}\".into(), \"c{c}\".into(), /* as before */)";
        /// Has the partitions of a group shared out again.
        fn rebalance(g: Slot) -> Result<(), Refusal> => "broker.rebalance_group(&\"g{g}\".into())";
        /// What a consumer gets, at most so many. Sorted by topic and partition, but as it came within a partition. A refusal
        /// because too much is held is an empty answer.
        fn poll(g: Slot, c: Slot, max: u8) -> Result<Vec<Record>, Refusal> => "broker.poll(&\"g{g}\".into(), &\"c{c}\".into(), {max}, Duration::ZERO)";
        /// The same, and everything is acknowledged.
        fn consume(g: Slot, c: Slot, max: u8) -> Result<Vec<Record>, Refusal> => "broker.poll(&\"g{g}\".into(), &\"c{c}\".into(), {max}, Duration::ZERO) // and acknowledge all";
        /// What the messages say that a consumer gets.
        fn read_letters(g: Slot, c: Slot, max: u8) -> Vec<Letter> => "broker.poll(&\"g{g}\".into(), &\"c{c}\".into(), {max}, Duration::ZERO)";
        /// Which partitions of a topic each member reads, seen by who gets messages that are published to all of them. Sorted.
        fn owners(g: Slot, t: Slot) -> Vec<(Slot, Vec<u32>)> => "/* publish to every partition of \"t{t}\"; each member of \"g{g}\" polls: whose are they? */";

        /// Acknowledges all that a consumer holds.
        fn acknowledge(g: Slot, c: Slot) -> Result<(), Refusal> => "broker.acknowledge(&\"g{g}\".into(), &\"c{c}\".into(), /* the last offset of each partition that c{c} got */)";
        /// Acknowledges one of the messages that a consumer holds, by its number among them, and all before it in its partition.
        fn acknowledge_up_to(g: Slot, c: Slot, nth: u8) -> Result<(), Refusal> => "broker.acknowledge(&\"g{g}\".into(), &\"c{c}\".into(), /* offset number {nth} of those that c{c} holds */)";
        /// Refuses the message that a consumer holds, if it holds just one.
        fn nack(g: Slot, c: Slot) -> Result<(), Refusal> => "broker.nack(&\"g{g}\".into(), &\"c{c}\".into(), /* the offset that c{c} holds */)";
        /// So many times, gets one message and refuses it. Which messages came.
        fn refuse(g: Slot, c: Slot, times: u8) -> Vec<String> => "for _ in 0..{times} {{ /* poll one message, nack it */ }}";
        /// Creates the dead letter topic of a topic.
        fn create_dead_letters(t: Slot) -> bool => "broker.create_topic(TopicConfig {{ name: \"t{t}.dlq\".into(), partitions: 1, .. }})";
        /// The dead letters of a topic, read by a group of its own.
        fn dead_letters(t: Slot) -> Vec<String> => "/* poll \"t{t}.dlq\" */";
        /// Commits the offset of one of the messages that a consumer holds, by its number among them. Which offset. What it holds up
        /// to there counts as held no more.
        fn commit(g: Slot, c: Slot, nth: u8) -> Option<u64> => "broker.commit_offsets(&\"g{g}\".into(), &\"c{c}\".into(), /* offset number {nth} of those that c{c} holds */)";
        /// The committed offsets of a group. Sorted; those that are 0 are left out.
        fn committed(g: Slot) -> Vec<(String, u32, u64)> => "broker.get_committed_offsets(&\"g{g}\".into())";

        /// Goes on from an offset, counted from the last message of the partition backwards; from the first if there are fewer.
        fn seek_back(g: Slot, c: Slot, t: Slot, partition: u8, back: u8) -> Result<(), Refusal> => "broker.seek(&\"g{g}\".into(), &\"c{c}\".into(), &\"t{t}\".into(), {partition}, /* the last offset - {back} */)";
        /// Tries to go on from an offset behind the end of the partition.
        fn seek_beyond(g: Slot, c: Slot, t: Slot, partition: u8, beyond: u8) -> Result<(), Refusal> => "broker.seek(&\"g{g}\".into(), &\"c{c}\".into(), &\"t{t}\".into(), {partition}, /* the last offset + 2 + {beyond} */)";
        /// Goes on from the first message.
        fn seek_to_beginning(g: Slot, c: Slot, t: Slot, partition: u8) -> Result<(), Refusal> => "broker.seek_to_beginning(&\"g{g}\".into(), &\"c{c}\".into(), &\"t{t}\".into(), {partition})";
        /// Goes on with what is published later.
        fn seek_to_end(g: Slot, c: Slot, t: Slot, partition: u8) -> Result<(), Refusal> => "broker.seek_to_end(&\"g{g}\".into(), &\"c{c}\".into(), &\"t{t}\".into(), {partition})";

        /// Acknowledges offset 0 of partition 0.
        fn acknowledge_first(g: Slot, c: Slot, t: Slot) -> Result<(), Refusal> => "broker.acknowledge(&\"g{g}\".into(), &\"c{c}\".into(), HashMap::from([((\"t{t}\".into(), 0), 0)]))";
        /// Refuses offset 0 of partition 0.
        fn nack_first(g: Slot, c: Slot, t: Slot) -> Result<(), Refusal> => "broker.nack(&\"g{g}\".into(), &\"c{c}\".into(), HashMap::from([((\"t{t}\".into(), 0), 0)]))";
        /// Commits offset 0 of partition 0.
        fn commit_first(g: Slot, c: Slot, t: Slot) -> Result<(), Refusal> => "broker.commit_offsets(&\"g{g}\".into(), &\"c{c}\".into(), HashMap::from([((\"t{t}\".into(), 0), 0)]))";

        /// Lets 3 ms pass.
        fn wait() => "std::thread::sleep(Duration::from_millis(3));";
        /// Lets 3 ms pass, then removes what has expired.
        fn cleanup() -> usize => "std::thread::sleep(Duration::from_millis(3)); broker.cleanup_expired()";
        /// In a broker of its own with 60 ms of retention: messages that become too old, then others that do not. Nothing if the
        /// machine was so slow that these are too old as well.
        fn age(old: u8, young: u8) -> Option<Aged> => "/* retention_ms: 60; publish {old}, wait 70 ms, publish {young}, broker.cleanup_expired(), seek to the beginning, poll */";
        /// In a broker of its own with 30 ms to acknowledge: a consumer gets messages, acknowledges the first of them, and lets the
        /// time pass. Which offsets come again. Nothing if the machine was so slow that the acknowledgement was late.
        fn neglect(messages: u8, acknowledged: u8) -> Option<Vec<u64>> => "/* ack_timeout_ms: 30; publish and poll {messages}, acknowledge the first {acknowledged}, wait 40 ms, poll */";
    }
}
