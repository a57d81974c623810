//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.
//!
//! It keeps a script to what the contract determines: it remembers what each consumer holds, and lets it acknowledge or
//! refuse nothing else.

mod acks;
mod groups;
mod offsets;
mod publishing;
mod time;
mod topics;

use ex06::{BrokerConfig, BrokerError, Message, MessageBroker};
use ex06_protocol::{Aged, Broker, Described, Letter, Record, Refusal, Semantics, Slot, group, topic};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

/// Topic and partition.
type Place = (String, u32);

/// A group and one of its consumers.
type Who = (Slot, Slot);

/// A broker, and what the script did with it.
pub struct World {
    broker: MessageBroker,
    /// How many messages were made.
    messages: u32,
    /// The topics that the broker has.
    created: BTreeSet<Slot>,
    /// How many messages were published to each partition.
    published: BTreeMap<Place, u64>,
    /// The members of the groups, and how they joined.
    members: BTreeMap<Who, (Vec<Slot>, Semantics)>,
    /// The offsets that each consumer holds.
    held: BTreeMap<Who, BTreeMap<Place, BTreeSet<u64>>>,
    /// The topics that have a dead letter topic, and whether somebody reads it.
    letters: BTreeMap<Slot, bool>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            broker: MessageBroker::new(BrokerConfig::default()),
            messages: 0,
            created: BTreeSet::new(),
            published: BTreeMap::new(),
            members: BTreeMap::new(),
            held: BTreeMap::new(),
            letters: BTreeMap::new(),
        }
    }
}

impl World {
    /// Starts again with another broker.
    fn restart(&mut self, set: impl FnOnce(&mut BrokerConfig)) {
        let mut config = BrokerConfig::default();
        set(&mut config);
        *self = Self {
            broker: MessageBroker::new(config),
            ..Self::default()
        };
    }

    /// The next message, which says its name.
    fn message(&mut self, key: Option<Vec<u8>>) -> Message {
        self.messages += 1;
        let id = format!("m{}", self.messages);
        Message {
            payload: id.clone().into_bytes(),
            id,
            key,
            headers: HashMap::new(),
            timestamp: Instant::now(),
        }
    }
}

/// The kind of an error about a topic.
fn topic_refusal(error: BrokerError) -> Refusal {
    match error {
        BrokerError::TopicNotFound(topic) => Refusal::TopicNotFound(topic),
        _ => Refusal::Other,
    }
}

/// The kind of an error about a group or one of its consumers.
fn group_refusal(error: BrokerError) -> Refusal {
    match error {
        BrokerError::GroupNotFound(group) => Refusal::GroupNotFound(group),
        BrokerError::ConsumerNotRegistered(consumer) => Refusal::ConsumerNotRegistered(consumer),
        _ => Refusal::Other,
    }
}

impl Broker for World {
    fn default_partitions(&mut self, partitions: u8) {
        self.restart(|config| config.default_partitions = u32::from(partitions.max(1)));
    }

    fn limit_size(&mut self, bytes: u16) {
        self.restart(|config| config.max_message_size = usize::from(bytes));
    }

    fn limit_unacked(&mut self, messages: u8) {
        self.restart(|config| config.max_unacked_messages = usize::from(messages.max(1)));
    }

    fn forget_quickly(&mut self) {
        self.restart(|config| config.retention_ms = 1);
    }

    fn hurry(&mut self) {
        self.restart(|config| config.ack_timeout_ms = 1);
    }

    fn create(&mut self, t: Slot, partitions: u8) -> Result<(), Refusal> {
        topics::create(self, t, partitions.max(1), None, None)
    }

    fn create_default(&mut self, t: Slot) -> Result<(), Refusal> {
        topics::create(self, t, 0, None, None)
    }

    fn create_with(
        &mut self,
        t: Slot,
        partitions: u8,
        retention_ms: Option<u32>,
        max_size: Option<u16>,
    ) -> Result<(), Refusal> {
        topics::create(self, t, partitions.max(1), retention_ms, max_size)
    }

    fn delete(&mut self, t: Slot) -> Result<(), Refusal> {
        topics::delete(self, t)
    }

    fn topics(&mut self) -> Vec<String> {
        let mut topics = self.broker.list_topics();
        topics.sort();
        topics
    }

    fn described(&mut self, t: Slot) -> Option<Described> {
        topics::described(self, t)
    }

    fn total_messages(&mut self) -> u64 {
        self.broker.stats().total_messages
    }

    fn total_topics(&mut self) -> usize {
        self.broker.stats().total_topics
    }

    fn total_partitions(&mut self) -> usize {
        self.broker.stats().total_partitions
    }

    fn total_groups(&mut self) -> usize {
        self.broker.stats().total_consumer_groups
    }

    fn messages_per_topic(&mut self) -> Vec<(String, u64)> {
        let counts: BTreeMap<String, u64> = self.broker.stats().messages_per_topic.into_iter().collect();
        counts.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    fn publish(&mut self, t: Slot, key: Option<u8>) -> Result<Record, Refusal> {
        publishing::publish(self, t, key)
    }

    fn publish_batch(&mut self, t: Slot, keys: Vec<Option<u8>>) -> Result<Vec<Record>, Refusal> {
        publishing::publish_batch(self, t, keys)
    }

    fn publish_sized(&mut self, t: Slot, bytes: u16) -> Result<(), Refusal> {
        publishing::publish_sized(self, t, bytes)
    }

    fn publish_batch_sized(&mut self, t: Slot, bytes: Vec<u16>) -> Result<(), Refusal> {
        publishing::publish_batch_sized(self, t, bytes)
    }

    fn publish_letter(&mut self, t: Slot, letter: Letter) -> bool {
        publishing::publish_letter(self, t, letter)
    }

    fn spread(&mut self, t: Slot, keys: u16) -> Vec<u32> {
        publishing::spread(self, t, keys)
    }

    fn join(&mut self, g: Slot, c: Slot, topics: Vec<Slot>, semantics: Semantics) -> Result<(), Refusal> {
        groups::join(self, (g, c), &topics, semantics)
    }

    fn leave(&mut self, g: Slot, c: Slot) -> Result<(), Refusal> {
        groups::leave(self, (g, c))
    }

    fn come_back(&mut self, g: Slot, c: Slot) -> Result<(), Refusal> {
        groups::come_back(self, (g, c), |_| Ok(()))
    }

    fn renew(&mut self, g: Slot, c: Slot, t: Slot) -> Result<(), Refusal> {
        groups::come_back(self, (g, c), |world| {
            topics::delete(world, t)?;
            topics::create(world, t, 1, None, None)
        })
    }

    fn rebalance(&mut self, g: Slot) -> Result<(), Refusal> {
        self.broker.rebalance_group(&group(g)).map_err(group_refusal)
    }

    fn poll(&mut self, g: Slot, c: Slot, max: u8) -> Result<Vec<Record>, Refusal> {
        groups::poll(self, (g, c), max)
    }

    fn consume(&mut self, g: Slot, c: Slot, max: u8) -> Result<Vec<Record>, Refusal> {
        let records = groups::poll(self, (g, c), max)?;
        acks::acknowledge(self, (g, c))?;
        Ok(records)
    }

    fn read_letters(&mut self, g: Slot, c: Slot, max: u8) -> Vec<Letter> {
        groups::read_letters(self, (g, c), max)
    }

    fn owners(&mut self, g: Slot, t: Slot) -> Vec<(Slot, Vec<u32>)> {
        groups::owners(self, g, t)
    }

    fn acknowledge(&mut self, g: Slot, c: Slot) -> Result<(), Refusal> {
        acks::acknowledge(self, (g, c))
    }

    fn acknowledge_up_to(&mut self, g: Slot, c: Slot, nth: u8) -> Result<(), Refusal> {
        acks::acknowledge_up_to(self, (g, c), nth)
    }

    fn nack(&mut self, g: Slot, c: Slot) -> Result<(), Refusal> {
        acks::nack(self, (g, c))
    }

    fn refuse(&mut self, g: Slot, c: Slot, times: u8) -> Vec<String> {
        acks::refuse(self, (g, c), times)
    }

    fn create_dead_letters(&mut self, t: Slot) -> bool {
        topics::create_dead_letters(self, t)
    }

    fn dead_letters(&mut self, t: Slot) -> Vec<String> {
        groups::dead_letters(self, t)
    }

    fn commit(&mut self, g: Slot, c: Slot, nth: u8) -> Option<u64> {
        offsets::commit(self, (g, c), nth)
    }

    fn committed(&mut self, g: Slot) -> Vec<(String, u32, u64)> {
        offsets::committed(self, g)
    }

    fn seek_back(&mut self, g: Slot, c: Slot, t: Slot, partition: u8, back: u8) -> Result<(), Refusal> {
        let last = offsets::end(self, t, partition).saturating_sub(1);
        offsets::seek(self, (g, c), t, partition, last.saturating_sub(u64::from(back)))
    }

    fn seek_beyond(&mut self, g: Slot, c: Slot, t: Slot, partition: u8, beyond: u8) -> Result<(), Refusal> {
        let end = offsets::end(self, t, partition);
        offsets::seek(self, (g, c), t, partition, end + 1 + u64::from(beyond))
    }

    fn seek_to_beginning(&mut self, g: Slot, c: Slot, t: Slot, partition: u8) -> Result<(), Refusal> {
        offsets::seek_to_beginning(self, (g, c), t, partition)
    }

    fn seek_to_end(&mut self, g: Slot, c: Slot, t: Slot, partition: u8) -> Result<(), Refusal> {
        offsets::seek_to_end(self, (g, c), t, partition)
    }

    fn acknowledge_first(&mut self, g: Slot, c: Slot, t: Slot) -> Result<(), Refusal> {
        acks::acknowledge_at(self, (g, c), (topic(t), 0), 0)
    }

    fn nack_first(&mut self, g: Slot, c: Slot, t: Slot) -> Result<(), Refusal> {
        acks::nack_at(self, (g, c), (topic(t), 0), 0)
    }

    fn commit_first(&mut self, g: Slot, c: Slot, t: Slot) -> Result<(), Refusal> {
        offsets::commit_at(self, (g, c), (topic(t), 0), 0)
    }

    fn wait(&mut self) {
        time::wait();
    }

    fn cleanup(&mut self) -> usize {
        time::wait();
        self.broker.cleanup_expired()
    }

    fn age(&mut self, old: u8, young: u8) -> Option<Aged> {
        time::age(self, old, young)
    }

    fn neglect(&mut self, messages: u8, acknowledged: u8) -> Option<Vec<u64>> {
        time::neglect(self, messages, acknowledged)
    }
}
