//! Events that carry the clock of the moment they were made.

use serde::{Deserialize, Serialize};

use crate::{NodeId, VectorClock};

/// An event of a node: what happened, where, and everything that could have caused it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TimestampedEvent<T> {
    /// The clock of `origin` right after the event: the event itself is the last one counted for `origin`.
    pub clock: VectorClock,
    /// The node on which the event happened.
    pub origin: NodeId,
    /// What happened.
    pub payload: T,
}

impl<T: Clone> TimestampedEvent<T> {
    /// Records an event of `origin`: ticks the node's `clock`, then stamps the event with a copy of it.
    ///
    /// Ticking comes first: stamped before its own tick, the first event of every node would carry the same empty clock.
    ///
    /// ```
    /// use ex00::{TimestampedEvent, VectorClock};
    ///
    /// let mut clock = VectorClock::new();
    /// let event = TimestampedEvent::new(&mut clock, "A".to_string(), "order created");
    /// assert_eq!(event.clock.get(&"A".to_string()), 1);
    /// assert_eq!(clock, event.clock);
    /// ```
    pub fn new(clock: &mut VectorClock, origin: NodeId, payload: T) -> Self {
        clock.tick(&origin);
        Self {
            clock: clock.clone(),
            origin,
            payload,
        }
    }

    /// Whether this event happened before `other`, hence may have caused it. No event causes itself.
    ///
    /// ```
    /// use ex00::{TimestampedEvent, VectorClock};
    ///
    /// let mut clock = VectorClock::new();
    /// let first = TimestampedEvent::new(&mut clock, "A".to_string(), 1);
    /// let second = TimestampedEvent::new(&mut clock, "A".to_string(), 2);
    /// assert!(first.caused(&second));
    /// assert!(!second.caused(&first));
    /// ```
    pub fn caused(&self, other: &TimestampedEvent<T>) -> bool {
        self.clock.happened_before(&other.clock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str) -> NodeId {
        name.to_owned()
    }

    #[test]
    fn events_of_unrelated_nodes_cause_nothing() {
        let (mut a, mut b) = (VectorClock::new(), VectorClock::new());
        let left = TimestampedEvent::new(&mut a, node("A"), ());
        let right = TimestampedEvent::new(&mut b, node("B"), ());
        assert!(!left.caused(&right));
        assert!(!right.caused(&left));
        assert!(!left.caused(&left));
    }

    #[test]
    fn a_received_event_causes_what_follows() {
        let (mut a, mut b) = (VectorClock::new(), VectorClock::new());
        let sent = TimestampedEvent::new(&mut a, node("A"), "ping");
        b.merge(&sent.clock, &node("B"));
        let answer = TimestampedEvent::new(&mut b, node("B"), "pong");
        assert!(sent.caused(&answer));
        assert!(!answer.caused(&sent));
    }

    #[test]
    fn an_event_survives_json() {
        let mut clock = VectorClock::new();
        let event = TimestampedEvent::new(&mut clock, node("A"), 7_u32);
        let text = serde_json::to_string(&event).unwrap();
        let back: TimestampedEvent<u32> = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (back.clock, back.origin, back.payload),
            (event.clock, event.origin, event.payload)
        );
    }
}
