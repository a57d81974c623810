//! Le service et sa table.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::Flag;
use crate::types::*;

struct Held {
    info: LockInfo,
    lease: Duration,
    flag: Option<Arc<Flag>>,
}

/// Service de verrous.
pub struct LockService {
    config: LockServiceConfig,
    next: u64,
    held: HashMap<LockId, Held>,
    /// Les verrous qui ont un garde.
    guarded: HashSet<LockId>,
    warned: HashSet<(u64, Instant)>,
}

impl LockService {
    /// Crée un service.
    pub fn new(config: LockServiceConfig) -> Self {
        Self {
            config,
            next: 1,
            held: HashMap::new(),
            guarded: HashSet::new(),
            warned: HashSet::new(),
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
        self.settle();
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
        let flag = None;
        self.held.insert(lock_id, Held { info, lease, flag });
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
        self.settle();
        match self.check(lock_id, client_id, fencing_token) {
            Ok(()) => drop(self.held.remove(lock_id)),
            Err(LockError::Expired) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Prolonge un bail.
    pub fn renew(
        &mut self,
        lock_id: &LockId,
        client_id: &ClientId,
        fencing_token: FencingToken,
        extension: Option<Duration>,
    ) -> Result<Instant, LockError> {
        self.settle();
        let lease = self.lease(extension)?;
        self.check(lock_id, client_id, fencing_token)?;
        let held = self.held.get_mut(lock_id).ok_or(LockError::Expired)?;
        held.lease = lease;
        held.info.expires_at = Instant::now() + lease;
        Ok(held.info.expires_at)
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

    /// Les verrous détenus.
    pub fn list_locks(&self) -> Vec<LockInfo> {
        self.held.keys().filter_map(|name| self.get_lock_info(name)).collect()
    }

    /// Les verrous d'un client.
    pub fn list_client_locks(&self, client_id: &ClientId) -> Vec<LockInfo> {
        let mut locks = self.list_locks();
        locks.retain(|info| info.holder == *client_id);
        locks
    }

    /// Retire les verrous expirés.
    pub fn cleanup_expired(&mut self) -> Vec<LockId> {
        self.settle();
        self.sweep().into_iter().map(|info| info.lock_id).collect()
    }

    /// Annonce ce qui a expiré et ce qui expirera bientôt.
    pub fn tick(&mut self) -> Vec<LockServiceEvent> {
        self.settle();
        let mut events = Vec::new();
        for info in self.sweep() {
            events.push(LockServiceEvent::LockExpired {
                lock_id: info.lock_id,
                holder: info.holder,
            });
        }
        let now = Instant::now();
        for held in self.held.values() {
            let remaining = held.info.expires_at.saturating_duration_since(now);
            let key = (held.info.fencing_token.0, held.info.expires_at);
            if remaining <= held.lease.mul_f64(self.config.renewal_margin) && self.warned.insert(key) {
                events.push(LockServiceEvent::LockExpiringSoon {
                    lock_id: held.info.lock_id.clone(),
                    holder: held.info.holder.clone(),
                    remaining,
                });
            }
        }
        self.warned.retain(|(_, until)| *until > now);
        events
    }

    pub(crate) fn grant_guarded(
        &mut self,
        lock_id: &LockId,
        client_id: &ClientId,
        lease: Duration,
    ) -> Result<(FencingToken, Instant), LockError> {
        let answer = self.try_acquire(lock_id.clone(), client_id.clone(), Some(lease), HashMap::new())?;
        match answer {
            AcquireResult::Acquired {
                fencing_token,
                expires_at,
            } => Ok((fencing_token, expires_at)),
            _ => Err(LockError::Timeout),
        }
    }

    pub(crate) fn watch(&mut self, lock_id: &LockId, flag: Arc<Flag>) {
        if let Some(held) = self.held.get_mut(lock_id) {
            held.flag = Some(flag);
            self.guarded.insert(lock_id.clone());
        }
    }

    /// Libère les verrous des gardes disparus et renouvelle les autres.
    fn settle(&mut self) {
        if self.guarded.is_empty() {
            return;
        }
        let now = Instant::now();
        let held = &mut self.held;
        self.guarded.retain(|name| {
            let Some(Held {
                info,
                lease,
                flag: Some(flag),
            }) = held.get_mut(name)
            else {
                return false;
            };
            if info.expires_at <= now {
                return false;
            }
            if !flag.alive.load(Ordering::SeqCst) {
                held.remove(name);
                return false;
            }
            if info.expires_at - now < lease.mul_f64(0.7) {
                info.expires_at = now + *lease;
            }
            flag.set_until(info.expires_at);
            true
        });
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
