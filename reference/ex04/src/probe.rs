//! Whom to probe next, and which answers are awaited (SWIM, sections 3.1 and 4.3).

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;

use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use crate::MemberId;

/// An answer that is awaited.
#[derive(Debug)]
pub(crate) enum Awaited {
    /// To a probe of our own.
    Own(MemberId),
    /// To a probe for somebody else: where it is to go, and which question it answers there.
    Relayed {
        /// About whom.
        target: MemberId,
        /// Who asked.
        asker: SocketAddr,
        /// Its question.
        seq: u64,
    },
}

/// Probes in turn: each member once, in an order drawn anew for each turn, so that nobody waits longer than two turns.
#[derive(Debug, Default)]
pub(crate) struct Prober {
    turn: Vec<MemberId>,
    seq: u64,
    awaited: BTreeMap<u64, Awaited>,
    /// Members whose probe was not answered yet, with the questions that ask for it.
    open: HashMap<MemberId, u64>,
}

/// No more answers for others are awaited at a time: old ones will not come any more.
const MOST: usize = 1024;

impl Prober {
    /// Whom to probe next, of these; `takes_part` tells who still does.
    pub(crate) fn next(
        &mut self,
        active: &[MemberId],
        takes_part: impl Fn(&MemberId) -> bool,
        rng: &mut StdRng,
    ) -> Option<MemberId> {
        loop {
            if self.turn.is_empty() {
                if active.is_empty() {
                    return None;
                }
                self.turn = active.to_vec();
                self.turn.shuffle(rng);
            }
            match self.turn.pop() {
                Some(next) if takes_part(&next) => return Some(next),
                _ => {}
            }
        }
    }

    /// The number of a question whose answer is awaited.
    pub(crate) fn ask(&mut self, awaited: Awaited) -> u64 {
        self.seq += 1;
        if let Awaited::Own(target) = &awaited {
            // A new probe takes the place of the last one.
            if let Some(old) = self.open.insert(target.clone(), self.seq) {
                self.awaited.remove(&old);
            }
        }
        self.awaited.insert(self.seq, awaited);
        if self.awaited.len() > MOST {
            self.awaited.pop_first();
        }
        self.seq
    }

    /// An answer came: what it answers.
    pub(crate) fn answered(&mut self, seq: u64, from: &MemberId) -> Option<Awaited> {
        let (Awaited::Own(target) | Awaited::Relayed { target, .. }) = self.awaited.get(&seq)?;
        if target != from {
            return None;
        }
        self.open.remove(from);
        self.awaited.remove(&seq)
    }

    /// The question about a member that is not answered, if there is one.
    pub(crate) fn unanswered(&self, target: &MemberId) -> Option<u64> {
        self.open.get(target).copied()
    }

    /// Nobody waits for an answer of a member any more.
    pub(crate) fn give_up(&mut self, target: &MemberId) {
        if let Some(seq) = self.open.remove(target) {
            self.awaited.remove(&seq);
        }
    }
}
