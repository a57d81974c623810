//! Replicated objects: what each replica has heard of, and the laws of merging their states.
//!
//! [`laws`] and [`converges`] need no reference and know nothing of the type: a merge is commutative, associative and idempotent if states
//! that were merged in different ways look the same (Shapiro et al. 2011, "Conflict-free Replicated Data Types", section 2). [`Knowledge`] is
//! for checks that say *what* must be seen: it replays who has heard of which writes, hence which writes are concurrent. [`Writes`] and
//! [`Presence`] build on it for types where the last write wins, and for sets that remove what they have observed. [`traffic`] makes the
//! scripts of such checks.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use proptest::strategy::Strategy;
use witness::Language;

use crate::case::{Case, Objection};
use crate::trial::{Trial, Verdict};

mod presence;
pub mod traffic;
mod writes;

pub use presence::Presence;
pub use writes::Writes;

/// The number of a replica, or of a copy of one.
pub type Slot = u8;

/// Where the laws keep their copies: scripts leave these slots alone.
pub const COPIES: Slot = 100;

/// The steps by which scripts handle the replicas of one type.
pub struct Replicas<L: Language> {
    /// Copies the first slot into the second.
    pub copy: fn(Slot, Slot) -> L::Step,
    /// The first slot takes in the state of the second.
    pub merge: fn(Slot, Slot) -> L::Step,
    /// Looks at all that the contract determines of a slot, whatever the history.
    pub look: fn(Slot) -> Vec<L::Step>,
}

/// One way to merge states.
#[derive(Debug, Clone, Copy)]
enum Move {
    /// Copies the first into the second.
    Keep(Slot, Slot),
    /// The first takes in the second.
    Merge(Slot, Slot),
}
use Move::{Keep, Merge};

const ONE: Slot = COPIES;
const OTHER: Slot = COPIES + 1;
const BETWEEN: Slot = COPIES + 2;

/// A law over the states a, b and c of slots 0, 1 and 2: what is done with them, and which two slots must then look the same.
struct Law {
    says: &'static str,
    moves: &'static [Move],
    alike: [Slot; 2],
}

const LAWS: &[Law] = &[
    Law {
        says: "merging is not commutative: a with b merged in, and b with a merged in, must look the same",
        moves: &[Keep(0, ONE), Merge(ONE, 1), Keep(1, OTHER), Merge(OTHER, 0)],
        alike: [ONE, OTHER],
    },
    Law {
        says: "the order of delivery shows: a that merged b, then c, must look like a that merged c, then b",
        moves: &[
            Keep(0, ONE),
            Merge(ONE, 1),
            Merge(ONE, 2),
            Keep(0, OTHER),
            Merge(OTHER, 2),
            Merge(OTHER, 1),
        ],
        alike: [ONE, OTHER],
    },
    Law {
        says: "merging is not associative: (a with b) with c, and a with (b with c), must look the same",
        moves: &[
            Keep(0, ONE),
            Merge(ONE, 1),
            Merge(ONE, 2),
            Keep(1, BETWEEN),
            Merge(BETWEEN, 2),
            Keep(0, OTHER),
            Merge(OTHER, BETWEEN),
        ],
        alike: [ONE, OTHER],
    },
    Law {
        says: "merging is not idempotent: a state merged with itself must look as before",
        moves: &[Keep(0, ONE), Merge(ONE, 0)],
        alike: [0, ONE],
    },
    Law {
        says: "a state that is delivered twice must change nothing the second time",
        moves: &[Keep(0, ONE), Merge(ONE, 1), Keep(ONE, OTHER), Merge(OTHER, 1)],
        alike: [ONE, OTHER],
    },
    Law {
        says: "an old state must change nothing: a, merged again into what already took it in",
        moves: &[Keep(0, ONE), Merge(ONE, 1), Keep(ONE, OTHER), Merge(OTHER, 0)],
        alike: [ONE, OTHER],
    },
];

/// Whether merging is commutative, associative and idempotent, over states that `growth` makes in slots 0, 1 and 2: as many scripts for each
/// law as the trial has cases.
pub fn laws<L: Language>(
    trial: &mut Trial<'_, L>,
    replicas: &Replicas<L>,
    growth: impl Strategy<Value = Vec<L::Step>>,
) -> Verdict {
    for law in LAWS {
        let verdict = alike(trial, replicas, &growth, law.moves, &law.alike, law.says);
        if verdict != Verdict::Passed {
            return verdict;
        }
    }
    Verdict::Passed
}

/// Whether replicas that have heard of the same writes look the same, whatever the order and the number of deliveries: over 2, 3, then 6
/// replicas in the slots from 0, which `growth` lets write, and merge as it likes. As many scripts for each as the trial has cases.
pub fn converges<L: Language, S: Strategy<Value = Vec<L::Step>>>(
    trial: &mut Trial<'_, L>,
    replicas: &Replicas<L>,
    growth: impl Fn(Slot) -> S,
) -> Verdict {
    for count in [2, 3, 6] {
        let says = "replicas that have heard of the same writes must look the same";
        let slots: Vec<Slot> = (0..count).collect();
        let verdict = alike(trial, replicas, growth(count), &deliveries(count), &slots, says);
        if verdict != Verdict::Passed {
            return verdict;
        }
    }
    Verdict::Passed
}

/// Every replica's state reaches every other one, in an order of its own.
fn deliveries(count: Slot) -> Vec<Move> {
    let sent = (0..count).map(|from| Keep(from, COPIES + from));
    let received = (0..count).flat_map(|into| {
        let turned = move |at: Slot| {
            let at = if into % 2 == 0 { at } else { count - 1 - at };
            (at + into) % count
        };
        (0..count)
            .map(turned)
            .filter(move |from| *from != into)
            .map(move |from| Merge(into, COPIES + from))
    });
    sent.chain(received).collect()
}

/// Runs scripts of `growth`, each followed by these moves and a look at each of these slots.
fn alike<L: Language>(
    trial: &mut Trial<'_, L>,
    replicas: &Replicas<L>,
    growth: impl Strategy<Value = Vec<L::Step>>,
    moves: &[Move],
    slots: &[Slot],
    says: &str,
) -> Verdict {
    let mut ending: Vec<L::Step> = moves
        .iter()
        .map(|step| match *step {
            Keep(from, to) => (replicas.copy)(from, to),
            Merge(into, from) => (replicas.merge)(into, from),
        })
        .collect();
    let mut looks = Vec::new();
    for slot in slots {
        let start = ending.len();
        ending.extend((replicas.look)(*slot));
        looks.push(start..ending.len());
    }
    trial.forall_then(growth, &ending, |case| look_the_same(case, ending.len(), &looks, says))
}

/// Compares the looks, given as steps of the ending, with the first of them.
fn look_the_same<L: Language>(
    case: &Case<'_, L>,
    ending: usize,
    looks: &[Range<usize>],
    says: &str,
) -> Result<(), Objection> {
    let seen: Vec<&L::Seen> = case.steps().map(|(_, _, seen)| seen).collect();
    // The law is never asked about less than the ending, which is not shrunk away.
    let start = seen.len().saturating_sub(ending);
    for look in looks {
        for (at, first) in look.clone().zip(looks[0].clone()) {
            if seen[start + at] != seen[start + first] {
                return Err(Objection::at(start + at, says));
            }
        }
    }
    Ok(())
}

/// Who has heard of which writes. A write is known by a number, best that of its step.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    heard: BTreeMap<Slot, BTreeSet<usize>>,
    pasts: BTreeMap<usize, BTreeSet<usize>>,
}

impl Knowledge {
    /// A replica writes, knowing all that it has heard of.
    pub fn write(&mut self, replica: Slot, write: usize) {
        let heard = self.heard.entry(replica).or_default();
        self.pasts.insert(write, heard.clone());
        heard.insert(write);
    }

    /// A replica takes in the state of another.
    pub fn merge(&mut self, into: Slot, from: Slot) {
        let news = self.heard_by(from);
        self.heard.entry(into).or_default().extend(news);
    }

    /// A slot becomes a copy of another.
    pub fn copy(&mut self, from: Slot, to: Slot) {
        let heard = self.heard_by(from);
        self.heard.insert(to, heard);
    }

    /// The writes of which a replica has heard.
    pub fn heard_by(&self, replica: Slot) -> BTreeSet<usize> {
        self.heard.get(&replica).cloned().unwrap_or_default()
    }

    /// Whether the author of a write had heard of an earlier one.
    pub fn precedes(&self, earlier: usize, later: usize) -> bool {
        self.pasts.get(&later).is_some_and(|past| past.contains(&earlier))
    }

    /// The writes that no other one of them follows: they are pairwise concurrent.
    pub fn latest(&self, writes: &BTreeSet<usize>) -> BTreeSet<usize> {
        let is_last = |write: &&usize| !writes.iter().any(|other| self.precedes(**write, *other));
        writes.iter().filter(is_last).copied().collect()
    }
}

#[cfg(test)]
mod tests;
