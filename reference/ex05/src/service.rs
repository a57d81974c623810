//! The service: the table behind a mutex, and the clock.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::table::{Renewal, Request, Table};
use crate::{AcquireResult, ClientId, FencingToken, LockError, LockId, LockInfo, LockServiceConfig};

/// A service that grants locks. Its state is shared with the guards that it gave out.
#[derive(Debug)]
pub struct LockService {
    shared: Shared,
}

/// What [`LockService::tick`] has to tell.
#[derive(Debug, Clone)]
pub enum LockServiceEvent {
    /// The lease of a lock is over; told once.
    LockExpired {
        /// Which lock.
        lock_id: LockId,
        /// Who held it.
        holder: ClientId,
    },
    /// The last part of a lease has begun; told once for each grant and each renewal.
    LockExpiringSoon {
        /// Which lock.
        lock_id: LockId,
        /// Who should renew it.
        holder: ClientId,
        /// What remains of the lease.
        remaining: Duration,
    },
}

/// The table, of the service and its guards together.
#[derive(Debug, Clone)]
pub(crate) struct Shared(Arc<Mutex<Table>>);

impl LockService {
    /// A service that has granted nothing.
    pub fn new(config: LockServiceConfig) -> Self {
        let table = Table::new(config, Instant::now());
        Self {
            shared: Shared(Arc::new(Mutex::new(table))),
        }
    }

    /// Grants a lock to a client if it is free, for the time asked for or else the default. Never waits.
    ///
    /// # Errors
    /// [`LockError::LeaseTooLong`] beyond the configured maximum.
    pub fn try_acquire(
        &mut self,
        lock_id: LockId,
        client_id: ClientId,
        lease_duration: Option<Duration>,
        metadata: HashMap<String, String>,
    ) -> Result<AcquireResult, LockError> {
        let request = Request {
            lock_id,
            client_id,
            lease: lease_duration,
            metadata,
            renewal: Renewal::ByHolder,
        };
        self.shared.table().acquire(request, Instant::now())
    }

    /// Frees a lock. Doing so again, as long as nobody else has it, is no error.
    ///
    /// # Errors
    /// [`LockError::NotHolder`] if somebody else holds the lock, [`LockError::InvalidFencingToken`] if the client holds
    /// it by another token, [`LockError::NotFound`] if it is free and the token was never given out.
    pub fn release(
        &mut self,
        lock_id: &LockId,
        client_id: &ClientId,
        fencing_token: FencingToken,
    ) -> Result<(), LockError> {
        self.shared
            .table()
            .release(lock_id, client_id, fencing_token, Instant::now())
    }

    /// Has a lease last for the extension, or else the default, from now on, and never shorter than before. The new end
    /// is returned.
    ///
    /// # Errors
    /// [`LockError::NotHolder`] and [`LockError::InvalidFencingToken`] as for a release, [`LockError::Expired`] or
    /// [`LockError::NotFound`] if the lease is over: nothing brings it back. [`LockError::LeaseTooLong`] beyond the
    /// configured maximum.
    pub fn renew(
        &mut self,
        lock_id: &LockId,
        client_id: &ClientId,
        fencing_token: FencingToken,
        extension: Option<Duration>,
    ) -> Result<Instant, LockError> {
        self.shared
            .table()
            .renew(lock_id, client_id, fencing_token, extension, Instant::now())
    }

    /// Whether the lock is held by this very grant, now.
    ///
    /// # Errors
    /// None: a lock that nobody holds is held by no token.
    pub fn is_valid(&self, lock_id: &LockId, fencing_token: FencingToken) -> Result<bool, LockError> {
        let table = self.shared.table();
        let info = table.get(lock_id, Instant::now());
        Ok(info.is_some_and(|info| info.fencing_token == fencing_token))
    }

    /// What can be said of a lock, if somebody holds it.
    pub fn get_lock_info(&self, lock_id: &LockId) -> Option<LockInfo> {
        self.shared.table().get(lock_id, Instant::now()).cloned()
    }

    /// The locks that somebody holds, in no order.
    pub fn list_locks(&self) -> Vec<LockInfo> {
        self.shared.table().in_force(Instant::now()).cloned().collect()
    }

    /// The locks that a client holds, in no order.
    pub fn list_client_locks(&self, client_id: &ClientId) -> Vec<LockInfo> {
        let table = self.shared.table();
        let locks = table.in_force(Instant::now());
        locks.filter(|info| info.holder == *client_id).cloned().collect()
    }

    /// Takes away the locks whose lease is over, and tells those that were not told before.
    pub fn cleanup_expired(&mut self) -> Vec<LockId> {
        let expired = self.shared.table().clean_up(Instant::now());
        expired.into_iter().map(|(lock_id, _)| lock_id).collect()
    }

    /// To be called from time to time, several times a lease: renews the locks of living guards, tells which locks have
    /// expired (once in a `cleanup_interval` at most) and warns whose lease is about to end.
    pub fn tick(&mut self) -> Vec<LockServiceEvent> {
        self.shared.table().tick(Instant::now())
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }
}

impl Shared {
    /// Waits for its turn. A panic elsewhere cannot have left the table half changed in a way that matters: better a
    /// service that goes on.
    pub(crate) fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
