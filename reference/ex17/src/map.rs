//! The map: a replicated value for each key.

use std::collections::HashMap;
use std::hash::Hash;

use crate::StateCrdt;

/// A map that only grows keys, and whose values replicate themselves: maps of sets, of counters, of maps.
///
/// Merging merges the values of each key. Inserting under a key that is there does the same: what others did to the value is
/// kept, so `insert` cannot undo what was heard of.
#[derive(Clone, Debug)]
pub struct CrdtMap<K: Clone + Eq + Hash, V: StateCrdt> {
    entries: HashMap<K, V>,
}

impl<K: Clone + Eq + Hash, V: StateCrdt> CrdtMap<K, V> {
    /// An empty map.
    ///
    /// ```
    /// assert_eq!(ex17::CrdtMap::<u32, ex17::GCounter>::new().keys().count(), 0);
    /// ```
    pub fn new() -> Self {
        Self {
            entries: HashMap::new(),
        }
    }

    /// The value of a key.
    ///
    /// ```
    /// use ex17::{CrdtMap, GCounter};
    ///
    /// let mut votes = CrdtMap::new();
    /// votes.insert("tea", GCounter::new());
    /// assert_eq!(votes.get(&"tea").map(GCounter::read), Some(0));
    /// ```
    pub fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key)
    }

    /// The value of a key, to be written.
    ///
    /// ```
    /// use ex17::{CrdtMap, GCounter};
    ///
    /// let mut votes = CrdtMap::new();
    /// votes.insert("tea", GCounter::new());
    /// votes.get_mut(&"tea").unwrap().inc(1);
    /// assert_eq!(votes.get(&"tea").map(GCounter::read), Some(1));
    /// ```
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.entries.get_mut(key)
    }

    /// Merges a value into that of a key, or makes it the first.
    ///
    /// ```
    /// use ex17::{CrdtMap, GSet};
    ///
    /// let mut tags: CrdtMap<&str, GSet<&str>> = CrdtMap::new();
    /// for tag in ["green", "hot"] {
    ///     let mut set = GSet::new();
    ///     set.add(tag);
    ///     tags.insert("tea", set);
    /// }
    /// assert_eq!(tags.get(&"tea").map(GSet::len), Some(2));
    /// ```
    pub fn insert(&mut self, key: K, value: V) {
        match self.entries.get_mut(&key) {
            Some(mine) => mine.merge(&value),
            None => {
                self.entries.insert(key, value);
            }
        }
    }

    /// The keys, each once, in no order.
    ///
    /// ```
    /// use ex17::{CrdtMap, GCounter};
    ///
    /// let mut votes = CrdtMap::new();
    /// votes.insert("tea", GCounter::new());
    /// assert_eq!(votes.keys().collect::<Vec<_>>(), [&"tea"]);
    /// ```
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.entries.keys()
    }
}

impl<K: Clone + Eq + Hash, V: StateCrdt> Default for CrdtMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Clone + Eq + Hash, V: StateCrdt> StateCrdt for CrdtMap<K, V> {
    /// Merges the values of each key.
    fn merge(&mut self, other: &Self) {
        for (key, theirs) in &other.entries {
            match self.entries.get_mut(key) {
                Some(mine) => mine.merge(theirs),
                None => {
                    self.entries.insert(key.clone(), theirs.clone());
                }
            }
        }
    }
}
