//! Consistent hashing: which nodes of an elastic cluster hold a key, with as few keys as possible moving when it changes.
//!
//! # The idea
//! With `hash(key) % n`, one node more moves almost every key. Consistent hashing (Karger et al. 1997, "Consistent Hashing
//! and Random Trees", section 4) hashes nodes and keys onto the same circle: a key belongs to the first node met when
//! walking clockwise from it. A node that joins takes over the arc before it and nothing else; a node that leaves gives
//! its arc to the next one. Of `K` keys on `n` nodes, about `K / n` move.
//!
//! One point per node cuts the circle very unevenly. Each *physical node* therefore stands on it many times, as *virtual
//! nodes* (DeCandia et al. 2007, "Dynamo", section 4.2): with `v` points each, the loads differ by about `1 / √v`, and a
//! node that is twice as strong gets twice as many points. The walk that finds the owner also finds the replicas: the next
//! distinct physical nodes on the circle, Dynamo's preference list (section 4.3).
//!
//! # The contract
//! - [`hash_key`] and [`hash_vnode`] place keys and virtual nodes on the circle of `u64` positions, by SHA-256.
//! - [`ConsistentHashRing::add_node`] and [`ConsistentHashRing::remove_node`] change the membership;
//!   [`ConsistentHashRing::nodes`] and [`ConsistentHashRing::node_count`] list it.
//! - [`ConsistentHashRing::lookup`] names the primary and the replicas of a key, a [`LookupResult`].
//! - [`ConsistentHashRing::distribution_stats`] tells how evenly keys are spread, a [`DistributionStats`];
//!   [`ConsistentHashRing::simulate_add`] and [`ConsistentHashRing::simulate_remove`] what a change would move.
//! - [`SharedRing`] is the ring behind an `Arc<RwLock<_>>`, for several threads.
//!
//! # Invariants
//! - The ring is a function of its configuration and of the set of its nodes (unless two digests collide): neither the
//!   order in which they came nor nodes that have left can be seen in it.
//! - Each node stands on the ring `virtual_nodes × weight` times, and every point belongs to a node of the ring.
//! - Adding a node moves keys to that node only; removing a node moves its keys only.
//! - The primary and the replicas are pairwise distinct physical nodes.
//!
//! # Cost
//! With `p` points on the ring and `r` replicas: `lookup` is one search of `O(log p)` and a walk over a handful of points
//! per replica; it copies the nodes that it names. `add_node` and `remove_node` take `O(log p)` per point of the node.
//! `distribution_stats` is a search per key. The simulations copy the ring once.
//!
//! # Common mistakes
//! - Forgetting that the circle closes: behind the last point comes the first.
//! - Taking the next `r` *points* as replicas: several of them belong to one physical node.
//! - Labels that are ambiguous: `"n1" + "11"` is `"n11" + "1"`, and two virtual nodes become one.
//! - Hashing with `DefaultHasher`: its algorithm may change with the next compiler, and all keys move.
//! - Removing a node but not all of its points: the ring then answers with nodes that are gone.
//! - Dividing by zero: statistics over no keys or no nodes.
//!
//! # Example
//! ```
//! use ex01::{ConsistentHashConfig, ConsistentHashRing, PhysicalNode};
//!
//! let mut ring = ConsistentHashRing::new(ConsistentHashConfig::default());
//! for number in 1..=4 {
//!     ring.add_node(PhysicalNode {
//!         id: format!("node{number}"),
//!         address: format!("10.0.0.{number}:8080"),
//!         weight: 1,
//!     });
//! }
//!
//! let before = ring.lookup("user:42").expect("the ring has nodes");
//! assert_eq!(before.replicas.len(), 2);
//!
//! ring.remove_node(&before.primary.id);
//! let after = ring.lookup("user:42").expect("three nodes are left");
//! assert_eq!(after.primary.id, before.replicas[0].id, "the first replica takes over");
//! ```

mod distribution;
mod hash;
mod ring;
mod shared;

pub use distribution::DistributionStats;
pub use hash::{hash_key, hash_vnode};
pub use ring::{ConsistentHashConfig, ConsistentHashRing, LookupResult, PhysicalNode};
pub use shared::SharedRing;
