//! The books of groups with several consumers: who gets what, and what nobody got.

use std::collections::{BTreeMap, BTreeSet};

use ex06_protocol::{Record, Seen, Slot, Step, topic};
use judge::Objection;

use crate::Case;

/// A message: topic, partition and offset.
type Message = (String, u32, u64);

/// Who belongs to which group, and what each group has seen.
#[derive(Default)]
pub struct Groups {
    topics: BTreeSet<String>,
    published: BTreeSet<Message>,
    groups: BTreeMap<Slot, Group>,
}

#[derive(Default)]
struct Group {
    members: BTreeMap<Slot, Member>,
    delivered: BTreeSet<Message>,
    /// What needs not be delivered again.
    acknowledged: BTreeSet<Message>,
    /// What must not be delivered again: who acknowledged it was its partition's owner all the time since it got it.
    settled: BTreeSet<Message>,
}

#[derive(Default)]
struct Member {
    topics: BTreeSet<String>,
    held: BTreeSet<Message>,
    /// What of that it got before members came or went. Whether it may still acknowledge it is open.
    doubtful: BTreeSet<Message>,
}

impl Group {
    /// Members come or go.
    fn change(&mut self) {
        for member in self.members.values_mut() {
            member.doubtful = member.held.clone();
        }
    }
}

fn place(record: &Record) -> Message {
    (record.topic.clone(), record.partition, record.offset)
}

impl Groups {
    /// Takes note of a step, and gives what it delivered to whom.
    fn enter<'s>(&mut self, step: &Step, seen: &'s Seen) -> (Slot, Slot, &'s [Record]) {
        match (step, seen) {
            (Step::create { t, .. }, Seen::create(Ok(()))) => drop(self.topics.insert(topic(*t))),
            (_, Seen::publish(Ok(record))) => drop(self.published.insert(place(record))),
            (_, Seen::publish_batch(Ok(records))) => self.published.extend(records.iter().map(place)),
            (Step::join { g, c, topics, .. }, Seen::join(Ok(()))) => self.join((*g, *c), topics),
            (Step::leave { g, c }, Seen::leave(Ok(()))) => {
                let group = self.groups.entry(*g).or_default();
                group.members.remove(c);
                group.change();
            }
            (Step::acknowledge { g, c }, _) => self.acknowledge((*g, *c)),
            (Step::poll { g, c, .. }, Seen::poll(Ok(records)))
            | (Step::consume { g, c, .. }, Seen::consume(Ok(records))) => return (*g, *c, records),
            _ => {}
        }
        (0, 0, &[])
    }

    fn join(&mut self, (g, c): (Slot, Slot), topics: &[Slot]) {
        let topics: BTreeSet<String> = topics.iter().map(|t| topic(*t)).collect();
        let topics: BTreeSet<String> = topics.intersection(&self.topics).cloned().collect();
        let group = self.groups.entry(g).or_default();
        if !topics.is_empty() {
            // Who is a member stays as he is.
            let member = || Member {
                topics,
                ..Member::default()
            };
            group.members.entry(c).or_insert_with(member);
            group.change();
        }
    }

    /// A consumer acknowledges what it holds, and with it all before that in the same partitions.
    fn acknowledge(&mut self, (g, c): (Slot, Slot)) {
        let group = self.groups.entry(g).or_default();
        let Some(member) = group.members.get_mut(&c) else {
            return;
        };
        let (held, doubtful) = (std::mem::take(&mut member.held), std::mem::take(&mut member.doubtful));
        group.settled.extend(held.difference(&doubtful).cloned());
        for (topic, partition, offset) in held {
            let before = (topic.clone(), partition, 0)..=(topic, partition, offset);
            group.acknowledged.extend(self.published.range(before).cloned());
        }
    }

    /// Of the topics that a member of a group reads, the messages that this says nothing about.
    fn missing(&self, said: impl Fn(&Group, &Message) -> bool) -> Option<(Slot, &Message)> {
        self.groups.iter().find_map(|(g, group)| {
            let wanted = |message: &&Message| group.members.values().any(|member| member.topics.contains(&message.0));
            let missing = self
                .published
                .iter()
                .filter(wanted)
                .find(|message| !said(group, message));
            missing.map(|message| (*g, message))
        })
    }
}

fn lost(case: &Case<'_>, missing: Option<(Slot, &Message)>) -> Result<(), Objection> {
    let last = case.steps().map(|(at, _, _)| at).next_back().unwrap_or_default();
    match missing {
        Some((g, (topic, partition, offset))) => Err(Objection::at(
            last,
            format!("everybody has polled, but g{g} never got offset {offset} of partition {partition} of `{topic}`"),
        )),
        None => Ok(()),
    }
}

/// The law of groups in which nothing fails, for scripts that end with everybody's poll: each message of its topics comes to
/// each group once, to a member that reads the topic, in the order of its partition, and none is missing in the end.
pub fn each_message_once(case: &Case<'_>) -> Result<(), Objection> {
    let mut groups = Groups::default();
    let mut last = BTreeMap::<(Slot, String, u32), u64>::new();
    for (at, step, seen) in case.steps() {
        let (g, c, records) = groups.enter(step, seen);
        let group = groups.groups.entry(g).or_default();
        for record in records {
            let Record {
                topic,
                partition,
                offset,
                message,
            } = record;
            let reads = group
                .members
                .get(&c)
                .is_some_and(|member| member.topics.contains(topic));
            if !reads {
                return Err(Objection::at(at, format!("c{c} does not read `{topic}`")));
            }
            if !group.delivered.insert(place(record)) {
                return Err(Objection::at(at, format!("{message} has come to g{g} before")));
            }
            let last = last.entry((g, topic.clone(), *partition)).or_default();
            if *offset < *last {
                return Err(Objection::at(
                    at,
                    format!("offset {offset} of partition {partition} comes after offset {last}"),
                ));
            }
            *last = *offset;
        }
    }
    let got = |group: &Group, message: &Message| group.delivered.contains(message);
    lost(case, groups.missing(got))
}

/// The law of at most once: nothing comes twice to a group.
pub fn nothing_twice(case: &Case<'_>) -> Result<(), Objection> {
    let mut groups = Groups::default();
    for (at, step, seen) in case.steps() {
        let (g, _, records) = groups.enter(step, seen);
        let group = groups.groups.entry(g).or_default();
        for record in records {
            if !group.delivered.insert(place(record)) {
                return Err(Objection::at(at, format!("{} has come to g{g} before", record.message)));
            }
        }
    }
    Ok(())
}

/// The law of at least once, for scripts that end with the only member's poll: each message was acknowledged by somebody, or that
/// member holds it; and what was acknowledged by the owner of its partition does not come again.
pub fn nothing_lost(case: &Case<'_>) -> Result<(), Objection> {
    let mut groups = Groups::default();
    for (at, step, seen) in case.steps() {
        let (g, c, records) = groups.enter(step, seen);
        let group = groups.groups.entry(g).or_default();
        if let Some(member) = group.members.get_mut(&c) {
            member.held.extend(records.iter().map(place));
            for record in records {
                member.doubtful.remove(&place(record));
            }
        }
        let again = records
            .iter()
            .map(place)
            .find(|message| group.settled.contains(message));
        if let Some((topic, partition, offset)) = again {
            let text = format!("offset {offset} of partition {partition} of `{topic}` was acknowledged");
            return Err(Objection::at(at, text));
        }
    }
    let safe = |group: &Group, message: &Message| {
        group.acknowledged.contains(message) || group.members.values().any(|member| member.held.contains(message))
    };
    lost(case, groups.missing(safe))
}
