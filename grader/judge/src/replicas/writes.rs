//! Last-writer-wins, judged without knowing what time it is: which writes each replica has heard of, and whether one order
//! of all writes explains what is read.

use std::collections::{BTreeMap, BTreeSet};

use super::{Knowledge, Slot};
use crate::case::Objection;

/// A write of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Write {
    /// Of a value that no other write has.
    Value(u32),
    /// Of nothing.
    Removal,
    /// Of nothing where there may have been nothing: it need not count as a write.
    PerhapsRemoval,
}

/// The writes of a script, by step, and what its answers have said so far.
#[derive(Debug, Default)]
pub struct Writes {
    knowledge: Knowledge,
    writes: BTreeMap<usize, (String, Write)>,
    /// For each write, some that come before it: those that its writer knew, and those over which it was seen to win.
    after: BTreeMap<usize, BTreeSet<usize>>,
}

impl Writes {
    /// A replica writes a value under a key. Whether no other write has this value: answers could not be told apart.
    pub fn value(&mut self, at: usize, c: Slot, key: &str, value: u32) -> bool {
        let is_new = self.writes.values().all(|(_, write)| *write != Write::Value(value));
        self.write(at, c, key, Write::Value(value));
        is_new
    }

    /// A replica removes a key.
    pub fn removal(&mut self, at: usize, c: Slot, key: &str) {
        let latest = self.knowledge.latest(&self.heard(c, key));
        let has_value = !latest.is_empty() && latest.iter().all(|write| self.is_value(write));
        let write = if has_value {
            Write::Removal
        } else {
            Write::PerhapsRemoval
        };
        self.write(at, c, key, write);
    }

    fn write(&mut self, at: usize, c: Slot, key: &str, write: Write) {
        self.after.insert(at, self.heard(c, key));
        self.knowledge.write(c, at);
        self.writes.insert(at, (key.to_owned(), write));
    }

    /// A replica takes in another state.
    pub fn merge(&mut self, into: Slot, from: Slot) {
        self.knowledge.merge(into, from);
    }

    /// A state is copied.
    pub fn copy(&mut self, from: Slot, to: Slot) {
        self.knowledge.copy(from, to);
    }

    /// What a replica reads under a key: the value of one of the latest writes that it has heard of, always the same one.
    pub fn read(&mut self, at: usize, c: Slot, key: &str, shown: Option<u32>) -> Result<(), Objection> {
        let heard = self.heard(c, key);
        let latest = self.knowledge.latest(&heard);
        let winner = match shown {
            Some(value) => {
                let writer = heard.iter().find(|write| self.writes[*write].1 == Write::Value(value));
                let Some(&writer) = writer else {
                    let text = format!("this replica has heard of no write of {value} here");
                    return Err(Objection::at(at, text));
                };
                if !latest.contains(&writer) {
                    let text = format!(
                        "{value} was overwritten by somebody who had seen it, and this replica has heard of that"
                    );
                    return Err(Objection::at(at, text));
                }
                writer
            }
            None if heard.is_empty() => return Ok(()),
            None if latest.iter().all(|write| self.is_value(write)) => {
                let text = "this replica has heard of a value here, and of no removal that could have won over it";
                return Err(Objection::at(at, text));
            }
            None => {
                let mut removals = heard.iter().filter(|write| !self.is_value(write));
                match (removals.next(), removals.next()) {
                    (Some(&only), None) if self.writes[&only].1 == Write::Removal => only,
                    // Which of them won cannot be seen.
                    _ => return Ok(()),
                }
            }
        };
        let losers = heard
            .into_iter()
            .filter(|write| *write != winner && self.writes[write].1 != Write::PerhapsRemoval);
        for loser in losers {
            if self.comes_after(loser, winner) {
                let text =
                    "other answers say that another write wins over this one: who has heard of both must read the same";
                return Err(Objection::at(at, text));
            }
            self.after.entry(winner).or_default().insert(loser);
        }
        Ok(())
    }

    fn is_value(&self, write: &usize) -> bool {
        matches!(self.writes[write].1, Write::Value(_))
    }

    /// The writes of a key that a replica has heard of.
    fn heard(&self, c: Slot, key: &str) -> BTreeSet<usize> {
        let mut heard = self.knowledge.heard_by(c);
        heard.retain(|write| self.writes[write].0 == key);
        heard
    }

    /// Whether one write is known to come after another.
    fn comes_after(&self, later: usize, earlier: usize) -> bool {
        let mut open = vec![later];
        let mut visited = BTreeSet::new();
        while let Some(write) = open.pop() {
            if write == earlier {
                return true;
            }
            if visited.insert(write) {
                open.extend(self.after.get(&write).into_iter().flatten());
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two replicas that have written concurrently, and heard of each other.
    fn two_writes() -> Writes {
        let mut writes = Writes::default();
        assert!(writes.value(0, 0, "x", 10) && writes.value(1, 1, "x", 11));
        writes.copy(0, 50);
        writes.merge(0, 1);
        writes.merge(1, 50);
        writes
    }

    #[test]
    fn either_of_two_concurrent_writes_may_win_but_not_both() {
        for winner in [10, 11] {
            let mut writes = two_writes();
            assert_eq!(writes.read(2, 0, "x", Some(winner)), Ok(()));
            assert_eq!(writes.read(3, 1, "x", Some(winner)), Ok(()));
            assert!(writes.read(4, 1, "x", Some(21 - winner)).is_err());
            assert!(writes.read(4, 1, "x", None).is_err());
        }
    }

    #[test]
    fn what_the_writer_had_seen_has_lost() {
        let mut writes = two_writes();
        writes.value(2, 0, "x", 12);
        assert_eq!(writes.read(3, 0, "x", Some(12)), Ok(()));
        assert!(writes.read(4, 0, "x", Some(10)).is_err());
    }

    #[test]
    fn answers_may_not_go_round_in_a_circle() {
        let mut writes = Writes::default();
        for c in 0..3 {
            writes.value(usize::from(c), c, "x", u32::from(c));
            writes.copy(c, 50 + c);
        }
        for (c, other) in [(50, 1), (51, 2), (52, 0)] {
            writes.merge(c, other);
        }
        assert_eq!(writes.read(3, 50, "x", Some(0)), Ok(()));
        assert_eq!(writes.read(4, 51, "x", Some(1)), Ok(()));
        assert!(writes.read(5, 52, "x", Some(2)).is_err());
    }

    #[test]
    fn a_removal_of_nothing_may_count_as_a_write_or_not() {
        for shown in [None, Some(10)] {
            let mut writes = Writes::default();
            writes.removal(0, 1, "x");
            writes.value(1, 0, "x", 10);
            writes.merge(0, 1);
            assert_eq!(writes.read(2, 0, "x", shown), Ok(()));
        }
    }

    #[test]
    fn a_removal_of_a_value_wins_over_it() {
        let mut writes = two_writes();
        writes.removal(2, 0, "x");
        writes.merge(1, 0);
        assert_eq!(writes.read(3, 1, "x", None), Ok(()));
        assert!(writes.read(3, 1, "x", Some(10)).is_err());
        assert_eq!(writes.read(3, 1, "y", None), Ok(()));
    }
}
