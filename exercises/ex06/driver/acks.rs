//! Acknowledging and refusing what a consumer holds.

use super::{Place, Who, World, group_refusal, groups};
use ex06_protocol::{Refusal, consumer, group};
use std::collections::{BTreeSet, HashMap};

/// The messages that a consumer holds, in order.
pub(super) fn holding(world: &World, who: Who) -> Vec<(Place, u64)> {
    let held = world.held.get(&who).into_iter().flatten();
    held.flat_map(|(place, offsets)| offsets.iter().map(move |offset| (place.clone(), *offset)))
        .collect()
}

/// The message of that number among those that a consumer holds.
pub(super) fn nth(world: &World, who: Who, nth: u8) -> Option<(Place, u64)> {
    let holding = holding(world, who);
    let at = usize::from(nth) % holding.len().max(1);
    holding.into_iter().nth(at)
}

/// What was held up to an offset is held no more.
pub(super) fn release(world: &mut World, who: Who, place: &Place, offset: u64) {
    let held = world.held.entry(who).or_default();
    if let Some(offsets) = held.get_mut(place) {
        *offsets = offsets.split_off(&(offset + 1));
    }
    held.retain(|_, offsets| !offsets.is_empty());
}

pub(super) fn acknowledge_at(world: &mut World, who: Who, place: Place, offset: u64) -> Result<(), Refusal> {
    let (g, c) = (group(who.0), consumer(who.1));
    let offsets = HashMap::from([(place, offset)]);
    world.broker.acknowledge(&g, &c, offsets).map_err(group_refusal)
}

pub(super) fn nack_at(world: &mut World, who: Who, place: Place, offset: u64) -> Result<(), Refusal> {
    let (g, c) = (group(who.0), consumer(who.1));
    let offsets = HashMap::from([(place, offset)]);
    world.broker.nack(&g, &c, offsets).map_err(group_refusal)
}

pub(super) fn acknowledge(world: &mut World, who: Who) -> Result<(), Refusal> {
    let held = world.held.remove(&who).unwrap_or_default();
    let last = |offsets: &BTreeSet<u64>| offsets.last().copied();
    let offsets: HashMap<Place, u64> = held
        .into_iter()
        .filter_map(|(place, offsets)| Some((place, last(&offsets)?)))
        .collect();
    if offsets.is_empty() {
        return Ok(());
    }
    let (g, c) = (group(who.0), consumer(who.1));
    world.broker.acknowledge(&g, &c, offsets).map_err(group_refusal)
}

pub(super) fn acknowledge_up_to(world: &mut World, who: Who, number: u8) -> Result<(), Refusal> {
    let Some((place, offset)) = nth(world, who, number) else {
        return Ok(());
    };
    release(world, who, &place, offset);
    acknowledge_at(world, who, place, offset)
}

pub(super) fn nack(world: &mut World, who: Who) -> Result<(), Refusal> {
    let holding = holding(world, who);
    let [(place, offset)] = holding.as_slice() else {
        return Ok(());
    };
    release(world, who, place, *offset);
    nack_at(world, who, place.clone(), *offset)
}

pub(super) fn refuse(world: &mut World, who: Who, times: u8) -> Vec<String> {
    let mut came = Vec::new();
    for _ in 0..times {
        let records = groups::poll(world, who, 1).unwrap_or_default();
        came.extend(records.into_iter().map(|record| record.message));
        if nack(world, who).is_err() {
            break;
        }
    }
    came
}
