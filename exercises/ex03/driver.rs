//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.

use ex03::{CRDT, GCounter, LWWMap, LWWRegister, ORSet, PNCounter, Timestamp};
use ex03_protocol::{Order, Registry, Slot, counting, replica};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::thread::sleep;
use std::time::Duration;

/// The replicas of one script.
#[derive(Default)]
pub struct World {
    gcounters: Slots<GCounter>,
    pncounters: Slots<PNCounter>,
    registers: Slots<LWWRegister<u32>>,
    sets: Slots<ORSet<String>>,
    maps: Slots<LWWMap<String, u32>>,
}

/// The replicas of one type.
struct Slots<T> {
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
    fn get(&mut self, slot: Slot, new: fn(String) -> T) -> &mut T {
        self.made.entry(slot).or_insert_with(|| new(replica(slot)))
    }

    /// The replica, if it may write.
    fn writer(&mut self, slot: Slot, new: fn(String) -> T) -> Option<&mut T> {
        if self.copies.contains(&slot) {
            return None;
        }
        Some(self.get(slot, new))
    }

    fn fill(&mut self, slot: Slot, from: Slot, copy: T) {
        if slot != from {
            self.made.insert(slot, copy);
            self.copies.insert(slot);
        }
    }
}

fn new_gcounter(_: String) -> GCounter {
    GCounter::new()
}

fn new_pncounter(_: String) -> PNCounter {
    PNCounter::new()
}

impl Registry for World {
    fn stamp_replica(&mut self, replica: String) -> String {
        Timestamp::new(replica).replica
    }

    fn stamp_increment(&mut self, time: u64, replica: String) -> (u64, String) {
        let mut stamp = Timestamp { time, replica };
        stamp.increment();
        (stamp.time, stamp.replica)
    }

    fn stamp_compare(&mut self, time: u64, replica: String, other_time: u64, other_replica: String) -> Order {
        let stamp = Timestamp { time, replica };
        let other = Timestamp {
            time: other_time,
            replica: other_replica,
        };
        match stamp.cmp(&other) {
            Ordering::Less => Order::Less,
            Ordering::Equal => Order::Equal,
            Ordering::Greater => Order::Greater,
        }
    }

    fn gcounter_increment(&mut self, c: Slot, name: u8) {
        if let Some(counter) = self.gcounters.writer(c, new_gcounter) {
            counter.increment(&counting(c, name));
        }
    }

    fn gcounter_increment_by(&mut self, c: Slot, name: u8, n: u64) {
        if let Some(counter) = self.gcounters.writer(c, new_gcounter) {
            counter.increment_by(&counting(c, name), n);
        }
    }

    fn gcounter_merge(&mut self, c: Slot, other: Slot) {
        let other = self.gcounters.get(other, new_gcounter).clone();
        self.gcounters.get(c, new_gcounter).merge(&other);
    }

    fn gcounter_copy(&mut self, c: Slot, copy: Slot) {
        let state = self.gcounters.get(c, new_gcounter).clone();
        self.gcounters.fill(copy, c, state);
    }

    fn gcounter_value(&mut self, c: Slot) -> u64 {
        self.gcounters.get(c, new_gcounter).value()
    }

    fn gcounter_replica_value(&mut self, c: Slot, of: Slot, name: u8) -> u64 {
        self.gcounters.get(c, new_gcounter).replica_value(&counting(of, name))
    }

    fn pncounter_increment(&mut self, c: Slot, name: u8) {
        if let Some(counter) = self.pncounters.writer(c, new_pncounter) {
            counter.increment(&counting(c, name));
        }
    }

    fn pncounter_decrement(&mut self, c: Slot, name: u8) {
        if let Some(counter) = self.pncounters.writer(c, new_pncounter) {
            counter.decrement(&counting(c, name));
        }
    }

    fn pncounter_increment_by(&mut self, c: Slot, name: u8, n: u64) {
        if let Some(counter) = self.pncounters.writer(c, new_pncounter) {
            counter.increment_by(&counting(c, name), n);
        }
    }

    fn pncounter_decrement_by(&mut self, c: Slot, name: u8, n: u64) {
        if let Some(counter) = self.pncounters.writer(c, new_pncounter) {
            counter.decrement_by(&counting(c, name), n);
        }
    }

    fn pncounter_merge(&mut self, c: Slot, other: Slot) {
        let other = self.pncounters.get(other, new_pncounter).clone();
        self.pncounters.get(c, new_pncounter).merge(&other);
    }

    fn pncounter_copy(&mut self, c: Slot, copy: Slot) {
        let state = self.pncounters.get(c, new_pncounter).clone();
        self.pncounters.fill(copy, c, state);
    }

    fn pncounter_value(&mut self, c: Slot) -> i64 {
        self.pncounters.get(c, new_pncounter).value()
    }

    fn pause(&mut self) {
        sleep(Duration::from_millis(2));
    }

    fn register_set(&mut self, c: Slot, value: u32) {
        if let Some(register) = self.registers.writer(c, LWWRegister::new) {
            register.set(value);
        }
    }

    fn register_get(&mut self, c: Slot) -> Option<u32> {
        self.registers.get(c, LWWRegister::new).get().copied()
    }

    fn register_timestamp(&mut self, c: Slot) -> (u64, String) {
        let stamp: &Timestamp = self.registers.get(c, LWWRegister::new).timestamp();
        (stamp.time, stamp.replica.clone())
    }

    fn register_merge(&mut self, c: Slot, other: Slot) {
        let other = self.registers.get(other, LWWRegister::new).clone();
        self.registers.get(c, LWWRegister::new).merge(&other);
    }

    fn register_copy(&mut self, c: Slot, copy: Slot) {
        let state = self.registers.get(c, LWWRegister::new).clone();
        self.registers.fill(copy, c, state);
    }

    fn register_follow(&mut self, rounds: u16) -> u16 {
        let (mut a, mut b) = (LWWRegister::new(replica(1)), LWWRegister::new(replica(0)));
        let mut seen = 0;
        for round in 0..rounds {
            a.set(round);
            b.merge(&a);
            seen += u16::from(b.get() == Some(&round));
        }
        seen
    }

    fn register_relay(&mut self, rounds: u16) -> u16 {
        let (mut a, mut b) = (LWWRegister::new(replica(1)), LWWRegister::new(replica(0)));
        let mut seen = 0;
        for round in 0..rounds {
            mem::swap(&mut a, &mut b);
            a.set(round);
            b.merge(&a);
            seen += u16::from(b.get() == Some(&round));
        }
        seen
    }

    fn set_insert(&mut self, c: Slot, value: String) {
        if let Some(set) = self.sets.writer(c, ORSet::new) {
            set.insert(value);
        }
    }

    fn set_remove(&mut self, c: Slot, value: String) -> bool {
        match self.sets.writer(c, ORSet::new) {
            Some(set) => set.remove(&value),
            None => false,
        }
    }

    fn set_contains(&mut self, c: Slot, value: String) -> bool {
        self.sets.get(c, ORSet::new).contains(&value)
    }

    fn set_values(&mut self, c: Slot) -> Vec<String> {
        let mut values: Vec<String> = self.sets.get(c, ORSet::new).values().into_iter().collect();
        values.sort();
        values
    }

    fn set_len(&mut self, c: Slot) -> u64 {
        let len: usize = self.sets.get(c, ORSet::new).len();
        len as u64
    }

    fn set_is_empty(&mut self, c: Slot) -> bool {
        self.sets.get(c, ORSet::new).is_empty()
    }

    fn set_merge(&mut self, c: Slot, other: Slot) {
        let other = self.sets.get(other, ORSet::new).clone();
        self.sets.get(c, ORSet::new).merge(&other);
    }

    fn set_copy(&mut self, c: Slot, copy: Slot) {
        let state = self.sets.get(c, ORSet::new).clone();
        self.sets.fill(copy, c, state);
    }

    fn map_insert(&mut self, c: Slot, key: String, value: u32) {
        if let Some(map) = self.maps.writer(c, LWWMap::new) {
            map.insert(key, value);
        }
    }

    fn map_remove(&mut self, c: Slot, key: String) {
        if let Some(map) = self.maps.writer(c, LWWMap::new) {
            map.remove(&key);
        }
    }

    fn map_get(&mut self, c: Slot, key: String) -> Option<u32> {
        self.maps.get(c, LWWMap::new).get(&key).copied()
    }

    fn map_contains_key(&mut self, c: Slot, key: String) -> bool {
        self.maps.get(c, LWWMap::new).contains_key(&key)
    }

    fn map_keys(&mut self, c: Slot) -> Vec<String> {
        let mut keys: Vec<String> = self.maps.get(c, LWWMap::new).keys().into_iter().cloned().collect();
        keys.sort();
        keys
    }

    fn map_merge(&mut self, c: Slot, other: Slot) {
        let other = self.maps.get(other, LWWMap::new).clone();
        self.maps.get(c, LWWMap::new).merge(&other);
    }

    fn map_copy(&mut self, c: Slot, copy: Slot) {
        let state = self.maps.get(c, LWWMap::new).clone();
        self.maps.fill(copy, c, state);
    }
}
