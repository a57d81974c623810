//! The map: for each key the last write wins, be it an insertion or a removal.

use std::collections::BTreeMap;
use std::ops::Range;

use ex03_protocol::{Script, Seen, Slot, Step, steps::*};
use judge::replicas::traffic::{MESSAGES, REPLICAS, plays_by_the_rules, some, some_meetings};
use judge::replicas::{self, Replicas, Writes};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{prelude::*, sample::select};

const KEYS: [&str; 2] = ["x", "y"];
const MAP: Replicas<Script> = Replicas {
    copy: map_copy,
    merge: map_merge,
    look: |c| KEYS.map(|key| map_get(c, key.to_owned())).to_vec(),
};

fn key() -> impl Strategy<Value = String> {
    select(KEYS.to_vec()).prop_map(str::to_owned)
}

fn writing(maps: Range<Slot>) -> impl Strategy<Value = Step> {
    (maps, key(), 0..5_u8).prop_map(|(c, key, kind)| match kind {
        0..3 => map_insert(c, key, 0),
        _ => map_remove(c, key),
    })
}

/// Gives each insertion a value of its own.
fn numbered(mut script: Vec<Step>) -> Vec<Step> {
    for (step, number) in script.iter_mut().zip(1..) {
        if let Step::map_insert { value, .. } = step {
            *value = number;
        }
    }
    script
}

fn growth(maps: Range<Slot>) -> impl Strategy<Value = Vec<Step>> {
    some(MAP.among(maps.clone(), writing(maps))).prop_map(numbered)
}

fn reading(maps: impl Strategy<Value = Slot>) -> impl Strategy<Value = Step> {
    (maps, key()).prop_map(|(c, key)| map_get(c, key))
}

/// R9: a key has the value that was last inserted, unless it was removed since; inserting brings it back.
pub fn the_last_write_of_a_key_is_read(trial: &mut Trial<Script>) -> Verdict {
    let script = some(prop_oneof![writing(0..2), reading(0..2_u8)]);
    trial.cases(128).forall(script.prop_map(numbered), same)
}

/// R9: `keys` and `contains_key` know the keys that have a value, each once, and no removed ones.
pub fn keys_are_those_with_a_value(trial: &mut Trial<Script>) -> Verdict {
    let question = prop_oneof![
        (0..2_u8).prop_map(map_keys),
        (0..2_u8, key()).prop_map(|(c, key)| map_contains_key(c, key)),
    ];
    trial
        .cases(128)
        .forall(some(prop_oneof![writing(0..2), question]), same)
}

/// R10: for each key some order of its writes, the same for all replicas, explains every value that is read: removals are
/// writes too, and a write comes after those that its map had heard of.
pub fn one_order_of_writes_explains_every_key(trial: &mut Trial<Script>) -> Verdict {
    let step = prop_oneof![
        3 => MAP.among(REPLICAS, writing(REPLICAS)),
        1 => reading(prop_oneof![3 => REPLICAS, 1 => MESSAGES]),
    ];
    let look = |c| map_get(c, KEYS[0].to_owned());
    let script = some_meetings(step, MAP.meeting(REPLICAS, look));
    trial
        .cases(512)
        .forall(script.prop_map(numbered), explained_by_one_order)
}

fn explained_by_one_order(case: &Case<'_, Script>) -> Result<(), Objection> {
    let written = |step: &Step| match step {
        Step::map_insert { c, .. } | Step::map_remove { c, .. } => Some((*c, false)),
        Step::map_copy { copy, .. } => Some((*copy, true)),
        _ => None,
    };
    if !plays_by_the_rules(written, case.steps().map(|(_, step, _)| step)) {
        return Ok(());
    }
    let mut writes = Writes::default();
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::map_insert { c, key, value }, _) => {
                let can_be_told_apart = writes.value(at, *c, key, *value);
                if !can_be_told_apart {
                    return Ok(());
                }
            }
            (Step::map_remove { c, key }, _) => writes.removal(at, *c, key),
            (Step::map_merge { c, other }, _) => writes.merge(*c, *other),
            (Step::map_copy { c, copy }, _) => writes.copy(*c, *copy),
            (Step::map_get { c, key }, Seen::map_get(shown)) => writes.read(at, *c, key, *shown)?,
            _ => {}
        }
    }
    Ok(())
}

/// R10: after merges too, `keys` and `contains_key` know exactly the keys for which `get` has a value.
pub fn keys_agree_with_values_after_merges(trial: &mut Trial<Script>) -> Verdict {
    let looks = |c| {
        let at_key = |key: &str| [map_get(c, key.to_owned()), map_contains_key(c, key.to_owned())];
        [KEYS.map(at_key).concat(), vec![map_keys(c)]].concat()
    };
    let ending: Vec<Step> = REPLICAS.chain(MESSAGES).flat_map(looks).collect();
    trial.cases(128).forall_then(growth(REPLICAS), &ending, |case| {
        let mut has_value = BTreeMap::new();
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::map_get { c, key }, Seen::map_get(value)) => {
                    has_value.insert((*c, key.as_str()), value.is_some());
                }
                (Step::map_contains_key { c, key }, Seen::map_contains_key(answer)) => {
                    let truth = has_value.get(&(*c, key.as_str()));
                    if truth.is_some_and(|truth| truth != answer) {
                        return Err(Objection::at(at, "`get` says otherwise"));
                    }
                }
                (Step::map_keys { c }, Seen::map_keys(keys)) => {
                    let there = has_value
                        .iter()
                        .filter(|((slot, _), has_value)| slot == c && **has_value);
                    if !there.map(|((_, key), _)| *key).eq(keys.iter().map(String::as_str)) {
                        return Err(Objection::at(
                            at,
                            "these are not the keys for which `get` has a value, each once",
                        ));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// R11: the merge of two `LWWMap` is commutative, associative and idempotent.
pub fn map_merge_obeys_the_laws(trial: &mut Trial<Script>) -> Verdict {
    replicas::laws(trial.cases(96), &MAP, growth(REPLICAS))
}

/// R11: `LWWMap` replicas that have heard of each other's writes have the same keys and values.
pub fn maps_converge(trial: &mut Trial<Script>) -> Verdict {
    replicas::converges(trial.cases(96), &MAP, |count| growth(0..count))
}
