//! The registry: the operations of the contract over one state behind one lock.
//!
//! The lock is a plain one and is never held across an `await`: every operation is short, and its commit
//! takes effect at one moment while the lock is held, which is what makes the operations linearizable.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::state::State;
use crate::{
    DeleteResponse, GetOptions, GetResponse, LeaseId, LeaseInfo, PutOptions, PutResponse, RegistryConfig,
    RegistryError, Revision, ServiceInstance, ServiceRegistration, ServiceStatus, Transaction, TxnResponse,
    WatchHandle, WatchOptions, health,
};

/// A registry of keys, leases and services. Share it by reference or in an `Arc`.
#[derive(Debug)]
pub struct ServiceRegistry {
    config: RegistryConfig,
    shared: Arc<Shared>,
}

/// What the registry shares with the tasks that watch over leases and services.
#[derive(Debug)]
pub(crate) struct Shared(RwLock<State>);

impl ServiceRegistry {
    /// An empty registry.
    pub fn new(config: RegistryConfig) -> Self {
        let state = State::new(config.clone());
        Self {
            config,
            shared: Arc::new(Shared(RwLock::new(state))),
        }
    }

    /// Reads a key, or all keys that start with it.
    ///
    /// # Errors
    /// [`RegistryError::KeyNotFound`] for a single key without value, [`RegistryError::RevisionCompacted`] for
    /// a revision that was forgotten.
    pub async fn get(&self, key: &str, options: GetOptions) -> Result<GetResponse, RegistryError> {
        self.shared.read().store.get(key, &options)
    }

    /// Writes a key.
    ///
    /// # Errors
    /// [`RegistryError::LeaseNotFound`] if the key shall hang on a lease that is not in force.
    pub async fn put(&self, key: &str, value: Vec<u8>, options: PutOptions) -> Result<PutResponse, RegistryError> {
        self.shared.write(|state, now| state.put(key, value, &options, now))
    }

    /// Deletes a key, or all keys that start with it. Deleting nothing is no error and no commit.
    ///
    /// # Errors
    /// None.
    pub async fn delete(&self, key: &str, prefix: bool) -> Result<DeleteResponse, RegistryError> {
        Ok(self.shared.write(|state, now| state.delete(key, prefix, now)))
    }

    /// Carries out a transaction as one commit.
    ///
    /// # Errors
    /// What an operation of the chosen branch would be refused for; then none of them is done.
    pub async fn txn(&self, txn: Transaction) -> Result<TxnResponse, RegistryError> {
        self.shared.write(|state, now| state.txn(txn, now))
    }

    /// Watches a key, or all keys that start with it.
    ///
    /// # Errors
    /// [`RegistryError::RevisionCompacted`] if events from the start on were forgotten,
    /// [`RegistryError::TooManyWatchers`] if the key has as many as it may have.
    pub async fn watch(&self, key: &str, options: WatchOptions) -> Result<WatchHandle, RegistryError> {
        self.shared.write(|state, _| state.watch(key, options))
    }

    /// Grants a lease; a TTL below the configured minimum is raised to it.
    ///
    /// # Errors
    /// None.
    pub async fn lease_grant(&self, ttl: Duration) -> Result<LeaseId, RegistryError> {
        let id = self.shared.write(|state, now| state.grant(ttl, now));
        self.shared.watch_over(id);
        Ok(id)
    }

    /// Ends a lease and deletes the keys that hang on it.
    ///
    /// # Errors
    /// [`RegistryError::LeaseNotFound`] if it is not in force.
    pub async fn lease_revoke(&self, id: LeaseId) -> Result<(), RegistryError> {
        self.shared.write(|state, now| state.revoke(id, now))
    }

    /// Starts the time of a lease again.
    ///
    /// # Errors
    /// [`RegistryError::LeaseNotFound`] if it is not in force.
    pub async fn lease_keepalive(&self, id: LeaseId) -> Result<LeaseInfo, RegistryError> {
        self.shared.write(|state, now| state.leases.keep_alive(id, now))
    }

    /// What can be said of a lease.
    ///
    /// # Errors
    /// [`RegistryError::LeaseNotFound`] if it is not in force.
    pub async fn lease_info(&self, id: LeaseId) -> Result<LeaseInfo, RegistryError> {
        self.shared.read().leases.info(id, Instant::now())
    }

    /// Registers a service, in the place of one with the same id and namespace if there is one.
    ///
    /// The lease returned is the service's heartbeat: the service is gone when it ends.
    ///
    /// # Errors
    /// None.
    pub async fn register_service(&self, registration: ServiceRegistration) -> Result<LeaseId, RegistryError> {
        let probe = registration.clone();
        let lease = self.shared.write(|state, now| {
            let lease = state.grant(registration.heartbeat(), now);
            state.services.insert(registration, lease);
            lease
        });
        self.shared.watch_over(lease);
        if probe.needs_probing() {
            let every = Duration::from_secs(self.config.health_check_interval_secs.max(1));
            tokio::spawn(health::watch_over(Arc::downgrade(&self.shared), probe, lease, every));
        }
        Ok(lease)
    }

    /// Removes a service and ends its lease.
    ///
    /// # Errors
    /// [`RegistryError::ServiceNotFound`] if the namespace has no such service.
    pub async fn deregister_service(&self, service_id: &str, namespace: &str) -> Result<(), RegistryError> {
        self.shared.write(|state, now| {
            let lease = state
                .services
                .remove(namespace, service_id)
                .ok_or_else(|| RegistryError::ServiceNotFound(service_id.to_owned()))?;
            state.revoke(lease, now)
        })
    }

    /// The services of that name in the namespace, by id.
    ///
    /// # Errors
    /// None: no service is an empty list.
    pub async fn discover(&self, service_name: &str, namespace: &str) -> Result<Vec<ServiceInstance>, RegistryError> {
        self.discover_with_filters(service_name, namespace, &[], None).await
    }

    /// The services of that name in the namespace that have all of the tags and, if one is given, the status.
    ///
    /// # Errors
    /// None: no service is an empty list.
    pub async fn discover_with_filters(
        &self,
        service_name: &str,
        namespace: &str,
        tags: &[String],
        status: Option<ServiceStatus>,
    ) -> Result<Vec<ServiceInstance>, RegistryError> {
        Ok(self.shared.read().services.find(service_name, namespace, tags, status))
    }

    /// Forgets what only revisions below `revision` can show.
    ///
    /// # Errors
    /// [`RegistryError::Internal`] for a revision of the future.
    pub async fn compact(&self, revision: Revision) -> Result<(), RegistryError> {
        self.shared.write(|state, _| state.compact(revision))
    }

    /// The last commit.
    pub async fn current_revision(&self) -> Revision {
        self.shared.read().store.revision()
    }
}

impl Shared {
    /// The state, without anything that has run out.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        if self.locked().leases.due(Instant::now()).is_some() {
            self.write(|_, _| ());
        }
        self.locked()
    }

    /// Works on the state alone, after ending what has run out.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&mut State, Instant) -> T) -> T {
        // A poisoned lock means that a commit panicked, which none does; the state is as good as it was.
        let mut state: RwLockWriteGuard<'_, State> = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        state.expire(now);
        work(&mut state, now)
    }

    fn locked(&self) -> RwLockReadGuard<'_, State> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the task that ends a lease on time, so that watchers hear of it though nobody asks.
    fn watch_over(self: &Arc<Self>, id: LeaseId) {
        let task = tokio::spawn(end_on_time(Arc::downgrade(self), id));
        self.write(|state, _| state.leases.set_timer(id, task.abort_handle()));
    }
}

/// Sleeps until the lease's deadline, again if it was renewed meanwhile, and has it ended.
async fn end_on_time(shared: Weak<Shared>, id: LeaseId) {
    while let Some(deadline) = shared.upgrade().and_then(|shared| shared.locked().leases.deadline(id)) {
        sleep_until(deadline).await;
        if let Some(shared) = shared.upgrade() {
            shared.write(|_, _| ());
        }
    }
}

#[cfg(test)]
mod tests;
