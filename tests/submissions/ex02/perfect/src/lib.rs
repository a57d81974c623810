//! Le cœur de Raft : chaque rôle porte les données qui n'ont de sens que pour lui.

mod core;
mod role;
mod types;

pub use core::RaftCore;
pub use types::*;
