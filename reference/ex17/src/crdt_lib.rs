//! A library of replicated data types, from a counter to a document, and the traits that make a type of one's own replicated.
//!
//! # The idea
//! A replica takes writes without asking anybody, and hears of the writes of others later. Two ways lead to agreement
//! (Shapiro, Preguiça, Baquero and Zawirski 2011, "Conflict-free Replicated Data Types"):
//!
//! - *State-based*: replicas send their whole state, and [`StateCrdt::merge`] is a least upper bound, that is commutative,
//!   associative and idempotent. States may be late, come twice, or be lost if a later one arrives.
//! - *Operation-based*: replicas send what they did, and [`OpCrdt::apply`] commutes. If an operation also says its own number,
//!   as here, hearing of it twice does no harm.
//!
//! Everything rests on telling *before* from *concurrent*. A [`VectorClock`] says how many events of each actor are in
//! somebody's past; one event is before another exactly if its clock is smaller, an entry that is missing being 0.
//!
//! # The contract
//! - [`VectorClock`]: counts for each [`ActorId`], their maximum, and the strict order [`VectorClock::happens_before`].
//! - [`GCounter`], [`PNCounter`]: counters. [`GSet`]: a set that only grows.
//! - [`Orswot`]: a set where a removal removes what it has *observed*, and which keeps no tombstones.
//! - [`MVReg`]: a register that shows every write no other one has seen.
//! - [`CrdtMap`]: a replicated value for each key. [`CrdtList`]: a sequence.
//! - [`CustomCrdt`], with [`MaxRegister`] as the example.
//! - Documents, in the module [`automerge`].
//!
//! An actor has one writer: replicas that write at the same time never use the same [`ActorId`]. A clone is a state on its
//! way to another replica, and writes nothing.
//!
//! # Invariants
//! - Merging loses nothing: counts, clocks and times only grow.
//! - An event of an actor has a number that no other event of this actor has, and a larger one than all before.
//! - What a merge gives depends on the two states only, not on who merges, when, or how often.
//!
//! # Cost
//! With `a` actors and `n` elements, clocks and counters merge in `O(a)`, sets and maps in `O(n + a)`, a list in
//! `O(n log n)`. The set that removes is as large as what is in it, whatever was removed before; the list keeps a tombstone
//! for each element that was deleted.
//!
//! # Common mistakes
//! - Comparing clocks over the entries of one of them: `{}` is before `{1: 1}`, and looking at the left one alone says no.
//! - Merging sets by union: the next old state brings back whatever was removed.
//! - Pushing values that are there already: a register merged with itself then holds each value twice.
//! - Overwriting where merging is meant: what another actor did under the same key is lost.
//! - Counting deleted elements in the indices of a list: the reader means what can be seen.
//! - Keeping one's own value on equal times: the other side does the same, and they never agree.
//!
//! # Example
//! ```
//! use ex17::{CrdtMap, Orswot, StateCrdt};
//!
//! let mut paris: CrdtMap<&str, Orswot<&str>> = CrdtMap::new();
//! paris.insert("groceries", Orswot::new());
//! let mut tokyo = paris.clone();
//!
//! paris.get_mut(&"groceries").unwrap().add("milk", 1);
//! tokyo.get_mut(&"groceries").unwrap().add("tea", 2);
//! paris.merge(&tokyo);
//!
//! let mut groceries: Vec<_> = paris.get(&"groceries").unwrap().iter().collect();
//! groceries.sort();
//! assert_eq!(groceries, [&"milk", &"tea"]);
//! ```

pub mod automerge;
mod clock;
mod counter;
mod crdt;
mod custom;
mod gset;
mod list;
mod map;
mod orswot;
mod register;

pub use clock::{ActorId, VectorClock};
pub use counter::{GCounter, PNCounter};
pub use crdt::{OpCrdt, StateCrdt};
pub use custom::{CustomCrdt, MaxRegister};
pub use gset::GSet;
pub use list::CrdtList;
pub use map::CrdtMap;
pub use orswot::Orswot;
pub use register::MVReg;
