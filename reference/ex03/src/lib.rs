//! Conflict-free replicated data types: replicas that everyone may write to, and that merge without asking anyone.
//!
//! # The idea
//! Replicas of a shared object answer at once, also while the network is cut, if each takes writes on its own and hears
//! of the others' later. What they then need is a *merge* for which neither order nor repetition matters: commutative,
//! associative and idempotent. The states form a join semilattice, merging is its least upper bound, every write moves
//! up in it, and replicas that have heard of the same writes are equal, however the news travelled (Shapiro, Preguiça,
//! Baquero and Zawirski 2011, "Conflict-free Replicated Data Types", section 2: strong eventual consistency).
//!
//! Five types show the ways to get there. Counters give each replica a number of its own and merge by maximum. A register
//! puts all writes in one total order, and the last one wins. A set tells insertions apart by tags and removes only those
//! it has observed. A map is a register per key, and removing is one more write.
//!
//! # The contract
//! - [`CRDT::merge`] takes in the state of another replica. A clone is such a state on its way: a message.
//! - [`GCounter`] only grows, [`PNCounter`] goes both ways.
//! - [`LWWRegister`] holds the value of the write with the largest [`Timestamp`], [`LWWMap`] one for each key.
//! - [`ORSet`] has the elements with an insertion that no removal has observed, each a [`Tagged`] value.
//! - A [`ReplicaId`] belongs to one replica, for ever: two writers under one name are the one thing no merge can repair.
//!
//! # Invariants
//! - Merging never loses a write: counts grow, timestamps grow, the tags that a set has heard of grow.
//! - A write comes after every write that its replica had heard of: its timestamp is the larger one, its tag is new.
//! - No two writes have the same timestamp, no two insertions the same tag.
//! - What a merge gives depends on the two states only, not on who merges, when, or how often.
//!
//! # Cost
//! With `r` replicas, counters merge in `O(r)`. A register is `O(1)`. Sets and maps of `n` entries merge in `O(n + r)`
//! and answer `contains`, `insert`, `remove` in `O(1)`. The set keeps no tombstones: its size is that of its elements
//! plus one number for each replica, whatever was removed before ([`ORSet`] says how). The map keeps one timestamp for
//! each key that was ever written: a register cannot tell an old write from a new one without it.
//!
//! # Common mistakes
//! - Adding counters in `merge`: what two replicas had both heard of is counted twice.
//! - Stamping writes with the clock on the wall alone: two writes within one tick have the same timestamp, and a clock
//!   that is behind makes a replica lose against what it has just read.
//! - Keeping the winner's timestamp as the only field: the next write is signed with somebody else's name.
//! - Remembering removed *values*: they can never be inserted again. Removing concerns insertions.
//! - Dropping removed entries without a trace: the next old state that is merged brings them back.
//! - Applying the removals of the other replica, but not passing them on: a third replica brings the element back.
//!
//! # Example
//! ```
//! use ex03::{CRDT, ORSet};
//!
//! let mut paris = ORSet::new("paris".to_string());
//! let mut tokyo = ORSet::new("tokyo".to_string());
//! paris.insert("milk");
//! tokyo.merge(&paris);
//!
//! // The network is cut. Tokyo removes what it has seen; Paris inserts the same value again.
//! tokyo.remove(&"milk");
//! paris.insert("milk");
//!
//! // It is back: Tokyo's removal had not observed the second insertion, so that one stays, on both sides.
//! let message = paris.clone();
//! paris.merge(&tokyo);
//! tokyo.merge(&message);
//! assert!(paris.contains(&"milk") && tokyo.contains(&"milk"));
//! ```

mod counter;
mod crdt;
mod map;
mod register;
mod set;
mod timestamp;

pub use counter::{GCounter, PNCounter};
pub use crdt::CRDT;
pub use map::LWWMap;
pub use register::LWWRegister;
pub use set::{ORSet, Tagged};
pub use timestamp::{ReplicaId, Timestamp};
