//! Vector clocks: which of two events of a distributed system could have caused the other.
//!
//! # The idea
//! No clock on the wall tells the nodes of a distributed system which event came first. Messages do: an event *happened
//! before* another if it is earlier on the same node, if it is the sending of the message that the other receives, or by
//! a chain of such steps (Lamport 1978, "Time, Clocks, and the Ordering of Events in a Distributed System", section "The
//! Partial Ordering"). Events joined by no chain are *concurrent*: neither can have influenced the other.
//!
//! Lamport's scalar clock never contradicts this relation but cannot be read backwards: a smaller number proves nothing.
//! A vector clock (Fidge 1988; Mattern 1989, "Virtual Time and Global States of Distributed Systems") keeps one counter
//! per node: how many events of that node lie in the causal past. One past is part of another exactly when each of its
//! counters is at most the other's, so comparing vectors *is* asking for happened-before.
//!
//! # The contract
//! - [`VectorClock::tick`] records a local event, [`VectorClock::merge`] the reception of a message.
//! - [`VectorClock::compare`] answers one of the four cases of [`CausalOrder`]; [`VectorClock::happened_before`] and
//!   [`VectorClock::is_concurrent_with`] ask for one of them.
//! - [`VectorClock::to_bytes`] and [`VectorClock::from_bytes`] carry a clock over the network; bytes that are no clock
//!   are a [`ClockError`].
//! - [`TimestampedEvent`] is a payload with the clock of the moment it was made.
//!
//! # Invariants
//! - An absent node counts zero, and zero is never stored: a clock has exactly one representation, so the derived `==`
//!   agrees with `compare`. The type of the counters (`NonZeroU64`) keeps this, also for bytes from outside.
//! - Counters never decrease. After a merge, the clock that was received is never ahead.
//! - The clock of a node is ahead of every stamp that it has given out or received.
//!
//! # Cost
//! With `n` nodes in the larger clock: `tick` and `get` take `O(log n)`, `compare` walks both sorted maps in step in
//! `O(n)` and allocates nothing, `merge` takes `O(log n)` per node of the message and copies only names that are new.
//! `to_bytes`, `from_bytes` and `known_nodes` are `O(n)` up to the same logarithm.
//!
//! # Common mistakes
//! - Comparing only the nodes of `self`: the clock that knows one node more then looks equal.
//! - Merging without the final tick: the reception is an event too, and would be equal to the message's own stamp.
//! - Adding counters in `merge` instead of taking the maximum: common history is counted twice.
//! - Answering `Before` for equal clocks: happened-before is strict, no event causes itself.
//! - Unwrapping in `from_bytes`: bytes from the network are never to be trusted.
//!
//! # Example
//! ```
//! use ex00::{CausalOrder, VectorClock};
//!
//! let (alice, bob) = ("alice".to_string(), "bob".to_string());
//! let (mut at_alice, mut at_bob) = (VectorClock::new(), VectorClock::new());
//!
//! at_alice.tick(&alice);
//! at_bob.tick(&bob);
//! assert_eq!(at_alice.compare(&at_bob), CausalOrder::Concurrent);
//!
//! let message = at_alice.to_bytes();
//! at_bob.merge(&VectorClock::from_bytes(&message)?, &bob);
//! assert_eq!(at_alice.compare(&at_bob), CausalOrder::Before);
//! # Ok::<(), ex00::ClockError>(())
//! ```

mod clock;
mod error;
mod event;

pub use clock::{CausalOrder, NodeId, VectorClock};
pub use error::ClockError;
pub use event::TimestampedEvent;
