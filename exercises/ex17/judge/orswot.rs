//! The observed-remove set. Who had heard of which additions determines every answer, without looking at a dot.

use std::ops::Range;

use ex17_protocol::{Script, Seen, Slot, Step, steps::*};
use judge::replicas::traffic::{MESSAGES, REPLICAS, pairs, plays_by_the_rules, some, some_meetings};
use judge::replicas::{self, Presence, Replicas};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{prelude::*, sample::select};

const ORSWOT: Replicas<Script> = Replicas {
    copy: orswot_copy,
    merge: orswot_merge,
    look: |c| vec![orswot_values(c)],
};

/// Most often the same value, so that replicas add and remove it concurrently.
fn value() -> impl Strategy<Value = String> {
    select(vec!["x", "x", "x", "y"]).prop_map(str::to_owned)
}

fn asking(c: Slot) -> Step {
    orswot_contains(c, "x".to_owned())
}

fn writing(sets: Range<Slot>) -> impl Strategy<Value = Step> {
    let adding = (sets.clone(), value(), 0..2_u8).prop_map(|(c, value, name)| orswot_add(c, value, name));
    let removing = (sets, value()).prop_map(|(c, value)| orswot_remove(c, value));
    prop_oneof![3 => adding, 2 => removing]
}

/// A replica hears of the two others, one after the other, and is asked.
fn news_from_two() -> impl Strategy<Value = Vec<Step>> {
    pairs(REPLICAS).prop_map(|(c, first)| {
        let second = REPLICAS.sum::<Slot>() - c - first;
        vec![orswot_merge(c, first), orswot_merge(c, second), asking(c)]
    })
}

/// Any set, messages included.
fn looked_at() -> impl Strategy<Value = Slot> {
    prop_oneof![4 => REPLICAS, 1 => MESSAGES]
}

/// R6: a value that was added, and not removed since, is there; no other one is.
pub fn an_orswot_contains_what_was_added_and_not_removed(trial: &mut Trial<Script>) -> Verdict {
    let question = (0..2_u8, value()).prop_map(|(c, value)| orswot_contains(c, value));
    trial
        .cases(128)
        .forall(some(prop_oneof![writing(0..2), question]), same)
}

/// R6: `iter` gives each value once, however often it was added.
pub fn an_orswot_lists_each_value_once(trial: &mut Trial<Script>) -> Verdict {
    let question = (0..2_u8).prop_map(orswot_values);
    trial.cases(96).forall(some(prop_oneof![writing(0..2), question]), same)
}

/// R7: a removal removes the additions that its replica had heard of, everywhere, and no others: of a concurrent addition and
/// removal the addition wins.
pub fn additions_survive_removals_that_did_not_see_them(trial: &mut Trial<Script>) -> Verdict {
    let step = prop_oneof![3 => writing(REPLICAS), 2 => ORSWOT.merging(REPLICAS), 1 => REPLICAS.prop_map(asking)];
    let script = some_meetings(step, ORSWOT.meeting(REPLICAS, asking));
    trial.cases(256).forall(script, observed_remove)
}

/// R7: what was removed stays removed when an old state arrives once more, also at a replica that learnt of the removal from
/// somebody else.
pub fn old_states_bring_nothing_back(trial: &mut Trial<Script>) -> Verdict {
    let step = prop_oneof![
        4 => ORSWOT.among(REPLICAS, writing(REPLICAS)),
        1 => ORSWOT.messages(REPLICAS),
        1 => looked_at().prop_map(asking),
    ];
    let meetings = prop_oneof![ORSWOT.meeting(REPLICAS, asking), news_from_two()];
    trial.cases(384).forall(some_meetings(step, meetings), observed_remove)
}

/// R7: after merges too, `iter` gives the values that are there.
pub fn values_agree_after_merges(trial: &mut Trial<Script>) -> Verdict {
    let step = prop_oneof![4 => ORSWOT.among(REPLICAS, writing(REPLICAS)), 1 => looked_at().prop_map(orswot_values)];
    let script = some_meetings(step, ORSWOT.meeting(REPLICAS, orswot_values));
    trial.cases(256).forall(script, observed_remove)
}

/// Replays the script on additions and removals, and compares the answers with what they leave.
fn observed_remove(case: &Case<'_, Script>) -> Result<(), Objection> {
    let written = |step: &Step| match step {
        Step::orswot_add { c, .. } | Step::orswot_remove { c, .. } => Some((*c, false)),
        Step::orswot_copy { copy, .. } => Some((*copy, true)),
        _ => None,
    };
    if !plays_by_the_rules(written, case.steps().map(|(_, step, _)| step)) {
        return Ok(());
    }
    let mut sets = Presence::default();
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::orswot_add { c, value, .. }, _) => sets.insert(at, *c, value),
            (Step::orswot_remove { c, value }, _) => sets.remove(at, *c, value),
            (Step::orswot_merge { c, other }, _) => sets.merge(*c, *other),
            (Step::orswot_copy { c, copy }, _) => sets.copy(*c, *copy),
            (Step::orswot_contains { c, value }, Seen::orswot_contains(answer)) => {
                sets.contains(at, *c, value, *answer)?;
            }
            (Step::orswot_values { c }, Seen::orswot_values(values)) => {
                sets.all(at, *c, |there| values.iter().eq(there.iter()))?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// R18: the merge of two `Orswot` is commutative, associative and idempotent.
pub fn orswot_merge_obeys_the_laws(trial: &mut Trial<Script>) -> Verdict {
    replicas::laws(
        trial.cases(40),
        &ORSWOT,
        some(ORSWOT.among(REPLICAS, writing(REPLICAS))),
    )
}

/// R18: `Orswot` replicas that have heard of each other's changes have the same values.
pub fn orswots_converge(trial: &mut Trial<Script>) -> Verdict {
    replicas::converges(trial.cases(40), &ORSWOT, |count| {
        some(ORSWOT.among(0..count, writing(0..count)))
    })
}
