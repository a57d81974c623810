//! Le service : la table derrière un mutex que partagent les gardes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::state::State;
use crate::types::*;

/// Service de verrous.
pub struct LockService {
    pub(crate) state: Arc<Mutex<State>>,
}

pub(crate) fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LockService {
    /// Crée un service.
    pub fn new(config: LockServiceConfig) -> Self {
        Self {
            state: Arc::new(Mutex::new(State::new(config))),
        }
    }

    /// Demande un verrou.
    pub fn try_acquire(
        &mut self,
        lock_id: LockId,
        client_id: ClientId,
        lease_duration: Option<Duration>,
        metadata: HashMap<String, String>,
    ) -> Result<AcquireResult, LockError> {
        lock(&self.state).acquire(lock_id, client_id, lease_duration, metadata)
    }

    /// Libère un verrou.
    pub fn release(
        &mut self,
        lock_id: &LockId,
        client_id: &ClientId,
        fencing_token: FencingToken,
    ) -> Result<(), LockError> {
        lock(&self.state).release(lock_id, client_id, fencing_token.0)
    }

    /// Prolonge un bail.
    pub fn renew(
        &mut self,
        lock_id: &LockId,
        client_id: &ClientId,
        fencing_token: FencingToken,
        extension: Option<Duration>,
    ) -> Result<Instant, LockError> {
        lock(&self.state).renew(lock_id, client_id, fencing_token.0, extension)
    }

    /// Dit si un jeton est celui du bail en cours ; sinon, pourquoi il ne l'est pas.
    pub fn is_valid(&self, lock_id: &LockId, fencing_token: FencingToken) -> Result<bool, LockError> {
        let state = lock(&self.state);
        match state.live(lock_id) {
            Some(entry) if entry.token == fencing_token.0 => Ok(true),
            Some(entry) => Err(LockError::InvalidFencingToken {
                expected: entry.token,
                actual: fencing_token.0,
            }),
            None => Err(LockError::Expired),
        }
    }

    /// Décrit un verrou détenu.
    pub fn get_lock_info(&self, lock_id: &LockId) -> Option<LockInfo> {
        let state = lock(&self.state);
        state.live(lock_id).map(|entry| state.describe(lock_id, entry))
    }

    /// Les verrous détenus.
    pub fn list_locks(&self) -> Vec<LockInfo> {
        let state = lock(&self.state);
        state.all().map(|(name, entry)| state.describe(name, entry)).collect()
    }

    /// Les verrous d'un client.
    pub fn list_client_locks(&self, client_id: &ClientId) -> Vec<LockInfo> {
        let state = lock(&self.state);
        let own = state.all().filter(|(_, entry)| entry.holder == *client_id);
        own.map(|(name, entry)| state.describe(name, entry)).collect()
    }

    /// Retire les verrous expirés.
    pub fn cleanup_expired(&mut self) -> Vec<LockId> {
        lock(&self.state).sweep().into_iter().map(|(name, _)| name).collect()
    }

    /// Annonce ce qui a expiré, et à chaque appel tout ce qui expirera bientôt.
    pub fn tick(&mut self) -> Vec<LockServiceEvent> {
        let mut state = lock(&self.state);
        let gone = if state.is_due() { state.sweep() } else { Vec::new() };
        let mut events: Vec<LockServiceEvent> = gone
            .into_iter()
            .map(|(lock_id, holder)| LockServiceEvent::LockExpired { lock_id, holder })
            .collect();
        let margin = state.config.renewal_margin;
        for (name, entry) in state.all() {
            let remaining = state.instant(entry.expires).saturating_duration_since(Instant::now());
            if remaining.as_secs_f64() * 1000.0 <= margin * entry.lease as f64 {
                events.push(LockServiceEvent::LockExpiringSoon {
                    lock_id: name.clone(),
                    holder: entry.holder.clone(),
                    remaining,
                });
            }
        }
        events
    }
}
