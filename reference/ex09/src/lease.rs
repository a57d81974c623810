//! Leases: promises that end unless they are renewed.
//!
//! The table knows which keys hang on which lease and when each lease ends. It is told the time, and leaves
//! the deletion of keys to whoever asks it what has run out.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::RegistryError;

/// The number of a lease; never 0.
pub type LeaseId = u64;

/// A deadline for requests that would overflow the clock, as tokio itself has one.
const FAR_FUTURE: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

/// What can be said of a lease.
#[derive(Debug, Clone)]
pub struct LeaseInfo {
    /// Its number.
    pub id: LeaseId,
    /// What remains of it.
    pub ttl: Duration,
    /// What it lasts from each renewal on.
    pub granted_ttl: Duration,
    /// The keys that hang on it, in ascending order.
    pub keys: Vec<String>,
}

/// The leases in force.
#[derive(Debug, Default)]
pub(crate) struct Leases {
    last: LeaseId,
    leases: HashMap<LeaseId, Lease>,
    /// The same leases by the time at which they end.
    deadlines: BTreeSet<(Instant, LeaseId)>,
}

#[derive(Debug)]
struct Lease {
    granted_ttl: Duration,
    deadline: Instant,
    keys: BTreeSet<String>,
    timer: Option<Timer>,
}

/// The task that ends a lease on time; it goes when the lease goes.
#[derive(Debug)]
struct Timer(AbortHandle);

impl Drop for Timer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Leases {
    /// A new lease.
    pub(crate) fn grant(&mut self, ttl: Duration, now: Instant) -> LeaseId {
        self.last += 1;
        let deadline = end(now, ttl);
        self.leases.insert(
            self.last,
            Lease {
                granted_ttl: ttl,
                deadline,
                keys: BTreeSet::new(),
                timer: None,
            },
        );
        self.deadlines.insert((deadline, self.last));
        self.last
    }

    /// Hands the lease the task that watches over it.
    pub(crate) fn set_timer(&mut self, id: LeaseId, timer: AbortHandle) {
        if let Some(lease) = self.leases.get_mut(&id) {
            lease.timer = Some(Timer(timer));
        }
    }

    /// Starts the lease's time again.
    pub(crate) fn keep_alive(&mut self, id: LeaseId, now: Instant) -> Result<LeaseInfo, RegistryError> {
        let lease = self.leases.get_mut(&id).ok_or(RegistryError::LeaseNotFound(id))?;
        self.deadlines.remove(&(lease.deadline, id));
        lease.deadline = end(now, lease.granted_ttl);
        self.deadlines.insert((lease.deadline, id));
        self.info(id, now)
    }

    /// What can be said of a lease.
    pub(crate) fn info(&self, id: LeaseId, now: Instant) -> Result<LeaseInfo, RegistryError> {
        let lease = self.leases.get(&id).ok_or(RegistryError::LeaseNotFound(id))?;
        Ok(LeaseInfo {
            id,
            ttl: lease.deadline.saturating_duration_since(now),
            granted_ttl: lease.granted_ttl,
            keys: lease.keys.iter().cloned().collect(),
        })
    }

    /// Refuses a lease that is not in force.
    pub(crate) fn check(&self, id: Option<LeaseId>) -> Result<(), RegistryError> {
        match id {
            Some(id) if !self.leases.contains_key(&id) => Err(RegistryError::LeaseNotFound(id)),
            _ => Ok(()),
        }
    }

    /// Moves a key from the lease it hung on to another.
    pub(crate) fn attach(&mut self, key: &str, from: Option<LeaseId>, to: Option<LeaseId>) {
        if let Some(lease) = from.and_then(|id| self.leases.get_mut(&id)) {
            lease.keys.remove(key);
        }
        if let Some(lease) = to.and_then(|id| self.leases.get_mut(&id)) {
            lease.keys.insert(key.to_owned());
        }
    }

    /// When the lease ends.
    pub(crate) fn deadline(&self, id: LeaseId) -> Option<Instant> {
        self.leases.get(&id).map(|lease| lease.deadline)
    }

    /// A lease that has run out, if there is one.
    pub(crate) fn due(&self, now: Instant) -> Option<LeaseId> {
        self.deadlines
            .first()
            .filter(|(deadline, _)| *deadline <= now)
            .map(|(_, id)| *id)
    }

    /// Ends a lease and returns the keys that hung on it.
    pub(crate) fn end(&mut self, id: LeaseId) -> Result<BTreeSet<String>, RegistryError> {
        let lease = self.leases.remove(&id).ok_or(RegistryError::LeaseNotFound(id))?;
        self.deadlines.remove(&(lease.deadline, id));
        Ok(lease.keys)
    }
}

fn end(now: Instant, ttl: Duration) -> Instant {
    now.checked_add(ttl).unwrap_or(now + FAR_FUTURE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_secs(10);

    #[test]
    fn a_lease_is_due_at_its_deadline_and_not_before() {
        let (mut leases, now) = (Leases::default(), Instant::now());
        let id = leases.grant(TTL, now);
        assert_eq!(leases.due(now + TTL - Duration::from_nanos(1)), None);
        assert_eq!(leases.due(now + TTL), Some(id));
    }

    #[test]
    fn a_renewed_lease_starts_again() {
        let (mut leases, now) = (Leases::default(), Instant::now());
        let id = leases.grant(TTL, now);
        let renewed = leases.keep_alive(id, now + TTL / 2).expect("it is in force");
        assert_eq!(renewed.ttl, TTL);
        assert_eq!(leases.due(now + TTL), None);
        assert_eq!(leases.due(now + TTL / 2 + TTL), Some(id));
    }

    #[test]
    fn a_key_hangs_on_one_lease() {
        let (mut leases, now) = (Leases::default(), Instant::now());
        let (first, second) = (leases.grant(TTL, now), leases.grant(TTL, now));
        leases.attach("k", None, Some(first));
        leases.attach("k", Some(first), Some(second));
        assert!(leases.end(first).expect("in force").is_empty());
        assert_eq!(leases.info(second, now).expect("in force").keys, ["k"]);
    }

    #[test]
    fn a_lease_of_all_time_does_not_overflow() {
        let mut leases = Leases::default();
        let id = leases.grant(Duration::MAX, Instant::now());
        assert!(leases.deadline(id).is_some());
    }
}
