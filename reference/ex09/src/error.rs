//! Why the registry refuses.

use crate::{LeaseId, Revision};

/// The reasons for which an operation does nothing.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// A single key was asked for and has no value at that revision.
    #[error("Key not found: {0}")]
    KeyNotFound(String),
    /// No such lease, or it has ended.
    #[error("Lease not found: {0}")]
    LeaseNotFound(LeaseId),
    /// The lease has just run out.
    #[error("Lease expired: {0}")]
    LeaseExpired(LeaseId),
    /// The revision was forgotten by a compaction.
    #[error("Revision compacted: requested {requested}, current compact {compact}")]
    RevisionCompacted {
        /// The revision asked for.
        requested: Revision,
        /// The revision up to which history was forgotten.
        compact: Revision,
    },
    /// The key or prefix has as many watchers as the configuration allows.
    #[error("Too many watchers for key: {0}")]
    TooManyWatchers(String),
    /// A transaction could not be carried out.
    #[error("Transaction failed")]
    TxnFailed,
    /// No service of that id in that namespace.
    #[error("Service not found: {0}")]
    ServiceNotFound(String),
    /// A request that makes no sense, such as a revision of the future.
    #[error("Internal error: {0}")]
    Internal(String),
}
