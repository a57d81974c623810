//! The books of scripts in which each group has one consumer at a time: what it gets, and from where.

use std::collections::{BTreeMap, BTreeSet};

use ex06_protocol::{Record, Refusal, Seen, Slot, Step, topic};
use judge::Objection;

use crate::Case;

/// Topic and partition.
pub type Place = (String, u32);

/// What was published and how far each group is.
#[derive(Default)]
struct Ledger {
    /// The number of partitions of each topic.
    topics: BTreeMap<String, u8>,
    /// The messages of each partition in order.
    published: BTreeMap<Place, Vec<String>>,
    readers: BTreeMap<Slot, Reader>,
}

/// A group with its one consumer.
#[derive(Default)]
struct Reader {
    consumer: Option<Slot>,
    topics: BTreeSet<String>,
    /// The offset to be read next.
    next: BTreeMap<Place, u64>,
    /// The first offset that is not acknowledged.
    settled: BTreeMap<Place, u64>,
    held: BTreeSet<(Place, u64)>,
}

impl Reader {
    /// Goes on from an offset; what was held is held no more.
    fn go_to(&mut self, place: Place, offset: u64) {
        self.held.retain(|(held, _)| *held != place);
        self.next.insert(place, offset);
    }

    fn acknowledge(&mut self, place: &Place, offset: u64) {
        self.held.retain(|(held, at)| held != place || *at > offset);
        self.settled.insert(place.clone(), offset + 1);
    }
}

/// The law of one consumer: it gets each partition in order, as much at once as there is, and goes on where the script left it.
pub fn follows_the_logs(case: &Case<'_>) -> Result<(), Objection> {
    let mut ledger = Ledger::default();
    for (at, step, seen) in case.steps() {
        ledger.enter(step, seen).map_err(|text| Objection::at(at, text))?;
    }
    Ok(())
}

impl Ledger {
    /// Takes note of a step, or objects to what was seen.
    fn enter(&mut self, step: &Step, seen: &Seen) -> Result<(), String> {
        match (step, seen) {
            (Step::create { t, partitions }, Seen::create(Ok(()))) => {
                self.topics.insert(topic(*t), (*partitions).max(1));
            }
            (Step::publish { .. }, Seen::publish(Ok(record))) => self.publish(record),
            (Step::publish_batch { .. }, Seen::publish_batch(Ok(records))) => {
                records.iter().for_each(|record| self.publish(record));
            }
            (Step::join { g, c, topics, .. }, Seen::join(answer)) => return self.join((*g, *c), topics, answer),
            (Step::leave { g, c }, _) => {
                if let Some(reader) = self.readers.get_mut(g).filter(|reader| reader.consumer == Some(*c)) {
                    reader.consumer = None;
                    reader.held.clear();
                }
            }
            (Step::delete { t }, Seen::delete(Ok(()))) => self.forget(&topic(*t)),
            (Step::come_back { g, c }, Seen::come_back(answer)) => {
                self.come_back((*g, *c));
                return self.accepted((*g, *c), answer);
            }
            (Step::renew { g, c, t }, Seen::renew(answer)) if self.reader((*g, *c)).is_some() => {
                self.come_back((*g, *c));
                self.accepted((*g, *c), answer)?;
                self.forget(&topic(*t));
                self.topics.insert(topic(*t), 1);
            }
            (Step::poll { g, c, max }, Seen::poll(answer)) => return self.poll((*g, *c), *max, answer),
            (Step::consume { g, c, max }, Seen::consume(answer)) => {
                self.poll((*g, *c), *max, answer)?;
                self.acknowledge((*g, *c));
            }
            (Step::acknowledge { g, c }, Seen::acknowledge(answer)) => {
                self.acknowledge((*g, *c));
                return self.accepted((*g, *c), answer);
            }
            (Step::acknowledge_up_to { g, c, nth }, Seen::acknowledge_up_to(answer)) => {
                if let Some(reader) = self.reader((*g, *c)) {
                    let at = usize::from(*nth) % reader.held.len().max(1);
                    if let Some((place, offset)) = reader.held.iter().nth(at).cloned() {
                        reader.acknowledge(&place, offset);
                    }
                }
                return self.accepted((*g, *c), answer);
            }
            _ => return self.seek(step, seen),
        }
        Ok(())
    }

    fn publish(&mut self, record: &Record) {
        let place = (record.topic.clone(), record.partition);
        self.published.entry(place).or_default().push(record.message.clone());
    }

    /// A topic is gone, and what groups read of it.
    fn forget(&mut self, topic: &String) {
        self.topics.remove(topic);
        self.published.retain(|(name, _), _| name != topic);
        for reader in self.readers.values_mut() {
            reader.next.retain(|(name, _), _| name != topic);
            reader.settled.retain(|(name, _), _| name != topic);
            reader.held.retain(|((name, _), _)| name != topic);
        }
    }

    /// A consumer leaves and joins again.
    fn come_back(&mut self, who: (Slot, Slot)) {
        if let Some(reader) = self.reader(who) {
            reader.held.clear();
            reader.next = reader.settled.clone();
        }
    }

    fn reader(&mut self, (g, c): (Slot, Slot)) -> Option<&mut Reader> {
        self.readers.get_mut(&g).filter(|reader| reader.consumer == Some(c))
    }

    fn join(&mut self, (g, c): (Slot, Slot), topics: &[Slot], answer: &Result<(), Refusal>) -> Result<(), String> {
        let topics: BTreeSet<String> = topics.iter().map(|t| topic(*t)).collect();
        let topics: BTreeSet<String> = topics.into_iter().filter(|t| self.topics.contains_key(t)).collect();
        let reader = self.readers.entry(g).or_default();
        if topics.is_empty() || reader.consumer.is_some() {
            return Ok(());
        }
        if answer.is_err() {
            return Err("anybody may join a group of topics that exist".to_owned());
        }
        reader.consumer = Some(c);
        reader.topics = topics;
        reader.next = reader.settled.clone();
        Ok(())
    }

    /// A member's request that makes sense is not refused.
    fn accepted(&mut self, who: (Slot, Slot), answer: &Result<(), Refusal>) -> Result<(), String> {
        match (self.reader(who), answer) {
            (Some(_), Err(refusal)) => Err(format!("a member is refused: {refusal:?}")),
            _ => Ok(()),
        }
    }

    fn acknowledge(&mut self, who: (Slot, Slot)) {
        if let Some(reader) = self.reader(who) {
            for (place, offset) in reader.held.clone() {
                reader.acknowledge(&place, offset);
            }
        }
    }

    fn poll(&mut self, who: (Slot, Slot), max: u8, answer: &Result<Vec<Record>, Refusal>) -> Result<(), String> {
        let published = std::mem::take(&mut self.published);
        let said = match (self.reader(who), answer) {
            (None, _) => Ok(()),
            (Some(_), Err(refusal)) => Err(format!("a member is refused: {refusal:?}")),
            (Some(reader), Ok(records)) => reader.read(&published, usize::from(max), records),
        };
        self.published = published;
        said
    }

    fn seek(&mut self, step: &Step, seen: &Seen) -> Result<(), String> {
        let (who, t, partition, answer) = match (step, seen) {
            (Step::seek_back { g, c, t, partition, .. }, Seen::seek_back(answer))
            | (Step::seek_beyond { g, c, t, partition, .. }, Seen::seek_beyond(answer))
            | (Step::seek_to_beginning { g, c, t, partition }, Seen::seek_to_beginning(answer))
            | (Step::seek_to_end { g, c, t, partition }, Seen::seek_to_end(answer)) => {
                ((*g, *c), topic(*t), *partition, answer)
            }
            _ => return Ok(()),
        };
        let partitions = self.topics.get(&t).copied();
        let place = (t.clone(), u32::from(partition));
        let end = self.published.get(&place).map_or(0, Vec::len) as u64;
        let Some(reader) = self.reader(who) else {
            return Ok(());
        };
        let expected = match (partitions, step) {
            (None, _) => Err(Refusal::TopicNotFound(t)),
            (Some(partitions), _) if partition >= partitions => {
                Err(Refusal::PartitionNotFound(t, u32::from(partition)))
            }
            // A topic that it does not read, and a place in a partition without messages, are left open.
            _ if !reader.topics.contains(&t) => return Ok(()),
            (_, Step::seek_back { .. } | Step::seek_beyond { .. }) if end == 0 => return Ok(()),
            (_, Step::seek_back { back, .. }) => Ok((end - 1).saturating_sub(u64::from(*back))),
            (_, Step::seek_beyond { beyond, .. }) => Err(Refusal::InvalidOffset(end + 1 + u64::from(*beyond), 0, end)),
            (_, Step::seek_to_beginning { .. }) => Ok(0),
            _ => Ok(end),
        };
        match (expected, answer) {
            (Ok(offset), Ok(())) => {
                reader.go_to(place, offset);
                Ok(())
            }
            (Err(expected), Err(refusal)) if expected == *refusal => Ok(()),
            (Ok(offset), Err(refusal)) => Err(format!("offset {offset} is there, but it is refused: {refusal:?}")),
            (Err(expected), _) => Err(format!("the place does not exist: {expected:?} was expected")),
        }
    }
}

impl Reader {
    /// Takes note of what it gets, or objects.
    fn read(&mut self, published: &BTreeMap<Place, Vec<String>>, max: usize, records: &[Record]) -> Result<(), String> {
        let left = published.iter().filter(|((topic, _), _)| self.topics.contains(topic));
        let left = left.map(|(place, messages)| {
            let next = self.next.get(place).copied().unwrap_or_default();
            messages.len() - usize::try_from(next).unwrap_or(usize::MAX).min(messages.len())
        });
        let expected = left.sum::<usize>().min(max);
        for record in records {
            let place = (record.topic.clone(), record.partition);
            let next = self.next.entry(place.clone()).or_default();
            let Record {
                topic,
                partition,
                offset,
                message,
            } = record;
            if !self.topics.contains(topic) {
                return Err(format!("`{topic}` is none of its topics"));
            }
            if offset != next {
                return Err(format!(
                    "of partition {partition} of `{topic}`, offset {next} comes next, not {offset}"
                ));
            }
            let stored = published
                .get(&place)
                .and_then(|messages| messages.get(*offset as usize));
            if stored != Some(message) {
                return Err(format!(
                    "offset {offset} of partition {partition} of `{topic}` is not {message}, by what `publish` answered"
                ));
            }
            *next += 1;
            self.held.insert((place, *offset));
        }
        if records.len() != expected {
            return Err(format!("{expected} messages are due, and {} came", records.len()));
        }
        Ok(())
    }
}
