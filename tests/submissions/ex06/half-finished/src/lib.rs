//! File de messages : publier et lire. Refus, déplacements, rétention et statistiques : à venir.

mod broker;
mod consumers;
mod types;

pub use broker::MessageBroker;
pub use types::*;
