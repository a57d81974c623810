//! A cache that forgets what was not used for longest, of indices instead of pointers.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};

#[derive(Debug)]
struct Slot<K, V> {
    key: K,
    value: V,
    used: u64,
}

#[derive(Debug)]
pub struct Lru<K, V, S = RandomState> {
    slots: Vec<Slot<K, V>>,
    places: HashMap<K, usize, S>,
    capacity: usize,
    clock: u64,
}

impl<K: Hash + Eq + Clone, V, S: BuildHasher + Default> Lru<K, V, S> {
    pub const SMALLEST: usize = 1;

    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            slots: Vec::new(),
            places: HashMap::default(),
            capacity: capacity.max(Self::SMALLEST),
            clock: 0,
        }
    }

    pub fn get(&mut self, key: &K) -> Option<&V> {
        let slot = &mut self.slots[*self.places.get(key)?];
        self.clock += 1;
        slot.used = self.clock;
        Some(&slot.value)
    }

    pub fn put(&mut self, key: K, value: V) -> Option<(K, V)> {
        self.clock += 1;
        let used = self.clock;
        let slot = Slot {
            key: key.clone(),
            value,
            used,
        };
        let place = match self.places.get(&key) {
            Some(place) => *place,
            None if self.slots.len() < self.capacity => {
                self.places.insert(key, self.slots.len());
                self.slots.push(slot);
                return None;
            }
            None => (0..self.slots.len()).min_by_key(|place| self.slots[*place].used)?,
        };
        let old = std::mem::replace(&mut self.slots[place], slot);
        self.places.remove(&old.key);
        self.places.insert(key, place);
        Some((old.key, old.value))
    }
}
