//! Topics: created, described, deleted.

use super::World;
use ex06::{BrokerError, TopicConfig};
use ex06_protocol::{Described, Refusal, Slot, topic};

fn config(name: String, partitions: u32) -> TopicConfig {
    TopicConfig {
        name,
        partitions,
        retention_ms: None,
        max_message_size: None,
    }
}

pub(super) fn create(
    world: &mut World,
    t: Slot,
    partitions: u8,
    retention_ms: Option<u32>,
    max_size: Option<u16>,
) -> Result<(), Refusal> {
    let created = world.broker.create_topic(TopicConfig {
        retention_ms: retention_ms.map(u64::from),
        max_message_size: max_size.map(usize::from),
        ..config(topic(t), u32::from(partitions))
    });
    if created.is_ok() {
        world.created.insert(t);
    }
    created.map_err(|error| match error {
        BrokerError::TopicAlreadyExists(topic) => Refusal::TopicAlreadyExists(topic),
        _ => Refusal::Other,
    })
}

pub(super) fn create_dead_letters(world: &mut World, t: Slot) -> bool {
    let letters = format!("{}.dlq", topic(t));
    let created = world.broker.create_topic(config(letters, 1)).is_ok();
    if created {
        world.letters.insert(t, false);
    }
    created
}

pub(super) fn delete(world: &mut World, t: Slot) -> Result<(), Refusal> {
    let name = topic(t);
    let deleted = world.broker.delete_topic(&name);
    if deleted.is_ok() {
        world.created.remove(&t);
        world.published.retain(|(topic, _), _| *topic != name);
        world.held.values_mut().for_each(|held| {
            held.retain(|(topic, _), _| *topic != name);
        });
    }
    deleted.map_err(super::topic_refusal)
}

pub(super) fn described(world: &World, t: Slot) -> Option<Described> {
    let config = world.broker.get_topic_config(&topic(t))?;
    Some(Described {
        name: config.name,
        partitions: config.partitions,
        retention_ms: config.retention_ms,
        max_message_size: config.max_message_size,
    })
}
