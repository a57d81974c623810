//! Horloges vectorielles : chaque horloge est un vecteur de compteurs trié par nom de nœud.
//!
//! ```
//! use ex00::{CausalOrder, VectorClock};
//!
//! let mut paris = VectorClock::new();
//! paris.tick(&"paris".to_string());
//! let mut lyon = VectorClock::new();
//! lyon.merge(&paris, &"lyon".to_string());
//! assert_eq!(paris.compare(&lyon), CausalOrder::Before);
//! ```

mod error;
mod event;
mod order;
mod vector;
mod wire;

pub use error::ClockError;
pub use event::TimestampedEvent;
pub use order::CausalOrder;
pub use vector::{NodeId, VectorClock};
