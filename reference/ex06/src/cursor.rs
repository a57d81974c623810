//! The place of a group in one partition: what is settled, what is on its way, what comes next.
//!
//! ```text
//! offsets   0 1 2 3 4 5 6 7 8 9
//!           s s s f r f f . . .     s settled, f in flight, r returned
//!                 ^       ^
//!         committed       next
//! ```
//!
//! Time is a parameter: a cursor reads no clock.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use crate::log::Log;
use crate::{DeliverySemantics, Offset};

/// How often a group may refuse a message before it is given up.
const REFUSALS: u32 = 5;

/// The place of a group in one partition.
#[derive(Debug, Default)]
pub(crate) struct Cursor {
    /// The first offset that is not settled: where the next owner of the partition begins.
    committed: Offset,
    /// The first offset that the present owner was never given.
    next: Offset,
    /// What was delivered and not acknowledged, with the end of its owner's time.
    in_flight: BTreeMap<Offset, Instant>,
    /// The ends of time in their order; those of messages that are no longer in flight mean nothing.
    deadlines: VecDeque<(Instant, Offset)>,
    /// What has to be delivered again.
    returned: BTreeSet<Offset>,
    /// How often messages that are not settled were refused.
    refusals: BTreeMap<Offset, u32>,
    /// What was given up and is in the dead letter topic.
    given_up: BTreeSet<Offset>,
}

/// What becomes of a message that a consumer refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It was not in flight: nothing.
    Ignored,
    /// It is delivered again.
    Returned,
    /// It was refused too often.
    TooOften,
}

impl Cursor {
    pub(crate) fn committed(&self) -> Offset {
        self.committed
    }

    /// How many messages its owner holds.
    pub(crate) fn unacked(&self) -> usize {
        self.in_flight.len()
    }

    /// Takes back what was not acknowledged in time.
    pub(crate) fn expire(&mut self, now: Instant) {
        while let Some((deadline, offset)) = self.deadlines.pop_front_if(|(deadline, _)| *deadline <= now) {
            if self.in_flight.get(&offset) == Some(&deadline) {
                self.in_flight.remove(&offset);
                self.returned.insert(offset);
            }
        }
    }

    /// Delivers up to `max` messages, in order: first what was returned, then what is new.
    ///
    /// At most once, a message is settled now; otherwise its owner has until `now + patience` to acknowledge it.
    pub(crate) fn deliver(
        &mut self,
        log: &Log,
        max: usize,
        semantics: DeliverySemantics,
        (now, patience): (Instant, Duration),
    ) -> Vec<Offset> {
        let mut delivered = Vec::new();
        while delivered.len() < max
            && let Some(offset) = self.advance(log)
        {
            if semantics == DeliverySemantics::AtMostOnce {
                self.committed = self.committed.max(offset + 1);
            } else {
                let deadline = now + patience;
                self.in_flight.insert(offset, deadline);
                self.deadlines.push_back((deadline, offset));
            }
            delivered.push(offset);
        }
        debug_assert!(delivered.is_sorted(), "what is returned is older than what is new");
        delivered
    }

    /// The offset to deliver now, if there is one.
    fn advance(&mut self, log: &Log) -> Option<Offset> {
        while let Some(offset) = self.returned.pop_first() {
            if log.first() <= offset {
                return Some(offset);
            }
        }
        self.next = self.next.max(log.first());
        while self.given_up.contains(&self.next) {
            self.next += 1;
        }
        let offset = self.next;
        (offset < log.end()).then(|| {
            self.next += 1;
            offset
        })
    }

    /// Settles a message and all before it. What was never delivered cannot be settled.
    pub(crate) fn acknowledge(&mut self, offset: Offset) {
        let Some(settled) = offset.checked_add(1).filter(|settled| *settled <= self.next) else {
            return;
        };
        self.committed = self.committed.max(settled);
        self.in_flight = self.in_flight.split_off(&settled);
        self.returned = self.returned.split_off(&settled);
        self.refusals = self.refusals.split_off(&settled);
    }

    /// Returns a message that its consumer refuses.
    pub(crate) fn refuse(&mut self, offset: Offset) -> Refused {
        if self.in_flight.remove(&offset).is_none() {
            return Refused::Ignored;
        }
        self.returned.insert(offset);
        let refusals = self.refusals.entry(offset).or_default();
        *refusals += 1;
        if *refusals < REFUSALS {
            Refused::Returned
        } else {
            Refused::TooOften
        }
    }

    /// Never delivers a message again.
    pub(crate) fn give_up(&mut self, offset: Offset) {
        self.returned.remove(&offset);
        self.given_up.insert(offset);
    }

    /// Says where the next owner begins.
    pub(crate) fn commit(&mut self, offset: Offset) {
        self.committed = offset;
    }

    /// Goes on from `offset`, and forgets what was on its way.
    pub(crate) fn seek(&mut self, offset: Offset) {
        self.in_flight.clear();
        self.deadlines.clear();
        self.returned.clear();
        self.next = offset;
    }

    /// The partition changes hands: its new owner begins at what is committed.
    pub(crate) fn hand_over(&mut self) {
        self.seek(self.committed);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::Message;

    const PATIENCE: Duration = Duration::from_secs(30);

    fn log(messages: usize) -> Log {
        let mut log = Log::default();
        for _ in 0..messages {
            log.append(Message {
                id: String::new(),
                key: None,
                payload: Vec::new(),
                headers: HashMap::new(),
                timestamp: Instant::now(),
            });
        }
        log
    }

    #[test]
    fn what_is_late_comes_again_and_first() {
        let (log, start) = (log(4), Instant::now());
        let mut cursor = Cursor::default();
        let deliver = |cursor: &mut Cursor, max, seconds| {
            let now = start + Duration::from_secs(seconds);
            cursor.expire(now);
            cursor.deliver(&log, max, DeliverySemantics::AtLeastOnce, (now, PATIENCE))
        };
        assert_eq!(deliver(&mut cursor, 2, 0), [0, 1]);
        cursor.acknowledge(0);
        assert_eq!(deliver(&mut cursor, 1, 29), [2]);
        assert_eq!(deliver(&mut cursor, 9, 30), [1, 3]);
        assert_eq!(deliver(&mut cursor, 9, 59), [2]);
        assert_eq!(deliver(&mut cursor, 9, 60), [1, 3]);
    }

    #[test]
    fn an_end_of_time_that_was_put_off_means_nothing() {
        let (log, start) = (log(1), Instant::now());
        let mut cursor = Cursor::default();
        let late = start + PATIENCE / 2;
        cursor.deliver(&log, 1, DeliverySemantics::AtLeastOnce, (start, PATIENCE));
        assert_eq!(cursor.refuse(0), Refused::Returned);
        cursor.deliver(&log, 1, DeliverySemantics::AtLeastOnce, (late, PATIENCE));
        cursor.expire(start + PATIENCE);
        assert_eq!(cursor.unacked(), 1);
        cursor.expire(late + PATIENCE);
        assert_eq!(cursor.unacked(), 0);
    }

    #[test]
    fn an_old_acknowledgement_takes_nothing_back() {
        let (log, now) = (log(3), Instant::now());
        let mut cursor = Cursor::default();
        cursor.deliver(&log, 3, DeliverySemantics::AtLeastOnce, (now, PATIENCE));
        cursor.acknowledge(2);
        cursor.acknowledge(0);
        assert_eq!(cursor.committed(), 3);
    }
}
