//! The last-writer-wins map: a register for each key.

use std::collections::HashMap;
use std::hash::Hash;

use crate::{CRDT, LWWRegister, ReplicaId};

/// A map in which the last write of a key wins, be it an insertion or a removal.
///
/// # Why removed keys leave something behind
/// Removing a key writes "nothing" into its register, and the register stays: an old state may still arrive with the
/// value, and only the timestamp tells that it is old. The map therefore grows with the keys ever written, but not with
/// the number of writes. Dropping such registers would be safe once *every* replica has merged the removal (it is then
/// causally stable); nobody here knows who the replicas are, so none is dropped.
#[derive(Debug, Clone)]
pub struct LWWMap<K: Clone + Eq + Hash, V: Clone> {
    /// A register for each key that was ever written here or heard of. All of them write under `replica_id`.
    entries: HashMap<K, LWWRegister<V>>,
    /// In whose name this replica writes.
    replica_id: ReplicaId,
}

impl<K: Clone + Eq + Hash, V: Clone> LWWMap<K, V> {
    /// An empty map of this replica.
    ///
    /// ```
    /// assert!(ex03::LWWMap::<String, u32>::new("A".to_string()).keys().is_empty());
    /// ```
    pub fn new(replica_id: ReplicaId) -> Self {
        Self {
            entries: HashMap::new(),
            replica_id,
        }
    }

    /// Writes a value under a key.
    ///
    /// ```
    /// let mut map = ex03::LWWMap::new("A".to_string());
    /// map.insert("colour", "red");
    /// map.insert("colour", "blue");
    /// assert_eq!(map.get(&"colour"), Some(&"blue"));
    /// ```
    pub fn insert(&mut self, key: K, value: V) {
        self.register(key).set(value);
    }

    /// Writes that there is nothing under a key. A later insertion brings it back.
    ///
    /// ```
    /// let mut map = ex03::LWWMap::new("A".to_string());
    /// map.insert("colour", "red");
    /// map.remove(&"colour");
    /// assert_eq!(map.get(&"colour"), None);
    /// ```
    pub fn remove(&mut self, key: &K) {
        self.register(key.clone()).clear();
    }

    /// The value that the last write left under a key.
    ///
    /// ```
    /// let mut map = ex03::LWWMap::new("A".to_string());
    /// map.insert("colour", "red");
    /// assert_eq!(map.get(&"colour"), Some(&"red"));
    /// ```
    pub fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key).and_then(LWWRegister::get)
    }

    /// Whether there is a value under a key.
    ///
    /// ```
    /// let map = ex03::LWWMap::<&str, u32>::new("A".to_string());
    /// assert!(!map.contains_key(&"colour"));
    /// ```
    pub fn contains_key(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    /// The keys that have a value, each once, in no particular order.
    ///
    /// ```
    /// let mut map = ex03::LWWMap::new("A".to_string());
    /// map.insert("colour", "red");
    /// map.insert("shape", "round");
    /// map.remove(&"shape");
    /// assert_eq!(map.keys(), [&"colour"]);
    /// ```
    pub fn keys(&self) -> Vec<&K> {
        let present = self.entries.iter().filter(|(_, register)| register.get().is_some());
        present.map(|(key, _)| key).collect()
    }

    /// The register of a key, made when first needed: one that writes in the name of this replica.
    fn register(&mut self, key: K) -> &mut LWWRegister<V> {
        self.entries
            .entry(key)
            .or_insert_with(|| LWWRegister::new(self.replica_id.clone()))
    }
}

impl<K: Clone + Eq + Hash, V: Clone> CRDT for LWWMap<K, V> {
    /// Merges the registers key by key. An unknown one is not copied as it is: it would go on writing under the name of
    /// the other replica.
    fn merge(&mut self, other: &Self) {
        for (key, register) in &other.entries {
            self.register(key.clone()).merge(register);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(replica: &str) -> LWWMap<&'static str, u32> {
        LWWMap::new(replica.to_owned())
    }

    #[test]
    fn an_old_state_does_not_bring_a_removed_key_back() {
        let (mut a, mut b) = (map("A"), map("B"));
        a.insert("x", 1);
        let old = a.clone();
        b.merge(&a);
        b.remove(&"x");
        b.merge(&old);
        a.merge(&b);
        assert_eq!((a.keys().len(), b.keys().len()), (0, 0));
    }

    #[test]
    fn writing_after_a_merge_is_signed_by_the_writer() {
        let (mut a, mut b) = (map("A"), map("B"));
        b.insert("x", 1);
        a.merge(&b);
        a.insert("x", 2);
        assert_eq!(a.entries["x"].timestamp().replica, "A");
        b.merge(&a);
        assert_eq!(b.get(&"x"), Some(&2));
    }

    #[test]
    fn the_map_grows_with_its_keys_and_not_with_its_writes() {
        let mut a = map("A");
        for round in 0..100 {
            a.insert("x", round);
            a.remove(&"x");
        }
        assert_eq!(a.entries.len(), 1);
    }
}
