//! What faults may only delay: a majority with a single proposer decides.

use std::collections::BTreeMap;

use ex12_protocol::{Happening, Place, Reach, Script, Step, Vote, Word, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::prelude::*;

use crate::cluster::{DEFAULT, events, schedule, size};
use crate::is_majority;
use crate::learner::News;

/// R10: after any schedule, a proposer that is alone with a majority has a value chosen and learned in two attempts.
pub fn a_majority_decides_in_a_cluster(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(128)
        .forall_then(schedule(Just(3)), &[settle(0, 0b110)], settled)
}

/// R9, R10: three of five decide too, and what was chosen before is what they decide.
pub fn a_decision_is_found_again(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(192)
        .forall_then(schedule(Just(5)), &[settle(1, 0b1_0110)], settled)
}

/// After the last step all learners know the same, which is what was chosen before, if anything was.
fn settled(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut votes = News::default();
    let mut total = DEFAULT;
    for (at, step, seen) in case.steps() {
        match step {
            Step::cluster { acceptors } => total = size(*acceptors),
            // A script that was cut down may be about a larger cluster, of which the set is no majority.
            Step::settle { reach, .. } if !is_majority(within(*reach, total), total) => return Ok(()),
            Step::settle { .. } => {
                let before = votes.chosen(total).first().copied();
                return outcome(events(seen), before).map_err(|text| Objection::at(at, text));
            }
            _ => {}
        }
        for happening in events(seen) {
            if let Happening::Voted(acceptor, number, word, Vote::Accepted(_)) = happening {
                votes.hear(*number, *word, *acceptor);
            }
        }
    }
    Ok(())
}

/// How many of a cluster's acceptors are in a set.
fn within(reach: Reach, total: usize) -> usize {
    (0..total).filter(|a| reach >> a & 1 == 1).count()
}

fn outcome(happened: &[Happening], before: Option<Word>) -> Result<(), String> {
    let mut known = BTreeMap::<Place, Option<Word>>::new();
    for happening in happened {
        if let Happening::Learned(learner, word) = happening {
            known.insert(*learner, *word);
        }
    }
    for (learner, word) in &known {
        match (word, before) {
            (None, _) => return Err(format!("learner {learner} knows nothing in the end")),
            (Some(word), Some(before)) if *word != before => {
                return Err(format!(
                    "{before} was chosen before, and learner {learner} knows {word}"
                ));
            }
            _ => {}
        }
    }
    Ok(())
}
