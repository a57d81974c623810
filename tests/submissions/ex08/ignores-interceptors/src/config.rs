//! What can be set.

use std::time::Duration;

use tonic::Code;

/// What a server does.
#[derive(Debug, Clone)]
pub struct GrpcServerConfig {
    /// Where it listens; port 0 lets the machine choose.
    pub listen_addr: String,
    /// Whether it describes its services.
    pub enable_reflection: bool,
    /// Whether it tells its health.
    pub enable_health_check: bool,
    /// The largest message it reads or writes, in bytes.
    pub max_message_size: usize,
    /// How long it may take until a response begins.
    pub request_timeout_ms: u64,
    /// How many connections are open at the same time; others wait.
    pub max_concurrent_connections: usize,
}

impl Default for GrpcServerConfig {
    fn default() -> Self {
        Self {
            listen_addr: "[::1]:50051".to_owned(),
            enable_reflection: true,
            enable_health_check: true,
            max_message_size: 4 * 1024 * 1024,
            request_timeout_ms: 30_000,
            max_concurrent_connections: 1000,
        }
    }
}

/// What a client does.
#[derive(Debug, Clone)]
pub struct GrpcClientConfig {
    /// The servers, as `http://host:port`.
    pub endpoints: Vec<String>,
    /// Which server gets the next call.
    pub load_balancing: LoadBalancingStrategy,
    /// How many connections go to each server.
    pub connection_pool_size: usize,
    /// How long connecting may take.
    pub connect_timeout_ms: u64,
    /// How long an attempt may take.
    pub request_timeout_ms: u64,
    /// What is tried again.
    pub retry_policy: RetryPolicy,
}

/// How calls are spread over servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadBalancingStrategy {
    /// One after the other.
    RoundRobin,
    /// Any.
    Random,
    /// The one with the fewest connections in use.
    LeastConnections,
    /// One after the other, each as often as its weight says.
    WeightedRoundRobin(Vec<u32>),
}

/// What is tried again, how often and when.
#[derive(Debug, Clone)]
pub struct RetryPolicy {
    /// How often it is tried again after the first time.
    pub max_retries: u32,
    /// The first wait.
    pub initial_backoff_ms: u64,
    /// The longest wait.
    pub max_backoff_ms: u64,
    /// How waits grow.
    pub backoff_multiplier: f64,
    /// After which errors.
    pub retryable_codes: Vec<Code>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_retries: 3,
            initial_backoff_ms: 100,
            max_backoff_ms: 5000,
            backoff_multiplier: 2.0,
            retryable_codes: vec![Code::Unavailable, Code::DeadlineExceeded],
        }
    }
}

impl RetryPolicy {
    /// How long to wait before the retry of this number, from 0 on.
    pub(crate) fn wait(&self, retry: u32) -> Duration {
        let grown = self.initial_backoff_ms as f64 * self.backoff_multiplier.powf(f64::from(retry));
        Duration::from_millis(grown.min(self.max_backoff_ms as f64) as u64)
    }

    pub(crate) fn retries(&self, code: Code) -> bool {
        self.retryable_codes.contains(&code)
    }
}
