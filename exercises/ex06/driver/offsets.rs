//! Offsets: committed, and sought.

use super::acks::{nth, release};
use super::{Place, Who, World, group_refusal};
use ex06::BrokerError;
use ex06_protocol::{Refusal, Slot, consumer, group, topic};
use std::collections::{BTreeMap, HashMap};

pub(super) fn commit_at(world: &mut World, who: Who, place: Place, offset: u64) -> Result<(), Refusal> {
    let (g, c) = (group(who.0), consumer(who.1));
    let offsets = HashMap::from([(place, offset)]);
    world.broker.commit_offsets(&g, &c, offsets).map_err(group_refusal)
}

pub(super) fn commit(world: &mut World, who: Who, number: u8) -> Option<u64> {
    let (place, offset) = nth(world, who, number)?;
    release(world, who, &place, offset);
    commit_at(world, who, place, offset).ok()?;
    Some(offset)
}

pub(super) fn committed(world: &World, g: Slot) -> Vec<(String, u32, u64)> {
    let offsets: BTreeMap<Place, u64> = world.broker.get_committed_offsets(&group(g)).into_iter().collect();
    let offsets = offsets.into_iter().filter(|(_, offset)| *offset > 0);
    offsets
        .map(|((topic, partition), offset)| (topic, partition, offset))
        .collect()
}

/// The kind of an error about a consumer, a topic or one of its partitions.
fn place_refusal(error: BrokerError) -> Refusal {
    match error {
        BrokerError::TopicNotFound(topic) => Refusal::TopicNotFound(topic),
        BrokerError::PartitionNotFound(topic, partition) => Refusal::PartitionNotFound(topic, partition),
        error => group_refusal(error),
    }
}

/// How many messages were published to a partition.
pub(super) fn end(world: &World, t: Slot, partition: u8) -> u64 {
    let place = (topic(t), u32::from(partition));
    world.published.get(&place).copied().unwrap_or_default()
}

/// What a consumer held of a partition it holds no more: it went on from elsewhere.
fn moved(world: &mut World, who: Who, t: Slot, partition: u8) {
    if let Some(held) = world.held.get_mut(&who) {
        held.remove(&(topic(t), u32::from(partition)));
    }
}

pub(super) fn seek(world: &mut World, who: Who, t: Slot, partition: u8, offset: u64) -> Result<(), Refusal> {
    let (g, c, name) = (group(who.0), consumer(who.1), topic(t));
    let end = end(world, t, partition);
    let sought = world.broker.seek(&g, &c, &name, u32::from(partition), offset);
    if sought.is_ok() {
        moved(world, who, t, partition);
    }
    sought.map_err(|error| match error {
        BrokerError::InvalidOffset { requested, min, max } => {
            // The last offset is as good an end of the range as the one behind it.
            let is_last = max.checked_add(1) == Some(end);
            Refusal::InvalidOffset(requested, min, if is_last { end } else { max })
        }
        error => place_refusal(error),
    })
}

pub(super) fn seek_to_beginning(world: &mut World, who: Who, t: Slot, partition: u8) -> Result<(), Refusal> {
    let (g, c, name) = (group(who.0), consumer(who.1), topic(t));
    let sought = world.broker.seek_to_beginning(&g, &c, &name, u32::from(partition));
    if sought.is_ok() {
        moved(world, who, t, partition);
    }
    sought.map_err(place_refusal)
}

pub(super) fn seek_to_end(world: &mut World, who: Who, t: Slot, partition: u8) -> Result<(), Refusal> {
    let (g, c, name) = (group(who.0), consumer(who.1), topic(t));
    let sought = world.broker.seek_to_end(&g, &c, &name, u32::from(partition));
    if sought.is_ok() {
        moved(world, who, t, partition);
    }
    sought.map_err(place_refusal)
}
