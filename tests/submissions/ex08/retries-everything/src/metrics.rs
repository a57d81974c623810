//! How many calls there are, and how they end.

use std::sync::Arc;
use std::time::Duration;

use tonic::{Code, Request, Response, Status};

use crate::interceptor::Interceptor;

/// Takes note of calls.
pub trait MetricsCollector: Send + Sync {
    /// A call ended.
    fn record_request(&self, method: &str, status: Code, duration_ms: u64);
    /// A call began.
    fn increment_active_requests(&self);
    /// It runs no more.
    fn decrement_active_requests(&self);
}

/// Tells a collector of each call.
pub struct MetricsInterceptor {
    metrics: Arc<dyn MetricsCollector>,
}

impl MetricsInterceptor {
    /// One that tells this collector.
    #[must_use]
    pub fn new(metrics: Arc<dyn MetricsCollector>) -> Self {
        Self { metrics }
    }
}

impl Interceptor for MetricsInterceptor {
    fn intercept_request(&self, _request: &mut Request<()>) -> Result<(), Status> {
        self.metrics.increment_active_requests();
        Ok(())
    }

    fn intercept_response<T>(&self, _response: &mut Response<T>) -> Result<(), Status> {
        Ok(())
    }

    fn name(&self) -> &str {
        "metrics"
    }

    fn completed(&self, method: &str, status: Code, duration: Duration) {
        self.metrics.decrement_active_requests();
        let duration = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        self.metrics.record_request(method, status, duration);
    }
}
