//! Why a service refuses.

use crate::{ClientId, LockId};

/// The reasons for which an operation changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// Nobody holds the lock, and the token was never given to anybody.
    #[error("Lock not found: {0}")]
    NotFound(LockId),
    /// Somebody else holds the lock.
    #[error("Lock not held by client: {0}")]
    NotHolder(ClientId),
    /// The lease is over.
    #[error("Lock expired")]
    Expired,
    /// The client holds the lock, but by another token.
    #[error("Invalid fencing token: expected >= {expected}, got {actual}")]
    InvalidFencingToken {
        /// The token by which the lock is held.
        expected: u64,
        /// The token that was shown.
        actual: u64,
    },
    /// A lease may not last that long.
    #[error("Lease duration exceeds maximum: {requested}ms > {max}ms")]
    LeaseTooLong {
        /// What was asked for, in milliseconds.
        requested: u64,
        /// What may be asked for, in milliseconds.
        max: u64,
    },
    /// The lock was not free in the time that the client could wait; a guard does not wait at all.
    #[error("Operation timeout")]
    Timeout,
}
