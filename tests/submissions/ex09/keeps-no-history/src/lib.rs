//! Registre de services : une table de clés sous un verrou, des watchers par canal de diffusion.

mod types;

use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::sync::{RwLock, broadcast};
pub use types::*;

#[derive(Default)]
struct State {
    revision: Revision,
    compacted: Revision,
    keys: HashMap<String, KeyValue>,
    leases: HashMap<LeaseId, (Duration, Instant)>,
    next_lease: LeaseId,
    services: HashMap<LeaseId, ServiceRegistration>,
}

/// Le registre de services.
pub struct ServiceRegistry {
    config: RegistryConfig,
    state: RwLock<State>,
    events: broadcast::Sender<WatchResponse>,
}

impl State {
    fn lease(&self, id: LeaseId) -> Result<LeaseInfo, RegistryError> {
        let (granted_ttl, deadline) = self.leases.get(&id).copied().ok_or(RegistryError::LeaseNotFound(id))?;
        let ttl = deadline.saturating_duration_since(Instant::now());
        if ttl.is_zero() {
            return Err(RegistryError::LeaseExpired(id));
        }
        let keys = self
            .keys
            .values()
            .filter(|kv| kv.lease == Some(id))
            .map(|kv| kv.key.clone())
            .collect();
        Ok(LeaseInfo {
            id,
            ttl,
            granted_ttl,
            keys,
        })
    }

    fn alive(&self, kv: &KeyValue) -> bool {
        kv.lease.is_none_or(|id| self.lease(id).is_ok())
    }

    fn holds(&self, compare: &Compare) -> bool {
        let Some(kv) = self.keys.get(&compare.key) else {
            return false;
        };
        let ordering = match &compare.target {
            CompareTarget::Version(version) => kv.version.cmp(version),
            CompareTarget::CreateRevision(revision) => kv.create_revision.cmp(revision),
            CompareTarget::ModRevision(revision) => kv.mod_revision.cmp(revision),
            CompareTarget::Value(value) => kv.value.cmp(value),
            CompareTarget::Lease(lease) => kv.lease.unwrap_or(0).cmp(lease),
        };
        match compare.result {
            CompareResult::Equal => ordering.is_eq(),
            CompareResult::Greater => ordering.is_gt(),
            CompareResult::Less => ordering.is_lt(),
            CompareResult::NotEqual => ordering.is_ne(),
        }
    }
}

impl ServiceRegistry {
    /// Crée un registre vide.
    pub fn new(config: RegistryConfig) -> Self {
        let (events, _) = broadcast::channel(config.event_buffer_size);
        Self {
            config,
            state: RwLock::new(State::default()),
            events,
        }
    }

    fn tell(&self, revision: Revision, event: WatchEvent) {
        let _ = self.events.send(WatchResponse {
            revision,
            events: vec![event],
            compact_revision: 0,
        });
    }

    /// Lit une clé ou un préfixe.
    pub async fn get(&self, key: &str, options: GetOptions) -> Result<GetResponse, RegistryError> {
        let state = self.state.read().await;
        if let Some(requested) = options.revision.filter(|revision| *revision < state.compacted) {
            return Err(RegistryError::RevisionCompacted {
                requested,
                compact: state.compacted,
            });
        }
        let wanted = |kv: &&KeyValue| {
            let within = if options.prefix {
                kv.key.starts_with(key)
            } else {
                kv.key == key
            };
            within && state.alive(kv) && options.revision.is_none_or(|revision| kv.create_revision <= revision)
        };
        let mut kvs: Vec<KeyValue> = state.keys.values().filter(wanted).cloned().collect();
        if kvs.is_empty() && !options.prefix {
            return Err(RegistryError::KeyNotFound(key.to_owned()));
        }
        let count = kvs.len();
        match options.sort_order {
            SortOrder::None => {}
            SortOrder::Ascend => kvs.sort_by(|a, b| a.key.cmp(&b.key)),
            SortOrder::Descend => kvs.sort_by(|a, b| b.key.cmp(&a.key)),
        }
        kvs.truncate(options.limit.unwrap_or(usize::MAX));
        if options.keys_only {
            kvs.iter_mut().for_each(|kv| kv.value.clear());
        }
        Ok(GetResponse {
            kvs,
            count,
            revision: state.revision,
        })
    }

    /// Écrit une clé.
    pub async fn put(&self, key: &str, value: Vec<u8>, options: PutOptions) -> Result<PutResponse, RegistryError> {
        let mut state = self.state.write().await;
        if let Some(id) = options.lease {
            state.lease(id)?;
        }
        let old = state.keys.get(key).cloned();
        if options.ignore_value && old.as_ref().is_some_and(|old| old.value == value) {
            return Ok(PutResponse {
                prev_kv: old,
                revision: state.revision,
            });
        }
        state.revision += 1;
        let revision = state.revision;
        let kv = KeyValue {
            key: key.to_owned(),
            value,
            create_revision: old.as_ref().map_or(revision, |old| old.create_revision),
            mod_revision: revision,
            version: old.as_ref().map_or(1, |old| old.version + 1),
            lease: options.lease,
        };
        state.keys.insert(key.to_owned(), kv.clone());
        drop(state);
        // Les lecteurs qui attendent le verrou passent d'abord.
        tokio::task::yield_now().await;
        self.tell(revision, WatchEvent::Put(kv));
        Ok(PutResponse {
            prev_kv: old.filter(|_| options.prev_kv),
            revision,
        })
    }

    /// Supprime une clé ou un préfixe.
    pub async fn delete(&self, key: &str, prefix: bool) -> Result<DeleteResponse, RegistryError> {
        let mut state = self.state.write().await;
        let wanted = |other: &String| if prefix { other.starts_with(key) } else { other == key };
        let keys: Vec<String> = state.keys.keys().filter(|other| wanted(other)).cloned().collect();
        let prev_kvs: Vec<KeyValue> = keys.iter().filter_map(|key| state.keys.remove(key)).collect();
        let revision = state.revision;
        drop(state);
        for kv in &prev_kvs {
            self.tell(
                revision,
                WatchEvent::Delete {
                    key: kv.key.clone(),
                    prev_value: Some(kv.clone()),
                },
            );
        }
        Ok(DeleteResponse {
            deleted: prev_kvs.len(),
            prev_kvs,
            revision,
        })
    }

    /// Exécute une transaction.
    pub async fn txn(&self, txn: Transaction) -> Result<TxnResponse, RegistryError> {
        let state = self.state.read().await;
        let succeeded = txn.compare.iter().all(|compare| state.holds(compare));
        drop(state);
        tokio::task::yield_now().await;
        let mut responses = Vec::new();
        for operation in if succeeded { txn.success } else { txn.failure } {
            responses.push(match operation {
                TxnOp::Get { key, options } => TxnOpResponse::Get(self.get(&key, options).await?),
                TxnOp::Put { key, value, options } => TxnOpResponse::Put(self.put(&key, value, options).await?),
                TxnOp::Delete { key, prefix } => TxnOpResponse::Delete(self.delete(&key, prefix).await?),
            });
        }
        Ok(TxnResponse {
            succeeded,
            revision: self.current_revision().await,
            responses,
        })
    }

    /// Suit une clé ou un préfixe.
    pub async fn watch(&self, key: &str, options: WatchOptions) -> Result<WatchHandle, RegistryError> {
        if self.events.receiver_count() >= self.config.max_watchers_per_key {
            return Err(RegistryError::TooManyWatchers(key.to_owned()));
        }
        Ok(WatchHandle {
            key: key.to_owned(),
            options,
            events: self.events.subscribe(),
        })
    }

    /// Accorde un bail.
    pub async fn lease_grant(&self, ttl: Duration) -> Result<LeaseId, RegistryError> {
        let ttl = ttl.max(Duration::from_secs(self.config.min_lease_ttl_secs));
        let mut state = self.state.write().await;
        state.next_lease += 1;
        let id = state.next_lease;
        state.leases.insert(id, (ttl, Instant::now() + ttl));
        Ok(id)
    }

    /// Révoque un bail.
    pub async fn lease_revoke(&self, id: LeaseId) -> Result<(), RegistryError> {
        let mut state = self.state.write().await;
        state.leases.remove(&id).ok_or(RegistryError::LeaseNotFound(id))?;
        state.keys.retain(|_, kv| kv.lease != Some(id));
        state.services.remove(&id);
        Ok(())
    }

    /// Renouvelle un bail.
    pub async fn lease_keepalive(&self, id: LeaseId) -> Result<LeaseInfo, RegistryError> {
        let mut state = self.state.write().await;
        let granted = state.lease(id)?.granted_ttl;
        state.leases.insert(id, (granted, Instant::now() + granted));
        state.lease(id)
    }

    /// Dit ce que l'on sait d'un bail.
    pub async fn lease_info(&self, id: LeaseId) -> Result<LeaseInfo, RegistryError> {
        self.state.read().await.lease(id)
    }

    /// Enregistre un service.
    pub async fn register_service(&self, registration: ServiceRegistration) -> Result<LeaseId, RegistryError> {
        let lease = self.lease_grant(Duration::from_secs(30)).await?;
        self.state.write().await.services.insert(lease, registration);
        Ok(lease)
    }

    /// Retire un service.
    pub async fn deregister_service(&self, service_id: &str, namespace: &str) -> Result<(), RegistryError> {
        let mut state = self.state.write().await;
        let before = state.services.len();
        state
            .services
            .retain(|_, service| service.id != service_id || service.namespace != namespace);
        if state.services.len() == before {
            return Err(RegistryError::ServiceNotFound(service_id.to_owned()));
        }
        Ok(())
    }

    /// Trouve les services d'un nom.
    pub async fn discover(&self, service_name: &str, namespace: &str) -> Result<Vec<ServiceInstance>, RegistryError> {
        self.discover_with_filters(service_name, namespace, &[], None).await
    }

    /// Trouve les services qui passent les filtres.
    pub async fn discover_with_filters(
        &self,
        service_name: &str,
        namespace: &str,
        tags: &[String],
        status: Option<ServiceStatus>,
    ) -> Result<Vec<ServiceInstance>, RegistryError> {
        let state = self.state.read().await;
        let services = state
            .services
            .iter()
            .filter(|(lease, _)| state.lease(**lease).is_ok())
            .map(|(_, service)| service);
        Ok(services
            .filter(|service| service.name == service_name && service.namespace == namespace)
            .filter(|service| tags.is_empty() || tags.iter().any(|tag| service.tags.contains(tag)))
            .map(|service| ServiceInstance {
                id: service.id.clone(),
                name: service.name.clone(),
                namespace: service.namespace.clone(),
                address: service.address.clone(),
                port: service.port,
                tags: service.tags.clone(),
                metadata: service.metadata.clone(),
                status: ServiceStatus::Passing,
                weight: service.weight,
            })
            .filter(|service| status.is_none_or(|status| service.status == status))
            .collect())
    }

    /// Retient la révision compactée.
    pub async fn compact(&self, revision: Revision) -> Result<(), RegistryError> {
        self.state.write().await.compacted = revision;
        Ok(())
    }

    /// La révision du dernier commit.
    pub async fn current_revision(&self) -> Revision {
        self.state.read().await.revision
    }
}

/// L'extrémité lecture d'un watch.
pub struct WatchHandle {
    key: String,
    options: WatchOptions,
    events: broadcast::Receiver<WatchResponse>,
}

impl WatchHandle {
    /// Attend l'événement suivant.
    pub async fn next(&mut self) -> Option<WatchResponse> {
        loop {
            let response = match self.events.recv().await {
                Ok(response) => response,
                Err(broadcast::error::RecvError::Lagged(_)) => continue,
                Err(broadcast::error::RecvError::Closed) => return None,
            };
            let (key, unwanted) = match &response.events[0] {
                WatchEvent::Put(kv) => (&kv.key, WatchFilter::NoPut),
                WatchEvent::Delete { key, .. } => (key, WatchFilter::NoDelete),
            };
            let within = if self.options.prefix {
                key.starts_with(&self.key)
            } else {
                *key == self.key
            };
            if within && !self.options.filters.contains(&unwanted) {
                return Some(response);
            }
        }
    }

    /// Termine le watch.
    pub fn cancel(self) {}
}
