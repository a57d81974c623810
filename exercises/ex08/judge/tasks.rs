//! The service of tasks: its calls of all four kinds.

use ex08_protocol::{Script, State, Step, steps::*};
use judge::{Trial, Verdict};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::same_as_told;

fn title() -> impl Strategy<Value = String> {
    select(vec!["buy", "sell", "é", "a long title with blanks"]).prop_map(str::to_owned)
}

fn state() -> impl Strategy<Value = State> {
    select(vec![State::Pending, State::InProgress, State::Completed, State::Failed])
}

fn creating() -> impl Strategy<Value = Step> {
    let pair = (select(vec!["k", "l", "m"]), title()).prop_map(|(key, value)| (key.to_owned(), value));
    // Keys occur once, so that every map holds the same.
    let metadata = vec(pair, 0..3).prop_map(|mut pairs| {
        pairs.sort();
        pairs.dedup_by(|one, other| one.0 == other.0);
        pairs
    });
    (title(), title(), metadata).prop_map(|(title, description, metadata)| create(title, description, metadata))
}

fn updating() -> impl Strategy<Value = Step> {
    vec((0..4_u8, state()), 1..5).prop_map(update)
}

/// Some tasks, then other steps.
fn after_some(steps: impl Strategy<Value = Step>, longest: usize) -> impl Strategy<Value = Vec<Step>> {
    (vec(creating(), 1..5), vec(steps, 1..longest)).prop_map(|(first, then)| [first, then].concat())
}

/// R1: a created task has what was asked for, is pending and dated, and can be read by its id.
pub fn created_tasks_can_be_read(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![1 => creating(), 2 => (0..6_u8).prop_map(get)];
    trial.cases(8).forall(after_some(steps, 12), |case| {
        same_as_told(
            case,
            "a task is not as it was created, or an unknown id is not NOT_FOUND",
        )
    })
}

/// R1: an empty title is INVALID_ARGUMENT, an unknown id NOT_FOUND, and a refused task is not there.
pub fn bad_requests_have_their_codes(trial: &mut Trial<Script>) -> Verdict {
    let bad = Just(create(String::new(), "no title".to_owned(), Vec::new()));
    let steps = prop_oneof![2 => bad, 1 => creating(), 2 => Just(get(99)), 1 => Just(list(None))];
    trial.cases(8).forall(after_some(steps, 10), |case| {
        same_as_told(
            case,
            "a bad request does not have the code of its mistake, or had an effect",
        )
    })
}

/// R2: a list streams the tasks in the order of their creation, all or those of a status.
pub fn lists_stream_tasks_in_order(trial: &mut Trial<Script>) -> Verdict {
    let looking = proptest::option::of(state()).prop_map(list);
    let steps = prop_oneof![1 => creating(), 1 => updating(), 3 => looking];
    trial.cases(8).forall(after_some(steps, 12), |case| {
        same_as_told(
            case,
            "the list lacks tasks, has others, or another order than that of creation",
        )
    })
}

/// R3: an import creates the streamed tasks in order and answers how many.
pub fn an_import_creates_what_was_streamed(trial: &mut Trial<Script>) -> Verdict {
    let importing = vec(title(), 0..20).prop_map(import);
    let steps = prop_oneof![2 => importing, 1 => Just(list(None)), 1 => (0..20_u8).prop_map(get)];
    trial.cases(6).forall(after_some(steps, 8), |case| {
        same_as_told(
            case,
            "an import is not answered by its number of tasks, or they are not there",
        )
    })
}

/// R3: an import with an empty title is INVALID_ARGUMENT and creates nothing.
pub fn a_bad_import_creates_nothing(trial: &mut Trial<Script>) -> Verdict {
    let bad = (vec(title(), 1..4), vec(title(), 0..3))
        .prop_map(|(before, after)| import([before, vec![String::new()], after].concat()));
    let script = vec(bad, 1..3).prop_map(|steps| [steps, vec![list(None)]].concat());
    trial.cases(6).forall(script, |case| {
        same_as_told(case, "an import with an empty title must be refused as a whole")
    })
}

/// R4: each update is answered before the next is sent; an unknown task ends the stream with NOT_FOUND.
pub fn updates_are_answered_one_by_one(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![3 => updating(), 1 => (0..5_u8).prop_map(get)];
    trial.cases(8).forall(after_some(steps, 8), |case| {
        same_as_told(
            case,
            "updates are not answered each by its event, or an unknown task does not end the stream",
        )
    })
}

/// R5: a watch begins with the present, sees each change in order, and ends after COMPLETED or FAILED.
pub fn a_watch_sees_every_change_and_ends(trial: &mut Trial<Script>) -> Verdict {
    let running = select(vec![State::Pending, State::InProgress]);
    let last = select(vec![None, Some(State::Completed), Some(State::Failed)]);
    let following = (0..6_u8, vec(running, 1..10), last).prop_map(|(k, mut changes, last)| {
        changes.extend(last);
        follow(k, changes)
    });
    trial.cases(8).forall(after_some(following, 6), |case| {
        same_as_told(case, "a watch misses a change, or does not end with the task")
    })
}
