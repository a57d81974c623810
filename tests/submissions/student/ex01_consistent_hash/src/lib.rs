//! Hachage consistant : l'anneau est un vecteur trié de points, parcouru dans le sens décroissant.
//!
//! ```
//! use ex01::{ConsistentHashConfig, ConsistentHashRing, PhysicalNode};
//!
//! let mut ring = ConsistentHashRing::new(ConsistentHashConfig::default());
//! ring.add_node(PhysicalNode { id: "paris".into(), address: "10.0.0.1:80".into(), weight: 2 });
//! ring.add_node(PhysicalNode { id: "lyon".into(), address: "10.0.0.2:80".into(), weight: 1 });
//! assert_eq!(ring.lookup("clé").map(|found| found.replicas.len()), Some(1));
//! ```

mod digest;
mod node;
mod ring;
mod statistics;

pub use digest::{hash_key, hash_vnode};
pub use node::{ConsistentHashConfig, LookupResult, PhysicalNode};
pub use ring::ConsistentHashRing;
pub use statistics::DistributionStats;
