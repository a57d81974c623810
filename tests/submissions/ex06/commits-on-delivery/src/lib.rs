//! File de messages : des journaux, et une position par groupe et par partition.

mod broker;
mod consumers;
mod types;

pub use broker::MessageBroker;
pub use types::*;
