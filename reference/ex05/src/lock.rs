//! Locks as their clients see them.

use std::collections::HashMap;
use std::time::Instant;

/// The name of a lock.
pub type LockId = String;

/// The name of a client, unique in the distributed system.
pub type ClientId = String;

/// The number of a grant: greater than that of every grant before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FencingToken(pub u64);

/// What can be said of a lock that is held.
#[derive(Debug, Clone)]
pub struct LockInfo {
    /// Which lock.
    pub lock_id: LockId,
    /// Who holds it.
    pub holder: ClientId,
    /// By which grant.
    pub fencing_token: FencingToken,
    /// Since when.
    pub acquired_at: Instant,
    /// Until when, if it is not renewed.
    pub expires_at: Instant,
    /// What the holder wanted to be known.
    pub metadata: HashMap<String, String>,
}

impl LockInfo {
    /// Whether the lock is held at this moment: at its end, a lease is over. What stands in a table does not matter.
    pub(crate) fn is_in_force(&self, now: Instant) -> bool {
        now < self.expires_at
    }
}

/// The answer to a client that asked for a lock.
#[derive(Debug, Clone)]
pub enum AcquireResult {
    /// It is the client's now.
    Acquired {
        /// To be shown with everything that is done under the lock.
        fencing_token: FencingToken,
        /// The end of the lease, if it is not renewed.
        expires_at: Instant,
    },
    /// Somebody holds it.
    AlreadyHeld {
        /// Who.
        holder: ClientId,
        /// Until when, if it is not renewed.
        expires_at: Instant,
    },
    /// The client stands in a queue. A service that never blocks, as this one, never answers so.
    Waiting {
        /// How many clients come before it.
        position_in_queue: usize,
    },
}

/// What a client keeps of a lock that it acquired.
#[derive(Debug, Clone)]
pub struct LockHandle {
    /// Which lock.
    pub lock_id: LockId,
    /// By which grant.
    pub fencing_token: FencingToken,
    /// Until when, as far as the client knows.
    pub expires_at: Instant,
}
