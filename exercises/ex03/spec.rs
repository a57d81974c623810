//! The public checks: what the statement says, in examples that a student can read and run.

use ex03::{CRDT, GCounter, LWWMap, LWWRegister, ORSet, PNCounter, ReplicaId, Tagged, Timestamp};
use std::collections::HashSet;
use std::fmt::Debug;
use std::hash::Hash;
use std::thread::sleep;
use std::time::Duration;

/// The name of a replica as the contract wants it.
fn replica(name: &str) -> ReplicaId {
    name.to_owned()
}

/// Each of two replicas takes in the other's state.
fn exchange<C: CRDT>(left: &mut C, right: &mut C) {
    let message = left.clone();
    left.merge(right);
    right.merge(&message);
}

/// R1: timestamps are ordered by time, then by replica, and `increment` moves the time on.
#[test]
fn test_timestamp_order() {
    let mut stamp = Timestamp::new(replica("A"));
    assert_eq!(stamp.replica, "A");
    let before = stamp.clone();
    stamp.increment();
    assert_eq!(stamp.time, before.time + 1);
    assert!(before < stamp);

    let at = |time, name| Timestamp {
        time,
        replica: replica(name),
    };
    assert!(at(1, "B") < at(2, "A"), "the time decides first");
    assert!(at(1, "A") < at(1, "B"), "then the replica");
}

/// R2: a counter adds up what its replicas have counted, and knows the share of each.
#[test]
fn test_gcounter_increment() {
    let mut counter = GCounter::new();
    assert_eq!(counter.value(), 0);
    counter.increment(&replica("A"));
    counter.increment(&replica("A"));
    counter.increment(&replica("B"));

    assert_eq!(counter.value(), 3);
    assert_eq!(counter.replica_value(&replica("A")), 2);

    counter.increment_by(&replica("B"), 5);
    assert_eq!(counter.replica_value(&replica("B")), 6);
    assert_eq!(counter.replica_value(&replica("C")), 0);
}

/// R3: merging either way gives the same total, and a second time changes nothing.
#[test]
fn test_gcounter_merge_convergence() {
    let mut left = GCounter::new();
    left.increment_by(&replica("A"), 2);
    let mut right = GCounter::new();
    right.increment_by(&replica("B"), 3);

    let mut left_first = left.clone();
    left_first.merge(&right);
    let mut right_first = right.clone();
    right_first.merge(&left);
    assert_eq!((left_first.value(), right_first.value()), (5, 5));

    left_first.merge(&right_first);
    assert_eq!(left_first.value(), 5, "common history is counted once");
}

/// R4: a counter may go below zero.
#[test]
fn test_pncounter_negative() {
    let mut counter = PNCounter::new();
    counter.increment(&replica("A"));
    counter.decrement(&replica("A"));
    counter.decrement(&replica("A"));
    assert_eq!(counter.value(), -1);

    counter.increment_by(&replica("B"), 10);
    counter.decrement_by(&replica("B"), 4);
    assert_eq!(counter.value(), 5);
}

/// R4: increments and decrements on different replicas all count.
#[test]
fn test_pncounter_concurrent_operations() {
    let (mut left, mut right) = (PNCounter::new(), PNCounter::new());
    left.increment(&replica("A"));
    left.increment(&replica("A"));
    right.decrement(&replica("B"));

    left.merge(&right);
    right.merge(&left);
    assert_eq!((left.value(), right.value()), (1, 1));
}

/// R6: of two writes that are well apart, the later one wins.
#[test]
fn test_lww_register_last_write_wins() {
    let mut left = LWWRegister::<String>::new(replica("A"));
    let mut right = LWWRegister::<String>::new(replica("B"));

    left.set("first".to_owned());
    sleep(Duration::from_millis(10));
    right.set("second".to_owned());

    left.merge(&right);
    assert_eq!(left.get().map(String::as_str), Some("second"));
}

/// R5, R6: a write wins over what its replica has merged, however fast they follow each other, and signs with its name.
#[test]
fn test_lww_register_set_after_merge() {
    let mut left = LWWRegister::new(replica("A"));
    let mut right = LWWRegister::new(replica("B"));
    assert_eq!(left.get(), None);

    right.set(1);
    right.set(2);
    left.merge(&right);
    assert_eq!(left.get(), Some(&2));
    assert_eq!(left.timestamp().replica, "B");

    left.set(3);
    assert!(right.timestamp() < left.timestamp());
    assert_eq!(left.timestamp().replica, "A");
    right.merge(&left);
    assert_eq!(right.get(), Some(&3));
}

/// R6: concurrent writes have the same winner on both sides, and a register that was never written wins over none.
#[test]
fn test_lww_register_agrees() {
    let mut left = LWWRegister::new(replica("A"));
    let mut right = LWWRegister::new(replica("B"));
    left.set(1);
    exchange(&mut left, &mut right);
    assert_eq!((left.get(), right.get()), (Some(&1), Some(&1)));

    left.set(2);
    right.set(3);
    exchange(&mut left, &mut right);
    assert!(left.get().is_some());
    assert_eq!(left.get(), right.get());
}

/// R7: a set has what was inserted and not removed.
#[test]
fn test_orset_add_remove() {
    let mut set = ORSet::new(replica("A"));
    assert!(set.is_empty());
    set.insert("apple");
    set.insert("banana");
    set.insert("banana");
    assert!(set.contains(&"apple") && set.contains(&"banana"));
    assert_eq!(set.len(), 2);

    assert!(set.remove(&"apple"));
    assert!(!set.remove(&"apple"), "there is nothing left to remove");
    assert!(!set.contains(&"apple") && set.contains(&"banana"));
    assert_eq!(set.values(), HashSet::from(["banana"]));
}

/// R8: of a concurrent insertion and removal the insertion wins.
#[test]
fn test_orset_add_wins_concurrent() {
    let (mut left, mut right) = (ORSet::new(replica("A")), ORSet::new(replica("B")));
    left.insert("x");
    right.merge(&left);

    right.remove(&"x");
    left.insert("x");

    left.merge(&right);
    right.merge(&left);
    assert!(left.contains(&"x"), "the removal had not seen the second insertion");
    assert!(right.contains(&"x"));
}

/// R8: a removal reaches the others, and what was removed can be inserted again.
#[test]
fn test_orset_remove_then_insert() {
    let (mut left, mut right) = (ORSet::new(replica("A")), ORSet::new(replica("B")));
    left.insert("x");
    let old = left.clone();
    right.merge(&left);
    right.remove(&"x");
    left.merge(&right);
    assert!(!left.contains(&"x"), "the removal had seen the only insertion");

    left.merge(&old);
    assert!(!left.contains(&"x"), "an old state brings nothing back");

    left.insert("x");
    right.merge(&left);
    assert!(right.contains(&"x"));
}

/// R9: a map reads the last write of each key; a removed key is gone until it is written again.
#[test]
fn test_lww_map_local() {
    let mut map = LWWMap::new(replica("A"));
    map.insert("x", 1);
    map.insert("y", 2);
    map.insert("x", 3);
    assert_eq!((map.get(&"x"), map.get(&"y")), (Some(&3), Some(&2)));

    map.remove(&"x");
    assert_eq!(map.get(&"x"), None);
    assert!(!map.contains_key(&"x") && map.contains_key(&"y"));
    assert_eq!(map.keys(), [&"y"]);

    map.insert("x", 4);
    assert_eq!(map.get(&"x"), Some(&4));
}

/// R10: a removal is a write: it wins over the insertion it has seen, and loses against a later one.
#[test]
fn test_lww_map_merge() {
    let (mut left, mut right) = (LWWMap::new(replica("A")), LWWMap::new(replica("B")));
    left.insert("x", 1);
    let old = left.clone();
    right.merge(&left);
    right.remove(&"x");
    left.merge(&right);
    left.merge(&old);
    assert_eq!(left.get(&"x"), None);
    assert!(left.keys().is_empty());

    left.insert("x", 2);
    right.merge(&left);
    assert_eq!(right.get(&"x"), Some(&2));
}

/// R11: merging a state with itself changes nothing.
#[test]
fn test_crdt_idempotence() {
    let mut counter = GCounter::new();
    counter.increment(&replica("A"));
    counter.merge(&counter.clone());
    assert_eq!(counter.value(), 1);

    let mut set = ORSet::new(replica("A"));
    set.insert(1);
    set.merge(&set.clone());
    assert_eq!(set.values(), HashSet::from([1]));
}

/// R11: the order in which states arrive does not matter.
#[test]
fn test_crdt_commutativity() {
    let mut a = ORSet::new(replica("A"));
    let mut b = ORSet::new(replica("B"));
    let mut c = ORSet::new(replica("C"));
    a.insert(1);
    b.insert(2);
    c.insert(3);

    let mut b_first = a.clone();
    b_first.merge(&b);
    b_first.merge(&c);
    let mut c_first = a.clone();
    c_first.merge(&c);
    c_first.merge(&b);
    assert_eq!(b_first.values(), c_first.values());
    assert_eq!(b_first.values(), HashSet::from([1, 2, 3]));
}

/// R12: the types have the traits of the contract, for all values that it allows.
#[test]
fn test_required_traits() {
    fn counter<T: CRDT + Debug + Default>() {}
    fn crdt<T: CRDT + Debug>() {}
    fn stamp<T: Clone + Debug + Ord + Hash>() {}
    fn tagged<T: Clone + Debug + Eq + Hash>() {}

    /// As little as the contract asks of elements and keys, plus `Debug`.
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    struct Key;
    /// As little as the contract asks of values, plus `Debug`.
    #[derive(Debug, Clone)]
    struct Value;

    counter::<GCounter>();
    counter::<PNCounter>();
    crdt::<LWWRegister<Value>>();
    crdt::<ORSet<Key>>();
    crdt::<LWWMap<Key, Value>>();
    stamp::<Timestamp>();
    tagged::<Tagged<Key>>();

    let tag = Timestamp::new(replica("A"));
    let mut later = tag.clone();
    later.increment();
    let (first, second) = (Tagged { value: Key, tag }, Tagged { value: Key, tag: later });
    assert_eq!(first.value, second.value);
    assert!(first != second, "two insertions of one value are not the same");
}

/// R12: a clone is a message: it does not change with its original, and can be merged later.
#[test]
fn test_clone_is_a_message() {
    let mut counter = GCounter::default();
    counter.increment(&replica("A"));
    let message = counter.clone();
    counter.increment(&replica("A"));
    assert_eq!((message.value(), counter.value()), (1, 2));
    counter.merge(&message);
    assert_eq!(counter.value(), 2);
    assert_eq!(PNCounter::default().value(), 0);
}
