//! What an operator can set.

/// The limits and intervals of a registry.
#[derive(Debug, Clone)]
pub struct RegistryConfig {
    /// Watchers that one key, or one prefix, may have at a time.
    pub max_watchers_per_key: usize,
    /// Responses that may wait for a slow watcher.
    pub event_buffer_size: usize,
    /// Seconds between two automatic compactions.
    pub compaction_interval_secs: u64,
    /// Seconds for which a revision stays readable.
    pub revision_retention_secs: u64,
    /// Shortest lease granted, in seconds; shorter requests are raised to it.
    pub min_lease_ttl_secs: u64,
    /// Seconds between two rounds of active health checks.
    pub health_check_interval_secs: u64,
}

impl Default for RegistryConfig {
    fn default() -> Self {
        Self {
            max_watchers_per_key: 100,
            event_buffer_size: 1000,
            compaction_interval_secs: 3600,
            revision_retention_secs: 86400,
            min_lease_ttl_secs: 5,
            health_check_interval_secs: 10,
        }
    }
}
