//! Publishing: where messages go, and which are too large.

use std::collections::BTreeMap;

use ex06_protocol::{Record, Refusal, Script, Seen, Step, steps::*};
use judge::{Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{Case, after, key, publishing_to};

/// The records of the messages that a step published.
fn records(seen: &Seen) -> &[Record] {
    match seen {
        Seen::publish(Ok(record)) => std::slice::from_ref(record),
        Seen::publish_batch(Ok(records)) => records,
        _ => &[],
    }
}

fn publishing() -> impl Strategy<Value = Vec<Step>> {
    let t = || 0..3_u8;
    let batch = (t(), vec(key(), 0..6)).prop_map(|(t, keys)| publish_batch(t, keys));
    let steps = prop_oneof![3 => publishing_to(t()), 1 => batch];
    after(vec![create(0, 1), create(1, 4)], steps, 20)
}

/// R2: in each partition the offsets are 0, 1, 2 and so on, in the order of publication.
pub fn offsets_count_from_zero_without_gaps(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(publishing(), |case| {
        let mut ends = BTreeMap::<(&str, u32), u64>::new();
        for (at, _, seen) in case.steps() {
            for record in records(seen) {
                let Record {
                    topic,
                    partition,
                    offset,
                    ..
                } = record;
                let end = ends.entry((topic, *partition)).or_default();
                if offset != end {
                    let text = format!("the next offset of partition {partition} of `{topic}` is {end}, not {offset}");
                    return Err(Objection::at(at, text));
                }
                *end += 1;
            }
        }
        Ok(())
    })
}

/// R2: `publish` answers the message's id, its topic and a partition of it; a batch answers so for each, in order; an unknown topic is
/// refused.
pub fn a_receipt_names_its_message(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(publishing(), receipts)
}

fn receipts(case: &Case<'_>) -> Result<(), Objection> {
    let mut partitions = BTreeMap::<u8, u8>::new();
    let mut made = 0;
    for (at, step, seen) in case.steps() {
        let (t, count, refusal) = match (step, seen) {
            (Step::create { t, partitions: count }, Seen::create(Ok(()))) => {
                partitions.insert(*t, (*count).max(1));
                continue;
            }
            (Step::publish { t, .. }, Seen::publish(answer)) => (*t, 1, answer.as_ref().err()),
            (Step::publish_batch { t, keys }, Seen::publish_batch(answer)) => (*t, keys.len(), answer.as_ref().err()),
            _ => continue,
        };
        let topic = ex06_protocol::topic(t);
        let ids: Vec<String> = (made + 1..=made + count).map(|number| format!("m{number}")).collect();
        made += count;
        match (partitions.get(&t), refusal) {
            (None, Some(Refusal::TopicNotFound(name))) if *name == topic => {}
            // No message, no fault.
            (None, None) if count == 0 => {}
            (None, _) => return Err(Objection::at(at, format!("there is no topic `{topic}`"))),
            (Some(_), Some(refusal)) => return Err(Objection::at(at, format!("it is refused: {refusal:?}"))),
            (Some(partitions), None) => {
                let records = records(seen);
                let named = records.iter().map(|record| &record.message).eq(&ids);
                let placed = records
                    .iter()
                    .all(|record| record.topic == topic && record.partition < u32::from(*partitions));
                if !named || !placed {
                    let text =
                        format!("{ids:?} were published, in this order, to `{topic}` of {partitions} partitions");
                    return Err(Objection::at(at, text));
                }
            }
        }
    }
    Ok(())
}

/// R2: messages of the same key and topic go to the same partition.
pub fn a_key_stays_in_its_partition(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(publishing(), |case| {
        let mut homes = BTreeMap::new();
        for (at, step, seen) in case.steps() {
            let (t, keys) = match step {
                Step::publish { t, key } => (t, std::slice::from_ref(key)),
                Step::publish_batch { t, keys } => (t, keys.as_slice()),
                _ => continue,
            };
            for (key, record) in keys.iter().zip(records(seen)) {
                let Some(key) = key else { continue };
                let home = *homes.entry((t, key)).or_insert(record.partition);
                if home != record.partition {
                    let text = format!(
                        "`key{key}` was in partition {home} before, and is now in {}",
                        record.partition
                    );
                    return Err(Objection::at(at, text));
                }
            }
        }
        Ok(())
    })
}

/// R2: many different keys reach every partition.
pub fn keys_reach_every_partition(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..9_u8).prop_map(|partitions| vec![create(0, partitions), spread(0, u16::from(partitions) * 32)]);
    trial.cases(12).forall(script, |case| {
        let mut partitions = 0;
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::create { partitions: count, .. }, Seen::create(Ok(()))) => partitions = (*count).max(1),
                // A cut script may ask for fewer keys, which prove nothing.
                (Step::spread { keys, .. }, Seen::spread(reached))
                    if *keys >= u16::from(partitions) * 32 && !reached.iter().copied().eq(0..u32::from(partitions)) =>
                {
                    let text = format!("{keys} keys reach only partitions {reached:?} of {partitions}");
                    return Err(Objection::at(at, text));
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// Sizes on both sides of a limit of 100.
fn size() -> impl Strategy<Value = u16> {
    select(vec![0, 1, 99, 100, 101, 200])
}

/// R3: a payload may be as large as the broker allows, and not larger.
pub fn large_messages_are_refused(trial: &mut Trial<Script>) -> Verdict {
    let steps = size().prop_map(|bytes| publish_sized(0, bytes));
    trial
        .cases(64)
        .forall(after(vec![limit_size(100), create(0, 2)], steps, 8), same)
}

/// R3: a topic's own limit, smaller or larger, replaces the broker's.
pub fn a_topic_may_have_its_own_limit(trial: &mut Trial<Script>) -> Verdict {
    let script = (select(vec![10, 100, 1000]), vec(size(), 1..6)).prop_map(|(limit, sizes)| {
        let sized = sizes.into_iter().map(|bytes| publish_sized(0, bytes));
        [limit_size(limit), create_with(0, 2, None, Some(100))]
            .into_iter()
            .chain(sized)
            .collect::<Vec<_>>()
    });
    trial.cases(64).forall(script, same)
}

/// R3: a batch with a message that is too large is refused.
pub fn large_messages_are_refused_in_a_batch(trial: &mut Trial<Script>) -> Verdict {
    let sizes = (vec(0..101_u16, 0..4), size(), vec(0..101_u16, 0..4));
    let steps = sizes.prop_map(|(before, one, after)| publish_batch_sized(0, [before, vec![one], after].concat()));
    trial
        .cases(64)
        .forall(after(vec![limit_size(100), create(0, 2)], steps, 4), same)
}
