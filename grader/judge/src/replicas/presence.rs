//! Observed-remove sets, judged without looking at a tag: who had heard of which insertions determines every answer.

use std::collections::{BTreeMap, BTreeSet};

use super::{Knowledge, Slot};
use crate::case::Objection;

/// The insertions and removals of a script, by step.
#[derive(Debug, Default)]
pub struct Presence {
    knowledge: Knowledge,
    insertions: BTreeMap<usize, String>,
    removals: BTreeMap<usize, String>,
}

impl Presence {
    /// A replica inserts a value, which it may have.
    pub fn insert(&mut self, at: usize, c: Slot, value: &str) {
        self.knowledge.write(c, at);
        self.insertions.insert(at, value.to_owned());
    }

    /// A replica removes what it has heard of a value, if anything.
    pub fn remove(&mut self, at: usize, c: Slot, value: &str) {
        self.knowledge.write(c, at);
        self.removals.insert(at, value.to_owned());
    }

    /// A replica takes in another state.
    pub fn merge(&mut self, into: Slot, from: Slot) {
        self.knowledge.merge(into, from);
    }

    /// A state is copied.
    pub fn copy(&mut self, from: Slot, to: Slot) {
        self.knowledge.copy(from, to);
    }

    /// The values with an insertion that a set has heard of, and no removal of it.
    pub fn values(&self, c: Slot) -> BTreeSet<&str> {
        let heard = self.knowledge.heard_by(c);
        let is_removed = |insertion: usize, value: &str| {
            heard.iter().any(|removal| {
                self.removals.get(removal).is_some_and(|removed| removed == value)
                    && self.knowledge.precedes(insertion, *removal)
            })
        };
        let insertions = heard
            .iter()
            .filter_map(|at| Some((*at, self.insertions.get(at)?.as_str())));
        insertions
            .filter(|(at, value)| !is_removed(*at, value))
            .map(|(_, value)| value)
            .collect()
    }

    /// Objects to an answer about one value.
    pub fn contains(&self, at: usize, c: Slot, value: &str, answer: bool) -> Result<(), Objection> {
        let is_there = self.values(c).contains(value);
        if is_there == answer {
            return Ok(());
        }
        let text = if is_there {
            format!("this set has heard of an insertion of {value:?} that no removal had seen: {value:?} is there")
        } else {
            format!(
                "every insertion of {value:?} that this set has heard of was seen by a removal: {value:?} is not there"
            )
        };
        Err(Objection::at(at, text))
    }

    /// Objects to an answer about all values, unless it is right about those that are there.
    pub fn all(&self, at: usize, c: Slot, is_right: impl FnOnce(&BTreeSet<&str>) -> bool) -> Result<(), Objection> {
        let there = self.values(c);
        if is_right(&there) {
            return Ok(());
        }
        let text = format!("by the insertions and removals that this set has heard of, its values are {there:?}");
        Err(Objection::at(at, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removal_removes_what_it_has_seen_and_nothing_else() {
        let mut sets = Presence::default();
        sets.insert(0, 0, "x");
        sets.merge(1, 0);
        sets.insert(1, 0, "x");
        sets.remove(2, 1, "x");
        assert!(sets.values(1).is_empty());
        sets.merge(1, 0);
        assert_eq!(sets.values(1), ["x"].into());
        assert_eq!(sets.contains(3, 1, "x", true), Ok(()));
        assert!(sets.contains(3, 1, "x", false).is_err());
    }

    #[test]
    fn an_old_state_brings_nothing_back() {
        let mut sets = Presence::default();
        sets.insert(0, 0, "x");
        sets.insert(1, 0, "y");
        sets.copy(0, 50);
        sets.remove(2, 0, "x");
        sets.merge(1, 0);
        sets.merge(1, 50);
        assert!(sets.contains(3, 1, "x", true).is_err());
        assert_eq!(sets.all(4, 1, |values| values.iter().eq(&["y"])), Ok(()));
        assert!(sets.all(4, 1, |values| values.len() == 2).is_err());
    }
}
