//! Le service et sa table.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::types::*;

struct Held {
    info: LockInfo,
}

/// Service de verrous.
pub struct LockService {
    config: LockServiceConfig,
    next: u64,
    held: HashMap<LockId, Held>,
}

impl LockService {
    /// Crée un service.
    pub fn new(config: LockServiceConfig) -> Self {
        Self {
            config,
            next: 1,
            held: HashMap::new(),
        }
    }

    /// Demande un verrou. Celui qui le détient déjà reçoit un nouveau jeton.
    pub fn try_acquire(
        &mut self,
        lock_id: LockId,
        client_id: ClientId,
        lease_duration: Option<Duration>,
        metadata: HashMap<String, String>,
    ) -> Result<AcquireResult, LockError> {
        let lease = self.lease(lease_duration)?;
        let now = Instant::now();
        if let Some(held) = self.held.get(&lock_id)
            && held.info.expires_at > now
            && held.info.holder != client_id
        {
            return Ok(AcquireResult::AlreadyHeld {
                holder: held.info.holder.clone(),
                expires_at: held.info.expires_at,
            });
        }
        let fencing_token = FencingToken(self.next);
        self.next += 1;
        let info = LockInfo {
            lock_id: lock_id.clone(),
            holder: client_id,
            fencing_token,
            acquired_at: now,
            expires_at: now + lease,
            metadata,
        };
        let expires_at = info.expires_at;
        self.held.insert(lock_id, Held { info });
        Ok(AcquireResult::Acquired {
            fencing_token,
            expires_at,
        })
    }

    /// Libère un verrou. Un jeton du passé l'est déjà.
    pub fn release(
        &mut self,
        lock_id: &LockId,
        client_id: &ClientId,
        fencing_token: FencingToken,
    ) -> Result<(), LockError> {
        match self.check(lock_id, client_id, fencing_token) {
            Ok(()) => drop(self.held.remove(lock_id)),
            Err(LockError::Expired) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Dit si un jeton est celui du bail en cours.
    pub fn is_valid(&self, lock_id: &LockId, fencing_token: FencingToken) -> Result<bool, LockError> {
        let info = self.get_lock_info(lock_id);
        let info = info.ok_or_else(|| LockError::NotFound(lock_id.clone()))?;
        Ok(info.fencing_token == fencing_token)
    }

    /// Décrit un verrou détenu.
    pub fn get_lock_info(&self, lock_id: &LockId) -> Option<LockInfo> {
        let held = self.held.get(lock_id)?;
        (held.info.expires_at > Instant::now()).then(|| held.info.clone())
    }

    /// Retire les verrous expirés.
    pub fn cleanup_expired(&mut self) -> Vec<LockId> {
        self.sweep().into_iter().map(|info| info.lock_id).collect()
    }

    fn sweep(&mut self) -> Vec<LockInfo> {
        let now = Instant::now();
        let mut gone = Vec::new();
        self.held.retain(|_, held| {
            let lives = held.info.expires_at > now;
            if !lives {
                gone.push(held.info.clone());
            }
            lives
        });
        gone
    }

    fn lease(&self, asked: Option<Duration>) -> Result<Duration, LockError> {
        let lease = asked.unwrap_or(Duration::from_millis(self.config.default_lease_duration));
        let (requested, max) = (lease.as_millis() as u64, self.config.max_lease_duration);
        if lease > Duration::from_millis(max) {
            return Err(LockError::LeaseTooLong { requested, max });
        }
        Ok(lease)
    }

    fn check(&self, lock_id: &LockId, client_id: &ClientId, token: FencingToken) -> Result<(), LockError> {
        let Some(info) = self.get_lock_info(lock_id) else {
            return Err(LockError::Expired);
        };
        if info.fencing_token != token && (info.holder == *client_id || token.0 >= self.next) {
            return Err(LockError::InvalidFencingToken {
                expected: info.fencing_token.0,
                actual: token.0,
            });
        }
        if info.holder != *client_id {
            return Err(LockError::NotHolder(client_id.clone()));
        }
        Ok(())
    }
}
