//! File de messages : des journaux, que chaque consumer lit à son rythme.

mod broker;
mod consumers;
mod types;

pub use broker::MessageBroker;
pub use types::*;
