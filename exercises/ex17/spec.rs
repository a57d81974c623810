//! The public checks: what the statement says, in examples that a student can read and run.

use ex17::automerge::{AutoCommit, Automerge, Value};
use ex17::{
    ActorId, CrdtList, CrdtMap, CustomCrdt, GCounter, GSet, MVReg, MaxRegister, OpCrdt, Orswot, PNCounter, StateCrdt,
    VectorClock,
};
use std::collections::{HashMap, HashSet};
use std::fmt::Debug;

/// A clock in which each of these actors has had one event more.
fn after(clock: &VectorClock, actors: &[ActorId]) -> VectorClock {
    let mut later = clock.clone();
    actors.iter().for_each(|actor| later.inc(*actor));
    later
}

/// R1: a clock counts for each actor, and merging keeps the larger counts.
#[test]
fn test_vector_clock() {
    let mut one = VectorClock::new();
    let mut two = VectorClock::new();
    one.inc(1);
    one.inc(1);
    two.inc(2);
    assert_eq!((one.get(&1), two.get(&2)), (2, 1));
    assert_eq!((one.get(&2), two.get(&1)), (0, 0));

    one.merge(&two);
    assert_eq!((one.get(&1), one.get(&2)), (2, 1));
    assert_eq!(one, after(&VectorClock::default(), &[1, 2, 1]));
    assert_ne!(one, two);
}

/// R2: more events of one actor are later; events of different actors are concurrent.
#[test]
fn test_happens_before() {
    let first = after(&VectorClock::new(), &[1]);
    let second = after(&first, &[1]);
    let other = after(&VectorClock::new(), &[2]);
    assert!(first.happens_before(&second));
    assert!(!second.happens_before(&first));
    assert!(!first.happens_before(&first));
    assert!(!first.happens_before(&other) && !other.happens_before(&first));
}

/// R3: a counter reads the sum, and merging adds what it had not heard of.
#[test]
fn test_gcounter_basic() {
    let mut one = GCounter::new();
    let mut two = GCounter::new();
    assert_eq!(one.read(), 0);
    one.inc(1);
    one.inc(1);
    two.inc(2);
    assert_eq!((one.read(), two.read()), (2, 1));

    one.merge(&two);
    assert_eq!((one.read(), two.read()), (3, 1));
}

/// R3, R18: what was merged before is not counted again.
#[test]
fn test_gcounter_idempotent() {
    let mut one = GCounter::new();
    let mut two = GCounter::new();
    one.inc(1);
    two.inc(1);
    one.merge(&two);
    one.merge(&two);
    assert_eq!(one.read(), 1);

    one.inc(1);
    one.merge(&two);
    assert_eq!(one.read(), 2, "an old state takes nothing back");
}

/// R4: a counter may go below zero.
#[test]
fn test_pncounter() {
    let mut counter = PNCounter::new();
    counter.inc(1);
    counter.inc(1);
    counter.dec(2);
    assert_eq!(counter.read(), 1);

    counter.dec(2);
    counter.dec(2);
    assert_eq!(counter.read(), -1);
}

/// R4: increments and decrements of different replicas all count, once.
#[test]
fn test_pncounter_merge() {
    let mut one = PNCounter::new();
    let mut two = PNCounter::new();
    one.inc(1);
    one.dec(1);
    one.dec(1);
    two.inc(2);
    two.inc(2);
    one.merge(&two);
    two.merge(&one);
    two.merge(&one);
    assert_eq!((one.read(), two.read()), (1, 1));
}

/// R5: merging sets is union.
#[test]
fn test_gset_merge() {
    let mut one = GSet::new();
    let mut two = GSet::new();
    one.add("a");
    one.add("b");
    two.add("b");
    two.add("c");
    one.merge(&two);

    assert!(["a", "b", "c"].iter().all(|value| one.contains(value)));
    assert!(!one.contains(&"d"));
    assert_eq!(one.len(), 3);
    assert_eq!(
        one.iter().copied().collect::<HashSet<_>>(),
        HashSet::from(["a", "b", "c"])
    );
    assert!(!two.contains(&"a"), "the other set is only read");
}

/// R6: what was added is there, until it is removed.
#[test]
fn test_orswot_add_remove() {
    let mut set = Orswot::new();
    set.add("item1", 1);
    set.add("item2", 1);
    assert!(set.contains(&"item1"));

    set.remove(&"item1");
    assert!(!set.contains(&"item1"));
    assert!(set.contains(&"item2"));
    assert_eq!(set.iter().collect::<Vec<_>>(), [&"item2"]);

    set.add("item1", 1);
    assert!(set.contains(&"item1"), "what was removed can be added again");
}

/// R7: merging takes in what was added elsewhere.
#[test]
fn test_orswot_concurrent_merge() {
    let mut one = Orswot::new();
    let mut two = Orswot::new();
    one.add("x", 1);
    two.add("y", 2);
    one.merge(&two);
    assert!(one.contains(&"x"));
    assert!(one.contains(&"y"));
}

/// R7: of a concurrent addition and removal the addition wins.
#[test]
fn test_orswot_add_wins() {
    let mut one = Orswot::new();
    one.add("x", 1);
    let mut two = Orswot::new();
    two.merge(&one);
    one.remove(&"x");
    two.add("x", 2);
    one.merge(&two);
    two.merge(&one);
    assert!(one.contains(&"x") && two.contains(&"x"));
}

/// R9: neither of two concurrent writes is lost, and one that has seen its predecessor replaces it.
#[test]
fn test_mvreg_concurrent_writes() {
    let mut register = MVReg::new();
    assert!(register.read().is_empty());
    let first = after(&VectorClock::new(), &[1]);
    let concurrent = after(&VectorClock::new(), &[2]);
    register.set("value1", first.clone());
    register.set("value2", concurrent);

    let mut values = register.read();
    values.sort();
    assert_eq!(values, [&"value1", &"value2"]);

    register.set("value3", after(&first, &[1]));
    let mut values = register.read();
    values.sort();
    assert_eq!(values, [&"value2", &"value3"]);
}

/// R10: merged registers show both of two concurrent writes, and the later one of two others.
#[test]
fn test_mvreg_merge() {
    let first = after(&VectorClock::new(), &[1]);
    let mut one = MVReg::new();
    one.set("old", first.clone());
    let mut two = MVReg::new();
    two.set("new", after(&first, &[1]));
    one.merge(&two);
    assert_eq!(one.read(), [&"new"]);

    let mut three = MVReg::new();
    three.set("else", after(&VectorClock::new(), &[3]));
    one.merge(&three);
    assert_eq!(one.read().len(), 2);
}

/// R11: the values of a key merge.
#[test]
fn test_crdt_map() {
    let counted = |actor| {
        let mut counter = GCounter::new();
        counter.inc(actor);
        counter
    };
    let mut one: CrdtMap<String, GCounter> = CrdtMap::new();
    let mut two: CrdtMap<String, GCounter> = CrdtMap::new();
    one.insert("counter1".into(), counted(1));
    two.insert("counter1".into(), counted(2));
    two.insert("counter2".into(), counted(2));
    one.merge(&two);

    let read = |key: &str| one.get(&key.to_owned()).map(GCounter::read);
    assert_eq!(
        (read("counter1"), read("counter2"), read("counter3")),
        (Some(2), Some(1), None)
    );
    let mut keys: Vec<&String> = one.keys().collect();
    keys.sort();
    assert_eq!(keys, ["counter1", "counter2"]);
}

/// R11: maps hold any replicated type, maps included, and their values are written in place.
#[test]
fn test_nested_map() {
    let mut teams: CrdtMap<&str, CrdtMap<&str, Orswot<&str>>> = CrdtMap::default();
    teams.insert("red", CrdtMap::new());
    let mut other = teams.clone();
    for (map, actor, player) in [(&mut teams, 1, "ada"), (&mut other, 2, "bob")] {
        let red = map.get_mut(&"red").expect("it was inserted");
        let mut players = Orswot::new();
        players.add(player, actor);
        red.insert("players", players);
    }
    teams.merge(&other);
    let players = teams.get(&"red").and_then(|red| red.get(&"players"));
    assert_eq!(players.map(|players| players.iter().count()), Some(2));
    assert!(teams.get_mut(&"blue").is_none());
}

/// R12: values are inserted at an index, and deleted at one.
#[test]
fn test_crdt_list() {
    let mut list = CrdtList::new();
    list.insert(0, "a", 1);
    list.insert(1, "b", 1);
    list.insert(2, "c", 1);
    assert_eq!(list.len(), 3);
    list.insert(1, "x", 1);
    assert_eq!(list.iter().collect::<Vec<_>>(), [&"a", &"x", &"b", &"c"]);

    list.delete(2);
    assert_eq!(list.len(), 3);
    assert_eq!(list.iter().collect::<Vec<_>>(), [&"a", &"x", &"c"]);
}

/// R14: the trait fits a type of one's own.
#[test]
fn test_op_crdt() {
    /// Counts what it hears of, and cannot tell whether it heard of it before.
    struct Tally(u32);

    impl OpCrdt for Tally {
        type Op = u32;
        fn apply(&mut self, op: u32) {
            self.0 += op;
        }
    }

    fn deliver<C: OpCrdt>(replica: &mut C, ops: impl IntoIterator<Item = C::Op>) {
        ops.into_iter().for_each(|op| replica.apply(op));
    }

    let mut tally = Tally(0);
    deliver(&mut tally, [1, 2, 3]);
    assert_eq!(tally.0, 6);
}

/// R15: the largest number stays.
#[test]
fn test_custom_crdt() {
    let mut state = <MaxRegister as CustomCrdt>::initial();
    <MaxRegister as CustomCrdt>::apply_op(&mut state, 10);
    <MaxRegister as CustomCrdt>::apply_op(&mut state, 5);
    assert_eq!(state, 10);
    assert_eq!(<MaxRegister as CustomCrdt>::merge_states(&state, &15), 15);
    assert_eq!(
        <MaxRegister as CustomCrdt>::merge_states(&15, &<MaxRegister as CustomCrdt>::initial()),
        15
    );
}

/// R16: a document gives what was put.
#[test]
fn test_automerge_autocommit() {
    let mut document = AutoCommit::new();
    document
        .put("name", Value::String("Alice".into()))
        .expect("a document takes any value");
    document.put("age", Value::Int(30)).expect("a document takes any value");
    assert!(matches!(document.get("name"), Some(Value::String(name)) if name == "Alice"));
    assert!(matches!(document.get("age"), Some(Value::Int(30))));
    assert!(document.get("size").is_none());
    let mut keys: Vec<&String> = document.keys().collect();
    keys.sort();
    assert_eq!(keys, ["age", "name"]);

    let mut named = AutoCommit::with_actor("paris");
    let old = named.clone();
    named.put("x", Value::Null).expect("a document takes any value");
    assert!(matches!(named.get("x"), Some(Value::Null)) && old.get("x").is_none());
}

/// R17: a merged document has what was put into either.
#[test]
fn test_automerge_merge() {
    let mut one = Automerge::new();
    let mut two = Automerge::new();
    one.put("key1", Value::String("from_doc1".into()));
    two.put("key2", Value::String("from_doc2".into()));
    one.merge(&two);
    assert!(matches!(one.get("key1"), Some(Value::String(text)) if text == "from_doc1"));
    assert!(matches!(one.get("key2"), Some(Value::String(text)) if text == "from_doc2"));
    assert!(two.get("key1").is_none());
}

/// R19: the types have the traits of the contract, for all values that it allows.
#[test]
fn test_required_traits() {
    fn plain<T: Clone + Debug + Default>() {}
    fn state<T: StateCrdt + Debug + Default>() {}
    fn cloned<T: Clone + Debug>() {}

    /// As little as the contract asks of elements and keys, plus `Debug`.
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    struct Key;
    /// As little as the contract asks of values, plus `Debug`.
    #[derive(Debug, Clone)]
    struct Content;

    plain::<VectorClock>();
    state::<GCounter>();
    state::<PNCounter>();
    state::<GSet<u32>>();
    cloned::<GSet<Key>>();
    state::<Orswot<Key>>();
    state::<MVReg<Content>>();
    state::<CrdtMap<Key, GCounter>>();
    plain::<CrdtList<Content>>();
    plain::<AutoCommit>();
    plain::<Automerge>();
    cloned::<Value>();
    let values = Value::List(vec![
        Value::Null,
        Value::Bool(true),
        Value::Float(0.5),
        Value::Map(HashMap::new()),
    ]);
    assert!(matches!(values, Value::List(values) if values.len() == 4));
}

/// R19: a clone is a message: it does not change with its original, and can be merged later.
#[test]
fn test_clone_is_a_message() {
    let mut counter = GCounter::default();
    counter.inc(1);
    let message = counter.clone();
    counter.inc(1);
    assert_eq!((message.read(), counter.read()), (1, 2));
    counter.merge(&message);
    assert_eq!(counter.read(), 2);
}
