//! Service de verrous à bail, en chantier.

mod service;
mod types;

pub use service::LockService;
pub use types::*;
