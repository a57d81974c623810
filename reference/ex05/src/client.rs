//! Clients that need not think of their leases: a guard holds its lock as long as it lives.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::service::Shared;
use crate::table::{Renewal, Request};
use crate::{AcquireResult, ClientId, FencingToken, LockError, LockId, LockService};

/// A client of a service.
#[derive(Debug, Clone)]
pub struct LockClient {
    client_id: ClientId,
}

/// A lock that is held until this is dropped, as long as the service ticks.
#[derive(Debug)]
pub struct LockGuard {
    shared: Shared,
    client_id: ClientId,
    lock_id: LockId,
    fencing_token: FencingToken,
}

impl LockClient {
    /// A client of this name.
    pub fn new(client_id: ClientId) -> Self {
        Self { client_id }
    }

    /// Takes a lock if it is free, to be renewed by [`LockService::tick`] until the guard is dropped.
    ///
    /// # Errors
    /// [`LockError::Timeout`] if somebody holds the lock, as this does not wait; [`LockError::LeaseTooLong`] beyond the
    /// configured maximum.
    pub fn acquire_with_auto_renew(
        &self,
        service: &mut LockService,
        lock_id: LockId,
        lease_duration: Duration,
    ) -> Result<LockGuard, LockError> {
        let shared = service.shared().clone();
        let request = Request {
            lock_id: lock_id.clone(),
            client_id: self.client_id.clone(),
            lease: Some(lease_duration),
            metadata: HashMap::new(),
            renewal: Renewal::Automatic,
        };
        let granted = shared.table().acquire(request, Instant::now())?;
        match granted {
            AcquireResult::Acquired { fencing_token, .. } => Ok(LockGuard {
                shared,
                client_id: self.client_id.clone(),
                lock_id,
                fencing_token,
            }),
            AcquireResult::AlreadyHeld { .. } | AcquireResult::Waiting { .. } => Err(LockError::Timeout),
        }
    }
}

impl LockGuard {
    /// The token of the grant, to be shown with everything that is done under the lock.
    pub fn fencing_token(&self) -> FencingToken {
        self.fencing_token
    }

    /// Which lock.
    pub fn lock_id(&self) -> &LockId {
        &self.lock_id
    }

    /// What remains of the lease; nothing if the lock was lost.
    pub fn time_remaining(&self) -> Duration {
        let now = Instant::now();
        let table = self.shared.table();
        table
            .get(&self.lock_id, now)
            .filter(|info| info.fencing_token == self.fencing_token)
            .map_or(Duration::ZERO, |info| info.expires_at - now)
    }
}

impl Drop for LockGuard {
    /// Frees the lock. If it was lost in the meantime and belongs to somebody else, it is refused, and rightly so.
    fn drop(&mut self) {
        let mut table = self.shared.table();
        let _ = table.release(&self.lock_id, &self.client_id, self.fencing_token, Instant::now());
    }
}
