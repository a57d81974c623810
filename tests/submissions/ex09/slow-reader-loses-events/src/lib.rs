//! Registre de services : un verrou, un journal de versions par clé, une file par watcher.
//!
//! Les clés gardent toutes leurs versions, suppressions comprises, dans une seule table ; le présent est la dernière
//! version de chaque clé. Les événements passent par des files bornées.

mod leases;
mod registry;
mod state;
mod types;
mod watching;

pub use registry::ServiceRegistry;
pub use types::*;
pub use watching::WatchHandle;
