//! Waiting. What has to be over is waited for a little longer than it takes; what has to be in time is timed, and nothing is said
//! if the machine was too slow for it.

use super::{World, acks, groups, offsets, publishing, topics};
use ex06::BrokerConfig;
use ex06_protocol::{Aged, Semantics};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Longer than the millisecond that the scripts call short.
const SHORT: Duration = Duration::from_millis(3);
/// How long messages are kept that shall become too old.
const RETENTION: Duration = Duration::from_millis(60);
/// How long a consumer has that shall be too slow.
const PATIENCE: Duration = Duration::from_millis(30);
/// What is waited longer than that.
const MARGIN: Duration = Duration::from_millis(10);

pub(super) fn wait() {
    sleep(SHORT);
}

/// A broker with one topic of one partition, and one consumer.
fn start(world: &mut World, set: impl FnOnce(&mut BrokerConfig)) {
    world.restart(set);
    // If this is refused nothing will be polled, which says enough.
    let _ = topics::create(world, 0, 1, None, None);
    let _ = groups::join(world, (0, 0), &[0], Semantics::AtLeastOnce);
}

fn publish(world: &mut World, messages: u8) {
    for _ in 0..messages {
        let _ = publishing::publish(world, 0, None);
    }
}

fn offsets_polled(world: &mut World) -> Vec<u64> {
    let records = groups::poll(world, (0, 0), u8::MAX).unwrap_or_default();
    records.into_iter().map(|record| record.offset).collect()
}

pub(super) fn age(world: &mut World, old: u8, young: u8) -> Option<Aged> {
    start(world, |config| config.retention_ms = RETENTION.as_millis() as u64);
    publish(world, old);
    sleep(RETENTION + MARGIN);
    let made = Instant::now();
    publish(world, young);
    let removed = world.broker.cleanup_expired();
    let sought = offsets::seek(world, (0, 0), 0, 0, 0);
    let _ = offsets::seek_to_beginning(world, (0, 0), 0, 0);
    let offsets = offsets_polled(world);
    (made.elapsed() < RETENTION).then_some(Aged {
        removed,
        offsets,
        sought,
    })
}

pub(super) fn neglect(world: &mut World, messages: u8, acknowledged: u8) -> Option<Vec<u64>> {
    start(world, |config| config.ack_timeout_ms = PATIENCE.as_millis() as u64);
    publish(world, messages);
    let got = Instant::now();
    offsets_polled(world);
    if acknowledged > 0 {
        let _ = acks::acknowledge_up_to(world, (0, 0), acknowledged - 1);
    }
    if got.elapsed() >= PATIENCE {
        return None;
    }
    sleep(PATIENCE + MARGIN);
    Some(offsets_polled(world))
}
