//! Operations, and the replicated type that is plain functions. The contract determines every answer.

use ex17_protocol::{Script, Slot, Step, steps::*};
use judge::replicas::traffic::{REPLICAS, pairs, some};
use judge::{Trial, Verdict, same};
use proptest::{collection::vec, prelude::*, sample::select};

/// What three actors, of which nobody here is one, have counted in all.
fn counted(counters: impl Strategy<Value = Slot>) -> impl Strategy<Value = Step> {
    let actors = select(vec![1000, 1001, u64::MAX]);
    (counters, actors, 0..5_u64).prop_map(|(c, actor, count)| gcounter_apply(c, actor, count))
}

fn added(sets: impl Strategy<Value = Slot>) -> impl Strategy<Value = Step> {
    (sets, select(vec!["x", "y", "z"])).prop_map(|(c, value)| gset_apply(c, value.to_owned()))
}

/// R14: `(actor, n)` says that the actor has counted `n` in all: the order does not matter, nor what comes twice.
pub fn counter_operations_come_in_any_order_and_twice(trial: &mut Trial<Script>) -> Verdict {
    let own = (0..2_u8).prop_map(|c| gcounter_inc(c, 0));
    let question = (0..2_u8).prop_map(gcounter_read);
    let script = some(prop_oneof![3 => counted(0..2_u8), 1 => own, 2 => question]);
    trial.cases(128).forall(script, same)
}

/// R14: the operation of a set is an addition: the order does not matter, nor what comes twice.
pub fn set_operations_come_in_any_order_and_twice(trial: &mut Trial<Script>) -> Verdict {
    let own = (0..2_u8).prop_map(|c| gset_add(c, "y".to_owned()));
    let question = prop_oneof![(0..2_u8).prop_map(gset_len), (0..2_u8).prop_map(gset_values)];
    let script = some(prop_oneof![3 => added(0..2_u8), 1 => own, 2 => question]);
    trial.cases(96).forall(script, same)
}

/// R14: what was heard of by an operation is part of the state, and hearing of it by a merge as well changes nothing.
pub fn operations_travel_with_states(trial: &mut Trial<Script>) -> Verdict {
    let merging = pairs(REPLICAS).prop_map(|(c, other)| gcounter_merge(c, other));
    let counters = some(prop_oneof![3 => counted(REPLICAS), 2 => merging, 2 => REPLICAS.prop_map(gcounter_read)]);
    let merging = pairs(REPLICAS).prop_map(|(c, other)| gset_merge(c, other));
    let sets = some(prop_oneof![3 => added(REPLICAS), 2 => merging, 2 => REPLICAS.prop_map(gset_values)]);
    trial.cases(128).forall(prop_oneof![counters, sets], same)
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![4 => -5..5_i64, 1 => any::<i64>(), 1 => select(vec![i64::MIN, i64::MAX])]
}

/// R15: the initial state is the smallest number, and an operation leaves the larger one.
pub fn the_largest_number_stays(trial: &mut Trial<Script>) -> Verdict {
    let script = vec(number(), 0..5).prop_map(|numbers| vec![max_apply(numbers)]);
    trial.cases(64).forall(script, same)
}

/// R15: a merge leaves the larger of two states.
pub fn merged_states_have_the_larger_number(trial: &mut Trial<Script>) -> Verdict {
    let script = (number(), number()).prop_map(|(one, other)| vec![max_merge(one, other)]);
    trial.cases(64).forall(script, same)
}
