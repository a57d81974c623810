//! Groups: who gets what, and who may not ask.

use std::collections::{BTreeMap, BTreeSet};

use ex06_protocol::{Refusal, Script, Seen, Slot, Step, consumer as name_of, group as group_name, steps::*};
use judge::{Objection, Trial, Verdict};
use proptest::{prelude::*, sample::subsequence};

use crate::sharing::each_message_once;
use crate::{Case, after, consumer, joining, publishing_to, some};

/// Everybody polls.
fn everybody_polls() -> Vec<Step> {
    (0..3).map(|c| poll(0, c, u8::MAX)).collect()
}

/// R5: each message goes to one member of a group, and none is missing in the end.
pub fn members_share_the_messages(trial: &mut Trial<Script>) -> Verdict {
    let steps =
        prop_oneof![3 => publishing_to(0..1_u8), 2 => (consumer(), some()).prop_map(|(c, max)| poll(0, c, max))];
    let beginning = (1..6_u8, 1..4_u8).prop_map(|(partitions, members)| {
        let joins = (0..members).map(|c| joining(0, c, &[0]));
        [create(0, partitions)].into_iter().chain(joins).collect::<Vec<_>>()
    });
    let script =
        (beginning, proptest::collection::vec(steps, 1..20)).prop_map(|(beginning, steps)| [beginning, steps].concat());
    trial.forall_then(script, &everybody_polls(), each_message_once)
}

/// R5: a consumer gets messages of the topics that it asked for, and of no others.
pub fn members_read_their_topics_only(trial: &mut Trial<Script>) -> Verdict {
    let steps =
        prop_oneof![3 => publishing_to(0..3_u8), 2 => (consumer(), some()).prop_map(|(c, max)| poll(0, c, max))];
    let topics = || subsequence(vec![0_u8, 1, 2], 1..3);
    let beginning = [topics(), topics(), topics()].prop_map(|topics| {
        let joins = (0..).zip(topics).map(|(c, topics)| joining(0, c, &topics));
        [create(0, 2), create(1, 1), create(2, 3)]
            .into_iter()
            .chain(joins)
            .collect::<Vec<_>>()
    });
    let script =
        (beginning, proptest::collection::vec(steps, 1..20)).prop_map(|(beginning, steps)| [beginning, steps].concat());
    trial.forall_then(script, &everybody_polls(), each_message_once)
}

/// A change of a group's members.
fn changing() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..5_u8).prop_map(|c| joining(0, c, &[0])),
        2 => (0..5_u8).prop_map(|c| leave(0, c)),
    ]
}

/// R6: after each change each partition has one owner, and the members' numbers of partitions differ by at most one.
pub fn partitions_are_split_evenly(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..9_u8, proptest::collection::vec(changing(), 1..8))
        .prop_map(|(partitions, changes)| [vec![create(0, partitions), joining(0, 0, &[0])], changes].concat());
    trial.cases(96).forall_then(script, &[owners(0, 0)], evenly)
}

fn evenly(case: &Case<'_>) -> Result<(), Objection> {
    let mut partitions = 0;
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::create { partitions: count, .. }, Seen::create(Ok(()))) => partitions = u32::from((*count).max(1)),
            (Step::owners { .. }, Seen::owners(owners)) if !owners.is_empty() => {
                let mut owned: Vec<u32> = owners.iter().flat_map(|(_, partitions)| partitions).copied().collect();
                owned.sort_unstable();
                if !owned.iter().copied().eq(0..partitions) {
                    let text = format!("each of the {partitions} partitions must have one owner");
                    return Err(Objection::at(at, text));
                }
                let numbers = || owners.iter().map(|(_, partitions)| partitions.len());
                let (least, most) = (numbers().min().unwrap_or_default(), numbers().max().unwrap_or_default());
                if most > least + 1 {
                    return Err(Objection::at(
                        at,
                        format!("one member reads {least} partitions, another one {most}"),
                    ));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// R6: when members come and go, each partition is read on from where it was acknowledged: nothing twice, nothing lost.
pub fn a_partition_goes_on_where_it_was(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        5 => publishing_to(0..1_u8),
        1 => consumer().prop_map(|c| joining(0, c, &[0])),
        1 => consumer().prop_map(|c| leave(0, c)),
        4 => (consumer(), some()).prop_map(|(c, max)| consume(0, c, max)),
    ];
    let beginning = vec![create(0, 3), joining(0, 0, &[0]), joining(0, 1, &[0])];
    trial.forall_then(after(beginning, steps, 30), &everybody_polls(), each_message_once)
}

/// R6: sharing the partitions out again by hand changes nothing for the messages, and is refused for an unknown group.
pub fn a_rebalance_by_hand_is_harmless(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        3 => publishing_to(0..1_u8),
        1 => (0..2_u8).prop_map(rebalance),
        3 => (consumer(), some()).prop_map(|(c, max)| consume(0, c, max)),
    ];
    let beginning = vec![create(0, 3), joining(0, 0, &[0]), joining(0, 1, &[0])];
    trial.forall_then(after(beginning, steps, 24), &everybody_polls(), |case| {
        only_members(case)?;
        each_message_once(case)
    })
}

fn who() -> impl Strategy<Value = (Slot, Slot)> {
    (0..2_u8, 0..2_u8)
}

/// Members and strangers ask.
fn strangers(asking: impl Strategy<Value = Step>) -> impl Strategy<Value = Vec<Step>> {
    let joins = who().prop_map(|(g, c)| joining(g, c, &[0]));
    let steps = prop_oneof![6 => asking, 1 => joins];
    after(vec![create(0, 1), publish(0, None), joining(0, 0, &[0])], steps, 14)
}

/// R5: an unknown group and a consumer that does not belong to its group can neither poll nor acknowledge nor leave.
pub fn strangers_get_nothing(trial: &mut Trial<Script>) -> Verdict {
    let asking = prop_oneof![
        who().prop_map(|(g, c)| poll(g, c, 1)),
        who().prop_map(|(g, c)| acknowledge_first(g, c, 0)),
        who().prop_map(|(g, c)| leave(g, c)),
    ];
    trial.forall(strangers(asking), only_members)
}

/// R5: nor can they refuse, commit or seek.
pub fn strangers_move_nothing(trial: &mut Trial<Script>) -> Verdict {
    let asking = prop_oneof![
        who().prop_map(|(g, c)| nack_first(g, c, 0)),
        who().prop_map(|(g, c)| commit_first(g, c, 0)),
        who().prop_map(|(g, c)| seek_back(g, c, 0, 0, 0)),
        who().prop_map(|(g, c)| seek_to_beginning(g, c, 0, 0)),
        who().prop_map(|(g, c)| seek_to_end(g, c, 0, 0)),
    ];
    trial.forall(strangers(asking), only_members)
}

fn only_members(case: &Case<'_>) -> Result<(), Objection> {
    let mut exists = false;
    let mut groups = BTreeMap::<Slot, BTreeSet<Slot>>::new();
    for (at, step, seen) in case.steps() {
        let (g, c, refusal) = match (step, seen) {
            (Step::create { .. }, _) => {
                exists = true;
                continue;
            }
            (Step::join { g, c, .. }, Seen::join(Ok(()))) if exists => {
                groups.entry(*g).or_default().insert(*c);
                continue;
            }
            // Without a topic there are two reasons to refuse.
            _ if !exists => continue,
            (Step::poll { g, c, .. }, Seen::poll(answer)) => (g, Some(c), answer.as_ref().err()),
            (Step::acknowledge_first { g, c, .. }, Seen::acknowledge_first(answer))
            | (Step::nack_first { g, c, .. }, Seen::nack_first(answer))
            | (Step::commit_first { g, c, .. }, Seen::commit_first(answer))
            | (Step::leave { g, c }, Seen::leave(answer)) => (g, Some(c), answer.as_ref().err()),
            (Step::rebalance { g }, Seen::rebalance(answer)) => (g, None, answer.as_ref().err()),
            (Step::seek_back { g, c, .. }, Seen::seek_back(answer))
            | (Step::seek_to_beginning { g, c, .. }, Seen::seek_to_beginning(answer))
            | (Step::seek_to_end { g, c, .. }, Seen::seek_to_end(answer)) => (g, Some(c), answer.as_ref().err()),
            _ => continue,
        };
        let expected = match (groups.get(g), c) {
            (None, _) => Refusal::GroupNotFound(group_name(*g)),
            // A group that everybody left may be gone.
            (Some(members), _) if members.is_empty() => continue,
            (Some(members), Some(c)) if !members.contains(c) => Refusal::ConsumerNotRegistered(name_of(*c)),
            (Some(members), _) => {
                if let (Step::leave { c, .. }, None) = (step, refusal) {
                    let rest: BTreeSet<Slot> = members.iter().copied().filter(|member| member != c).collect();
                    groups.insert(*g, rest);
                }
                continue;
            }
        };
        if refusal != Some(&expected) {
            return Err(Objection::at(at, format!("it must be refused with {expected:?}")));
        }
    }
    Ok(())
}
