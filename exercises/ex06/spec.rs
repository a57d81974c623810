//! The public checks: what the statement says, in examples that a student can read and run.
//!
//! Two of them sleep, a little longer than the time that has to be over; nothing has to be faster than half a minute.

use ex06::{
    BrokerConfig, BrokerError, ConsumedMessage, DeliverySemantics, Message, MessageBroker, Offset, PartitionId,
    TopicConfig, TopicId,
};
use std::collections::HashMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

fn message(payload: &str) -> Message {
    Message {
        id: format!("id of {payload}"),
        key: None,
        payload: payload.as_bytes().to_vec(),
        headers: HashMap::new(),
        timestamp: Instant::now(),
    }
}

fn keyed(payload: &str, key: &str) -> Message {
    Message {
        key: Some(key.as_bytes().to_vec()),
        ..message(payload)
    }
}

fn topic(name: &str, partitions: u32) -> TopicConfig {
    TopicConfig {
        name: name.to_owned(),
        partitions,
        retention_ms: None,
        max_message_size: None,
    }
}

/// A broker with a topic.
fn broker(config: BrokerConfig, name: &str, partitions: u32) -> MessageBroker {
    let mut broker = MessageBroker::new(config);
    broker.create_topic(topic(name, partitions)).expect("the topic is new");
    broker
}

fn join(broker: &mut MessageBroker, group: &str, consumer: &str, topic: &str) {
    let topics = vec![topic.to_owned()];
    broker
        .join_group(
            group.to_owned(),
            consumer.to_owned(),
            topics,
            DeliverySemantics::AtLeastOnce,
        )
        .expect("the topic exists");
}

fn publish(broker: &mut MessageBroker, topic: &str, messages: usize) {
    for number in 0..messages {
        // What becomes of two messages of one id is open, also in two topics.
        let message = Message {
            id: format!("{topic} {number}"),
            ..message(&format!("msg{number}"))
        };
        broker.publish(&topic.to_owned(), message).expect("the topic exists");
    }
}

/// What a consumer gets.
fn poll(broker: &mut MessageBroker, group: &str, consumer: &str, max: usize) -> Vec<ConsumedMessage> {
    let timeout = Duration::from_millis(10);
    broker
        .poll(&group.to_owned(), &consumer.to_owned(), max, timeout)
        .expect("the consumer is a member")
}

/// What messages say; `?` for one that was changed beyond reading.
fn payloads(messages: &[ConsumedMessage]) -> Vec<&str> {
    let payloads = messages.iter().map(|message| message.message.payload.as_slice());
    payloads
        .map(|payload| std::str::from_utf8(payload).unwrap_or("?"))
        .collect()
}

fn at(topic: &str, partition: PartitionId, offset: Offset) -> HashMap<(TopicId, PartitionId), Offset> {
    HashMap::from([((topic.to_owned(), partition), offset)])
}

fn acknowledge(broker: &mut MessageBroker, group: &str, consumer: &str, topic: &str, offset: Offset) {
    broker
        .acknowledge(&group.to_owned(), &consumer.to_owned(), at(topic, 0, offset))
        .expect("the consumer is a member");
}

/// R4: what was published arrives.
#[test]
fn test_publish_and_consume() {
    let mut broker = broker(BrokerConfig::default(), "test", 1);
    join(&mut broker, "group1", "consumer1", "test");
    let stored = broker
        .publish(&"test".to_owned(), message("hello"))
        .expect("the topic exists");
    assert_eq!((stored.topic.as_str(), stored.partition, stored.offset), ("test", 0, 0));
    assert_eq!(stored.message_id, "id of hello");

    let messages = poll(&mut broker, "group1", "consumer1", 10);
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].message.payload, b"hello");
    assert_eq!(
        (messages[0].topic.as_str(), messages[0].partition, messages[0].offset),
        ("test", 0, 0)
    );
    assert!(poll(&mut broker, "group1", "consumer1", 10).is_empty());
}

/// R2: messages of one key go to one partition.
#[test]
fn test_key_based_partitioning() {
    let mut broker = broker(BrokerConfig::default(), "keyed", 4);
    let mut places = Vec::new();
    for number in 0..10 {
        let stored = broker.publish(&"keyed".to_owned(), keyed(&format!("msg{number}"), "user123"));
        places.push(stored.expect("the topic exists"));
    }
    assert!(places.iter().all(|place| place.partition == places[0].partition));
    assert!(places.iter().map(|place| place.offset).eq(0..10));
}

/// R2: a batch is answered message by message.
#[test]
fn test_publish_batch() {
    let mut broker = broker(BrokerConfig::default(), "batch", 1);
    let messages = ["a", "b", "c"].map(message).to_vec();
    let stored = broker
        .publish_batch(&"batch".to_owned(), messages)
        .expect("the topic exists");
    let stored: Vec<_> = stored
        .iter()
        .map(|place| (place.message_id.as_str(), place.offset))
        .collect();
    assert_eq!(stored, [("id of a", 0), ("id of b", 1), ("id of c", 2)]);
}

/// R5, R6: the members of a group share the messages.
#[test]
fn test_consumer_group_distribution() {
    let mut broker = broker(BrokerConfig::default(), "distributed", 2);
    join(&mut broker, "group", "consumer1", "distributed");
    join(&mut broker, "group", "consumer2", "distributed");
    for number in 0..100 {
        let message = keyed(&format!("msg{number}"), &format!("key{number}"));
        broker
            .publish(&"distributed".to_owned(), message)
            .expect("the topic exists");
    }
    let first = poll(&mut broker, "group", "consumer1", 100);
    let second = poll(&mut broker, "group", "consumer2", 100);
    assert_eq!(first.len() + second.len(), 100);
    assert!(
        !first.is_empty() && !second.is_empty(),
        "each member reads one of the two partitions"
    );
    assert!(first.iter().all(|message| message.partition == first[0].partition));
    assert!(second.iter().all(|message| message.partition != first[0].partition));
}

/// R5: each group gets each message.
#[test]
fn test_groups_are_independent() {
    let mut broker = broker(BrokerConfig::default(), "news", 1);
    join(&mut broker, "group1", "consumer", "news");
    publish(&mut broker, "news", 3);
    assert_eq!(
        payloads(&poll(&mut broker, "group1", "consumer", 10)),
        ["msg0", "msg1", "msg2"]
    );
    join(&mut broker, "group2", "consumer", "news");
    assert_eq!(payloads(&poll(&mut broker, "group2", "consumer", 2)), ["msg0", "msg1"]);
    assert_eq!(payloads(&poll(&mut broker, "group2", "consumer", 2)), ["msg2"]);
}

/// R8: what is not acknowledged in time comes again.
#[test]
fn test_at_least_once_redelivery() {
    let config = BrokerConfig {
        ack_timeout_ms: 20,
        ..BrokerConfig::default()
    };
    let mut broker = broker(config, "alo", 1);
    join(&mut broker, "group", "consumer", "alo");
    broker
        .publish(&"alo".to_owned(), message("important"))
        .expect("the topic exists");
    let first = poll(&mut broker, "group", "consumer", 10);
    assert_eq!(first.len(), 1);

    sleep(Duration::from_millis(30));
    let again = poll(&mut broker, "group", "consumer", 10);
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].message.id, first[0].message.id);
}

/// R7: at most once, nothing comes again.
#[test]
fn test_at_most_once_never_redelivers() {
    let config = BrokerConfig {
        ack_timeout_ms: 1,
        ..BrokerConfig::default()
    };
    let mut broker = broker(config, "amo", 1);
    let (group, consumer) = ("group".to_owned(), "consumer".to_owned());
    let join = |broker: &mut MessageBroker| {
        let topics = vec!["amo".to_owned()];
        broker.join_group(group.clone(), consumer.clone(), topics, DeliverySemantics::AtMostOnce)
    };
    join(&mut broker).expect("the topic exists");
    publish(&mut broker, "amo", 2);
    assert_eq!(poll(&mut broker, "group", "consumer", 1).len(), 1);
    sleep(Duration::from_millis(3));
    broker.leave_group(&group, &consumer).expect("it is a member");
    join(&mut broker).expect("the topic exists");
    assert_eq!(payloads(&poll(&mut broker, "group", "consumer", 10)), ["msg1"]);
}

/// R8: a refused message comes again, before the next one.
#[test]
fn test_nack_requeues() {
    let mut broker = broker(BrokerConfig::default(), "jobs", 1);
    join(&mut broker, "group", "consumer", "jobs");
    publish(&mut broker, "jobs", 2);
    assert_eq!(payloads(&poll(&mut broker, "group", "consumer", 1)), ["msg0"]);
    broker
        .nack(&"group".to_owned(), &"consumer".to_owned(), at("jobs", 0, 0))
        .expect("the consumer is a member");
    assert_eq!(payloads(&poll(&mut broker, "group", "consumer", 10)), ["msg0", "msg1"]);
}

/// R8, R9: what was acknowledged is committed, and does not come to a consumer that joins later.
#[test]
fn test_committed_offsets_survive() {
    let mut broker = broker(BrokerConfig::default(), "log", 1);
    join(&mut broker, "group", "consumer1", "log");
    publish(&mut broker, "log", 5);
    assert_eq!(poll(&mut broker, "group", "consumer1", 3).len(), 3);
    acknowledge(&mut broker, "group", "consumer1", "log", 1);
    let committed = broker.get_committed_offsets(&"group".to_owned());
    assert!(
        [1, 2].contains(&committed[&("log".to_owned(), 0)]),
        "offsets 0 and 1 were acknowledged"
    );

    broker
        .leave_group(&"group".to_owned(), &"consumer1".to_owned())
        .expect("it is a member");
    join(&mut broker, "group", "consumer2", "log");
    assert_eq!(
        payloads(&poll(&mut broker, "group", "consumer2", 10)),
        ["msg2", "msg3", "msg4"]
    );

    broker
        .commit_offsets(&"group".to_owned(), &"consumer2".to_owned(), at("log", 0, 4))
        .expect("it is a member");
    broker.rebalance_group(&"group".to_owned()).expect("the group exists");
    let committed = broker.get_committed_offsets(&"group".to_owned());
    assert!(
        [4, 5].contains(&committed[&("log".to_owned(), 0)]),
        "offset 4 was committed"
    );
}

/// R10: a consumer that acknowledges nothing does not get more than it may hold.
#[test]
fn test_unacked_messages_are_limited() {
    let config = BrokerConfig {
        max_unacked_messages: 2,
        ..BrokerConfig::default()
    };
    let mut broker = broker(config, "flood", 1);
    join(&mut broker, "group", "consumer", "flood");
    publish(&mut broker, "flood", 5);
    assert_eq!(poll(&mut broker, "group", "consumer", 2).len(), 2);
    match broker.poll(&"group".to_owned(), &"consumer".to_owned(), 2, Duration::ZERO) {
        Ok(messages) => assert!(messages.is_empty(), "it holds two messages already"),
        Err(error) => assert!(matches!(error, BrokerError::TooManyUnacked), "{error}"),
    }
    acknowledge(&mut broker, "group", "consumer", "flood", 1);
    assert_eq!(payloads(&poll(&mut broker, "group", "consumer", 2)), ["msg2", "msg3"]);
}

/// R11: a message that is refused five times is a dead letter.
#[test]
fn test_dead_letter() {
    let mut broker = broker(BrokerConfig::default(), "jobs", 1);
    broker.create_topic(topic("jobs.dlq", 1)).expect("the topic is new");
    join(&mut broker, "group", "consumer", "jobs");
    join(&mut broker, "undertakers", "consumer", "jobs.dlq");
    publish(&mut broker, "jobs", 2);
    for _ in 0..5 {
        assert_eq!(payloads(&poll(&mut broker, "group", "consumer", 1)), ["msg0"]);
        assert!(poll(&mut broker, "undertakers", "consumer", 1).is_empty());
        broker
            .nack(&"group".to_owned(), &"consumer".to_owned(), at("jobs", 0, 0))
            .expect("the consumer is a member");
    }
    assert_eq!(payloads(&poll(&mut broker, "group", "consumer", 1)), ["msg1"]);
    assert_eq!(payloads(&poll(&mut broker, "undertakers", "consumer", 10)), ["msg0"]);
}

/// R12: after going back to the beginning everything comes again.
#[test]
fn test_seek_to_beginning() {
    let mut broker = broker(BrokerConfig::default(), "seekable", 1);
    join(&mut broker, "group", "consumer", "seekable");
    publish(&mut broker, "seekable", 5);
    assert_eq!(poll(&mut broker, "group", "consumer", 10).len(), 5);
    acknowledge(&mut broker, "group", "consumer", "seekable", 4);

    let (group, consumer, topic) = ("group".to_owned(), "consumer".to_owned(), "seekable".to_owned());
    broker
        .seek_to_beginning(&group, &consumer, &topic, 0)
        .expect("the partition exists");
    assert_eq!(poll(&mut broker, "group", "consumer", 10).len(), 5);
}

/// R12: an offset, the end, and a place that does not exist.
#[test]
fn test_seek() {
    let mut broker = broker(BrokerConfig::default(), "seekable", 1);
    join(&mut broker, "group", "consumer", "seekable");
    publish(&mut broker, "seekable", 5);
    let (group, consumer, topic) = ("group".to_owned(), "consumer".to_owned(), "seekable".to_owned());
    broker.seek(&group, &consumer, &topic, 0, 3).expect("the offset exists");
    assert_eq!(payloads(&poll(&mut broker, "group", "consumer", 10)), ["msg3", "msg4"]);

    let error = broker
        .seek(&group, &consumer, &topic, 0, 7)
        .expect_err("there is no such offset");
    assert!(
        matches!(
            error,
            BrokerError::InvalidOffset {
                requested: 7,
                min: 0,
                ..
            }
        ),
        "{error}"
    );
    let error = broker
        .seek(&group, &consumer, &topic, 1, 0)
        .expect_err("there is one partition");
    assert!(matches!(error, BrokerError::PartitionNotFound(_, 1)), "{error}");

    broker
        .seek_to_end(&group, &consumer, &topic, 0)
        .expect("the partition exists");
    assert!(poll(&mut broker, "group", "consumer", 10).is_empty());
}

/// R13: messages that are too old are removed, others stay.
#[test]
fn test_retention() {
    let mut broker = broker(BrokerConfig::default(), "kept", 1);
    let brief = TopicConfig {
        retention_ms: Some(1),
        ..topic("brief", 1)
    };
    broker.create_topic(brief).expect("the topic is new");
    publish(&mut broker, "kept", 2);
    publish(&mut broker, "brief", 3);
    sleep(Duration::from_millis(3));
    assert_eq!(broker.cleanup_expired(), 3);
    assert_eq!(broker.cleanup_expired(), 0);
    assert_eq!(broker.stats().total_messages, 2);
    let stored = broker
        .publish(&"brief".to_owned(), message("late"))
        .expect("the topic exists");
    assert_eq!(stored.offset, 3, "offsets are not used again");
}

/// R1: topics are created, described, listed and deleted.
#[test]
fn test_topics() {
    let mut broker = broker(BrokerConfig::default(), "orders", 3);
    assert_eq!(broker.list_topics(), ["orders"]);
    let config = broker.get_topic_config(&"orders".to_owned()).expect("the topic exists");
    assert_eq!((config.name.as_str(), config.partitions), ("orders", 3));
    assert_eq!((config.retention_ms, config.max_message_size), (None, None));

    let error = broker.create_topic(topic("orders", 1)).expect_err("the topic exists");
    assert!(matches!(&error, BrokerError::TopicAlreadyExists(name) if name == "orders"));
    assert_eq!(error.to_string(), "Topic already exists: orders");

    broker.delete_topic(&"orders".to_owned()).expect("the topic exists");
    assert!(broker.list_topics().is_empty());
    let error = broker
        .publish(&"orders".to_owned(), message("late"))
        .expect_err("the topic is gone");
    assert!(matches!(&error, BrokerError::TopicNotFound(name) if name == "orders"));
}

/// R3: a message may be as large as it may be.
#[test]
fn test_message_size() {
    let config = BrokerConfig {
        max_message_size: 4,
        ..BrokerConfig::default()
    };
    let mut broker = broker(config, "small", 1);
    broker
        .publish(&"small".to_owned(), message("four"))
        .expect("it is small enough");
    let error = broker
        .publish(&"small".to_owned(), message("fives"))
        .expect_err("it is too large");
    assert!(
        matches!(error, BrokerError::MessageTooLarge { size: 5, max: 4 }),
        "{error}"
    );
}

/// R5: who does not belong to a group gets nothing.
#[test]
fn test_strangers() {
    let mut broker = broker(BrokerConfig::default(), "private", 1);
    join(&mut broker, "group", "member", "private");
    let error = broker.poll(&"nobody".to_owned(), &"member".to_owned(), 1, Duration::ZERO);
    assert!(matches!(error, Err(BrokerError::GroupNotFound(group)) if group == "nobody"));
    let error = broker.poll(&"group".to_owned(), &"stranger".to_owned(), 1, Duration::ZERO);
    assert!(matches!(error, Err(BrokerError::ConsumerNotRegistered(consumer)) if consumer == "stranger"));
}

/// R14: the statistics count what is there.
#[test]
fn test_stats() {
    let mut broker = broker(BrokerConfig::default(), "a", 3);
    broker.create_topic(topic("b", 0)).expect("the topic is new");
    publish(&mut broker, "a", 5);
    publish(&mut broker, "b", 2);
    join(&mut broker, "group", "consumer1", "a");
    join(&mut broker, "group", "consumer2", "a");
    let stats = broker.stats();
    assert_eq!((stats.total_messages, stats.total_topics), (7, 2));
    assert_eq!(stats.total_partitions, 7, "a topic that asks for none has four");
    assert_eq!(stats.total_consumer_groups, 1);
    assert_eq!((stats.messages_per_topic["a"], stats.messages_per_topic["b"]), (5, 2));
}
