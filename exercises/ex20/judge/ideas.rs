//! Texts and enumerations.

use ex20_protocol::{Failure, Script, Seen, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};
use std::collections::BTreeSet;

/// There are so many texts, each says something, and no two say the same.
fn texts_differ(case: &Case<'_, Script>) -> Result<(), Objection> {
    for (at, _, seen) in case.steps() {
        let (Seen::fallacies(texts) | Seen::reasons(texts)) = seen else {
            continue;
        };
        let (least, what) = match seen {
            Seen::fallacies(_) => (3, "a sentence of three words or more"),
            _ => (1, "a text"),
        };
        if let Some(short) = texts.iter().find(|text| text.split_whitespace().count() < least) {
            return Err(Objection::at(at, format!("expected {what} for each, got {short:?}")));
        }
        let different: BTreeSet<&str> = texts.iter().map(|text| text.trim()).collect();
        if different.len() < texts.len() {
            return Err(Objection::at(
                at,
                "expected each to have a text of its own, but two have the same",
            ));
        }
    }
    Ok(())
}

/// R2: each of the eight fallacies has a sentence of its own.
pub fn the_eight_fallacies_differ(trial: &mut Trial<Script>) -> Verdict {
    trial.once(vec![fallacies()], texts_differ)
}

/// R1: each of the five reasons to distribute has a text of its own.
pub fn the_five_reasons_differ(trial: &mut Trial<Script>) -> Verdict {
    trial.once(vec![reasons()], texts_differ)
}

/// R1: there are seven challenges, and a clone is the same one.
pub fn the_seven_challenges_differ(trial: &mut Trial<Script>) -> Verdict {
    trial.once(vec![challenges()], same)
}

pub fn any_failure() -> impl Strategy<Value = Failure> {
    prop_oneof![
        vec(0..6_u8, 0..4).prop_map(Failure::Partial),
        (0..6_u8, 0..4_u8).prop_map(|(node, behavior)| Failure::Byzantine(node, behavior)),
        (0..6_u8).prop_map(Failure::FailStop),
    ]
}

/// R3: a failure mode and its clone hold the nodes and the behaviour that it was made of.
pub fn failure_modes_keep_what_they_say(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(32).forall(vec(any_failure().prop_map(failure), 1..6), same)
}

/// R1, R3: a state equals itself only, and the four network errors are four.
pub fn states_and_errors_are_told_apart(trial: &mut Trial<Script>) -> Verdict {
    trial.once(vec![states(), errors()], same)
}
