//! The network.

use super::World;
use ex10::{
    DropRule, LatencyConfig, LatencyRule, NetworkConfig, NetworkError, NetworkPartition, NetworkSimulator,
    PartitionType,
};
use ex10_protocol::{Delay, Kind, Life, Node, Sent};
use std::time::{Duration, Instant};

pub(super) fn name(node: Node) -> String {
    format!("n{node}")
}

fn micros(micros: u32) -> Duration {
    Duration::from_micros(u64::from(micros))
}

fn rate(percent: u8) -> f64 {
    f64::from(percent) / 100.0
}

pub(super) fn network(seed: u32, loss: u8, latency: u32, jitter: u32) -> NetworkSimulator {
    let config = NetworkConfig {
        base_latency: micros(latency),
        jitter: micros(jitter),
        base_drop_rate: rate(loss),
        bandwidth: None,
    };
    NetworkSimulator::new(config, Some(u64::from(seed)))
}

pub(super) fn kind(kind: Kind) -> PartitionType {
    match kind {
        Kind::Both => PartitionType::Bidirectional,
        Kind::AtoB => PartitionType::AsymmetricAtoB,
        Kind::BtoA => PartitionType::AsymmetricBtoA,
    }
}

pub(super) fn partition(a: Vec<Node>, b: Vec<Node>, cut: Kind, life: Life) -> NetworkPartition {
    let now = Instant::now();
    let past = now.checked_sub(Duration::from_millis(50)).unwrap_or(now);
    NetworkPartition {
        group_a: a.into_iter().map(name).collect(),
        group_b: b.into_iter().map(name).collect(),
        partition_type: kind(cut),
        duration: match life {
            Life::Forever => None,
            Life::Long => Some(Duration::from_secs(3600)),
            Life::Over => Some(Duration::from_millis(40)),
        },
        created_at: if life == Life::Over { past } else { now },
    }
}

pub(super) fn reach(world: &World) -> Vec<(Node, Node)> {
    world.runtime.block_on(async {
        let mut pairs = Vec::new();
        for (from, to) in (0..5).flat_map(|from| (0..5).map(move |to| (from, to))) {
            if from != to && world.network.can_communicate(&name(from), &name(to)).await {
                pairs.push((from, to));
            }
        }
        pairs
    })
}

pub(super) fn latency(delay: Delay) -> LatencyConfig {
    match delay {
        Delay::Fixed(time) => LatencyConfig::Fixed(micros(time)),
        Delay::Uniform(min, max) => LatencyConfig::Uniform {
            min: micros(min),
            max: micros(max),
        },
        Delay::Normal(mean, std_dev) => LatencyConfig::Normal {
            mean: micros(mean),
            std_dev: micros(std_dev),
        },
        Delay::Exponential(mean) => LatencyConfig::Exponential { mean: micros(mean) },
    }
}

pub(super) fn delay(world: &World, from: Option<Node>, to: Option<Node>, delay: Delay, percent: u8) {
    let rule = LatencyRule {
        from: from.map(name),
        to: to.map(name),
        latency: latency(delay),
        probability: rate(percent),
    };
    world.runtime.block_on(world.network.add_latency(rule));
}

pub(super) fn lose(world: &World, from: Option<Node>, to: Option<Node>, dropped: u8, corrupted: u8) {
    let rule = DropRule {
        from: from.map(name),
        to: to.map(name),
        drop_rate: rate(dropped),
        corrupt_rate: rate(corrupted),
    };
    world.runtime.block_on(world.network.add_drop_rule(rule));
}

pub(super) fn latencies(world: &World, from: Node, to: Node, times: u16) -> Vec<u64> {
    let (from, to) = (name(from), name(to));
    world.runtime.block_on(async {
        let mut all = Vec::new();
        for _ in 0..times {
            all.push(world.network.get_latency(&from, &to).await.as_micros() as u64);
        }
        all
    })
}

pub(super) fn traffic(world: &World, from: Node, to: Node, times: u16) -> Vec<Sent> {
    let (from, to) = (name(from), name(to));
    world.runtime.block_on(async {
        let mut all = Vec::new();
        for message in 0..times {
            all.push(match world.network.send(&from, &to, message).await {
                Ok(arrived) if arrived == message => Sent::Arrived,
                Ok(_) => Sent::Changed,
                Err(NetworkError::Partitioned { from: a, to: b }) if a == from && b == to => Sent::Partitioned,
                Err(NetworkError::Dropped) => Sent::Dropped,
                Err(NetworkError::Corrupted) => Sent::Corrupted,
                Err(_) => Sent::Other,
            });
        }
        all
    })
}
