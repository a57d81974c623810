//! Who holds what until when. The table is told the time and never asks for it, so its rules can be tested at any hour.

use std::collections::HashMap;
use std::iter;
use std::time::{Duration, Instant};

use crate::agenda::Agenda;
use crate::{AcquireResult, ClientId, FencingToken, LockError, LockId, LockInfo, LockServiceConfig, LockServiceEvent};

/// All locks of a service.
#[derive(Debug)]
pub(crate) struct Table {
    config: LockServiceConfig,
    /// The token of the latest grant, of whichever lock.
    last_token: u64,
    /// Locks whose lease is in force, and those whose expiry nobody has noticed yet.
    locks: HashMap<LockId, Lock>,
    /// The locks by the end of their lease.
    deadlines: Agenda,
    /// The locks by the moment at which the margin of their lease begins, until that was noticed.
    margins: Agenda,
    /// Expired locks that were taken away, but not yet told.
    lapsed: Vec<(LockId, ClientId)>,
    last_cleanup: Instant,
}

#[derive(Debug)]
struct Lock {
    info: LockInfo,
    /// How long the lease lasts, from the grant or from the last renewal on.
    lease: Duration,
    margin_at: Instant,
    renewal: Renewal,
}

/// What a client asks for.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) lock_id: LockId,
    pub(crate) client_id: ClientId,
    /// The default, if it does not say.
    pub(crate) lease: Option<Duration>,
    pub(crate) metadata: HashMap<String, String>,
    pub(crate) renewal: Renewal,
}

/// Who renews a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Renewal {
    /// Its holder, who is warned.
    ByHolder,
    /// The service, as long as a guard lives.
    Automatic,
}

impl Table {
    pub(crate) fn new(config: LockServiceConfig, now: Instant) -> Self {
        Self {
            config,
            last_token: 0,
            locks: HashMap::new(),
            deadlines: Agenda::default(),
            margins: Agenda::default(),
            lapsed: Vec::new(),
            last_cleanup: now,
        }
    }

    /// Grants a lock that nobody holds. Nobody is asked who he is: a client that holds the lock already is told so.
    pub(crate) fn acquire(&mut self, request: Request, now: Instant) -> Result<AcquireResult, LockError> {
        let lease = self.allowed(request.lease)?;
        let lock_id = request.lock_id;
        if let Some(info) = self.get(&lock_id, now) {
            return Ok(AcquireResult::AlreadyHeld {
                holder: info.holder.clone(),
                expires_at: info.expires_at,
            });
        }
        // It may still be there, expired: that remains to be told.
        self.expire(&lock_id);
        self.last_token += 1;
        let (fencing_token, expires_at) = (FencingToken(self.last_token), now + lease);
        let margin_at = expires_at - self.config.margin(lease);
        self.deadlines.enter(expires_at, fencing_token, &lock_id);
        self.margins.enter(margin_at, fencing_token, &lock_id);
        let info = LockInfo {
            lock_id: lock_id.clone(),
            holder: request.client_id,
            fencing_token,
            acquired_at: now,
            expires_at,
            metadata: request.metadata,
        };
        let lock = Lock {
            info,
            lease,
            margin_at,
            renewal: request.renewal,
        };
        self.locks.insert(lock_id, lock);
        debug_assert_eq!(self.deadlines.len(), self.locks.len(), "one deadline for each lock");
        Ok(AcquireResult::Acquired {
            fencing_token,
            expires_at,
        })
    }

    /// Frees a lock. One that is free already was released before, or has expired: as long as the token is one that was
    /// given out, the client has what it wants.
    pub(crate) fn release(
        &mut self,
        lock_id: &LockId,
        client_id: &ClientId,
        token: FencingToken,
        now: Instant,
    ) -> Result<(), LockError> {
        let Some(info) = self.get(lock_id, now) else {
            let was_given = token.0 <= self.last_token;
            return if was_given {
                Ok(())
            } else {
                Err(LockError::NotFound(lock_id.clone()))
            };
        };
        authorize(info, client_id, token)?;
        self.remove(lock_id);
        Ok(())
    }

    /// Has a lease last until `extension` after now, or as long as it lasts already if that is longer.
    pub(crate) fn renew(
        &mut self,
        lock_id: &LockId,
        client_id: &ClientId,
        token: FencingToken,
        extension: Option<Duration>,
        now: Instant,
    ) -> Result<Instant, LockError> {
        let extension = self.allowed(extension)?;
        let info = match self.get(lock_id, now) {
            Some(info) => info,
            None if self.locks.contains_key(lock_id) => return Err(LockError::Expired),
            None => return Err(LockError::NotFound(lock_id.clone())),
        };
        authorize(info, client_id, token)?;
        let expires_at = info.expires_at.max(now + extension);
        self.prolong(lock_id, expires_at, expires_at - now);
        Ok(expires_at)
    }

    /// The lock, if its lease is in force.
    pub(crate) fn get(&self, lock_id: &LockId, now: Instant) -> Option<&LockInfo> {
        self.locks
            .get(lock_id)
            .map(|lock| &lock.info)
            .filter(|info| info.is_in_force(now))
    }

    /// The locks whose lease is in force, in no order.
    pub(crate) fn in_force(&self, now: Instant) -> impl Iterator<Item = &LockInfo> {
        self.locks
            .values()
            .map(|lock| &lock.info)
            .filter(move |info| info.is_in_force(now))
    }

    /// Takes away the locks whose lease is over; each is told once, with who held it.
    pub(crate) fn clean_up(&mut self, now: Instant) -> Vec<(LockId, ClientId)> {
        self.last_cleanup = now;
        while let Some(lock_id) = self.deadlines.next_due(now) {
            self.expire(&lock_id);
        }
        std::mem::take(&mut self.lapsed)
    }

    /// What is to be done from time to time: renew what a guard holds, tell what has expired, warn before the rest does.
    pub(crate) fn tick(&mut self, now: Instant) -> Vec<LockServiceEvent> {
        let mut events = Vec::new();
        if now - self.last_cleanup >= self.config.cleanup_interval() {
            let expired = self.clean_up(now).into_iter();
            events.extend(expired.map(|(lock_id, holder)| LockServiceEvent::LockExpired { lock_id, holder }));
        }
        let due: Vec<LockId> = iter::from_fn(|| self.margins.next_due(now)).collect();
        for lock_id in due {
            let Some(lock) = self.locks.get(&lock_id).filter(|lock| lock.info.is_in_force(now)) else {
                continue;
            };
            match lock.renewal {
                Renewal::Automatic => {
                    let lease = lock.lease;
                    self.prolong(&lock_id, now + lease, lease);
                }
                Renewal::ByHolder => events.push(LockServiceEvent::LockExpiringSoon {
                    holder: lock.info.holder.clone(),
                    remaining: lock.info.expires_at - now,
                    lock_id,
                }),
            }
        }
        events
    }

    /// The duration of a lease that was asked for, if it may last that long.
    fn allowed(&self, lease: Option<Duration>) -> Result<Duration, LockError> {
        let lease = lease.unwrap_or_else(|| self.config.default_lease());
        let max = self.config.max_lease_duration;
        if lease > Duration::from_millis(max) {
            let requested = u64::try_from(lease.as_millis()).unwrap_or(u64::MAX);
            return Err(LockError::LeaseTooLong { requested, max });
        }
        Ok(lease)
    }

    fn prolong(&mut self, lock_id: &LockId, expires_at: Instant, lease: Duration) {
        let Some(lock) = self.locks.get_mut(lock_id) else {
            return;
        };
        let token = lock.info.fencing_token;
        self.deadlines.cancel(lock.info.expires_at, token);
        self.margins.cancel(lock.margin_at, token);
        lock.info.expires_at = expires_at;
        lock.lease = lease;
        lock.margin_at = expires_at - self.config.margin(lease);
        self.deadlines.enter(expires_at, token, lock_id);
        self.margins.enter(lock.margin_at, token, lock_id);
    }

    /// Takes an expired lock away; that is to be told.
    fn expire(&mut self, lock_id: &LockId) {
        if let Some(lock) = self.remove(lock_id) {
            self.lapsed.push((lock.info.lock_id, lock.info.holder));
        }
    }

    /// Takes a lock away, with its appointments.
    fn remove(&mut self, lock_id: &LockId) -> Option<Lock> {
        let lock = self.locks.remove(lock_id)?;
        self.deadlines.cancel(lock.info.expires_at, lock.info.fencing_token);
        self.margins.cancel(lock.margin_at, lock.info.fencing_token);
        Some(lock)
    }
}

/// Whether a client may dispose of a lock: it must hold it, and by this very grant. A client that comes back after its
/// lease ended and was granted again fails by the token.
fn authorize(info: &LockInfo, client_id: &ClientId, token: FencingToken) -> Result<(), LockError> {
    if info.holder != *client_id {
        return Err(LockError::NotHolder(client_id.clone()));
    }
    if info.fencing_token != token {
        return Err(LockError::InvalidFencingToken {
            expected: info.fencing_token.0,
            actual: token.0,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
