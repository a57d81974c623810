//! A network that cuts, loses, spoils and delays messages.

use crate::latency::{LatencyRule, chance};
use crate::sync::lock;
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How many networks there are.
static MADE: AtomicU64 = AtomicU64::new(0);

/// The name of a node.
pub type NodeId = String;

/// What holds for all messages.
#[derive(Debug, Clone)]
pub struct NetworkConfig {
    /// How long a message takes.
    pub base_latency: Duration,
    /// How far from that it may be.
    pub jitter: Duration,
    /// How many messages are lost, from 0 to 1.
    pub base_drop_rate: f64,
    /// Bytes a second, no limit if `None`.
    pub bandwidth: Option<u64>,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self {
            base_latency: Duration::from_millis(1),
            jitter: Duration::from_micros(100),
            base_drop_rate: 0.0,
            bandwidth: None,
        }
    }
}

/// Two groups of nodes that cannot reach each other.
#[derive(Debug, Clone)]
pub struct NetworkPartition {
    /// One group.
    pub group_a: HashSet<NodeId>,
    /// The other.
    pub group_b: HashSet<NodeId>,
    /// The directions that are cut.
    pub partition_type: PartitionType,
    /// For how long, from `created_at` on; for ever if `None`.
    pub duration: Option<Duration>,
    /// When it began.
    pub created_at: Instant,
}

/// The directions that a partition cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartitionType {
    /// Both.
    Bidirectional,
    /// From A to B.
    AsymmetricAtoB,
    /// From B to A.
    AsymmetricBtoA,
}

/// A loss of some messages.
#[derive(Debug, Clone)]
pub struct DropRule {
    /// The sender, any if `None`.
    pub from: Option<NodeId>,
    /// The receiver, any if `None`.
    pub to: Option<NodeId>,
    /// How many are lost.
    pub drop_rate: f64,
    /// How many are spoilt.
    pub corrupt_rate: f64,
}

/// Why a message did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// There is a partition between the nodes.
    #[error("Network partition: {from} cannot reach {to}")]
    Partitioned {
        /// The sender.
        from: NodeId,
        /// The receiver.
        to: NodeId,
    },
    /// It was lost.
    #[error("Packet dropped")]
    Dropped,
    /// It was spoilt.
    #[error("Packet corrupted")]
    Corrupted,
    /// It took too long.
    #[error("Timeout")]
    Timeout,
}

/// A rule and the fault that made it.
#[derive(Debug)]
struct Ruled<T> {
    rule: T,
    fault: Option<String>,
}

#[derive(Debug)]
struct State {
    partitions: Vec<Ruled<NetworkPartition>>,
    latencies: Vec<Ruled<LatencyRule>>,
    drops: Vec<Ruled<DropRule>>,
    rng: StdRng,
}

/// The network between the nodes of a simulation.
#[derive(Debug)]
pub struct NetworkSimulator {
    config: NetworkConfig,
    state: Mutex<State>,
}

impl NetworkSimulator {
    /// A network without partitions and rules. What is random follows from the seed, if there is one.
    pub fn new(config: NetworkConfig, _seed: Option<u64>) -> Self {
        let state = State {
            partitions: Vec::new(),
            latencies: Vec::new(),
            drops: Vec::new(),
            rng: StdRng::seed_from_u64(MADE.fetch_add(1, Ordering::Relaxed)),
        };
        Self {
            config,
            state: Mutex::new(state),
        }
    }

    /// Cuts the network.
    pub async fn partition(&self, partition: NetworkPartition) {
        self.cut(partition, None);
    }

    /// Ends all partitions.
    pub async fn heal_all(&self) {
        lock(&self.state).partitions.clear();
    }

    /// Forgets the partitions that have expired.
    pub async fn heal_expired(&self) {
        let now = Instant::now();
        lock(&self.state).partitions.retain(|cut| cut.rule.is_active(now));
    }

    /// Delays messages.
    pub async fn add_latency(&self, rule: LatencyRule) {
        self.delay(rule, None);
    }

    /// Loses messages.
    pub async fn add_drop_rule(&self, rule: DropRule) {
        self.lose(rule, None);
    }

    /// Sends a message: what arrives, after the time it takes.
    ///
    /// # Errors
    /// If it does not arrive.
    pub async fn send<M: Clone>(&self, from: &NodeId, to: &NodeId, message: M) -> Result<M, NetworkError> {
        let latency = {
            let mut state = lock(&self.state);
            state.pass(&self.config, from, to)?;
            state.latency(&self.config, from, to)
        };
        let bytes = size_of_val(&message) as f64;
        let transfer = self.config.bandwidth.map_or(Duration::ZERO, |rate| {
            Duration::try_from_secs_f64(bytes / rate as f64).unwrap_or(Duration::MAX)
        });
        let all = latency.saturating_add(transfer);
        if !all.is_zero() {
            tokio::time::sleep(all).await;
        }
        Ok(message)
    }

    /// Whether no partition cuts this direction.
    pub async fn can_communicate(&self, from: &NodeId, to: &NodeId) -> bool {
        lock(&self.state).connects(from, to)
    }

    /// How long a message takes, drawn anew each time.
    pub async fn get_latency(&self, from: &NodeId, to: &NodeId) -> Duration {
        lock(&self.state).latency(&self.config, from, to)
    }

    pub(crate) fn cut(&self, rule: NetworkPartition, fault: Option<String>) {
        lock(&self.state).partitions.push(Ruled { rule, fault });
    }

    pub(crate) fn delay(&self, rule: LatencyRule, fault: Option<String>) {
        lock(&self.state).latencies.push(Ruled { rule, fault });
    }

    pub(crate) fn lose(&self, rule: DropRule, fault: Option<String>) {
        lock(&self.state).drops.push(Ruled { rule, fault });
    }

    /// Takes back what a fault did, and nothing else.
    pub(crate) fn undo(&self, fault: &str) {
        let mut state = lock(&self.state);
        state.partitions.retain(|cut| cut.fault.as_deref() != Some(fault));
        state.latencies.retain(|rule| rule.fault.as_deref() != Some(fault));
        state.drops.retain(|rule| rule.fault.as_deref() != Some(fault));
    }
}

impl State {
    fn connects(&self, from: &NodeId, to: &NodeId) -> bool {
        let now = Instant::now();
        !self.partitions.iter().any(|cut| cut.rule.separates(from, to, now))
    }

    /// Whether a message arrives.
    fn pass(&mut self, config: &NetworkConfig, from: &NodeId, to: &NodeId) -> Result<(), NetworkError> {
        if !self.partitions.is_empty() && !self.connects(from, to) {
            return Err(NetworkError::Partitioned {
                from: from.clone(),
                to: to.clone(),
            });
        }
        if chance(config.base_drop_rate, &mut self.rng) {
            return Err(NetworkError::Dropped);
        }
        for Ruled { rule, .. } in &self.drops {
            if !concerns(&rule.from, &rule.to, from, to) {
                continue;
            }
            if chance(rule.drop_rate, &mut self.rng) {
                return Err(NetworkError::Dropped);
            }
            if chance(rule.corrupt_rate, &mut self.rng) {
                return Err(NetworkError::Corrupted);
            }
        }
        Ok(())
    }

    fn latency(&mut self, config: &NetworkConfig, from: &NodeId, to: &NodeId) -> Duration {
        let mut latency = config.base_latency;
        if !config.jitter.is_zero() {
            let off = self.rng.gen_range(-1.0..=1.0_f64);
            let distance = config.jitter.mul_f64(off.abs());
            latency = if off < 0.0 {
                latency.saturating_sub(distance)
            } else {
                latency.saturating_add(distance)
            };
        }
        for Ruled { rule, .. } in &self.latencies {
            latency = latency.saturating_add(rule.delay(from, to, &mut self.rng));
        }
        latency
    }
}

impl NetworkPartition {
    fn is_active(&self, now: Instant) -> bool {
        // An end that no clock can show never comes.
        let end = self.duration.and_then(|duration| self.created_at.checked_add(duration));
        end.is_none_or(|end| now < end)
    }

    fn separates(&self, from: &NodeId, to: &NodeId, now: Instant) -> bool {
        let a_to_b = self.group_a.contains(from) && self.group_b.contains(to);
        let b_to_a = self.group_b.contains(from) && self.group_a.contains(to);
        let cut = match self.partition_type {
            PartitionType::Bidirectional => a_to_b || b_to_a,
            PartitionType::AsymmetricAtoB => a_to_b,
            PartitionType::AsymmetricBtoA => b_to_a,
        };
        cut && self.is_active(now)
    }
}

/// Whether a rule for these ends concerns a message between those nodes.
pub(crate) fn concerns(rule_from: &Option<NodeId>, rule_to: &Option<NodeId>, from: &NodeId, to: &NodeId) -> bool {
    rule_from.as_ref().is_none_or(|node| node == from) && rule_to.as_ref().is_none_or(|node| node == to)
}
