//! Offsets: committed, and sought.

use ex06_protocol::{Script, Seen, Step, steps::*};
use judge::{Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*};

use crate::ledger::follows_the_logs;
use crate::{Case, after, joining, key, publishing_to, some};

/// What the group is known to be through with, in one partition.
#[derive(Clone, Copy)]
enum Mark {
    Nothing,
    Acknowledged(u64),
    Committed(u64),
}

fn committing(question: Step) -> impl Strategy<Value = Vec<Step>> {
    let steps = prop_oneof![
        3 => (1..4_u8).prop_map(|many| publish_batch(0, vec![None; usize::from(many)])),
        3 => some().prop_map(|max| poll(0, 0, max)),
        2 => (0..4_u8).prop_map(|nth| commit(0, 0, nth)),
        2 => Just(acknowledge(0, 0)),
        1 => Just(leave(0, 0)),
        1 => Just(joining(0, 0, &[0])),
        3 => Just(question),
    ];
    after(vec![create(0, 1), joining(0, 0, &[0])], steps, 24)
}

/// R9: what was acknowledged or committed last can be read, also when the consumer has left and come back.
pub fn commits_can_be_read(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(committing(committed(0)), |case| {
        replay(case, |at, step, mark, _| match step {
            Seen::committed(offsets) => {
                let right = match mark {
                    Mark::Nothing => offsets.is_empty(),
                    // Whether this offset or the next one is written down is open; 0 is left out by the driver.
                    Mark::Acknowledged(offset) | Mark::Committed(offset) => match offsets.as_slice() {
                        [] => offset == 0,
                        [(topic, 0, committed)] => topic == "t0" && (offset..=offset + 1).contains(committed),
                        _ => false,
                    },
                };
                let what = match mark {
                    Mark::Nothing => "nothing is acknowledged or committed".to_owned(),
                    Mark::Acknowledged(offset) => format!("offset {offset} of `t0` was acknowledged last"),
                    Mark::Committed(offset) => format!("offset {offset} of `t0` was committed last"),
                };
                if right { Ok(()) } else { Err(Objection::at(at, what)) }
            }
            _ => Ok(()),
        })
    })
}

/// R9: a consumer that joins begins where the group's commit says.
pub fn a_new_owner_begins_at_the_commit(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(committing(poll(0, 0, 1)), |case| {
        replay(case, |at, step, mark, first| match (step, first) {
            (Seen::poll(Ok(records)), true) => {
                let Some(record) = records.first() else {
                    return Ok(());
                };
                let (least, most) = match mark {
                    Mark::Nothing => (0, 0),
                    Mark::Acknowledged(offset) => (offset + 1, offset + 1),
                    Mark::Committed(offset) => (offset, offset + 1),
                };
                if (least..=most).contains(&record.offset) {
                    return Ok(());
                }
                let text = format!("it begins at offset {}, not at {least} (or {most})", record.offset);
                Err(Objection::at(at, text))
            }
            _ => Ok(()),
        })
    })
}

/// Follows the marks of one consumer of one partition, and asks about each step; also whether it is the first poll since a join.
fn replay(case: &Case<'_>, ask: impl Fn(usize, &Seen, Mark, bool) -> Result<(), Objection>) -> Result<(), Objection> {
    let (mut mark, mut held, mut fresh, mut member, mut exists) = (Mark::Nothing, None, true, false, false);
    for (at, step, seen) in case.steps() {
        ask(at, seen, mark, fresh && member)?;
        match (step, seen) {
            (Step::create { .. }, Seen::create(Ok(()))) => exists = true,
            (Step::join { .. }, Seen::join(Ok(()))) if exists && !member => (fresh, member) = (true, true),
            (Step::leave { .. }, _) => (held, member) = (None, false),
            (Step::poll { .. }, Seen::poll(Ok(records))) => {
                held = records.last().map(|record| record.offset).or(held);
                fresh &= records.is_empty();
            }
            (Step::acknowledge { .. }, _) => {
                if let Some(offset) = held.take() {
                    mark = Mark::Acknowledged(offset);
                }
            }
            (Step::commit { .. }, Seen::commit(Some(offset))) => {
                mark = Mark::Committed(*offset);
                held = held.filter(|held| held > offset);
            }
            _ => {}
        }
    }
    Ok(())
}

fn seeking(partition: impl Strategy<Value = u8> + Clone) -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (partition.clone(), 0..6_u8).prop_map(|(partition, back)| seek_back(0, 0, 0, partition, back)),
        1 => partition.clone().prop_map(|partition| seek_to_beginning(0, 0, 0, partition)),
        1 => partition.prop_map(|partition| seek_to_end(0, 0, 0, partition)),
    ]
}

/// R12: a consumer goes on from the place that it seeks: an offset, the beginning, the end; also over what was acknowledged or is held.
pub fn a_group_can_go_back_and_forth(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        3 => Just(publish(0, None)),
        1 => (1..6_usize).prop_map(|many| publish_batch(0, vec![None; many])),
        3 => some().prop_map(|max| poll(0, 0, max)),
        1 => Just(acknowledge(0, 0)),
        2 => seeking(Just(0)),
    ];
    trial.forall(
        after(vec![create(0, 1), joining(0, 0, &[0])], steps, 20),
        follows_the_logs,
    )
}

/// R12: seeking moves the place of one group in one partition, and no other.
pub fn seeking_moves_one_partition_of_one_group(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        3 => publishing_to(0..1_u8),
        1 => vec(key(), 1..6).prop_map(|keys| publish_batch(0, keys)),
        3 => (0..2_u8, some()).prop_map(|(g, max)| poll(g, 0, max)),
        2 => seeking(0..3_u8),
    ];
    let beginning = vec![create(0, 3), joining(0, 0, &[0]), joining(1, 0, &[0])];
    trial.forall(after(beginning, steps, 20), follows_the_logs)
}

/// R12: a place that does not exist is refused, and nothing moves.
pub fn impossible_places_are_refused(trial: &mut Trial<Script>) -> Verdict {
    let place = || (0..2_u8, 0..4_u8, 0..4_u8);
    let steps = prop_oneof![
        2 => publishing_to(0..1_u8),
        1 => some().prop_map(|max| poll(0, 0, max)),
        1 => place().prop_map(|(t, partition, beyond)| seek_beyond(0, 0, t, partition, beyond)),
        1 => place().prop_map(|(t, partition, back)| seek_back(0, 0, t, partition, back)),
        1 => place().prop_map(|(t, partition, _)| seek_to_beginning(0, 0, t, partition)),
        1 => place().prop_map(|(t, partition, _)| seek_to_end(0, 0, t, partition)),
    ];
    let beginning = vec![create(0, 2), joining(0, 0, &[0])];
    trial.forall(after(beginning, steps, 20), follows_the_logs)
}
