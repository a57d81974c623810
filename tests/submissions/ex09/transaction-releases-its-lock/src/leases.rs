//! Les baux, à l'horloge de la bibliothèque standard.

use crate::{LeaseId, LeaseInfo, RegistryError};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

struct Lease {
    granted: Duration,
    renewed: Instant,
    keys: Vec<String>,
}

#[derive(Default)]
pub(crate) struct Leases {
    granted: LeaseId,
    leases: BTreeMap<LeaseId, Lease>,
}

impl Leases {
    pub(crate) fn grant(&mut self, ttl: Duration) -> LeaseId {
        self.granted += 1;
        // Les numéros ne se suivent pas : rien ne le demande.
        let id = self.granted * 7919;
        self.leases.insert(
            id,
            Lease {
                granted: ttl,
                renewed: Instant::now(),
                keys: Vec::new(),
            },
        );
        id
    }

    fn missing(&self, id: LeaseId) -> RegistryError {
        if id % 7919 == 0 && id / 7919 <= self.granted && id > 0 {
            RegistryError::LeaseExpired(id)
        } else {
            RegistryError::LeaseNotFound(id)
        }
    }

    pub(crate) fn check(&self, id: Option<LeaseId>) -> Result<(), RegistryError> {
        match id {
            Some(id) if !self.leases.contains_key(&id) => Err(self.missing(id)),
            _ => Ok(()),
        }
    }

    pub(crate) fn renew(&mut self, id: LeaseId) -> Result<LeaseInfo, RegistryError> {
        self.check(Some(id))?;
        if let Some(lease) = self.leases.get_mut(&id) {
            lease.renewed = Instant::now();
        }
        self.info(id)
    }

    pub(crate) fn info(&self, id: LeaseId) -> Result<LeaseInfo, RegistryError> {
        let lease = self.leases.get(&id).ok_or_else(|| self.missing(id))?;
        let ttl = lease.granted.saturating_sub(lease.renewed.elapsed());
        Ok(LeaseInfo {
            id,
            ttl,
            granted_ttl: lease.granted,
            keys: lease.keys.clone(),
        })
    }

    pub(crate) fn detach(&mut self, id: Option<LeaseId>, key: &str) {
        if let Some(lease) = id.and_then(|id| self.leases.get_mut(&id)) {
            lease.keys.retain(|attached| attached != key);
        }
    }

    pub(crate) fn attach(&mut self, id: Option<LeaseId>, key: &str) {
        if let Some(lease) = id.and_then(|id| self.leases.get_mut(&id)) {
            lease.keys.push(key.to_owned());
        }
    }

    pub(crate) fn remove(&mut self, id: LeaseId) -> Result<Vec<String>, RegistryError> {
        let missing = self.missing(id);
        self.leases.remove(&id).map(|lease| lease.keys).ok_or(missing)
    }

    pub(crate) fn expired(&self) -> Vec<LeaseId> {
        let over = self
            .leases
            .iter()
            .filter(|(_, lease)| lease.renewed.elapsed() >= lease.granted);
        over.map(|(id, _)| *id).collect()
    }
}
