//! What stands between the wire and the service.

use std::time::Duration;

use tonic::metadata::MetadataMap;
use tonic::{Code, Request, Response, Status};

/// Looks at calls before and after the service.
///
/// A server keeps interceptors behind a pointer. A generic method cannot be called there, so a server calls
/// [`intercept_metadata`](Self::intercept_metadata) for responses.
pub trait Interceptor: Send + Sync {
    /// Sees a request, may change its metadata, or refuse it.
    ///
    /// # Errors
    /// The refusal.
    fn intercept_request(&self, request: &mut Request<()>) -> Result<(), Status>;

    /// Sees a whole response.
    ///
    /// # Errors
    /// The refusal.
    fn intercept_response<T>(&self, response: &mut Response<T>) -> Result<(), Status>
    where
        Self: Sized;

    /// Its name in logs.
    fn name(&self) -> &str;

    /// Sees the metadata of a successful response, and may change them or refuse.
    ///
    /// # Errors
    /// The refusal.
    fn intercept_metadata(&self, _metadata: &mut MetadataMap) -> Result<(), Status> {
        Ok(())
    }

    /// Hears of the end of a call whose request it let pass.
    fn completed(&self, _method: &str, _status: Code, _duration: Duration) {}
}

/// Writes calls to the standard error output.
#[derive(Debug, Default)]
pub struct LoggingInterceptor {}

impl LoggingInterceptor {
    /// A new one.
    #[must_use]
    pub fn new() -> Self {
        Self {}
    }
}

impl Interceptor for LoggingInterceptor {
    fn intercept_request(&self, request: &mut Request<()>) -> Result<(), Status> {
        eprintln!("[{}] a request with {} metadata", self.name(), request.metadata().len());
        Ok(())
    }

    fn intercept_response<T>(&self, _response: &mut Response<T>) -> Result<(), Status> {
        Ok(())
    }

    fn name(&self) -> &str {
        "logging"
    }

    fn completed(&self, method: &str, status: Code, duration: Duration) {
        eprintln!("[{}] {method}: {status:?} after {duration:?}", self.name());
    }
}
