//! A service registry in the manner of etcd: keys with revisions, leases, watches, transactions, discovery.
//!
//! # The idea
//!
//! Every change of the registry is a *commit* and has a number, the revision. A key is not a cell but a list
//! of versions, one for each commit that touched it, so the state at any revision can still be read. The
//! same commits, kept in order, are what a watcher reads: a watch is a replay of the history that goes on
//! into the future. Ephemeral keys hang on a lease, a promise that its owner renews; when the owner goes
//! silent the lease ends and its keys are deleted by a commit like any other. Multi-version storage is from
//! Reed, *Naming and Synchronization in a Decentralized Computer System* (1978, chapter 3); leases are from
//! Gray and Cheriton, *Leases* (SOSP 1989, section 2).
//!
//! # The contract
//!
//! - [`ServiceRegistry::put`], [`get`](ServiceRegistry::get), [`delete`](ServiceRegistry::delete) and
//!   [`txn`](ServiceRegistry::txn) are linearizable; a transaction is one commit, all of it or nothing.
//! - A key that is created has version 1; each further put adds 1; a key that is created again after a
//!   deletion starts again at 1, with a new creation revision. An absent key compares as version 0.
//! - [`ServiceRegistry::watch`] delivers each event once, in the order of revisions, from `start_revision`
//!   included. A reader that is slower than its buffer sees its stream end, never a hole in it.
//! - [`ServiceRegistry::compact`] forgets what only older revisions can show.
//!
//! # Invariants
//!
//! - The revision rises with each commit and never otherwise.
//! - The newest version of a key in the history is the one in the current map, or a tombstone if there is none.
//! - A key is listed by at most one lease, the one its current version names.
//! - Events leave for the watchers while the commit's lock is held, so their order is the order of commits.
//!
//! # Cost
//!
//! | operation | cost |
//! |---|---|
//! | `get`, `put` of a key | O(log n) |
//! | `get` of a prefix with k keys | O(log n + k) |
//! | an event | O(length of the key + watchers that want it) |
//! | `compact` | O(keys + versions forgotten) |
//!
//! # Common mistakes
//!
//! - Taking the character after `/a` as the end of the keys under `/a`: `/a0` or `/a/` are the end of another
//!   interval. Walk from the prefix on while keys start with it.
//! - Releasing the lock between the comparisons of a transaction and its operations.
//! - Dropping events when a watcher's channel is full, which no later event repairs.
//! - Compacting to a revision by dropping every version before it: the newest of them is still what a read
//!   at a later revision must show.
//! - Ending a lease by erasing its keys from the map, without a commit: watchers never hear of it.
//!
//! # Example
//!
//! ```
//! use ex09::{GetOptions, PutOptions, RegistryConfig, ServiceRegistry};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let registry = ServiceRegistry::new(RegistryConfig::default());
//! let first = registry.put("/config/mode", b"blue".to_vec(), PutOptions::default()).await?;
//! registry.put("/config/mode", b"green".to_vec(), PutOptions::default()).await?;
//!
//! let then = GetOptions { revision: Some(first.revision), ..GetOptions::default() };
//! assert_eq!(registry.get("/config/mode", then).await?.kvs[0].value, b"blue");
//! # Ok::<(), ex09::RegistryError>(())
//! # }).unwrap();
//! ```

mod config;
mod discovery;
mod error;
mod health;
mod kv;
mod lease;
mod registry;
mod retention;
mod state;
mod store;
mod txn;
mod watch;

pub use config::RegistryConfig;
pub use discovery::{HealthCheckDef, ServiceInstance, ServiceRegistration, ServiceStatus};
pub use error::RegistryError;
pub use kv::{DeleteResponse, GetOptions, GetResponse, KeyValue, PutOptions, PutResponse, Revision, SortOrder};
pub use lease::{LeaseId, LeaseInfo};
pub use registry::ServiceRegistry;
pub use txn::{Compare, CompareResult, CompareTarget, Transaction, TxnOp, TxnOpResponse, TxnResponse};
pub use watch::{WatchEvent, WatchFilter, WatchHandle, WatchOptions, WatchResponse};
