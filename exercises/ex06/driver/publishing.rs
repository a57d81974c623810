//! Publishing: with keys, at once, of some size, in many partitions.

use super::{World, topic_refusal};
use ex06::{BrokerError, Message, PublishResult};
use ex06_protocol::{Letter, Record, Refusal, Slot, topic};
use std::collections::BTreeSet;

fn size_refusal(error: BrokerError) -> Refusal {
    match error {
        BrokerError::MessageTooLarge { size, max } => Refusal::MessageTooLarge(size, max),
        _ => Refusal::Other,
    }
}

fn key(number: u8) -> Vec<u8> {
    format!("key{number}").into_bytes()
}

/// Counts a message that was published, and says where it is.
fn record(world: &mut World, result: PublishResult) -> Record {
    let place = (result.topic.clone(), result.partition);
    *world.published.entry(place).or_default() += 1;
    Record {
        topic: result.topic,
        partition: result.partition,
        offset: result.offset,
        message: result.message_id,
    }
}

pub(super) fn publish(world: &mut World, t: Slot, number: Option<u8>) -> Result<Record, Refusal> {
    let message = world.message(number.map(key));
    let result = world.broker.publish(&topic(t), message).map_err(topic_refusal)?;
    Ok(record(world, result))
}

pub(super) fn publish_batch(world: &mut World, t: Slot, keys: Vec<Option<u8>>) -> Result<Vec<Record>, Refusal> {
    let messages = keys.into_iter().map(|number| world.message(number.map(key)));
    let messages: Vec<Message> = messages.collect();
    let results = world.broker.publish_batch(&topic(t), messages).map_err(topic_refusal)?;
    Ok(results.into_iter().map(|result| record(world, result)).collect())
}

fn sized(world: &mut World, bytes: u16) -> Message {
    Message {
        payload: vec![0; usize::from(bytes)],
        ..world.message(None)
    }
}

pub(super) fn publish_sized(world: &mut World, t: Slot, bytes: u16) -> Result<(), Refusal> {
    let message = sized(world, bytes);
    let result = world.broker.publish(&topic(t), message);
    result.map(drop).map_err(size_refusal)
}

pub(super) fn publish_batch_sized(world: &mut World, t: Slot, bytes: Vec<u16>) -> Result<(), Refusal> {
    let messages: Vec<Message> = bytes.into_iter().map(|bytes| sized(world, bytes)).collect();
    let results = world.broker.publish_batch(&topic(t), messages);
    results.map(drop).map_err(size_refusal)
}

pub(super) fn publish_letter(world: &mut World, t: Slot, letter: Letter) -> bool {
    let message = Message {
        payload: letter.payload,
        headers: letter.headers.into_iter().collect(),
        ..world.message(letter.key)
    };
    world.broker.publish(&topic(t), message).is_ok()
}

pub(super) fn spread(world: &mut World, t: Slot, keys: u16) -> Vec<u32> {
    let mut reached = BTreeSet::new();
    for number in 0..keys {
        let message = world.message(Some(format!("user-{number}").into_bytes()));
        if let Ok(result) = world.broker.publish(&topic(t), message) {
            reached.insert(record(world, result).partition);
        }
    }
    reached.into_iter().collect()
}
