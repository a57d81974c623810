//! Keys in the present: writing, reading, deleting, and what is known of one key.

use super::{World, key_refusal, with};
use ex09::{GetOptions, KeyValue, PutOptions};
use ex09_protocol::{Moment, Refusal, Slot, sorted};

/// A key as it is now.
fn now(world: &World, key: &str) -> Result<KeyValue, Refusal> {
    let found = world.wait(world.registry.get(key, GetOptions::default()));
    found.map_err(key_refusal)?.kvs.into_iter().next().ok_or(Refusal::Other)
}

/// An error if the key has no value.
pub(super) fn exists(world: &World, key: &str) -> Result<(), Refusal> {
    now(world, key).map(drop)
}

pub(super) fn put(world: &World, key: &str, value: u8) -> bool {
    let answer = world.wait(world.registry.put(key, vec![value], PutOptions::default()));
    answer.is_ok()
}

pub(super) fn put_asking(world: &World, key: &str, value: u8) -> Result<Option<Vec<u8>>, Refusal> {
    let asking = with(|options: &mut PutOptions| options.prev_kv = true);
    let answer = world.wait(world.registry.put(key, vec![value], asking));
    Ok(answer.map_err(|_| Refusal::Other)?.prev_kv.map(|kv| kv.value))
}

pub(super) fn put_other(world: &World, key: &str, value: u8) -> bool {
    let unless_same = with(|options: &mut PutOptions| options.ignore_value = true);
    world.wait(world.registry.put(key, vec![value], unless_same)).is_ok()
}

pub(super) fn get(world: &World, key: &str) -> Result<Vec<u8>, Refusal> {
    Ok(now(world, key)?.value)
}

/// Deletes one key or all of a prefix.
pub(super) fn delete(world: &World, key: &str, prefix: bool) -> usize {
    let answer = world.wait(world.registry.delete(key, prefix));
    answer.map_or(0, |answer| answer.deleted)
}

pub(super) fn delete_asking(world: &World, prefix: &str) -> Vec<(String, Vec<u8>)> {
    let answer = world.wait(world.registry.delete(prefix, true));
    let removed = answer.map_or(Vec::new(), |answer| answer.prev_kvs);
    sorted(removed.into_iter().map(|kv| (kv.key, kv.value)))
}

pub(super) fn version(world: &World, key: &str) -> Result<u64, Refusal> {
    Ok(now(world, key)?.version)
}

pub(super) fn created(world: &World, key: &str) -> Result<Moment, Refusal> {
    Ok(world.notes.moment(now(world, key)?.create_revision))
}

pub(super) fn modified(world: &World, key: &str) -> Result<Moment, Refusal> {
    Ok(world.notes.moment(now(world, key)?.mod_revision))
}

pub(super) fn lease(world: &World, key: &str) -> Result<Option<Slot>, Refusal> {
    Ok(now(world, key)?.lease.map(|lease| world.notes.slot(lease)))
}
