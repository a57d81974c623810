//! The script language of EX00: clocks and events in numbered slots, and what one can do with them.

use serde::{Deserialize, Serialize};

/// The number of a clock, or of an event.
pub type Slot = u8;

/// How two clocks relate: the four cases of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// The first happened before the second.
    Before,
    /// The second happened before the first.
    After,
    /// Neither happened before the other.
    Concurrent,
    /// The same past.
    Equal,
}

/// The kind of an error, without its text, which the contract leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// Writing was refused.
    Serialization,
    /// Reading was refused.
    Deserialization,
    /// An error that the contract does not name.
    Other,
}

witness::language! {
    /// Clocks and events by number. A clock that was not mentioned before is a new one. A step on an event that was
    /// never stamped does nothing and answers `false` or `None`.
    pub trait Clocks {
        /// A local event.
        fn tick(c: Slot, node: String) => "c{c}.tick(&{node:?}.into());";
        /// Many local events: each of the nodes `n0`, `n1`.. ticks once a round.
        fn tick_all(c: Slot, nodes: u16, rounds: u16) =>
            "for i in 0..{rounds} * {nodes} {{ c{c}.tick(&format!(\"n{{}}\", i % {nodes})); }}";
        /// The reception of a message that carries the clock `other`; what a clock sends itself is an empty message.
        fn merge(c: Slot, other: Slot, node: String) => {
            let message = if c == other { "VectorClock::new()".to_owned() } else { format!("c{other}") };
            format!("c{c}.merge(&{message}, &{node:?}.into());")
        };
        /// The counter of a node.
        fn get(c: Slot, node: String) -> u64 => "c{c}.get(&{node:?}.into())";
        /// How two clocks relate.
        fn compare(c: Slot, other: Slot) -> Order => "c{c}.compare(&c{other})";
        /// Whether the first happened before the second.
        fn happened_before(c: Slot, other: Slot) -> bool => "c{c}.happened_before(&c{other})";
        /// Whether neither happened before the other.
        fn is_concurrent_with(c: Slot, other: Slot) -> bool => "c{c}.is_concurrent_with(&c{other})";
        /// The known nodes. Sorted: the contract fixes no order.
        fn known_nodes(c: Slot) -> Vec<String> => "c{c}.known_nodes()";

        /// A copy of a clock.
        fn clone_to(c: Slot, copy: Slot) => "let mut c{copy} = c{c}.clone();";
        /// A clock by `Default`.
        fn default_to(c: Slot) => "let mut c{c} = VectorClock::default();";
        /// Whether `==` holds.
        fn equals(c: Slot, other: Slot) -> bool => "c{c} == c{other}";
        /// The counter of a node, through a reference that another thread may hold.
        fn get_across_threads(c: Slot, node: String) -> u64 =>
            "thread::scope(|s| s.spawn(|| c{c}.get(&{node:?}.into())).join())";

        /// A copy of a clock, by way of its bytes.
        fn transport(c: Slot, copy: Slot) -> Result<(), Refusal> =>
            "let mut c{copy} = VectorClock::from_bytes(&c{c}.to_bytes())?;";
        /// Reads the bytes of a clock, cut short: a strict prefix, or nothing.
        fn transport_cut(c: Slot, keep: u8) -> Result<(), Refusal> =>
            "let bytes = c{c}.to_bytes(); VectorClock::from_bytes(&bytes[..{keep} % bytes.len()])";
        /// Reads bytes that no clock wrote.
        fn from_bytes(bytes: Vec<u8>) -> Result<(), Refusal> => "VectorClock::from_bytes(&{bytes:?})";

        /// A new event, by `new`.
        fn stamp(e: Slot, c: Slot, origin: String, payload: u32) =>
            "let e{e} = TimestampedEvent::new(&mut c{c}, {origin:?}.into(), {payload});";
        /// A new event, put together field by field.
        fn assemble(e: Slot, c: Slot, origin: String, payload: u32) =>
            "let e{e} = TimestampedEvent {{ clock: c{c}.clone(), origin: {origin:?}.into(), payload: {payload} }};";
        /// Whether the first event happened before the second.
        fn caused(e: Slot, other: Slot) -> bool => "e{e}.caused(&e{other})";
        /// The counter of a node in the clock of an event.
        fn get_stamped(e: Slot, node: String) -> Option<u64> => "e{e}.clock.get(&{node:?}.into())";
        /// The node of an event.
        fn origin_of(e: Slot) -> Option<String> => "e{e}.origin";
        /// What happened.
        fn payload_of(e: Slot) -> Option<u32> => "e{e}.payload";
        /// A copy of an event, by way of JSON.
        fn event_through_json(e: Slot, copy: Slot) -> Result<(), Refusal> =>
            "let e{copy}: TimestampedEvent<u32> = serde_json::from_str(&serde_json::to_string(&e{e})?)?;";
    }
}
