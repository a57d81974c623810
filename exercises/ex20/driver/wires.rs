//! The network.

use super::{Settings, World};
use ex20::{NetworkError, NetworkSimulator};
use ex20_protocol::{Fate, Preset, Tally};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A network of these settings. Public fields are set, never the whole written down: there may be private ones.
pub(super) fn network(settings: Settings) -> NetworkSimulator {
    let mut network = NetworkSimulator::reliable();
    network.packet_loss_rate = f64::from(settings.loss) / 100.0;
    network.partition_probability = f64::from(settings.cut) / 100.0;
    network.min_latency_ms = u64::from(settings.min);
    network.max_latency_ms = u64::from(settings.max);
    network
}

pub(super) fn preset(network: &NetworkSimulator) -> Preset {
    let thousandths = |rate: f64| (rate * 1000.0).round() as u32;
    Preset {
        loss: thousandths(network.packet_loss_rate),
        cut: thousandths(network.partition_probability),
        min: network.min_latency_ms,
        max: network.max_latency_ms,
    }
}

pub(super) fn millis(since: Instant) -> u64 {
    since.elapsed().as_millis() as u64
}

pub(super) fn fate(answer: Result<u32, NetworkError>) -> Fate {
    answer.map_or_else(error, Fate::Arrived)
}

#[allow(unreachable_patterns, reason = "a submission may have more variants")]
fn error(error: NetworkError) -> Fate {
    match error {
        NetworkError::PacketLost => Fate::Lost,
        NetworkError::Partitioned => Fate::Partitioned,
        NetworkError::Timeout => Fate::TimedOut,
        NetworkError::ConnectionRefused => Fate::Refused,
        _ => Fate::Other,
    }
}

pub(super) fn errors() -> Vec<Fate> {
    let all = [
        NetworkError::PacketLost,
        NetworkError::Partitioned,
        NetworkError::Timeout,
        NetworkError::ConnectionRefused,
    ];
    all.into_iter().map(error).collect()
}

/// Counts what became of message `number`.
pub(super) fn count(tally: &mut Tally, number: u32, fate: Fate) {
    match fate {
        Fate::Arrived(content) if content == number => tally.arrived += 1,
        Fate::Arrived(_) => tally.changed += 1,
        Fate::Lost => tally.lost += 1,
        Fate::Partitioned => tally.partitioned += 1,
        Fate::TimedOut | Fate::Refused | Fate::Other => tally.other += 1,
    }
}

pub(super) fn traffic(world: &World, times: u16) -> Tally {
    let network = network(world.settings);
    world.runtime.block_on(async {
        let mut tally = Tally::default();
        for number in 0..u32::from(times) {
            count(&mut tally, number, fate(network.send_message(number).await));
        }
        tally
    })
}

pub(super) fn latencies(world: &World, times: u16) -> Vec<u64> {
    let network = network(world.settings);
    world.runtime.block_on(async {
        let mut all = Vec::new();
        for number in 0..u32::from(times) {
            let before = Instant::now();
            if network.send_message(number).await.is_ok() {
                all.push(millis(before));
            }
        }
        all
    })
}

/// What is carried need not be `Clone`, `Debug` or comparable.
struct Parcel(String);

pub(super) fn carry(world: &World, text: String) -> Option<String> {
    let network = network(world.settings);
    let arrived = world.runtime.block_on(network.send_message(Parcel(text)));
    arrived.ok().map(|parcel| parcel.0)
}

pub(super) fn four_together(world: &World) -> (Vec<Fate>, u64) {
    let network = network(world.settings);
    world.runtime.block_on(async {
        let before = Instant::now();
        let (first, second, third, fourth) = tokio::join!(
            network.send_message(0),
            network.send_message(1),
            network.send_message(2),
            network.send_message(3),
        );
        let all = [first, second, third, fourth].map(fate).to_vec();
        (all, millis(before))
    })
}

pub(super) fn tasks(world: &World, messages: u8) -> (Tally, u64) {
    let network = Arc::new(network(world.settings));
    world.runtime.block_on(async {
        let before = Instant::now();
        let mut running = Vec::new();
        for number in 0..u32::from(messages) {
            let network = Arc::clone(&network);
            running.push(tokio::spawn(async move { network.send_message(number).await }));
        }
        let mut tally = Tally::default();
        for (task, number) in running.into_iter().zip(0..) {
            count(&mut tally, number, task.await.map_or(Fate::Other, fate));
        }
        (tally, millis(before))
    })
}

pub(super) fn within(world: &World, limit: u32) -> (Fate, u64) {
    let network = network(world.settings);
    world.runtime.block_on(async {
        let before = Instant::now();
        let limit = Duration::from_millis(u64::from(limit));
        let answer = network.send_with_timeout(7, limit).await;
        (fate(answer), millis(before))
    })
}
