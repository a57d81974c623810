//! The replicas of a script, by number.

use ex17_protocol::Slot;
use std::collections::{BTreeMap, BTreeSet};

/// The replicas of one type.
pub(super) struct Slots<T> {
    made: BTreeMap<Slot, T>,
    /// Those that are copies, which do not write.
    copies: BTreeSet<Slot>,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self {
            made: BTreeMap::new(),
            copies: BTreeSet::new(),
        }
    }
}

impl<T> Slots<T> {
    /// The replica, which is a new one if it was not mentioned before.
    pub(super) fn get(&mut self, slot: Slot, new: fn() -> T) -> &mut T {
        self.made.entry(slot).or_insert_with(new)
    }

    /// The replica, if it may write.
    pub(super) fn writer(&mut self, slot: Slot, new: fn() -> T) -> Option<&mut T> {
        if self.copies.contains(&slot) {
            return None;
        }
        Some(self.get(slot, new))
    }

    /// Makes a slot a copy, unless it is the original.
    pub(super) fn fill(&mut self, slot: Slot, from: Slot, copy: T) {
        if slot != from {
            self.made.insert(slot, copy);
            self.copies.insert(slot);
        }
    }
}
