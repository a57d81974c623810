//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.

#[path = "driver/slots.rs"]
mod slots;
#[path = "driver/values.rs"]
mod values;

use ex17::automerge::{AutoCommit, Automerge, Value};
use ex17::{
    CrdtList, CrdtMap, CustomCrdt, GCounter, GSet, MVReg, MaxRegister, OpCrdt, Orswot, PNCounter, StateCrdt,
    VectorClock,
};
use ex17_protocol::{Datum, Library, Slot, actor, counts_of, written};
use slots::Slots;
use std::collections::BTreeSet;
use std::mem;
use values::{datum_of, value_of};

/// The clocks and replicas of one script.
#[derive(Default)]
pub struct World {
    clocks: Slots<VectorClock>,
    gcounters: Slots<GCounter>,
    pncounters: Slots<PNCounter>,
    gsets: Slots<GSet<String>>,
    orswots: Slots<Orswot<String>>,
    registers: Slots<MVReg<String>>,
    maps: Slots<CrdtMap<String, Notes>>,
    lists: Slots<CrdtList<u32>>,
    commits: Slots<AutoCommit>,
    documents: Slots<Automerge>,
}

/// What maps hold: a replicated set of the driver's own, so that no other type of the exercise is needed.
#[derive(Clone)]
struct Notes(BTreeSet<u32>);

impl StateCrdt for Notes {
    fn merge(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }
}

/// Documents with and without a name.
fn commit(c: Slot) -> fn() -> AutoCommit {
    if c.is_multiple_of(2) {
        AutoCommit::new
    } else {
        || AutoCommit::with_actor("somebody")
    }
}

fn sorted<T: Ord>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort();
    values
}

impl Library for World {
    fn clock_inc(&mut self, k: Slot, actor: u64) {
        self.clocks.get(k, VectorClock::new).inc(actor);
    }

    fn clock_merge(&mut self, k: Slot, other: Slot) {
        let other = self.clocks.get(other, VectorClock::new).clone();
        self.clocks.get(k, VectorClock::new).merge(&other);
    }

    fn clock_copy(&mut self, k: Slot, copy: Slot) {
        let clock = self.clocks.get(k, VectorClock::new).clone();
        self.clocks.fill(copy, k, clock);
    }

    fn clock_get(&mut self, k: Slot, actor: u64) -> u64 {
        self.clocks.get(k, VectorClock::new).get(&actor)
    }

    fn clock_happens_before(&mut self, k: Slot, other: Slot) -> bool {
        let other = self.clocks.get(other, VectorClock::new).clone();
        self.clocks.get(k, VectorClock::new).happens_before(&other)
    }

    fn clock_equals(&mut self, k: Slot, other: Slot) -> bool {
        let other = self.clocks.get(other, VectorClock::new).clone();
        *self.clocks.get(k, VectorClock::new) == other
    }

    fn gcounter_inc(&mut self, c: Slot, name: u8) {
        if let Some(counter) = self.gcounters.writer(c, GCounter::new) {
            counter.inc(actor(c, name));
        }
    }

    fn gcounter_apply(&mut self, c: Slot, actor: u64, count: u64) {
        self.gcounters.get(c, GCounter::new).apply((actor, count));
    }

    fn gcounter_merge(&mut self, c: Slot, other: Slot) {
        let other = self.gcounters.get(other, GCounter::new).clone();
        self.gcounters.get(c, GCounter::new).merge(&other);
    }

    fn gcounter_copy(&mut self, c: Slot, copy: Slot) {
        let state = self.gcounters.get(c, GCounter::new).clone();
        self.gcounters.fill(copy, c, state);
    }

    fn gcounter_read(&mut self, c: Slot) -> u64 {
        self.gcounters.get(c, GCounter::new).read()
    }

    fn pncounter_inc(&mut self, c: Slot, name: u8) {
        if let Some(counter) = self.pncounters.writer(c, PNCounter::new) {
            counter.inc(actor(c, name));
        }
    }

    fn pncounter_dec(&mut self, c: Slot, name: u8) {
        if let Some(counter) = self.pncounters.writer(c, PNCounter::new) {
            counter.dec(actor(c, name));
        }
    }

    fn pncounter_merge(&mut self, c: Slot, other: Slot) {
        let other = self.pncounters.get(other, PNCounter::new).clone();
        self.pncounters.get(c, PNCounter::new).merge(&other);
    }

    fn pncounter_copy(&mut self, c: Slot, copy: Slot) {
        let state = self.pncounters.get(c, PNCounter::new).clone();
        self.pncounters.fill(copy, c, state);
    }

    fn pncounter_read(&mut self, c: Slot) -> i64 {
        self.pncounters.get(c, PNCounter::new).read()
    }

    fn gset_add(&mut self, c: Slot, value: String) {
        if let Some(set) = self.gsets.writer(c, GSet::new) {
            set.add(value);
        }
    }

    fn gset_apply(&mut self, c: Slot, value: String) {
        self.gsets.get(c, GSet::new).apply(value);
    }

    fn gset_contains(&mut self, c: Slot, value: String) -> bool {
        self.gsets.get(c, GSet::new).contains(&value)
    }

    fn gset_values(&mut self, c: Slot) -> Vec<String> {
        sorted(self.gsets.get(c, GSet::new).iter().cloned())
    }

    fn gset_len(&mut self, c: Slot) -> u64 {
        let len: usize = self.gsets.get(c, GSet::new).len();
        len as u64
    }

    fn gset_merge(&mut self, c: Slot, other: Slot) {
        let other = self.gsets.get(other, GSet::new).clone();
        self.gsets.get(c, GSet::new).merge(&other);
    }

    fn gset_copy(&mut self, c: Slot, copy: Slot) {
        let state = self.gsets.get(c, GSet::new).clone();
        self.gsets.fill(copy, c, state);
    }

    fn orswot_add(&mut self, c: Slot, value: String, name: u8) {
        if let Some(set) = self.orswots.writer(c, Orswot::new) {
            set.add(value, actor(c, name));
        }
    }

    fn orswot_remove(&mut self, c: Slot, value: String) {
        if let Some(set) = self.orswots.writer(c, Orswot::new) {
            set.remove(&value);
        }
    }

    fn orswot_contains(&mut self, c: Slot, value: String) -> bool {
        self.orswots.get(c, Orswot::new).contains(&value)
    }

    fn orswot_values(&mut self, c: Slot) -> Vec<String> {
        sorted(self.orswots.get(c, Orswot::new).iter().cloned())
    }

    fn orswot_merge(&mut self, c: Slot, other: Slot) {
        let other = self.orswots.get(other, Orswot::new).clone();
        self.orswots.get(c, Orswot::new).merge(&other);
    }

    fn orswot_copy(&mut self, c: Slot, copy: Slot) {
        let state = self.orswots.get(c, Orswot::new).clone();
        self.orswots.fill(copy, c, state);
    }

    fn mvreg_set(&mut self, c: Slot, counts: Vec<(u64, u64)>) {
        let mut clock = VectorClock::new();
        for (actor, count) in counts_of(&counts) {
            (0..count).for_each(|_| clock.inc(actor));
        }
        self.registers.get(c, MVReg::new).set(written(&counts), clock);
    }

    fn mvreg_read(&mut self, c: Slot) -> Vec<String> {
        sorted(self.registers.get(c, MVReg::new).read().into_iter().cloned())
    }

    fn mvreg_merge(&mut self, c: Slot, other: Slot) {
        let other = self.registers.get(other, MVReg::new).clone();
        self.registers.get(c, MVReg::new).merge(&other);
    }

    fn mvreg_copy(&mut self, c: Slot, copy: Slot) {
        let state = self.registers.get(c, MVReg::new).clone();
        self.registers.fill(copy, c, state);
    }

    fn map_insert(&mut self, c: Slot, key: String, note: u32) {
        self.maps
            .get(c, CrdtMap::new)
            .insert(key, Notes(BTreeSet::from([note])));
    }

    fn map_note(&mut self, c: Slot, key: String, note: u32) -> bool {
        let notes: Option<&mut Notes> = self.maps.get(c, CrdtMap::new).get_mut(&key);
        notes.map(|notes| notes.0.insert(note)).is_some()
    }

    fn map_get(&mut self, c: Slot, key: String) -> Option<Vec<u32>> {
        let notes: Option<&Notes> = self.maps.get(c, CrdtMap::new).get(&key);
        notes.map(|notes| notes.0.iter().copied().collect())
    }

    fn map_keys(&mut self, c: Slot) -> Vec<String> {
        sorted(self.maps.get(c, CrdtMap::new).keys().cloned())
    }

    fn map_merge(&mut self, c: Slot, other: Slot) {
        let other = self.maps.get(other, CrdtMap::new).clone();
        self.maps.get(c, CrdtMap::new).merge(&other);
    }

    fn map_copy(&mut self, c: Slot, copy: Slot) {
        let state = self.maps.get(c, CrdtMap::new).clone();
        self.maps.fill(copy, c, state);
    }

    fn list_insert(&mut self, c: Slot, index: u8, value: u32, name: u8) {
        if let Some(list) = self.lists.writer(c, CrdtList::new) {
            list.insert(usize::from(index), value, actor(c, name));
        }
    }

    fn list_delete(&mut self, c: Slot, index: u8) {
        if let Some(list) = self.lists.writer(c, CrdtList::new) {
            list.delete(usize::from(index));
        }
    }

    fn list_values(&mut self, c: Slot) -> Vec<u32> {
        self.lists.get(c, CrdtList::new).iter().copied().collect()
    }

    fn list_len(&mut self, c: Slot) -> u64 {
        let len: usize = self.lists.get(c, CrdtList::new).len();
        len as u64
    }

    fn list_merge(&mut self, c: Slot, other: Slot) {
        let other = self.lists.get(other, CrdtList::new).clone();
        self.lists.get(c, CrdtList::new).merge(&other);
    }

    fn list_copy(&mut self, c: Slot, copy: Slot) {
        let state = self.lists.get(c, CrdtList::new).clone();
        self.lists.fill(copy, c, state);
    }

    fn max_apply(&mut self, numbers: Vec<i64>) -> i64 {
        let mut state: i64 = <MaxRegister as CustomCrdt>::initial();
        for number in numbers {
            <MaxRegister as CustomCrdt>::apply_op(&mut state, number);
        }
        state
    }

    fn max_merge(&mut self, one: i64, other: i64) -> i64 {
        <MaxRegister as CustomCrdt>::merge_states(&one, &other)
    }

    fn commit_put(&mut self, c: Slot, key: String, value: i64) -> bool {
        self.commits.get(c, commit(c)).put(&key, Value::Int(value)).is_ok()
    }

    fn commit_get(&mut self, c: Slot, key: String) -> Option<i64> {
        match self.commits.get(c, commit(c)).get(&key) {
            Some(Value::Int(value)) => Some(*value),
            _ => None,
        }
    }

    fn commit_keys(&mut self, c: Slot) -> Vec<String> {
        sorted(self.commits.get(c, commit(c)).keys().cloned())
    }

    fn commit_hold(&mut self, c: Slot, key: String, value: Datum) -> Option<Datum> {
        let document = self.commits.get(c, commit(c));
        document.put(&key, value_of(value)).ok()?;
        document.get(&key).map(datum_of)
    }

    fn document_put(&mut self, c: Slot, key: String, value: u32) {
        if let Some(document) = self.documents.writer(c, Automerge::new) {
            document.put(&key, Value::Int(i64::from(value)));
        }
    }

    fn document_get(&mut self, c: Slot, key: String) -> Option<u32> {
        match self.documents.get(c, Automerge::new).get(&key) {
            Some(Value::Int(value)) => u32::try_from(*value).ok(),
            _ => None,
        }
    }

    fn document_send(&mut self, key: String, value: Datum) -> Option<Datum> {
        let (mut sender, mut receiver) = (Automerge::new(), Automerge::new());
        sender.put(&key, value_of(value));
        receiver.merge(&sender);
        receiver.get(&key).map(datum_of)
    }

    fn document_meet(&mut self, one: Datum, other: Datum) -> (Option<Datum>, Option<Datum>) {
        let (mut a, mut b) = (Automerge::new(), Automerge::new());
        a.put("x", value_of(one));
        b.put("x", value_of(other));
        let old = a.clone();
        a.merge(&b);
        b.merge(&old);
        (a.get("x").map(datum_of), b.get("x").map(datum_of))
    }

    fn document_relay(&mut self, rounds: u16) -> u16 {
        let (mut a, mut b) = (Automerge::new(), Automerge::new());
        let mut seen = 0;
        for round in 0..rounds {
            mem::swap(&mut a, &mut b);
            a.put("x", Value::Int(i64::from(round)));
            b.merge(&a);
            seen += u16::from(matches!(b.get("x"), Some(Value::Int(value)) if *value == i64::from(round)));
        }
        seen
    }

    fn document_merge(&mut self, c: Slot, other: Slot) {
        let other = self.documents.get(other, Automerge::new).clone();
        self.documents.get(c, Automerge::new).merge(&other);
    }

    fn document_copy(&mut self, c: Slot, copy: Slot) {
        let state = self.documents.get(c, Automerge::new).clone();
        self.documents.fill(copy, c, state);
    }
}
