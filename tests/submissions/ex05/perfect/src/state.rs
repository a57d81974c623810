//! La table des verrous. Les instants y sont des millisecondes depuis la création du service.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use crate::types::*;

/// Un verrou accordé.
pub(crate) struct Entry {
    pub(crate) holder: ClientId,
    pub(crate) token: u64,
    pub(crate) acquired: u64,
    pub(crate) expires: u64,
    pub(crate) lease: u64,
    metadata: HashMap<String, String>,
}

/// Tous les verrous.
pub(crate) struct State {
    pub(crate) config: LockServiceConfig,
    start: Instant,
    tokens: u64,
    entries: BTreeMap<LockId, Entry>,
    /// Les verrous par fin de bail.
    wheel: BTreeMap<u64, BTreeSet<LockId>>,
    /// Le dernier à avoir libéré un verrou libre.
    freed: HashMap<LockId, (ClientId, u64)>,
    swept: u64,
}

impl State {
    pub(crate) fn new(config: LockServiceConfig) -> Self {
        Self {
            config,
            start: Instant::now(),
            tokens: 0,
            entries: BTreeMap::new(),
            wheel: BTreeMap::new(),
            freed: HashMap::new(),
            swept: 0,
        }
    }

    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub(crate) fn instant(&self, millis: u64) -> Instant {
        self.start + Duration::from_millis(millis)
    }

    /// Le bail en cours d'un verrou.
    pub(crate) fn live(&self, lock: &str) -> Option<&Entry> {
        let now = self.now();
        self.entries.get(lock).filter(|entry| entry.expires > now)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (&LockId, &Entry)> {
        let now = self.now();
        self.entries.iter().filter(move |(_, entry)| entry.expires > now)
    }

    pub(crate) fn describe(&self, lock: &str, entry: &Entry) -> LockInfo {
        LockInfo {
            lock_id: lock.to_owned(),
            holder: entry.holder.clone(),
            fencing_token: FencingToken(entry.token),
            acquired_at: self.instant(entry.acquired),
            expires_at: self.instant(entry.expires),
            metadata: entry.metadata.clone(),
        }
    }

    fn lease(&self, asked: Option<Duration>) -> Result<u64, LockError> {
        let Some(asked) = asked else {
            return Ok(self.config.default_lease_duration);
        };
        let requested = u64::try_from(asked.as_millis()).unwrap_or(u64::MAX);
        let max = self.config.max_lease_duration;
        if requested > max {
            return Err(LockError::LeaseTooLong { requested, max });
        }
        Ok(requested)
    }

    /// Accorde un verrou libre ; prolonge celui que le client détient déjà.
    pub(crate) fn acquire(
        &mut self,
        lock: LockId,
        client: ClientId,
        asked: Option<Duration>,
        metadata: HashMap<String, String>,
    ) -> Result<AcquireResult, LockError> {
        self.sweep();
        if let Some(entry) = self.live(&lock)
            && entry.holder != client
        {
            return Ok(AcquireResult::AlreadyHeld {
                holder: entry.holder.clone(),
                expires_at: self.instant(entry.expires),
            });
        }
        let lease = self.lease(asked)?;
        let now = self.now();
        let expires = now + lease;
        let token = match self.live(&lock) {
            Some(entry) => entry.token,
            None => {
                self.tokens += 1;
                self.tokens
            }
        };
        self.freed.remove(&lock);
        self.remove(&lock);
        self.wheel.entry(expires).or_default().insert(lock.clone());
        let entry = Entry {
            holder: client,
            token,
            acquired: now,
            expires,
            lease,
            metadata,
        };
        self.entries.insert(lock, entry);
        Ok(AcquireResult::Acquired {
            fencing_token: FencingToken(token),
            expires_at: self.instant(expires),
        })
    }

    /// Le bail en cours, si ce client et ce jeton en disposent.
    fn owned(&self, lock: &str, client: &str, token: u64) -> Result<&Entry, LockError> {
        let Some(entry) = self.live(lock) else {
            return Err(match self.entries.contains_key(lock) {
                true => LockError::Expired,
                false => LockError::NotFound(lock.to_owned()),
            });
        };
        if entry.token != token && entry.holder == client {
            return Err(LockError::InvalidFencingToken {
                expected: entry.token,
                actual: token,
            });
        }
        if entry.holder != client {
            return Err(LockError::NotHolder(client.to_owned()));
        }
        Ok(entry)
    }

    pub(crate) fn release(&mut self, lock: &str, client: &str, token: u64) -> Result<(), LockError> {
        let again = |(freed, by): &(ClientId, u64)| freed == client && *by == token;
        if self.freed.get(lock).is_some_and(again) {
            return Ok(());
        }
        self.owned(lock, client, token)?;
        self.remove(lock);
        self.freed.insert(lock.to_owned(), (client.to_owned(), token));
        Ok(())
    }

    /// Prolonge un bail à partir de son ancienne fin.
    pub(crate) fn renew(
        &mut self,
        lock: &str,
        client: &str,
        token: u64,
        asked: Option<Duration>,
    ) -> Result<Instant, LockError> {
        let entry = self.owned(lock, client, token)?;
        let (expires, granted) = (entry.expires, entry.lease);
        let extension = match asked {
            Some(_) => self.lease(asked)?,
            None => granted,
        };
        self.prolong(lock, expires + extension, extension);
        Ok(self.instant(expires + extension))
    }

    /// Fait durer un bail à partir de maintenant : ce que fait un garde.
    pub(crate) fn refresh(&mut self, lock: &str, client: &str, token: u64) -> Result<u64, LockError> {
        let lease = self.owned(lock, client, token)?.lease;
        self.prolong(lock, self.now() + lease, lease);
        Ok(lease)
    }

    fn prolong(&mut self, lock: &str, expires: u64, lease: u64) {
        if let Some(mut entry) = self.remove(lock) {
            entry.expires = expires;
            entry.lease = lease;
            self.wheel.entry(expires).or_default().insert(lock.to_owned());
            self.entries.insert(lock.to_owned(), entry);
        }
    }

    fn remove(&mut self, lock: &str) -> Option<Entry> {
        let entry = self.entries.remove(lock)?;
        if let Some(slot) = self.wheel.get_mut(&entry.expires) {
            slot.remove(lock);
            if slot.is_empty() {
                self.wheel.remove(&entry.expires);
            }
        }
        Some(entry)
    }

    /// Retire ce qui a expiré.
    pub(crate) fn sweep(&mut self) -> Vec<(LockId, ClientId)> {
        let now = self.now();
        self.swept = now;
        let mut gone = Vec::new();
        while let Some(first) = self.wheel.first_entry() {
            if *first.key() > now {
                break;
            }
            for lock in first.remove() {
                if let Some(entry) = self.entries.remove(&lock) {
                    gone.push((lock, entry.holder));
                }
            }
        }
        gone
    }

    /// S'il est temps de chercher les verrous expirés.
    pub(crate) fn is_due(&self) -> bool {
        self.now() >= self.swept + self.config.cleanup_interval
    }
}
