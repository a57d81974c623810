//! Service de verrous à bail, sans mutex ni thread : un garde est un drapeau que le service regarde à chaque appel.

mod service;
mod types;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

pub use service::LockService;
pub use types::*;

/// Ce que partagent un garde et le service.
pub(crate) struct Flag {
    pub(crate) alive: AtomicBool,
    /// La fin du bail, en nanosecondes depuis `since`.
    pub(crate) until: AtomicU64,
    pub(crate) since: Instant,
}

impl Flag {
    pub(crate) fn set_until(&self, until: Instant) {
        let nanos = until.saturating_duration_since(self.since).as_nanos();
        self.until
            .store(u64::try_from(nanos).unwrap_or(u64::MAX), Ordering::SeqCst);
    }
}

/// Un client du service.
pub struct LockClient {
    client_id: ClientId,
}

/// Un verrou détenu.
pub struct LockGuard {
    flag: Arc<Flag>,
    lock_id: LockId,
    token: FencingToken,
}

impl LockClient {
    /// Crée un client.
    pub fn new(client_id: ClientId) -> Self {
        Self { client_id }
    }

    /// Prend un verrou ; le service le renouvelle tant que le garde vit.
    pub fn acquire_with_auto_renew(
        &self,
        service: &mut LockService,
        lock_id: LockId,
        lease_duration: Duration,
    ) -> Result<LockGuard, LockError> {
        let (token, until) = service.grant_guarded(&lock_id, &self.client_id, lease_duration)?;
        let flag = Arc::new(Flag {
            alive: AtomicBool::new(true),
            until: AtomicU64::new(0),
            since: Instant::now(),
        });
        flag.set_until(until);
        service.watch(&lock_id, Arc::clone(&flag));
        Ok(LockGuard { flag, lock_id, token })
    }
}

impl LockGuard {
    /// Le jeton du verrou.
    pub fn fencing_token(&self) -> FencingToken {
        self.token
    }

    /// Le verrou.
    pub fn lock_id(&self) -> &LockId {
        &self.lock_id
    }

    /// Ce qui reste du bail.
    pub fn time_remaining(&self) -> Duration {
        let until = self.flag.since + Duration::from_nanos(self.flag.until.load(Ordering::SeqCst));
        until.saturating_duration_since(Instant::now())
    }
}

impl Drop for LockGuard {
    fn drop(&mut self) {
        self.flag.alive.store(false, Ordering::SeqCst);
    }
}
