//! The public checks: what the statement says, in examples that a student can read and run.

use ex00::{CausalOrder, ClockError, NodeId, TimestampedEvent, VectorClock};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::error::Error;
use std::fmt::Debug;

/// The name of a node as the contract wants it.
fn node(name: &str) -> String {
    name.to_owned()
}

/// R1: every tick adds one to the counter of its node, and an unknown node counts zero.
#[test]
fn test_basic_tick() {
    let mut clock = VectorClock::new();
    assert_eq!(clock.get(&node("node_a")), 0);

    clock.tick(&node("node_a"));
    assert_eq!(clock.get(&node("node_a")), 1);
    clock.tick(&node("node_a"));
    assert_eq!(clock.get(&node("node_a")), 2);
    assert_eq!(clock.get(&node("node_b")), 0);
}

/// R3: a clock that went on from another comes after it, never before.
#[test]
fn test_happened_before() {
    let mut earlier = VectorClock::new();
    earlier.tick(&node("A"));

    let mut later = earlier.clone();
    later.tick(&node("B"));

    assert!(earlier.happened_before(&later));
    assert!(!later.happened_before(&earlier));
    assert!(!earlier.happened_before(&earlier), "happened-before is strict");
    assert!(matches!(earlier.compare(&later), CausalOrder::Before));
    assert!(matches!(later.compare(&earlier), CausalOrder::After));
}

/// R3: clocks that each know an event of their own are concurrent, seen from either side.
#[test]
fn test_concurrent_events() {
    let mut left = VectorClock::new();
    left.tick(&node("A"));

    let mut right = VectorClock::new();
    right.tick(&node("B"));

    assert!(left.is_concurrent_with(&right));
    assert!(right.is_concurrent_with(&left));
    assert!(!left.is_concurrent_with(&left), "a clock is equal to itself");
    assert!(matches!(left.compare(&right), CausalOrder::Concurrent));
}

/// R2: a reception takes the larger counters, then counts as an event of the receiver.
#[test]
fn test_merge() {
    let mut receiver = VectorClock::new();
    receiver.tick(&node("A"));
    receiver.tick(&node("A"));

    let mut message = VectorClock::new();
    message.tick(&node("B"));

    receiver.merge(&message, &node("A"));

    assert_eq!(receiver.get(&node("A")), 3, "two ticks and the reception");
    assert_eq!(receiver.get(&node("B")), 1);
    assert_eq!(message.get(&node("A")), 0, "the message stays as it was");
}

/// R5: a clock that went through bytes is the clock that was sent.
#[test]
fn test_serialization_roundtrip() {
    let mut clock = VectorClock::new();
    clock.tick(&node("node1"));
    clock.tick(&node("node2"));
    clock.tick(&node("node2"));

    let restored = VectorClock::from_bytes(&clock.to_bytes()).expect("these bytes are a clock");

    assert!(matches!(clock.compare(&restored), CausalOrder::Equal));
    assert_eq!(restored.get(&node("node1")), 1);
    assert_eq!(restored.get(&node("node2")), 2);
}

/// R2, R3: happened-before holds along a chain of messages, and from its first to its last.
#[test]
fn test_causal_chain() {
    let mut at_a = VectorClock::new();
    at_a.tick(&node("A"));

    let mut at_b = VectorClock::new();
    at_b.merge(&at_a, &node("B"));

    let mut at_c = VectorClock::new();
    at_c.merge(&at_b, &node("C"));

    assert!(at_a.happened_before(&at_b));
    assert!(at_b.happened_before(&at_c));
    assert!(at_a.happened_before(&at_c), "happened-before is transitive");
    assert!(!at_c.happened_before(&at_a));
}

/// R4: the known nodes are those that ticked or were heard of, in any order.
#[test]
fn test_known_nodes() {
    let mut clock = VectorClock::new();
    assert!(clock.known_nodes().is_empty());

    clock.tick(&node("B"));
    clock.tick(&node("B"));
    let mut message = VectorClock::new();
    message.tick(&node("C"));
    clock.merge(&message, &node("A"));

    let mut nodes: Vec<NodeId> = clock.known_nodes();
    nodes.sort();
    assert_eq!(nodes, ["A", "B", "C"]);
}

/// R5: bytes that are no clock are an error, never a panic.
#[test]
fn test_bad_bytes_are_an_error() {
    let mut clock = VectorClock::new();
    clock.tick(&node("A"));
    let bytes = clock.to_bytes();
    let shorter = &bytes[..bytes.len() - 1];

    for bad in [&[][..], &[0xff; 9][..], shorter] {
        let answer = VectorClock::from_bytes(bad);
        assert!(
            matches!(answer, Err(ClockError::DeserializationError(_))),
            "{bad:?} is no clock"
        );
    }
}

/// R6: an event is counted for its origin, carries the clock of that moment, and causes what follows it.
#[test]
fn test_event_carries_the_clock() {
    let mut clock = VectorClock::new();
    let first = TimestampedEvent::new(&mut clock, node("A"), "created");
    let second = TimestampedEvent::new(&mut clock, node("A"), "paid");

    assert_eq!(clock.get(&node("A")), 2);
    assert_eq!(first.clock.get(&node("A")), 1);
    assert_eq!(second.clock.get(&node("A")), 2);
    assert_eq!((second.origin, second.payload), (node("A"), "paid"));
    assert!(first.clock.happened_before(&second.clock));
}

/// R6: `caused` follows the messages, and no event causes itself.
#[test]
fn test_caused() {
    let mut at_a = VectorClock::new();
    let mut at_b = VectorClock::new();
    let asked = TimestampedEvent::new(&mut at_a, node("A"), 1);
    let alone = TimestampedEvent::new(&mut at_b, node("B"), 2);
    at_b.merge(&asked.clock, &node("B"));
    let answered = TimestampedEvent::new(&mut at_b, node("B"), 3);

    assert!(asked.caused(&answered));
    assert!(alone.caused(&answered));
    assert!(!answered.caused(&asked));
    assert!(!asked.caused(&alone) && !alone.caused(&asked));
    assert!(!asked.caused(&asked));
}

/// R7: the types have the traits of the contract.
#[test]
fn test_required_traits() {
    fn value<T: Clone + Debug + Default + Eq + Serialize + DeserializeOwned + Send + Sync>() {}
    fn event<T: Clone + Debug + Serialize + DeserializeOwned>() {}
    fn order<T: Copy + Debug + Eq>() {}
    fn failure<T: Error>() {}
    value::<VectorClock>();
    event::<TimestampedEvent<String>>();
    order::<CausalOrder>();
    failure::<ClockError>();

    let mut clock = VectorClock::default();
    clock.tick(&node("A"));
    let copy = clock.clone();
    assert!(copy == clock);
    clock.tick(&node("A"));
    assert!(copy != clock, "a clone does not follow its original");
}

/// R8: two replicas that write without hearing of each other are in conflict, until one hears of the other.
#[test]
fn test_conflicting_writes() {
    let mut origin = VectorClock::new();
    origin.tick(&node("origin"));

    let mut left = origin.clone();
    left.tick(&node("left"));
    let mut right = origin.clone();
    right.tick(&node("right"));
    assert!(left.is_concurrent_with(&right));

    let written = left.clone();
    left.merge(&right, &node("left"));
    assert!(written.happened_before(&left));
    assert!(right.happened_before(&left));
    assert!(!left.is_concurrent_with(&right));
}
