//! Les compteurs.

use crate::{ActorId, OpCrdt, StateCrdt, VectorClock};
use std::collections::HashMap;

/// Un compteur qui croît.
#[derive(Clone, Debug, Default)]
pub struct GCounter(VectorClock);

impl GCounter {
    /// Zéro.
    pub fn new() -> Self {
        Self::default()
    }

    /// Un de plus.
    pub fn inc(&mut self, actor: ActorId) {
        self.0.inc(actor);
    }

    /// La somme.
    pub fn read(&self) -> u64 {
        self.0.sum()
    }
}

impl StateCrdt for GCounter {
    fn merge(&mut self, other: &Self) {
        self.0.merge(&other.0);
    }
}

impl OpCrdt for GCounter {
    type Op = (ActorId, u64);
    fn apply(&mut self, (actor, count): (ActorId, u64)) {
        self.0.at_least(actor, count);
    }
}

/// Le nombre d'opérations d'un acteur, et leur somme : la version la plus longue est la plus récente.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    operations: u64,
    total: i64,
}

/// Un compteur dans les deux sens.
#[derive(Clone, Debug, Default)]
pub struct PNCounter {
    shares: HashMap<ActorId, Share>,
}

impl PNCounter {
    /// Zéro.
    pub fn new() -> Self {
        Self::default()
    }

    fn add(&mut self, actor: ActorId, amount: i64) {
        let share = self.shares.entry(actor).or_default();
        share.operations += 1;
        share.total += amount;
    }

    /// Un de plus.
    pub fn inc(&mut self, actor: ActorId) {
        self.add(actor, 1);
    }

    /// Un de moins.
    pub fn dec(&mut self, actor: ActorId) {
        self.add(actor, -1);
    }

    /// La somme.
    pub fn read(&self) -> i64 {
        self.shares.values().map(|share| share.total).sum()
    }
}

impl StateCrdt for PNCounter {
    fn merge(&mut self, other: &Self) {
        for (actor, share) in &other.shares {
            let mine = self.shares.entry(*actor).or_default();
            if mine.operations < share.operations {
                *mine = *share;
            }
        }
    }
}
