//! What is timed: messages on their way through a broker, and reading in the middle of a long partition.

use ex06::{BrokerConfig, DeliverySemantics, Message, MessageBroker, TopicConfig};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use witness::Work;

witness::workloads! { stream, backlog }

/// Messages that are read and acknowledged at once.
const BATCH: usize = 200;
/// Messages that a consumer of a long partition gets at once.
const FEW: usize = 16;

const TOPIC: &str = "events";
const GROUP: &str = "readers";
const CONSUMER: &str = "reader";

/// A broker with one topic and one consumer. Its patience is longer than any measurement.
fn broker(partitions: u32) -> MessageBroker {
    let mut broker = MessageBroker::new(BrokerConfig {
        max_unacked_messages: usize::MAX,
        ack_timeout_ms: 3_600_000,
        ..BrokerConfig::default()
    });
    let _ = broker.create_topic(TopicConfig {
        name: TOPIC.to_owned(),
        partitions,
        retention_ms: None,
        max_message_size: None,
    });
    join(&mut broker);
    broker
}

fn join(broker: &mut MessageBroker) {
    let topics = vec![TOPIC.to_owned()];
    let _ = broker.join_group(
        GROUP.to_owned(),
        CONSUMER.to_owned(),
        topics,
        DeliverySemantics::AtLeastOnce,
    );
}

fn message(number: usize, now: Instant) -> Message {
    Message {
        id: format!("m{number}"),
        key: Some(vec![(number % 64) as u8]),
        payload: vec![number as u8],
        headers: HashMap::new(),
        timestamp: now,
    }
}

/// Reads up to so many messages and acknowledges them: their number and the sum of their payloads.
fn consume(broker: &mut MessageBroker, max: usize) -> (usize, u64) {
    let (group, consumer) = (GROUP.to_owned(), CONSUMER.to_owned());
    let messages = broker.poll(&group, &consumer, max, Duration::ZERO).unwrap_or_default();
    let mut offsets = HashMap::new();
    let (count, mut sum) = (messages.len(), 0);
    for consumed in messages {
        sum += u64::from(consumed.message.payload[0]);
        let last = offsets.entry((consumed.topic, consumed.partition)).or_default();
        *last = consumed.offset.max(*last);
    }
    let _ = broker.acknowledge(&group, &consumer, offsets);
    (count, sum)
}

/// Publishes `size` messages to a new broker of four partitions, then reads and acknowledges them in batches.
fn stream(size: usize) -> Work {
    let topic = TOPIC.to_owned();
    witness::work(move || {
        let (mut broker, now) = (broker(4), Instant::now());
        for number in 0..size {
            let _ = broker.publish(&topic, message(number, now));
        }
        let mut total = 0;
        loop {
            let (count, sum) = consume(&mut broker, BATCH);
            if count == 0 {
                return total;
            }
            total += sum + count as u64;
        }
    })
}

/// In a partition that has `size` messages that were read and `size` that were not, a consumer comes, gets a few and leaves; they
/// go back, so that the partition stays as it is however often this is done.
fn backlog(size: usize) -> Work {
    let (mut broker, now) = (broker(1), Instant::now());
    for number in 0..2 * size {
        let _ = broker.publish(&TOPIC.to_owned(), message(number, now));
    }
    for _ in 0..size.div_ceil(FEW) {
        consume(&mut broker, FEW);
    }
    witness::work(move || {
        let _ = broker.leave_group(&GROUP.to_owned(), &CONSUMER.to_owned());
        join(&mut broker);
        let messages = broker.poll(&GROUP.to_owned(), &CONSUMER.to_owned(), FEW, Duration::ZERO);
        messages
            .unwrap_or_default()
            .iter()
            .map(|consumed| u64::from(consumed.message.payload[0]))
            .sum()
    })
}
