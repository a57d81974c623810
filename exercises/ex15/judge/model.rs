//! What is certain of a manager's members: who was heard when, and what a detector must think of that.
//!
//! A member is certainly alive after a silence no longer than any of its intervals, and certainly silent after one forty
//! times as long as the longest: even an exponential distribution gives phi 17 then. In between nothing is certain, and the
//! model says so.

use std::collections::BTreeMap;

use ex15_protocol::{Algorithm, Slot, State, Step};

/// The intervals before which nothing is certain: a detector may begin with an estimate.
const ENOUGH: usize = 4;
/// When the real clock was started, at least, in milliseconds of the script's clock.
const PRESENT: u64 = 300_000;

/// A member that was heard.
pub struct Heard {
    /// What is thought of it.
    pub state: State,
    /// When it was heard last.
    pub last: u64,
    count: usize,
    shortest: u64,
    longest: u64,
}

impl Heard {
    /// Whether it is silent, if that is certain.
    fn is_silent(&self, now: u64) -> Option<bool> {
        let silence = now.saturating_sub(self.last);
        if silence == 0 {
            return Some(false);
        }
        if self.count < ENOUGH || (silence > self.shortest && silence < 40 * self.longest) {
            return None;
        }
        Some(silence > self.shortest)
    }
}

/// What is certain of a manager.
pub struct Model {
    /// Its node.
    pub id: u64,
    /// How it elects.
    pub way: Algorithm,
    /// How many shards there are.
    pub shards: u8,
    /// The time it is.
    pub now: u64,
    /// Whether its node is a member: nothing is said of that at first.
    pub is_in: Option<bool>,
    /// The others.
    pub others: BTreeMap<u64, Heard>,
    /// What each subscriber saw last: whether its node was there, if that was certain, and the others.
    pub seen: BTreeMap<Slot, (Option<bool>, Vec<u64>)>,
    /// How often the members changed, and how often they did before each subscriber looked.
    pub changes: u32,
    pub looks: BTreeMap<Slot, u32>,
    /// Whether a check was made of which nothing is certain. Then nothing is certain any longer.
    pub is_lost: bool,
}

impl Model {
    /// The manager of a script that makes none.
    pub fn new(id: u64, shards: u8, way: Algorithm) -> Self {
        Self {
            id,
            way,
            shards,
            now: 0,
            is_in: None,
            others: BTreeMap::new(),
            seen: BTreeMap::new(),
            changes: 0,
            looks: BTreeMap::new(),
            is_lost: false,
        }
    }

    /// The other members that are there.
    pub fn present(&self) -> Vec<u64> {
        let there = self
            .others
            .iter()
            .filter(|(_, heard)| heard.state != State::Unreachable);
        there.map(|(id, _)| *id).collect()
    }

    /// Follows a step. A check tells who must be found silent.
    pub fn follow(&mut self, step: &Step) -> Option<Vec<u64>> {
        match step {
            Step::manager { id, shards, way } => *self = Self::new(*id, *shards, *way),
            Step::pass { millis } => self.now += u64::from(*millis),
            Step::beat { from } => self.hear(*from),
            Step::beat_regularly { ids, times } => {
                for _ in 0..*times {
                    self.now += 1000;
                    ids.iter().for_each(|id| self.hear(*id));
                }
            }
            Step::beat_together { ids } => {
                self.now = self.now.max(PRESENT);
                for id in ids {
                    self.hear(*id);
                    // By the real clock: the interval before is not certain, nor is any after.
                    self.others.entry(*id).and_modify(|heard| heard.count = 0);
                }
            }
            Step::join {} => self.be_in(true),
            Step::leave {} if self.is_in.is_some() => self.be_in(false),
            Step::leave {} => self.changes += 1,
            Step::check {} => return self.check(self.now),
            Step::check_now {} => return self.check(self.now.max(PRESENT)),
            _ => {}
        }
        None
    }

    fn be_in(&mut self, is_in: bool) {
        if self.is_in != Some(is_in) {
            self.changes += 1;
        }
        self.is_in = Some(is_in);
    }

    fn hear(&mut self, id: u64) {
        let now = self.now;
        let new = Heard {
            state: State::Unreachable,
            last: now,
            count: 0,
            shortest: u64::MAX,
            longest: 0,
        };
        let is_new = !self.others.contains_key(&id);
        let heard = self.others.entry(id).or_insert(new);
        if !is_new {
            let interval = now - heard.last;
            heard.count += 1;
            heard.shortest = heard.shortest.min(interval);
            heard.longest = heard.longest.max(interval);
        }
        self.changes += u32::from(heard.state == State::Unreachable);
        heard.state = State::Healthy;
        heard.last = now;
    }

    fn check(&mut self, now: u64) -> Option<Vec<u64>> {
        let mut silent = Vec::new();
        for (id, heard) in &mut self.others {
            let Some(is_silent) = heard.is_silent(now) else {
                self.is_lost = true;
                return None;
            };
            if !is_silent {
                continue;
            }
            silent.push(*id);
            heard.state = match heard.state {
                State::Healthy => State::Suspected,
                _ => {
                    self.changes += u32::from(heard.state == State::Suspected);
                    State::Unreachable
                }
            };
        }
        Some(silent)
    }
}
