//! The observed-remove set. Who had heard of which insertions determines every answer, without looking at a tag.

use std::ops::Range;

use ex03_protocol::{Script, Seen, Slot, Step, steps::*};
use judge::replicas::traffic::{MESSAGES, REPLICAS, plays_by_the_rules, some, some_meetings};
use judge::replicas::{self, Presence, Replicas};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{prelude::*, sample::select};

const SET: Replicas<Script> = Replicas {
    copy: set_copy,
    merge: set_merge,
    look: |c| vec![set_values(c)],
};

/// Most often the same value, so that replicas insert and remove it concurrently.
fn value() -> impl Strategy<Value = String> {
    select(vec!["x", "x", "x", "y"]).prop_map(str::to_owned)
}

/// Two replicas hear of each other, and both are asked for the value that most scripts are about.
fn meetings() -> impl Strategy<Value = Vec<Step>> {
    SET.meeting(REPLICAS, |c| set_contains(c, "x".to_owned()))
}

fn inserting(sets: Range<Slot>) -> impl Strategy<Value = Step> {
    (sets, value()).prop_map(|(c, value)| set_insert(c, value))
}

fn removing(sets: Range<Slot>) -> impl Strategy<Value = Step> {
    (sets, value()).prop_map(|(c, value)| set_remove(c, value))
}

fn writing(sets: Range<Slot>) -> impl Strategy<Value = Step> {
    prop_oneof![3 => inserting(sets.clone()), 2 => removing(sets)]
}

/// A replica hears of the two others, one after the other, and is asked.
fn news_from_two() -> impl Strategy<Value = Vec<Step>> {
    (REPLICAS, 1..3_u8).prop_map(|(c, further)| {
        let [first, second] = [further, 3 - further].map(|further| (c + further) % REPLICAS.end);
        vec![
            set_merge(c, first),
            set_merge(c, second),
            set_contains(c, "x".to_owned()),
        ]
    })
}

/// Any set, messages included.
fn looked_at() -> impl Strategy<Value = Slot> {
    prop_oneof![4 => REPLICAS, 1 => MESSAGES]
}

/// R7: a value that was inserted, and not removed since, is there; no other one is.
pub fn a_set_contains_what_was_inserted(trial: &mut Trial<Script>) -> Verdict {
    let question = (0..2_u8, value()).prop_map(|(c, value)| set_contains(c, value));
    trial
        .cases(128)
        .forall(some(prop_oneof![writing(0..2), question]), same)
}

/// R7: `remove` is true exactly when the value was there.
pub fn remove_tells_whether_there_was_something(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(128).forall(some(writing(0..2)), same)
}

/// R7: `values`, `len` and `is_empty` count each value once, however often it was inserted.
pub fn a_set_lists_each_value_once(trial: &mut Trial<Script>) -> Verdict {
    let question = prop_oneof![
        (0..2_u8).prop_map(set_values),
        (0..2_u8).prop_map(set_len),
        (0..2_u8).prop_map(set_is_empty),
    ];
    trial
        .cases(128)
        .forall(some(prop_oneof![writing(0..2), question]), same)
}

/// R8: a removal removes the insertions that its replica had heard of, everywhere, and no others: of a concurrent
/// insertion and removal the insertion wins.
pub fn insertions_survive_removals_that_did_not_see_them(trial: &mut Trial<Script>) -> Verdict {
    let step = prop_oneof![
        3 => writing(REPLICAS),
        2 => SET.merging(REPLICAS),
        1 => (REPLICAS, value()).prop_map(|(c, value)| set_contains(c, value)),
    ];
    trial
        .cases(512)
        .forall(some_meetings(step, meetings()), observed_remove)
}

/// R8: what was removed stays removed when an old state arrives once more, also at a replica that learnt of the removal
/// from somebody else.
pub fn old_states_bring_nothing_back(trial: &mut Trial<Script>) -> Verdict {
    let step = prop_oneof![
        4 => SET.among(REPLICAS, writing(REPLICAS)),
        1 => SET.messages(REPLICAS),
        1 => (looked_at(), value()).prop_map(|(c, value)| set_contains(c, value)),
    ];
    trial.cases(512).forall(
        some_meetings(step, prop_oneof![meetings(), news_from_two()]),
        observed_remove,
    )
}

/// R8: after merges too, `values`, `len` and `is_empty` are those of the values that are there.
pub fn values_agree_after_merges(trial: &mut Trial<Script>) -> Verdict {
    let question = (looked_at(), 0..3_u8).prop_map(|(c, question)| match question {
        0 => set_values(c),
        1 => set_len(c),
        _ => set_is_empty(c),
    });
    let step = prop_oneof![3 => SET.among(REPLICAS, writing(REPLICAS)), 2 => question];
    trial.cases(512).forall(some(step), observed_remove)
}

/// Replays the script on insertions and removals, and compares the answers with what they leave.
fn observed_remove(case: &Case<'_, Script>) -> Result<(), Objection> {
    let written = |step: &Step| match step {
        Step::set_insert { c, .. } | Step::set_remove { c, .. } => Some((*c, false)),
        Step::set_copy { copy, .. } => Some((*copy, true)),
        _ => None,
    };
    if !plays_by_the_rules(written, case.steps().map(|(_, step, _)| step)) {
        return Ok(());
    }
    let mut sets = Presence::default();
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::set_insert { c, value }, _) => sets.insert(at, *c, value),
            (Step::set_remove { c, value }, Seen::set_remove(_)) => sets.remove(at, *c, value),
            (Step::set_merge { c, other }, _) => sets.merge(*c, *other),
            (Step::set_copy { c, copy }, _) => sets.copy(*c, *copy),
            (Step::set_contains { c, value }, Seen::set_contains(answer)) => sets.contains(at, *c, value, *answer)?,
            (Step::set_values { c }, Seen::set_values(values)) => {
                sets.all(at, *c, |there| values.iter().eq(there.iter()))?;
            }
            (Step::set_len { c }, Seen::set_len(len)) => sets.all(at, *c, |there| *len == there.len() as u64)?,
            (Step::set_is_empty { c }, Seen::set_is_empty(is_empty)) => {
                sets.all(at, *c, |there| *is_empty == there.is_empty())?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// R11: the merge of two `ORSet` is commutative, associative and idempotent.
pub fn set_merge_obeys_the_laws(trial: &mut Trial<Script>) -> Verdict {
    replicas::laws(trial.cases(96), &SET, some(SET.among(REPLICAS, writing(REPLICAS))))
}

/// R11: `ORSet` replicas that have heard of each other's changes have the same values.
pub fn sets_converge(trial: &mut Trial<Script>) -> Verdict {
    replicas::converges(trial.cases(96), &SET, |count| {
        some(SET.among(0..count, writing(0..count)))
    })
}
