//! A learner on its own: what it knows from what it heard.

use std::collections::{BTreeMap, BTreeSet};

use ex12_protocol::{Number, Script, Seen, Slot, Step, Word, steps::*, word_of};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*};

use crate::{is_majority, number, slot};

/// R8: a value is learned when more than half of the acceptors have accepted it, and no sooner.
pub fn a_majority_of_acceptors_is_needed(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), number(), 1..=7_u8).prop_flat_map(|(l, number, total)| {
        let acceptors = Just((0..total).collect::<Vec<u8>>()).prop_shuffle();
        acceptors.prop_map(move |acceptors| {
            let heard = |from| [learn(l, number, word_of(number), from), learned(l, total)];
            [vec![learned(l, total)], acceptors.into_iter().flat_map(heard).collect()].concat()
        })
    });
    trial.cases(96).forall(script, knows)
}

/// R8: an acceptor that is heard of again counts once.
pub fn a_repeated_message_counts_once(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), number(), 2..=5_u8).prop_flat_map(|(l, number, total)| {
        let heard = (0..total).prop_map(move |from| [learn(l, number, word_of(number), from), learned(l, total)]);
        vec(heard, 1..8).prop_map(|heard| heard.concat())
    });
    trial.forall(script, knows)
}

/// R8: acceptances under different numbers do not add up, also if they are of the same value.
pub fn numbers_are_counted_apart(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), 3..=5_u8).prop_flat_map(|(l, total)| {
        let heard = (0..total, number()).prop_map(move |(from, number)| [learn(l, number, 7, from), learned(l, total)]);
        vec(heard, 1..10).prop_map(|heard| heard.concat())
    });
    trial.forall(script, knows)
}

/// R8: the order of the messages does not matter: an acceptance counts, whatever its acceptor has accepted since.
pub fn what_was_accepted_before_counts(trial: &mut Trial<Script>) -> Verdict {
    // Low numbers have values of their own; the highest has been chosen by all.
    let script = (slot(), 3..=5_u8, vec((0..5_u8, 0..3_u64), 1..6)).prop_flat_map(|(l, total, older)| {
        let last = Number { round: 3, proposer: 1 };
        let older = older.into_iter().map(move |(from, proposer)| {
            let number = Number { round: 1, proposer };
            learn(l, number, word_of(number), from % total)
        });
        let newer = (0..total).map(move |from| learn(l, last, word_of(last), from));
        let all: Vec<Step> = older.chain(newer).collect();
        Just(all).prop_shuffle().prop_map(move |all| {
            all.into_iter()
                .flat_map(|step| [step, learned(l, total)])
                .collect::<Vec<_>>()
        })
    });
    trial.forall(script, knows)
}

/// What a learner heard: by number, the value and who accepted it.
#[derive(Default)]
pub struct News(BTreeMap<Number, (Word, BTreeSet<u8>)>);

impl News {
    /// Hears of an acceptance; whether it can be true.
    pub fn hear(&mut self, number: Number, word: Word, from: u8) -> bool {
        let (known, acceptors) = self.0.entry(number).or_insert((word, BTreeSet::new()));
        acceptors.insert(from);
        *known == word
    }

    /// The values that a majority accepted under one number. A correct run has one at most.
    pub fn chosen(&self, total: usize) -> BTreeSet<Word> {
        let chosen = self.0.values().filter(|(_, by)| is_majority(by.len(), total));
        chosen.map(|(word, _)| *word).collect()
    }
}

/// Each learner knows what it heard, no more and no less. A script that no run of Paxos could bring about proves nothing.
fn knows(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut news = BTreeMap::<Slot, News>::new();
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::learn { l, number, word, from }, _) => {
                let is_possible = news.entry(*l).or_default().hear(*number, *word, *from);
                if !is_possible {
                    return Ok(());
                }
            }
            (Step::learned { l, total }, Seen::learned(known)) => {
                let chosen = news.entry(*l).or_default().chosen(usize::from(*total));
                if chosen.len() > 1 {
                    return Ok(());
                }
                let right = chosen.first().copied();
                if *known != right {
                    let text = format!("by what it heard, it knows {right:?}; it says {known:?}");
                    return Err(Objection::at(at, text));
                }
            }
            _ => {}
        }
    }
    Ok(())
}
