//! What touches the outside: directories, processes, the toolchain, the cache.

pub mod cache;
pub mod cores;
pub mod interrupt;
pub mod jail;
pub mod sandbox;
mod spawn;
pub mod toolchain;
pub mod workdir;
