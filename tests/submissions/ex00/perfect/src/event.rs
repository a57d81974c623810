//! Des événements estampillés.

use crate::{NodeId, VectorClock};
use serde::{Deserialize, Serialize};

/// Un événement, le nœud où il a lieu et l'horloge de ce moment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TimestampedEvent<T> {
    /// L'horloge de `origin` juste après l'événement.
    pub clock: VectorClock,
    /// Le nœud où l'événement a lieu.
    pub origin: NodeId,
    /// Ce qui s'est passé.
    pub payload: T,
}

impl<T: Clone> TimestampedEvent<T> {
    /// Enregistre un événement de `origin`, puis l'estampille.
    ///
    /// ```
    /// use ex00::{TimestampedEvent, VectorClock};
    ///
    /// let mut clock = VectorClock::new();
    /// let event = TimestampedEvent::new(&mut clock, "A".to_string(), 42);
    /// assert_eq!(event.clock.get(&"A".to_string()), 1);
    /// ```
    pub fn new(clock: &mut VectorClock, origin: NodeId, payload: T) -> Self {
        clock.tick(&origin);
        TimestampedEvent {
            clock: clock.clone(),
            origin,
            payload,
        }
    }

    /// Dit si cet événement précède causalement `other`.
    ///
    /// ```
    /// use ex00::{TimestampedEvent, VectorClock};
    ///
    /// let mut clock = VectorClock::new();
    /// let first = TimestampedEvent::new(&mut clock, "A".to_string(), 1);
    /// let second = TimestampedEvent::new(&mut clock, "B".to_string(), 2);
    /// assert!(first.caused(&second));
    /// ```
    pub fn caused(&self, other: &TimestampedEvent<T>) -> bool {
        self.clock.happened_before(&other.clock)
    }
}
