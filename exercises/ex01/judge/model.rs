//! What the judge knows of a script without asking anybody: who is on which ring, and what a circle of points implies.

use std::collections::{BTreeMap, BTreeSet};

use ex01_protocol::{DEFAULT_CONFIG, Slot, Step, config, node};

/// The configuration and the members of a ring. Equal values must give equal answers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ring {
    /// Virtual nodes per unit of weight.
    pub virtual_nodes: usize,
    /// On how many nodes a key is held.
    pub replication: usize,
    /// The numbers of the members.
    pub members: BTreeSet<u8>,
}

/// All rings of a script.
#[derive(Debug, Default)]
pub struct Rings(BTreeMap<Slot, Ring>);

impl Default for Ring {
    fn default() -> Self {
        Self::new(DEFAULT_CONFIG)
    }
}

impl Ring {
    fn new((virtual_nodes, replication): (usize, usize)) -> Self {
        Self {
            virtual_nodes,
            replication,
            members: BTreeSet::new(),
        }
    }

    /// This ring with one node more.
    pub fn with(mut self, n: u8) -> Self {
        self.members.insert(n);
        self
    }

    /// This ring with one node less.
    pub fn without(mut self, n: u8) -> Self {
        self.members.remove(&n);
        self
    }

    /// This ring as the primaries see it: the replication factor does not matter to them.
    pub fn of_primaries(mut self) -> Self {
        self.replication = 1;
        self
    }

    /// How many points it has.
    pub fn point_count(&self) -> usize {
        let weights = self.members.iter().map(|n| node(*n).weight as usize);
        self.virtual_nodes * weights.sum::<usize>()
    }

    /// The member of that name.
    pub fn member(&self, id: &str) -> Option<u8> {
        self.members.iter().copied().find(|n| node(*n).id == id)
    }
}

impl Rings {
    /// The ring in a slot, as it is now.
    pub fn get(&self, slot: Slot) -> Ring {
        self.0.get(&slot).cloned().unwrap_or_default()
    }

    /// What a step does to the rings.
    pub fn apply(&mut self, step: &Step) {
        match step {
            Step::create {
                r,
                virtual_nodes,
                replication,
            } => {
                self.0.insert(*r, Ring::new(config(*virtual_nodes, *replication)));
            }
            Step::add_node { r, n } | Step::keys_claimed { r, n } | Step::join_while_reading { r, n, .. } => {
                self.0.entry(*r).or_default().members.insert(*n);
            }
            Step::remove_node { r, n } | Step::keys_released { r, n } => {
                self.0.entry(*r).or_default().members.remove(n);
            }
            _ => {}
        }
    }
}

/// Either way round the circle. The contract leaves the choice, so both are possible until an answer excludes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Towards larger positions.
    Up,
    /// Towards smaller positions.
    Down,
}

/// The points of a ring, put together from what a submission reported of each of its nodes alone.
pub struct Circle(Vec<(u64, u8)>);

impl Circle {
    /// The circle of `ring`, if the points of all its members are known, and all different.
    pub fn of(ring: &Ring, known: &BTreeMap<(usize, u8), Vec<u64>>) -> Option<Self> {
        let mut circle = BTreeMap::new();
        for n in &ring.members {
            for position in known.get(&(ring.virtual_nodes, *n))? {
                if circle.insert(*position, *n).is_some() {
                    return None;
                }
            }
        }
        Some(Self(circle.into_iter().collect()))
    }

    /// Whether a point lies exactly here: whose it then is, is left open.
    pub fn has_point_at(&self, position: u64) -> bool {
        self.0.binary_search_by_key(&position, |point| point.0).is_ok()
    }

    /// The positions, ascending.
    pub fn positions(&self) -> Vec<u64> {
        self.0.iter().map(|point| point.0).collect()
    }

    /// The first `count` distinct nodes that are met when walking from `position`.
    pub fn walk(&self, position: u64, direction: Direction, count: usize) -> Vec<u8> {
        let (before, after) = self.0.split_at(self.0.partition_point(|point| point.0 < position));
        let mut met = Vec::new();
        let mut meet = |point: &(u64, u8)| {
            if met.len() < count && !met.contains(&point.1) {
                met.push(point.1);
            }
        };
        match direction {
            Direction::Up => after.iter().chain(before).for_each(&mut meet),
            Direction::Down => before.iter().rev().chain(after.iter().rev()).for_each(&mut meet),
        }
        met
    }
}
