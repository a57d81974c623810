//! Groups: joining and leaving, and what their consumers get.

use super::{Who, World, acks, group_refusal};
use ex06::{BrokerError, ConsumedMessage, DeliverySemantics, TopicConfig};
use ex06_protocol::{Letter, Record, Refusal, Semantics, Slot, consumer, group, topic};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

fn semantics_of(semantics: Semantics) -> DeliverySemantics {
    match semantics {
        Semantics::AtMostOnce => DeliverySemantics::AtMostOnce,
        Semantics::AtLeastOnce => DeliverySemantics::AtLeastOnce,
        Semantics::ExactlyOnce => DeliverySemantics::ExactlyOnce,
    }
}

pub(super) fn join(world: &mut World, who: Who, topics: &[Slot], semantics: Semantics) -> Result<(), Refusal> {
    let topics: BTreeSet<Slot> = topics.iter().copied().filter(|t| world.created.contains(t)).collect();
    if topics.is_empty() || world.members.contains_key(&who) {
        return Ok(());
    }
    let names = topics.iter().map(|t| topic(*t)).collect();
    let (g, c) = (group(who.0), consumer(who.1));
    let joined = world.broker.join_group(g, c, names, semantics_of(semantics));
    joined.map_err(group_refusal)?;
    world.members.insert(who, (topics.into_iter().collect(), semantics));
    Ok(())
}

pub(super) fn leave(world: &mut World, who: Who) -> Result<(), Refusal> {
    let (g, c) = (group(who.0), consumer(who.1));
    let left = world.broker.leave_group(&g, &c);
    world.members.remove(&who);
    world.held.remove(&who);
    left.map_err(group_refusal)
}

/// Leaves, lets something happen, and joins again as before.
pub(super) fn come_back(
    world: &mut World,
    who: Who,
    meanwhile: impl FnOnce(&mut World) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let Some((topics, semantics)) = world.members.get(&who).cloned() else {
        return Ok(());
    };
    leave(world, who)?;
    meanwhile(world)?;
    join(world, who, &topics, semantics)
}

/// Polls once, without waiting.
fn get(world: &mut World, (g, c): (&str, &str), max: usize) -> Result<Vec<ConsumedMessage>, BrokerError> {
    world.broker.poll(&g.to_owned(), &c.to_owned(), max, Duration::ZERO)
}

pub(super) fn poll(world: &mut World, who: Who, max: u8) -> Result<Vec<Record>, Refusal> {
    let (g, c) = (group(who.0), consumer(who.1));
    let messages = match get(world, (&g, &c), usize::from(max)) {
        Ok(messages) => messages,
        Err(BrokerError::TooManyUnacked) => Vec::new(),
        Err(error) => return Err(group_refusal(error)),
    };
    let held = world.held.entry(who).or_default();
    let mut records = Vec::new();
    for message in messages {
        let place = (message.topic.clone(), message.partition);
        held.entry(place).or_default().insert(message.offset);
        records.push(Record {
            topic: message.topic,
            partition: message.partition,
            offset: message.offset,
            message: message.message.id,
        });
    }
    // Stable: within a partition they stay as they came.
    records.sort_by(|one, other| (&one.topic, one.partition).cmp(&(&other.topic, other.partition)));
    Ok(records)
}

pub(super) fn read_letters(world: &mut World, who: Who, max: u8) -> Vec<Letter> {
    let (g, c) = (group(who.0), consumer(who.1));
    let messages = get(world, (&g, &c), usize::from(max)).unwrap_or_default();
    let letter = |message: ConsumedMessage| Letter {
        key: message.message.key,
        payload: message.message.payload,
        headers: message.message.headers.into_iter().collect(),
    };
    messages.into_iter().map(letter).collect()
}

pub(super) fn dead_letters(world: &mut World, t: Slot) -> Vec<String> {
    let (g, c) = (format!("undertakers-{t}"), "undertaker".to_owned());
    // The first time only; later it belongs to the group.
    if world.letters.get(&t) == Some(&false) {
        let letters = vec![format!("{}.dlq", topic(t))];
        let joined = world
            .broker
            .join_group(g.clone(), c.clone(), letters, DeliverySemantics::AtMostOnce);
        world.letters.insert(t, joined.is_ok());
    }
    let messages = get(world, (&g, &c), 255).unwrap_or_default();
    messages.into_iter().map(|message| message.message.id).collect()
}

/// Keys that reach every partition of a topic, and polls that read all of them.
const KEYS: u32 = 512;
const SWEEPS: usize = 8;

/// Lets every member read what there is and acknowledge it, and says from which partitions of `topic` it came.
fn sweep(world: &mut World, members: &[Who], topic: &str) -> Vec<(Slot, Vec<u32>)> {
    let mut read = BTreeMap::<Slot, BTreeSet<u32>>::new();
    for who in members {
        let partitions = read.entry(who.1).or_default();
        for _ in 0..SWEEPS {
            let records = poll(world, *who, u8::MAX).unwrap_or_default();
            let _ = acks::acknowledge(world, *who);
            if records.is_empty() {
                break;
            }
            let of_topic = records.iter().filter(|record| record.topic == topic);
            partitions.extend(of_topic.map(|record| record.partition));
        }
    }
    read.into_iter()
        .map(|(c, partitions)| (c, partitions.into_iter().collect()))
        .collect()
}

/// How many partitions a topic has.
fn partitions(world: &World, name: &String) -> u32 {
    let config: Option<TopicConfig> = world.broker.get_topic_config(name);
    config.map_or(0, |config| config.partitions)
}

pub(super) fn owners(world: &mut World, g: Slot, t: Slot) -> Vec<(Slot, Vec<u32>)> {
    let name = topic(t);
    let members: Vec<Who> = world.members.keys().copied().filter(|who| who.0 == g).collect();
    sweep(world, &members, &name);
    let mut missing: BTreeSet<u32> = (0..partitions(world, &name)).collect();
    for number in 0..KEYS {
        if missing.is_empty() {
            break;
        }
        let message = world.message(Some(format!("user-{number}").into_bytes()));
        if let Ok(result) = world.broker.publish(&name, message) {
            missing.remove(&result.partition);
        }
    }
    sweep(world, &members, &name)
}
