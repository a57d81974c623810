//! Service de verrous à bail : une table datée en millisecondes, un thread par garde.

mod guard;
mod service;
mod state;
mod types;

pub use guard::{LockClient, LockGuard};
pub use service::LockService;
pub use types::*;
