//! Vector clocks: what they count, and what is before what.

use ex17_protocol::{Script, Seen, Slot, Step, actor, steps::*};
use judge::replicas::Knowledge;
use judge::replicas::traffic::{MESSAGES, REPLICAS, pairs, some};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*, sample::select};

/// Questions about two actors are enough to tell clocks apart, and let them be equal now and then.
fn actors() -> impl Strategy<Value = u64> {
    select(vec![1, u64::MAX])
}

/// Also the clock itself.
fn any_two() -> impl Strategy<Value = (Slot, Slot)> {
    (REPLICAS, REPLICAS)
}

fn counting() -> impl Strategy<Value = Step> {
    (REPLICAS, actors()).prop_map(|(k, actor)| clock_inc(k, actor))
}

fn copying() -> impl Strategy<Value = Step> {
    pairs(REPLICAS).prop_map(|(k, copy)| clock_copy(k, copy))
}

fn reading() -> impl Strategy<Value = Step> {
    (REPLICAS, prop_oneof![4 => actors(), 1 => Just(7)]).prop_map(|(k, actor)| clock_get(k, actor))
}

/// R1: `inc` counts one for one actor, `get` says how many, 0 for one that nobody knows.
pub fn a_clock_counts_each_actor(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(96).forall(some(prop_oneof![counting(), reading()]), same)
}

/// R1: `merge` keeps the larger count of each actor, known to one clock or both.
pub fn a_clock_merges_by_maximum(trial: &mut Trial<Script>) -> Verdict {
    let merging = any_two().prop_map(|(k, other)| clock_merge(k, other));
    trial
        .cases(96)
        .forall(some(prop_oneof![2 => counting(), 1 => merging, 2 => reading()]), same)
}

/// R1: clocks are equal exactly if their counts are.
pub fn clocks_with_the_same_counts_are_equal(trial: &mut Trial<Script>) -> Verdict {
    let question = any_two().prop_map(|(k, other)| clock_equals(k, other));
    trial
        .cases(96)
        .forall(some(prop_oneof![2 => counting(), 1 => copying(), 2 => question]), same)
}

/// R2: a clock is before another if no count is larger and one is smaller, entries of the other clock alone included.
pub fn happens_before_sees_every_entry(trial: &mut Trial<Script>) -> Verdict {
    let question = any_two().prop_map(|(k, other)| clock_happens_before(k, other));
    trial
        .cases(192)
        .forall(some(prop_oneof![2 => counting(), 1 => copying(), 2 => question]), same)
}

/// R2: over any history of messages, one clock is before another exactly if whoever has the second has heard of all that the
/// first has counted, and of more.
pub fn happens_before_is_having_heard_of_less(trial: &mut Trial<Script>) -> Verdict {
    let event = REPLICAS.prop_map(|k| clock_inc(k, actor(k, 0)));
    let sending = (REPLICAS, MESSAGES).prop_map(|(k, copy)| clock_copy(k, copy));
    let receiving = (REPLICAS, MESSAGES).prop_map(|(k, message)| clock_merge(k, message));
    let step = prop_oneof![3 => event, 2 => sending, 3 => receiving];
    let known = REPLICAS.chain(MESSAGES);
    let questions: Vec<Step> = known
        .clone()
        .flat_map(|k| known.clone().map(move |other| clock_happens_before(k, other)))
        .collect();
    let script = vec(step, 4..24).prop_map(move |steps| [steps, questions.clone()].concat());
    trial.cases(128).forall(script, heard_of_less)
}

/// Replays the script on sets of events. A clock that is counted up in another name than its own is not a history.
fn heard_of_less(case: &Case<'_, Script>) -> Result<(), Objection> {
    let is_history = case.steps().all(|(_, step, _)| match step {
        Step::clock_inc { k, actor: name } => *k < MESSAGES.start && *name == actor(*k, 0),
        Step::clock_copy { copy, .. } => *copy >= MESSAGES.start,
        _ => true,
    });
    if !is_history {
        return Ok(());
    }
    let mut knowledge = Knowledge::default();
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::clock_inc { k, .. }, _) => knowledge.write(*k, at),
            (Step::clock_merge { k, other }, _) => knowledge.merge(*k, *other),
            (Step::clock_copy { k, copy }, _) => knowledge.copy(*k, *copy),
            (Step::clock_happens_before { k, other }, Seen::clock_happens_before(answer)) => {
                let (mine, theirs) = (knowledge.heard_by(*k), knowledge.heard_by(*other));
                let truth = mine.is_subset(&theirs) && mine != theirs;
                if *answer != truth {
                    let text = format!("by the messages exchanged, the answer is {truth}");
                    return Err(Objection::at(at, text));
                }
            }
            _ => {}
        }
    }
    Ok(())
}
