//! The health of services, and its changes.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;

/// How a service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthStatus {
    /// Nobody said.
    Unknown,
    /// Well.
    Serving,
    /// Not well.
    NotServing,
}

/// How many changes a slow watcher may be behind.
const BEHIND: usize = 256;

/// A service and those who watch it.
struct Entry {
    status: HealthStatus,
    changes: broadcast::Sender<HealthStatus>,
}

impl Entry {
    fn new() -> Self {
        Self {
            status: HealthStatus::Unknown,
            changes: broadcast::Sender::new(BEHIND),
        }
    }
}

/// Knows how services are. `watch` is not async, so the lock is not either.
#[derive(Default)]
pub struct HealthCheckService {
    services: Mutex<HashMap<String, Entry>>,
}

impl HealthCheckService {
    /// One that knows of no service.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.services.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the status of a service, and tells its watchers.
    pub async fn set_status(&self, service: &str, status: HealthStatus) {
        let mut entries = self.entries();
        let entry = entries.entry(service.to_owned()).or_insert_with(Entry::new);
        entry.status = status;
        // Nobody has to listen.
        let _ = entry.changes.send(status);
    }

    /// The status of a service.
    pub async fn get_status(&self, service: &str) -> HealthStatus {
        self.entries()
            .get(service)
            .map_or(HealthStatus::Unknown, |entry| entry.status)
    }

    /// Each status that is set from now on.
    #[must_use]
    pub fn watch(&self, service: &str) -> broadcast::Receiver<HealthStatus> {
        let mut entries = self.entries();
        let entry = entries.entry(service.to_owned()).or_insert_with(Entry::new);
        entry.changes.subscribe()
    }
}
