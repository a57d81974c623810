//! Which server gets the next call.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use crate::config::LoadBalancingStrategy;

/// Chooses among servers by number.
pub(crate) struct Balancer {
    strategy: LoadBalancingStrategy,
    /// How often it chose.
    turn: u64,
    /// For each server, how many connections of it are in use.
    in_use: Vec<usize>,
}

impl Balancer {
    /// One over so many servers; none if the weights do not fit.
    pub(crate) fn new(strategy: LoadBalancingStrategy, servers: usize) -> Option<Self> {
        let fits = match &strategy {
            LoadBalancingStrategy::WeightedRoundRobin(weights) => {
                weights.len() == servers && weights.iter().any(|weight| *weight > 0)
            }
            _ => true,
        };
        (fits && servers > 0).then(|| Self {
            strategy,
            turn: 0,
            in_use: vec![0; servers],
        })
    }

    /// The next one, which is in use from now on.
    pub(crate) fn take(&mut self) -> usize {
        let servers = self.in_use.len() as u64;
        let chosen = match &self.strategy {
            LoadBalancingStrategy::RoundRobin => (self.turn % servers) as usize,
            // The keys of a new state are not those of another.
            LoadBalancingStrategy::Random => (RandomState::new().hash_one(self.turn) % servers) as usize,
            LoadBalancingStrategy::LeastConnections => (0..self.in_use.len())
                .min_by_key(|server| self.in_use[*server])
                .unwrap_or(0),
            LoadBalancingStrategy::WeightedRoundRobin(weights) => weighted(weights, self.turn),
        };
        self.turn += 1;
        self.in_use[chosen] += 1;
        chosen
    }

    /// The server has one connection less in use.
    pub(crate) fn give_back(&mut self, server: usize) {
        self.in_use[server] -= 1;
    }
}

/// The server whose share of the round holds this turn.
fn weighted(weights: &[u32], turn: u64) -> usize {
    let round: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    let mut left = turn % round;
    for (server, weight) in weights.iter().enumerate() {
        if left < u64::from(*weight) {
            return server;
        }
        left -= u64::from(*weight);
    }
    0
}
