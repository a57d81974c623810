//! Les opérations publiques.

use crate::state::Core;
use crate::{
    DeleteResponse, GetOptions, GetResponse, HealthCheckDef, LeaseId, LeaseInfo, PutOptions, PutResponse,
    RegistryConfig, RegistryError, Revision, ServiceInstance, ServiceRegistration, ServiceStatus, Transaction,
    TxnResponse, WatchHandle, WatchOptions,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// Le registre de services.
pub struct ServiceRegistry {
    core: Arc<Mutex<Core>>,
    /// Lance, une fois, la tâche qui ramasse les baux expirés.
    collecting: Mutex<bool>,
}

/// Ramasse les baux expirés tant que le registre existe.
async fn collect(core: Weak<Mutex<Core>>) {
    while let Some(core) = core.upgrade() {
        core.lock().unwrap_or_else(PoisonError::into_inner).expire();
        drop(core);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl ServiceRegistry {
    /// Crée un registre vide.
    pub fn new(config: RegistryConfig) -> Self {
        ServiceRegistry {
            core: Arc::new(Mutex::new(Core::new(config))),
            collecting: Mutex::new(false),
        }
    }

    fn core(&self) -> MutexGuard<'_, Core> {
        let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        core.expire();
        core
    }

    /// Lit une clé ou un préfixe.
    pub async fn get(&self, key: &str, options: GetOptions) -> Result<GetResponse, RegistryError> {
        self.core().get(key, &options)
    }

    /// Écrit une clé.
    pub async fn put(&self, key: &str, value: Vec<u8>, options: PutOptions) -> Result<PutResponse, RegistryError> {
        self.core().put(key, &value, &options)
    }

    /// Supprime une clé ou un préfixe.
    pub async fn delete(&self, key: &str, prefix: bool) -> Result<DeleteResponse, RegistryError> {
        self.core().delete(key, prefix)
    }

    /// Exécute une transaction.
    pub async fn txn(&self, txn: Transaction) -> Result<TxnResponse, RegistryError> {
        let succeeded = self.core().all_hold(&txn.compare);
        let operations = if succeeded { txn.success } else { txn.failure };
        // Laisse passer les autres tâches avant d'écrire.
        tokio::task::yield_now().await;
        self.core().run(succeeded, operations)
    }

    /// Suit une clé ou un préfixe.
    pub async fn watch(&self, key: &str, options: WatchOptions) -> Result<WatchHandle, RegistryError> {
        self.core().watch(key, options)
    }

    /// Accorde un bail ; une durée trop courte est refusée.
    pub async fn lease_grant(&self, ttl: Duration) -> Result<LeaseId, RegistryError> {
        {
            let mut collecting = self.collecting.lock().unwrap_or_else(PoisonError::into_inner);
            if !*collecting {
                *collecting = true;
                tokio::spawn(collect(Arc::downgrade(&self.core)));
            }
        }
        let mut core = self.core();
        if ttl < Duration::from_secs(core.config.min_lease_ttl_secs) {
            return Err(RegistryError::Internal("TTL trop court".to_owned()));
        }
        Ok(core.leases.grant(ttl))
    }

    /// Révoque un bail.
    pub async fn lease_revoke(&self, id: LeaseId) -> Result<(), RegistryError> {
        self.core().revoke(id)
    }

    /// Renouvelle un bail.
    pub async fn lease_keepalive(&self, id: LeaseId) -> Result<LeaseInfo, RegistryError> {
        self.core().leases.renew(id)
    }

    /// Dit ce que l'on sait d'un bail.
    pub async fn lease_info(&self, id: LeaseId) -> Result<LeaseInfo, RegistryError> {
        self.core().leases.info(id)
    }

    /// Enregistre un service.
    pub async fn register_service(&self, registration: ServiceRegistration) -> Result<LeaseId, RegistryError> {
        let ttl = registration.health_checks.iter().find_map(|check| match check {
            HealthCheckDef::Ttl { timeout } => Some(*timeout),
            _ => None,
        });
        let minimum = Duration::from_secs(self.core().config.min_lease_ttl_secs);
        let lease = self
            .lease_grant(ttl.unwrap_or(Duration::from_secs(90)).max(minimum))
            .await?;
        let r = registration;
        let status = if r.health_checks.is_empty() {
            ServiceStatus::Passing
        } else {
            ServiceStatus::Unknown
        };
        let mut core = self.core();
        core.services
            .retain(|(_, service)| (&service.id, &service.namespace) != (&r.id, &r.namespace));
        let instance = ServiceInstance {
            id: r.id,
            name: r.name,
            namespace: r.namespace,
            address: r.address,
            port: r.port,
            tags: r.tags,
            metadata: r.metadata,
            status,
            weight: r.weight,
        };
        core.services.push((lease, instance));
        Ok(lease)
    }

    /// Retire un service.
    pub async fn deregister_service(&self, service_id: &str, namespace: &str) -> Result<(), RegistryError> {
        let mut core = self.core();
        let found = core
            .services
            .iter()
            .find(|(_, service)| service.id == service_id && service.namespace == namespace);
        let lease = found
            .map(|(lease, _)| *lease)
            .ok_or_else(|| RegistryError::ServiceNotFound(service_id.to_owned()))?;
        core.revoke(lease)
    }

    /// Trouve les services d'un nom.
    pub async fn discover(&self, service_name: &str, namespace: &str) -> Result<Vec<ServiceInstance>, RegistryError> {
        self.discover_with_filters(service_name, namespace, &[], None).await
    }

    /// Trouve les services qui passent les filtres ; aucun est une erreur.
    pub async fn discover_with_filters(
        &self,
        service_name: &str,
        namespace: &str,
        tags: &[String],
        status: Option<ServiceStatus>,
    ) -> Result<Vec<ServiceInstance>, RegistryError> {
        let mut found: Vec<ServiceInstance> = self
            .core()
            .services
            .iter()
            .map(|(_, service)| service.clone())
            .collect();
        found.retain(|service| service.name == service_name && service.namespace == namespace);
        found.retain(|service| tags.iter().all(|tag| service.tags.contains(tag)));
        found.retain(|service| status.is_none() || status == Some(service.status));
        if found.is_empty() {
            return Err(RegistryError::ServiceNotFound(service_name.to_owned()));
        }
        Ok(found)
    }

    /// Oublie les révisions inférieures.
    pub async fn compact(&self, revision: Revision) -> Result<(), RegistryError> {
        self.core().compact(revision);
        Ok(())
    }

    /// La révision du dernier commit.
    pub async fn current_revision(&self) -> Revision {
        self.core().revision
    }
}
