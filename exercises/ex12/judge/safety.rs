//! What no fault may break: agreement, validity and the promises of acceptors, on clusters under random schedules.
//!
//! Each check is one property, and objects at the first event that breaks it.

use std::collections::{BTreeMap, BTreeSet};

use ex12_protocol::{Happening, Number, Place, Reply, Script, Vote, Word};
use judge::{Trial, Verdict};

use crate::cluster::{MANY_SCHEDULES, SCHEDULES, always, follow};
use crate::is_majority;
use crate::learner::News;

/// R9: acceptors never choose two values: none of another value has a majority under any number.
pub fn one_value_is_chosen(trial: &mut Trial<Script>) -> Verdict {
    always(trial, MANY_SCHEDULES, |case| {
        let mut votes = BTreeMap::<(Number, Word), BTreeSet<Place>>::new();
        let mut chosen: Option<(Number, Word)> = None;
        follow(case, |total, happening| {
            let Happening::Voted(acceptor, number, word, Vote::Accepted(_)) = happening else {
                return Ok(());
            };
            let voters = votes.entry((*number, *word)).or_default();
            voters.insert(*acceptor);
            if !is_majority(voters.len(), total) {
                return Ok(());
            }
            let (before, first) = *chosen.get_or_insert((*number, *word));
            match first == *word {
                true => Ok(()),
                false => Err(format!(
                    "{first} was chosen under {before:?}, and now {word} is under {number:?}"
                )),
            }
        })
    })
}

/// R8, R9: a learner knows a value exactly when it has heard that a majority accepted it under one number.
pub fn learners_know_what_was_chosen(trial: &mut Trial<Script>) -> Verdict {
    always(trial, SCHEDULES, |case| {
        let mut news = BTreeMap::<Place, News>::new();
        follow(case, |total, happening| match happening {
            Happening::Told(learner, acceptor, number, word) => {
                news.entry(*learner).or_default().hear(*number, *word, *acceptor);
                Ok(())
            }
            Happening::Learned(learner, known) => {
                let chosen = news.entry(*learner).or_default().chosen(total);
                let right = match known {
                    Some(known) => chosen.contains(known),
                    None => chosen.is_empty(),
                };
                right.then_some(()).ok_or_else(|| {
                    format!("learner {learner} has heard that {chosen:?} is chosen, and knows {known:?}")
                })
            }
            _ => Ok(()),
        })
    })
}

/// R9: no two learners ever know different values, and none changes its mind.
pub fn learners_never_disagree(trial: &mut Trial<Script>) -> Verdict {
    always(trial, MANY_SCHEDULES, |case| {
        let mut known: Option<(Place, Word)> = None;
        let mut knowing = BTreeSet::new();
        follow(case, |_, happening| match happening {
            Happening::Learned(learner, Some(word)) => {
                let (first, before) = *known.get_or_insert((*learner, *word));
                knowing.insert(*learner);
                match before == *word {
                    true => Ok(()),
                    false => Err(format!(
                        "learner {first} knew {before}, and learner {learner} knows {word}"
                    )),
                }
            }
            Happening::Learned(learner, None) if knowing.contains(learner) => {
                Err(format!("learner {learner} has forgotten what was chosen"))
            }
            _ => Ok(()),
        })
    })
}

/// R9: what is offered was somebody's wish, and what is learned was offered.
pub fn only_proposed_values_are_offered(trial: &mut Trial<Script>) -> Verdict {
    always(trial, SCHEDULES, |case| {
        let (mut wishes, mut offers) = (BTreeSet::new(), BTreeSet::new());
        follow(case, |_, happening| match happening {
            Happening::Offered(_, own, offer) => {
                wishes.insert(*own);
                let Some((_, word)) = offer else { return Ok(()) };
                offers.insert(*word);
                let is_wish = wishes.contains(word);
                is_wish.then_some(()).ok_or_else(|| format!("nobody wanted {word}"))
            }
            Happening::Learned(_, Some(word)) if !offers.contains(word) => Err(format!("nobody offered {word}")),
            _ => Ok(()),
        })
    })
}

/// R2, R3, R9: no acceptor takes part in anything below a number that it has promised or accepted.
pub fn acceptors_keep_their_promises(trial: &mut Trial<Script>) -> Verdict {
    always(trial, SCHEDULES, |case| {
        let mut bound = BTreeMap::<Place, Number>::new();
        follow(case, |_, happening| {
            let (acceptor, number, verb) = match happening {
                Happening::Asked(acceptor, asked, Reply::Promise { .. }) => (acceptor, asked, "promises"),
                Happening::Voted(acceptor, number, _, Vote::Accepted(_)) => (acceptor, number, "accepts"),
                _ => return Ok(()),
            };
            let bound = bound.entry(*acceptor).or_insert(*number);
            if *bound > *number {
                return Err(format!("a{acceptor} is bound to {bound:?}, and {verb} {number:?}"));
            }
            *bound = *number;
            Ok(())
        })
    })
}

/// R4, R9: every promise tells of what the acceptor accepted under the highest number.
pub fn promises_tell_the_truth(trial: &mut Trial<Script>) -> Verdict {
    always(trial, SCHEDULES, |case| {
        let mut accepted = BTreeMap::<Place, (Number, Word)>::new();
        follow(case, |_, happening| match happening {
            Happening::Voted(acceptor, number, word, Vote::Accepted(_)) => {
                let last = accepted.entry(*acceptor).or_insert((*number, *word));
                *last = (*last).max((*number, *word));
                Ok(())
            }
            Happening::Asked(acceptor, _, Reply::Promise { accepted: told, .. }) => {
                let truth = accepted.get(acceptor).copied();
                (truth == *told)
                    .then_some(())
                    .ok_or_else(|| format!("a{acceptor} has accepted {truth:?}, and tells of {told:?}"))
            }
            _ => Ok(()),
        })
    })
}
