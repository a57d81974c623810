//! All keys of a prefix, now or then.

use super::{World, with};
use ex09::{GetOptions, SortOrder};
use ex09_protocol::{Moment, Order, sorted};

/// Keys and values as they come; none if that is an error.
fn pairs(world: &World, prefix: &str, options: GetOptions) -> Vec<(String, Vec<u8>)> {
    let options = GetOptions {
        prefix: true,
        ..options
    };
    let found = world.wait(world.registry.get(prefix, options));
    found.map_or(Vec::new(), |found| {
        found.kvs.into_iter().map(|kv| (kv.key, kv.value)).collect()
    })
}

fn keys(world: &World, prefix: &str, options: GetOptions) -> Vec<String> {
    pairs(world, prefix, options).into_iter().map(|(key, _)| key).collect()
}

fn sort_order(order: Order) -> SortOrder {
    match order {
        Order::Ascend => SortOrder::Ascend,
        Order::Descend => SortOrder::Descend,
    }
}

pub(super) fn list(world: &World, prefix: &str) -> Vec<(String, Vec<u8>)> {
    sorted(pairs(world, prefix, GetOptions::default()))
}

pub(super) fn list_at(world: &World, prefix: &str, moment: Moment) -> Vec<(String, Vec<u8>)> {
    let revision = world.notes.revision(moment);
    let then = with(|options: &mut GetOptions| options.revision = revision);
    sorted(pairs(world, prefix, then))
}

pub(super) fn count(world: &World, prefix: &str) -> usize {
    let all = with(|options: &mut GetOptions| options.prefix = true);
    let found = world.wait(world.registry.get(prefix, all));
    found.map_or(0, |found| found.count)
}

pub(super) fn in_order(world: &World, prefix: &str, order: Order) -> Vec<String> {
    let options = with(|options: &mut GetOptions| options.sort_order = sort_order(order));
    keys(world, prefix, options)
}

pub(super) fn first(world: &World, prefix: &str, order: Order, limit: u8) -> Vec<String> {
    let options = with(|options: &mut GetOptions| {
        options.sort_order = sort_order(order);
        options.limit = Some(usize::from(limit.max(1)));
    });
    keys(world, prefix, options)
}

pub(super) fn keys_only(world: &World, prefix: &str) -> Vec<(String, Vec<u8>)> {
    let options = with(|options: &mut GetOptions| options.keys_only = true);
    sorted(pairs(world, prefix, options))
}
