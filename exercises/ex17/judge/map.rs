//! The map: a replicated value for each key. The values are of the driver's own type, sets of numbers that merge by union, so
//! the contract determines every answer.

use std::collections::BTreeSet;
use std::ops::Range;

use ex17_protocol::{Script, Slot, Step, steps::*};
use judge::replicas::traffic::{REPLICAS, some};
use judge::replicas::{self, Replicas};
use judge::{Trial, Verdict, same};
use proptest::{prelude::*, sample::select};

const KEYS: [&str; 2] = ["x", "y"];
const MAP: Replicas<Script> = Replicas {
    copy: map_copy,
    merge: map_merge,
    look: |c| [KEYS.map(|key| map_get(c, key.to_owned())).to_vec(), vec![map_keys(c)]].concat(),
};

fn key() -> impl Strategy<Value = String> {
    select(KEYS.to_vec()).prop_map(str::to_owned)
}

fn inserting(maps: Range<Slot>) -> impl Strategy<Value = Step> {
    (maps, key(), 0..5_u32).prop_map(|(c, key, note)| map_insert(c, key, note))
}

fn noting(maps: Range<Slot>) -> impl Strategy<Value = Step> {
    (maps, key(), 0..5_u32).prop_map(|(c, key, note)| map_note(c, key, note))
}

fn asking(maps: Range<Slot>) -> impl Strategy<Value = Step> {
    (maps, key()).prop_map(|(c, key)| map_get(c, key))
}

/// Inserts nothing under a key that the map has: what that means is a question of its own.
fn each_key_once(script: Vec<Step>) -> Vec<Step> {
    let mut inserted = BTreeSet::new();
    let is_new = |step: &Step| match step {
        Step::map_insert { c, key, .. } => inserted.insert((*c, key.clone())),
        _ => true,
    };
    script.into_iter().filter(is_new).collect()
}

/// R11: a key has the value that was inserted; others have none.
pub fn a_key_has_what_was_inserted(trial: &mut Trial<Script>) -> Verdict {
    let script = some(prop_oneof![inserting(0..2), asking(0..2)]).prop_map(each_key_once);
    trial.cases(96).forall(script, same)
}

/// R11: inserting under a key that has a value merges into it.
pub fn inserting_again_merges(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(96)
        .forall(some(prop_oneof![inserting(0..2), asking(0..2)]), same)
}

/// R11: `get_mut` gives the value itself, of those keys that have one.
pub fn values_are_written_in_place(trial: &mut Trial<Script>) -> Verdict {
    let script = some(prop_oneof![inserting(0..2), noting(0..2), asking(0..2)]).prop_map(each_key_once);
    trial.cases(96).forall(script, same)
}

/// R11: `keys` gives the keys that have a value, each once.
pub fn keys_are_those_that_were_inserted(trial: &mut Trial<Script>) -> Verdict {
    let question = (0..2_u8).prop_map(map_keys);
    trial
        .cases(96)
        .forall(some(prop_oneof![inserting(0..2), question]), same)
}

/// R11: merging merges the values of each key, and takes in those that are new.
pub fn maps_merge_key_by_key(trial: &mut Trial<Script>) -> Verdict {
    let inserts = some(inserting(REPLICAS)).prop_map(each_key_once);
    let question = prop_oneof![2 => asking(REPLICAS), 1 => REPLICAS.prop_map(map_keys)];
    let traffic = some(prop_oneof![2 => MAP.among(REPLICAS, noting(REPLICAS)), 1 => question]);
    let script = (inserts, traffic).prop_map(|(inserts, traffic)| [inserts, traffic].concat());
    trial.cases(192).forall(script, same)
}

fn growth(maps: Range<Slot>) -> impl Strategy<Value = Vec<Step>> {
    let writing = prop_oneof![2 => inserting(maps.clone()), 1 => noting(maps.clone())];
    some(MAP.among(maps, writing))
}

/// R18: the merge of two `CrdtMap` is commutative, associative and idempotent.
pub fn map_merge_obeys_the_laws(trial: &mut Trial<Script>) -> Verdict {
    replicas::laws(trial.cases(16), &MAP, growth(REPLICAS))
}

/// R18: `CrdtMap` replicas that have heard of each other's writes have the same keys and values.
pub fn maps_converge(trial: &mut Trial<Script>) -> Verdict {
    replicas::converges(trial.cases(16), &MAP, |count| growth(0..count))
}
