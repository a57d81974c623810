//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.

use ex00::{CausalOrder, ClockError, TimestampedEvent, VectorClock};
use ex00_protocol::{Clocks, Order, Refusal, Slot};
use std::collections::BTreeMap;
use std::mem;

/// The clocks and events of one script.
#[derive(Default)]
pub struct World {
    clocks: BTreeMap<Slot, VectorClock>,
    events: BTreeMap<Slot, TimestampedEvent<u32>>,
}

impl World {
    #[expect(
        clippy::unwrap_or_default,
        reason = "`new` and `default` are two items of the contract"
    )]
    fn clock(&mut self, slot: Slot) -> &mut VectorClock {
        self.clocks.entry(slot).or_insert_with(VectorClock::new)
    }

    /// Two clocks at once, also when they are the same one.
    fn pair(&mut self, left: Slot, right: Slot) -> (&VectorClock, &VectorClock) {
        self.clock(left);
        self.clock(right);
        (&self.clocks[&left], &self.clocks[&right])
    }
}

/// Each variant is looked for apart: a submission that lacks one of them is asked about the other.
fn refusal(error: ClockError) -> Refusal {
    if matches!(error, ClockError::DeserializationError(_)) {
        Refusal::Deserialization
    } else {
        wrong_refusal(&error)
    }
}

fn wrong_refusal(error: &ClockError) -> Refusal {
    if matches!(error, ClockError::SerializationError(_)) {
        Refusal::Serialization
    } else {
        Refusal::Other
    }
}

impl Clocks for World {
    fn tick(&mut self, c: Slot, node: String) {
        self.clock(c).tick(&node);
    }

    fn tick_all(&mut self, c: Slot, nodes: u16, rounds: u16) {
        let clock = self.clock(c);
        for _ in 0..rounds {
            for node in 0..nodes {
                clock.tick(&format!("n{node}"));
            }
        }
    }

    fn merge(&mut self, c: Slot, other: Slot, node: String) {
        let mut receiver = mem::replace(self.clock(c), VectorClock::new());
        receiver.merge(self.clock(other), &node);
        *self.clock(c) = receiver;
    }

    fn get(&mut self, c: Slot, node: String) -> u64 {
        self.clock(c).get(&node)
    }

    fn compare(&mut self, c: Slot, other: Slot) -> Order {
        let (left, right) = self.pair(c, other);
        match left.compare(right) {
            CausalOrder::Before => Order::Before,
            CausalOrder::After => Order::After,
            CausalOrder::Concurrent => Order::Concurrent,
            CausalOrder::Equal => Order::Equal,
        }
    }

    fn happened_before(&mut self, c: Slot, other: Slot) -> bool {
        let (left, right) = self.pair(c, other);
        left.happened_before(right)
    }

    fn is_concurrent_with(&mut self, c: Slot, other: Slot) -> bool {
        let (left, right) = self.pair(c, other);
        left.is_concurrent_with(right)
    }

    fn known_nodes(&mut self, c: Slot) -> Vec<String> {
        let mut nodes = self.clock(c).known_nodes();
        nodes.sort();
        nodes
    }

    fn clone_to(&mut self, c: Slot, copy: Slot) {
        let clone = self.clock(c).clone();
        self.clocks.insert(copy, clone);
    }

    fn default_to(&mut self, c: Slot) {
        self.clocks.insert(c, VectorClock::default());
    }

    fn equals(&mut self, c: Slot, other: Slot) -> bool {
        let (left, right) = self.pair(c, other);
        left == right
    }

    fn get_across_threads(&mut self, c: Slot, node: String) -> u64 {
        fn shared<T: Send + Sync>(value: &T) -> &T {
            value
        }
        shared(self.clock(c)).get(&node)
    }

    fn transport(&mut self, c: Slot, copy: Slot) -> Result<(), Refusal> {
        let bytes = self.clock(c).to_bytes();
        let clock = VectorClock::from_bytes(&bytes).map_err(refusal)?;
        self.clocks.insert(copy, clock);
        Ok(())
    }

    fn transport_cut(&mut self, c: Slot, keep: u8) -> Result<(), Refusal> {
        let bytes = self.clock(c).to_bytes();
        let keep = usize::from(keep) % bytes.len().max(1);
        VectorClock::from_bytes(&bytes[..keep]).map(drop).map_err(refusal)
    }

    fn from_bytes(&mut self, bytes: Vec<u8>) -> Result<(), Refusal> {
        VectorClock::from_bytes(&bytes).map(drop).map_err(refusal)
    }

    fn stamp(&mut self, e: Slot, c: Slot, origin: String, payload: u32) {
        let event = TimestampedEvent::new(self.clock(c), origin, payload);
        self.events.insert(e, event);
    }

    fn assemble(&mut self, e: Slot, c: Slot, origin: String, payload: u32) {
        let clock = self.clock(c).clone();
        self.events.insert(e, TimestampedEvent { clock, origin, payload });
    }

    fn caused(&mut self, e: Slot, other: Slot) -> bool {
        match (self.events.get(&e), self.events.get(&other)) {
            (Some(left), Some(right)) => left.caused(right),
            _ => false,
        }
    }

    fn get_stamped(&mut self, e: Slot, node: String) -> Option<u64> {
        self.events.get(&e).map(|event| event.clock.get(&node))
    }

    fn origin_of(&mut self, e: Slot) -> Option<String> {
        self.events.get(&e).map(|event| event.origin.clone())
    }

    fn payload_of(&mut self, e: Slot) -> Option<u32> {
        self.events.get(&e).map(|event| event.payload)
    }

    fn event_through_json(&mut self, e: Slot, copy: Slot) -> Result<(), Refusal> {
        if let Some(event) = self.events.get(&e) {
            let text = serde_json::to_string(event).map_err(|_| Refusal::Serialization)?;
            let event = serde_json::from_str(&text).map_err(|_| Refusal::Deserialization)?;
            self.events.insert(copy, event);
        }
        Ok(())
    }
}
