//! Acknowledging and refusing: one partition, so that it is determined what comes next.

use ex06_protocol::{Script, Seen, Semantics, Step, steps::*};
use judge::{Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

use crate::ledger::follows_the_logs;
use crate::{Case, after, joining, publishing_to, some};

fn polling() -> impl Strategy<Value = Step> {
    some().prop_map(|max| poll(0, 0, max))
}

/// R8: acknowledging settles a message and all before it; a consumer that comes back goes on behind them, and gets again what it
/// had not acknowledged.
pub fn acknowledged_messages_do_not_return(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        4 => Just(publish(0, None)),
        3 => polling(),
        3 => (0..4_u8).prop_map(|nth| acknowledge_up_to(0, 0, nth)),
        1 => Just(leave(0, 0)),
        2 => Just(joining(0, 0, &[0])),
    ];
    trial.forall(
        after(vec![create(0, 1), joining(0, 0, &[0])], steps, 24),
        follows_the_logs,
    )
}

/// R8: a refused message comes again, before those that never came.
pub fn refused_messages_come_first(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        3 => Just(publish(0, None)),
        3 => prop_oneof![2 => Just(1), 1 => 2..4_u8].prop_map(|max| poll(0, 0, max)),
        2 => Just(nack(0, 0)),
        1 => (0..4_u8).prop_map(|nth| acknowledge_up_to(0, 0, nth)),
    ];
    trial.forall(after(vec![create(0, 1), joining(0, 0, &[0])], steps, 24), same)
}

/// R10: a consumer never holds more messages than it may, and gets more as soon as it has acknowledged.
pub fn unacknowledged_messages_are_limited(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        3 => publishing_to(0..1_u8),
        3 => (1..5_u8).prop_map(|max| poll(0, 0, max)),
        1 => Just(acknowledge(0, 0)),
    ];
    let script = (1..7_u8, vec(steps, 1..30))
        .prop_map(|(limit, steps)| [vec![limit_unacked(limit), create(0, 2), joining(0, 0, &[0])], steps].concat());
    trial.forall(script, within_the_limit)
}

/// R10: at most once a consumer holds nothing, so that nothing is limited.
pub fn at_most_once_nothing_is_held(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![3 => publishing_to(0..1_u8), 1 => some().prop_map(|max| poll(0, 0, max))];
    let join = join(0, 0, vec![0], Semantics::AtMostOnce);
    let beginning = vec![limit_unacked(2), create(0, 2), join];
    trial.cases(64).forall(after(beginning, steps, 20), follows_the_logs)
}

fn within_the_limit(case: &Case<'_>) -> Result<(), Objection> {
    let (mut limit, mut published, mut delivered, mut held) = (1000, 0, 0, 0);
    let (mut exists, mut joined) = (false, false);
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::limit_unacked { messages }, _) => {
                limit = usize::from((*messages).max(1));
                (published, delivered, held, exists, joined) = (0, 0, 0, false, false);
            }
            (Step::create { .. }, _) => exists = true,
            (Step::join { .. }, _) => joined = exists,
            (Step::publish { .. }, Seen::publish(Ok(_))) => published += 1,
            (Step::acknowledge { .. }, _) => held = 0,
            (Step::poll { max, .. }, Seen::poll(Ok(records))) if joined => {
                let room = limit - held;
                held += records.len();
                if held > limit {
                    return Err(Objection::at(
                        at,
                        format!("it now holds {held} messages, and may hold {limit}"),
                    ));
                }
                let due = usize::from(*max).min(published - delivered);
                if usize::from(*max) <= room && records.len() != due {
                    let text = format!("it may hold {room} more, and {due} are due, but {} came", records.len());
                    return Err(Objection::at(at, text));
                }
                delivered += records.len();
            }
            _ => {}
        }
    }
    Ok(())
}

/// Refusals and readings of one group, and readings of another one.
fn refusing() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(publish(0, None)),
        4 => (1..8_u8).prop_map(|times| refuse(0, 0, times)),
        1 => some().prop_map(|max| consume(0, 0, max)),
        1 => some().prop_map(|max| consume(1, 0, max)),
        2 => Just(dead_letters(0)),
    ]
}

/// R11: a message that a group refuses for the fifth time goes to the dead letter topic, and does not come to this group again.
pub fn often_refused_messages_are_dead_letters(trial: &mut Trial<Script>) -> Verdict {
    let beginning = vec![
        create(0, 1),
        create_dead_letters(0),
        joining(0, 0, &[0]),
        joining(1, 0, &[0]),
        publish(0, None),
    ];
    let steps = prop_oneof![8 => refusing(), 1 => Just(come_back(0, 0))];
    trial.forall(after(beginning, steps, 16), same)
}

/// R11: without a dead letter topic a message comes again however often it is refused.
pub fn without_a_dead_letter_topic_nothing_is_given_up(trial: &mut Trial<Script>) -> Verdict {
    let beginning = vec![create(0, 1), joining(0, 0, &[0]), joining(1, 0, &[0]), publish(0, None)];
    trial.forall(after(beginning, refusing(), 12), same)
}
