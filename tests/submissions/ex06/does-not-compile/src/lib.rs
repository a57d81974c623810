//! File de messages : publier et lire.

mod broker;
mod consumers;
mod types;

pub use broker::MessageBroker;
pub use types::*;
