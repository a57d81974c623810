//! Les gardes : un thread renouvelle le bail jusqu'à ce que le garde disparaisse.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::service::{LockService, lock};
use crate::state::State;
use crate::types::*;

/// Un client du service.
pub struct LockClient {
    client_id: ClientId,
}

/// Ce qui relie un garde à son thread : s'il a disparu.
#[derive(Default)]
struct Link {
    dropped: Mutex<bool>,
    wake: Condvar,
}

/// Un verrou détenu.
pub struct LockGuard {
    state: Arc<Mutex<State>>,
    link: Arc<Link>,
    client_id: ClientId,
    lock_id: LockId,
    token: FencingToken,
}

impl LockClient {
    /// Crée un client.
    pub fn new(client_id: ClientId) -> Self {
        Self { client_id }
    }

    /// Prend un verrou et fait renouveler son bail par un thread.
    pub fn acquire_with_auto_renew(
        &self,
        service: &mut LockService,
        lock_id: LockId,
        lease_duration: Duration,
    ) -> Result<LockGuard, LockError> {
        let state = Arc::clone(&service.state);
        let (client, metadata) = (self.client_id.clone(), HashMap::new());
        let mut table = lock(&state);
        let answer = table.acquire(lock_id.clone(), client, Some(lease_duration), metadata)?;
        let AcquireResult::Acquired { fencing_token, .. } = answer else {
            return Err(LockError::NotHolder(self.client_id.clone()));
        };
        let pause = lease_duration.mul_f64((1.0 - table.config.renewal_margin).clamp(0.1, 0.8));
        drop(table);
        let guard = LockGuard {
            state: Arc::clone(&state),
            link: Arc::default(),
            client_id: self.client_id.clone(),
            lock_id: lock_id.clone(),
            token: fencing_token,
        };
        let (link, client) = (Arc::clone(&guard.link), self.client_id.clone());
        thread::spawn(move || {
            let mut dropped = link.dropped.lock().unwrap_or_else(PoisonError::into_inner);
            loop {
                let woken = link.wake.wait_timeout_while(dropped, pause, |dropped| !*dropped);
                (dropped, _) = woken.unwrap_or_else(PoisonError::into_inner);
                if *dropped || lock(&state).refresh(&lock_id, &client, fencing_token.0).is_err() {
                    return;
                }
            }
        });
        Ok(guard)
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
        let state = lock(&self.state);
        let own = state.live(&self.lock_id).filter(|entry| entry.token == self.token.0);
        own.map_or(Duration::ZERO, |entry| {
            state.instant(entry.expires).saturating_duration_since(Instant::now())
        })
    }
}

impl Drop for LockGuard {
    fn drop(&mut self) {
        *self.link.dropped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.link.wake.notify_all();
        let _ = lock(&self.state).release(&self.lock_id, &self.client_id, self.token.0);
    }
}
