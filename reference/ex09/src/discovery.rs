//! Services: who offers what, where, and how it fares.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use crate::LeaseId;

/// The heartbeat expected of a service that names none.
const DEFAULT_HEARTBEAT: Duration = Duration::from_secs(30);

/// How to find out whether a service is well.
#[derive(Debug, Clone)]
pub enum HealthCheckDef {
    /// A request must be answered with a status.
    Http {
        /// The address, `http://host:port/path`.
        url: String,
        /// The method.
        method: String,
        /// The status of a healthy service.
        expected_status: u16,
        /// The time it may take.
        timeout: Duration,
    },
    /// A connection must be accepted.
    Tcp {
        /// The address, `host:port`.
        address: String,
        /// The time it may take.
        timeout: Duration,
    },
    /// A gRPC health service must be reachable.
    Grpc {
        /// The address, `host:port`.
        address: String,
        /// The service asked about; the whole server without one.
        service: Option<String>,
        /// The time it may take.
        timeout: Duration,
    },
    /// The service must renew its lease.
    Ttl {
        /// The time between two renewals.
        timeout: Duration,
    },
}

/// How a service fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceStatus {
    /// All checks pass.
    Passing,
    /// It is reachable but its answer is not the expected one.
    Warning,
    /// It is not reachable.
    Critical,
    /// Nobody has looked yet.
    Unknown,
}

/// A service that wants to be found.
#[derive(Debug, Clone)]
pub struct ServiceRegistration {
    /// Its id, unique in the namespace.
    pub id: String,
    /// Its name, which its replicas share.
    pub name: String,
    /// The namespace it is visible in.
    pub namespace: String,
    /// Its host.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// Labels to select it by.
    pub tags: Vec<String>,
    /// Anything else.
    pub metadata: HashMap<String, String>,
    /// How to find out whether it is well.
    pub health_checks: Vec<HealthCheckDef>,
    /// Its share of the load.
    pub weight: u32,
}

/// A service that was found.
#[derive(Debug, Clone)]
pub struct ServiceInstance {
    /// Its id, unique in the namespace.
    pub id: String,
    /// Its name, which its replicas share.
    pub name: String,
    /// The namespace it is visible in.
    pub namespace: String,
    /// Its host.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// Labels to select it by.
    pub tags: Vec<String>,
    /// Anything else.
    pub metadata: HashMap<String, String>,
    /// How it fares.
    pub status: ServiceStatus,
    /// Its share of the load.
    pub weight: u32,
}

impl ServiceRegistration {
    /// The time the service has between two heartbeats: the shortest of its TTL checks.
    pub(crate) fn heartbeat(&self) -> Duration {
        let timeouts = self.health_checks.iter().filter_map(|check| match check {
            HealthCheckDef::Ttl { timeout } => Some(*timeout),
            _ => None,
        });
        timeouts.min().unwrap_or(DEFAULT_HEARTBEAT)
    }

    /// Whether it has checks that somebody must carry out.
    pub(crate) fn needs_probing(&self) -> bool {
        self.health_checks
            .iter()
            .any(|check| !matches!(check, HealthCheckDef::Ttl { .. }))
    }
}

/// The services in force, by namespace and id.
#[derive(Debug, Default)]
pub(crate) struct Services {
    services: BTreeMap<(String, String), Entry>,
}

#[derive(Debug)]
struct Entry {
    lease: LeaseId,
    instance: ServiceInstance,
}

impl Services {
    /// Adds a service, in the place of one with the same id.
    ///
    /// As long as its lease holds, a service without active checks is passing: it renews its promise.
    pub(crate) fn insert(&mut self, registration: ServiceRegistration, lease: LeaseId) {
        let status = if registration.needs_probing() {
            ServiceStatus::Unknown
        } else {
            ServiceStatus::Passing
        };
        let ServiceRegistration {
            id,
            name,
            namespace,
            address,
            port,
            tags,
            metadata,
            weight,
            ..
        } = registration;
        let place = (namespace.clone(), id.clone());
        let instance = ServiceInstance {
            id,
            name,
            namespace,
            address,
            port,
            tags,
            metadata,
            status,
            weight,
        };
        self.services.insert(place, Entry { lease, instance });
    }

    /// Removes a service and returns its lease.
    pub(crate) fn remove(&mut self, namespace: &str, id: &str) -> Option<LeaseId> {
        self.services
            .remove(&(namespace.to_owned(), id.to_owned()))
            .map(|entry| entry.lease)
    }

    /// Removes the service whose lease has ended.
    pub(crate) fn remove_of_lease(&mut self, lease: LeaseId) {
        self.services.retain(|_, entry| entry.lease != lease);
    }

    /// Notes how a service fares. False if that registration is no more.
    pub(crate) fn set_status(&mut self, namespace: &str, id: &str, lease: LeaseId, status: ServiceStatus) -> bool {
        match self.services.get_mut(&(namespace.to_owned(), id.to_owned())) {
            Some(entry) if entry.lease == lease => {
                entry.instance.status = status;
                true
            }
            _ => false,
        }
    }

    /// The services that match, by id.
    pub(crate) fn find(
        &self,
        name: &str,
        namespace: &str,
        tags: &[String],
        status: Option<ServiceStatus>,
    ) -> Vec<ServiceInstance> {
        self.services
            .range((namespace.to_owned(), String::new())..)
            .take_while(|((of, _), _)| of == namespace)
            .map(|(_, entry)| &entry.instance)
            .filter(|instance| instance.name == name)
            .filter(|instance| tags.iter().all(|tag| instance.tags.contains(tag)))
            .filter(|instance| status.is_none_or(|status| instance.status == status))
            .cloned()
            .collect()
    }
}
