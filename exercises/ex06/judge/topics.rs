//! Topics: created once, with settings, counted, deleted.

use ex06_protocol::{Script, Seen, Step, steps::*};
use judge::{Objection, Trial, Verdict, same};
use proptest::{collection::vec, option, prelude::*};

use crate::ledger::follows_the_logs;
use crate::{Case, after, joining, publishing_to, some};

fn t() -> impl Strategy<Value = u8> {
    0..3_u8
}

fn creating() -> impl Strategy<Value = Step> {
    (t(), 1..5_u8).prop_map(|(t, partitions)| create(t, partitions))
}

/// R1: a topic is there from its creation to its deletion; a second creation and a second deletion are refused.
pub fn topics_are_created_once(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![3 => creating(), 2 => t().prop_map(delete), 2 => Just(topics())];
    trial.forall(vec(steps, 1..16), same)
}

/// R1: a topic's configuration is that with which it was created; an unknown topic has none.
pub fn topics_keep_their_settings(trial: &mut Trial<Script>) -> Verdict {
    let settings = (t(), 1..9_u8, option::of(1..100_000_u32), option::of(any::<u16>()));
    let creating = settings.prop_map(|(t, partitions, retention, size)| create_with(t, partitions, retention, size));
    let steps = prop_oneof![2 => creating, 2 => t().prop_map(described)];
    trial.forall(vec(steps, 1..12), same)
}

/// R1: a deleted topic takes its messages with it; a new one of the same name begins at offset 0.
pub fn a_deleted_topic_takes_its_messages(trial: &mut Trial<Script>) -> Verdict {
    let t = || 0..2_u8;
    let steps = prop_oneof![
        2 => t().prop_map(|t| create(t, 1)),
        4 => t().prop_map(|t| publish(t, None)),
        1 => t().prop_map(delete),
    ];
    trial.forall(after(vec![create(0, 1)], steps, 16), same)
}

/// R1: nobody has read anything of a topic that is created anew; a group reads it from its beginning.
pub fn a_recreated_topic_is_read_from_its_beginning(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        4 => Just(publish(0, None)),
        3 => some().prop_map(|max| consume(0, 0, max)),
        1 => Just(renew(0, 0, 0)),
    ];
    let beginning = vec![create(0, 1), joining(0, 0, &[0])];
    trial.forall(after(beginning, steps, 20), follows_the_logs)
}

/// R1: when a topic is deleted its readers go on reading their other topics.
pub fn deleting_a_topic_leaves_the_others(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        6 => publishing_to(0..2_u8),
        3 => some().prop_map(|max| poll(0, 0, max)),
        1 => Just(delete(1)),
    ];
    let beginning = vec![create(0, 2), create(1, 1), joining(0, 0, &[0, 1])];
    trial.forall(after(beginning, steps, 20), follows_the_logs)
}

/// R1: a topic that asks for no partitions has as many as the broker gives by default.
pub fn no_partitions_means_the_default(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..9_u8, vec(option::of(1..5_u8), 1..4)).prop_map(|(default, topics)| {
        let creations = (0..)
            .zip(topics)
            .map(|(t, partitions)| partitions.map_or_else(|| create_default(t), |partitions| create(t, partitions)));
        [default_partitions(default)]
            .into_iter()
            .chain(creations)
            .chain([total_partitions()])
            .collect::<Vec<_>>()
    });
    trial.cases(32).forall(script, same)
}

/// R14: the totals are those of the topics that there are and of the messages that they keep.
pub fn totals_count_what_is_there(trial: &mut Trial<Script>) -> Verdict {
    let total = prop_oneof![
        Just(total_messages()),
        Just(total_topics()),
        Just(total_partitions()),
        Just(messages_per_topic())
    ];
    let steps = prop_oneof![
        2 => creating(),
        4 => publishing_to(t()),
        1 => t().prop_map(delete),
        3 => total,
    ];
    trial.forall(after(vec![create(0, 2)], steps, 20), same_but_for_places)
}

/// Compares with the reference, but not where messages are.
fn same_but_for_places(case: &Case<'_>) -> Result<(), Objection> {
    let differ = |seen: &Seen, expected: &Seen| match (seen, expected) {
        (Seen::publish(seen), Seen::publish(expected)) => seen.is_ok() != expected.is_ok(),
        _ => seen != expected,
    };
    match case
        .steps()
        .zip(case.expected())
        .find(|((_, _, seen), expected)| differ(seen, expected))
    {
        Some(((at, _, _), _)) => Err(Objection::at(
            at,
            "the answer differs from what the contract determines",
        )),
        None => Ok(()),
    }
}

/// R14: groups are counted, not their consumers.
pub fn groups_are_counted(trial: &mut Trial<Script>) -> Verdict {
    let joining = (0..3_u8, 0..3_u8).prop_map(|(g, c)| joining(g, c, &[0]));
    let steps = prop_oneof![2 => joining, 1 => Just(total_groups())];
    trial.cases(64).forall(after(vec![create(0, 2)], steps, 12), same)
}
