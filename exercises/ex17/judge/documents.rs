//! Documents. What one of them holds the contract determines; of concurrent writes any may win, the same one everywhere.

use std::ops::Range;

use ex17_protocol::{Datum, Script, Seen, Slot, Step, steps::*};
use judge::replicas::traffic::{MESSAGES, REPLICAS, plays_by_the_rules, some, some_meetings};
use judge::replicas::{self, Replicas, Writes};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::btree_map, collection::vec, prelude::*, sample::select};

const KEYS: [&str; 2] = ["x", "y"];
const DOCUMENT: Replicas<Script> = Replicas {
    copy: document_copy,
    merge: document_merge,
    look: |c| KEYS.map(|key| document_get(c, key.to_owned())).to_vec(),
};

fn key() -> impl Strategy<Value = String> {
    select(KEYS.to_vec()).prop_map(str::to_owned)
}

fn commits() -> impl Strategy<Value = Step> {
    (0..3_u8, key(), -9..10_i64).prop_map(|(c, key, value)| commit_put(c, key, value))
}

/// R16: `put` succeeds, and `get` gives what was put last, with and without a named actor.
pub fn an_auto_commit_has_the_last_value(trial: &mut Trial<Script>) -> Verdict {
    let question = (0..3_u8, key()).prop_map(|(c, key)| commit_get(c, key));
    trial.cases(96).forall(some(prop_oneof![commits(), question]), same)
}

/// R16: `keys` gives the keys that were put, each once.
pub fn an_auto_commit_lists_its_keys(trial: &mut Trial<Script>) -> Verdict {
    let question = (0..3_u8).prop_map(commit_keys);
    trial.cases(64).forall(some(prop_oneof![commits(), question]), same)
}

/// A value that holds no other.
fn leaf() -> BoxedStrategy<Datum> {
    prop_oneof![
        Just(Datum::Null),
        any::<bool>().prop_map(Datum::Bool),
        any::<i64>().prop_map(Datum::Int),
        any::<i32>().prop_map(|number| Datum::Float(f64::from(number) / 8.0)),
        select(vec!["", "x", "é\n\""]).prop_map(|text| Datum::Text(text.to_owned())),
    ]
    .boxed()
}

fn list(values: BoxedStrategy<Datum>) -> impl Strategy<Value = Datum> {
    vec(values, 0..3).prop_map(Datum::List)
}

fn map(values: BoxedStrategy<Datum>) -> impl Strategy<Value = Datum> {
    btree_map(key(), values, 0..3).prop_map(Datum::Map)
}

fn datum() -> impl Strategy<Value = Datum> {
    leaf().prop_recursive(3, 12, 3, |inner| prop_oneof![list(inner.clone()), map(inner)])
}

/// R16, R17: every kind of value comes out as it was put in, and after a merge too.
pub fn documents_hold_every_kind_of_value(trial: &mut Trial<Script>) -> Verdict {
    let script = (0..2_u8, key(), datum(), any::<bool>()).prop_map(|(c, key, value, is_sent)| {
        let step = if is_sent {
            document_send(key, value)
        } else {
            commit_hold(c, key, value)
        };
        vec![step]
    });
    trial.cases(128).forall(script, same)
}

fn writing(documents: Range<Slot>) -> impl Strategy<Value = Step> {
    (documents, key()).prop_map(|(c, key)| document_put(c, key, 0))
}

fn reading(documents: impl Strategy<Value = Slot>) -> impl Strategy<Value = Step> {
    (documents, key()).prop_map(|(c, key)| document_get(c, key))
}

/// Gives each write a value of its own. Every other time the later ones are smaller: size says nothing about age.
fn numbered(script: impl Strategy<Value = Vec<Step>>) -> impl Strategy<Value = Vec<Step>> {
    (script, any::<bool>()).prop_map(|(mut script, is_rising)| {
        for (step, number) in script.iter_mut().zip(1..) {
            if let Step::document_put { value, .. } = step {
                *value = if is_rising { number } else { 1000 - number };
            }
        }
        script
    })
}

fn growth(documents: Range<Slot>) -> impl Strategy<Value = Vec<Step>> {
    numbered(some(DOCUMENT.among(documents.clone(), writing(documents))))
}

/// R17: a key has the value that was put last; others have none.
pub fn a_document_has_the_last_value(trial: &mut Trial<Script>) -> Verdict {
    let script = numbered(some(prop_oneof![writing(0..2), reading(0..2_u8)]));
    trial.cases(96).forall(script, same)
}

/// R17: for each key some order of its writes, the same for all replicas, explains every value that is read: a write comes
/// after those that its document had heard of.
pub fn one_order_of_writes_explains_every_document(trial: &mut Trial<Script>) -> Verdict {
    let step = prop_oneof![
        3 => DOCUMENT.among(REPLICAS, writing(REPLICAS)),
        1 => reading(prop_oneof![3 => REPLICAS, 1 => MESSAGES]),
    ];
    let look = |c| document_get(c, KEYS[0].to_owned());
    let script = numbered(some_meetings(step, DOCUMENT.meeting(REPLICAS, look)));
    trial.cases(256).forall(script, explained_by_one_order)
}

fn explained_by_one_order(case: &Case<'_, Script>) -> Result<(), Objection> {
    let written = |step: &Step| match step {
        Step::document_put { c, .. } => Some((*c, false)),
        Step::document_copy { copy, .. } => Some((*copy, true)),
        _ => None,
    };
    if !plays_by_the_rules(written, case.steps().map(|(_, step, _)| step)) {
        return Ok(());
    }
    let mut writes = Writes::default();
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::document_put { c, key, value }, _) => {
                let can_be_told_apart = writes.value(at, *c, key, *value);
                if !can_be_told_apart {
                    return Ok(());
                }
            }
            (Step::document_merge { c, other }, _) => writes.merge(*c, *other),
            (Step::document_copy { c, copy }, _) => writes.copy(*c, *copy),
            (Step::document_get { c, key }, Seen::document_get(shown)) => writes.read(at, *c, key, *shown)?,
            _ => {}
        }
    }
    Ok(())
}

/// R17: of two concurrent writes one wins on both sides, whatever is written.
pub fn concurrent_values_of_every_kind_have_one_winner(trial: &mut Trial<Script>) -> Verdict {
    // Two lists or two maps are seldom drawn by chance.
    let script = prop_oneof![
        4 => (datum(), datum()),
        2 => (leaf(), leaf()),
        1 => (list(leaf()), list(leaf())),
        1 => (map(leaf()), map(leaf())),
    ];
    let script = script.prop_map(|(one, other)| vec![document_meet(one, other)]);
    trial.cases(256).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            let (Step::document_meet { one, other }, Seen::document_meet((mine, theirs))) = (step, seen) else {
                continue;
            };
            if mine != theirs {
                return Err(Objection::at(
                    at,
                    "both have heard of both writes, and read different values",
                ));
            }
            if mine.as_ref().is_none_or(|value| value != one && value != other) {
                return Err(Objection::at(at, "this is neither of the two values that were written"));
            }
        }
        Ok(())
    })
}

/// R17: writes that follow each other faster than a clock ticks stay in order, of two documents in turn.
pub fn writes_in_turn_stay_in_order(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..400_u16).prop_map(|rounds| vec![document_relay(rounds)]);
    trial.cases(24).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            if let (Step::document_relay { rounds }, Seen::document_relay(seen)) = (step, seen)
                && seen < rounds
            {
                let missed = rounds.saturating_sub(*seen);
                let text = format!(
                    "in {missed} of {rounds} rounds the document that merged did not get what was written last"
                );
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}

/// R18: the merge of two `Automerge` is commutative, associative and idempotent.
pub fn document_merge_obeys_the_laws(trial: &mut Trial<Script>) -> Verdict {
    replicas::laws(trial.cases(32), &DOCUMENT, growth(REPLICAS))
}

/// R18: `Automerge` replicas that have heard of each other's writes have the same values.
pub fn documents_converge(trial: &mut Trial<Script>) -> Verdict {
    replicas::converges(trial.cases(32), &DOCUMENT, |count| growth(0..count))
}
