//! What proposers may offer, on clusters under random schedules: the half of Paxos that makes a choice last.

use std::collections::BTreeMap;

use ex12_protocol::{Happening, Number, Place, Reply, Script, Word};
use judge::{Trial, Verdict};

use crate::cluster::{MANY_SCHEDULES, SCHEDULES, always, follow};
use crate::is_majority;

/// R1, R9: no two proposals have the same number, those of a proposer grow, and each exceeds all refusals it has heard.
pub fn numbers_are_unique_and_grow(trial: &mut Trial<Script>) -> Verdict {
    always(trial, SCHEDULES, |case| {
        let mut owners = BTreeMap::<Number, Place>::new();
        let mut limits = BTreeMap::<Place, Number>::new();
        follow(case, |_, happening| match happening {
            Happening::Began(proposer, None) => Err(format!("p{proposer} does not return a Prepare message")),
            Happening::Began(proposer, Some(number)) => {
                if let Some(owner) = owners.insert(*number, *proposer) {
                    return Err(format!("p{owner} and p{proposer} both use {number:?}"));
                }
                match limits.insert(*proposer, *number) {
                    Some(limit) if limit >= *number => {
                        Err(format!("p{proposer} goes on with {number:?} after {limit:?}"))
                    }
                    _ => Ok(()),
                }
            }
            Happening::Heard(proposer, _, Reply::Nack { seen, .. }) => {
                let limit = limits.entry(*proposer).or_insert(*seen);
                *limit = (*limit).max(*seen);
                Ok(())
            }
            _ => Ok(()),
        })
    })
}

/// What a proposer has heard of its current proposal.
#[derive(Default)]
struct Heard {
    current: Option<Number>,
    promises: BTreeMap<Place, Option<(Number, Word)>>,
    /// What it offered first.
    offered: Option<Word>,
}

/// What all proposers have heard.
#[derive(Default)]
struct Ears(BTreeMap<Place, Heard>);

impl Ears {
    /// Takes note of what happened; if that is an offer, what the proposer has heard, and the offer.
    fn note<'a>(&'a mut self, happening: &Happening) -> Option<(&'a mut Heard, Number, Word, Word)> {
        match happening {
            Happening::Began(proposer, current) => {
                let current = *current;
                self.0.insert(
                    *proposer,
                    Heard {
                        current,
                        ..Heard::default()
                    },
                );
                None
            }
            Happening::Heard(proposer, acceptor, Reply::Promise { number, accepted }) => {
                let heard = self.0.entry(*proposer).or_default();
                if heard.current == Some(*number) {
                    heard.promises.insert(*acceptor, *accepted);
                }
                None
            }
            Happening::Offered(proposer, own, Some((number, word))) => {
                Some((self.0.entry(*proposer).or_default(), *number, *word, *own))
            }
            _ => None,
        }
    }
}

/// R5, R7, R9: an offer is under the current number, which a majority has promised to the proposer.
pub fn offers_need_a_majority(trial: &mut Trial<Script>) -> Verdict {
    always(trial, MANY_SCHEDULES, |case| {
        let mut ears = Ears::default();
        follow(case, |total, happening| {
            let Some((heard, number, word, _)) = ears.note(happening) else {
                return Ok(());
            };
            if heard.current != Some(number) {
                return Err(format!(
                    "{word} is offered under {number:?}, not under {:?}",
                    heard.current
                ));
            }
            let count = heard.promises.len();
            is_majority(count, total)
                .then_some(())
                .ok_or_else(|| format!("{word} is offered on {count} promises of {total} acceptors"))
        })
    })
}

/// R7, R9: the first offer under a number is the value of the highest number that its promises told of, and the proposer's
/// own only if they told of none.
pub fn offers_repeat_the_highest_value(trial: &mut Trial<Script>) -> Verdict {
    always(trial, MANY_SCHEDULES, |case| {
        let mut ears = Ears::default();
        follow(case, |_, happening| {
            let Some((heard, number, word, own)) = ears.note(happening) else {
                return Ok(());
            };
            if heard.offered.replace(word).is_some() {
                return Ok(());
            }
            let told = heard.promises.values().flatten().max();
            let right = told.map_or(own, |(_, word)| *word);
            (word == right)
                .then_some(())
                .ok_or_else(|| format!("told of {told:?}, {right} has to be offered under {number:?}, not {word}"))
        })
    })
}

/// R7, R9: no number ever goes with two values.
pub fn a_number_has_one_value(trial: &mut Trial<Script>) -> Verdict {
    always(trial, SCHEDULES, |case| {
        let mut values = BTreeMap::<Number, Word>::new();
        follow(case, |_, happening| {
            let Happening::Offered(_, _, Some((number, word))) = happening else {
                return Ok(());
            };
            let first = *values.entry(*number).or_insert(*word);
            (first == *word)
                .then_some(())
                .ok_or_else(|| format!("{first} was offered under {number:?}, and now {word} is"))
        })
    })
}
