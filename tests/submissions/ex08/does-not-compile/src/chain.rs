//! A service behind interceptors.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use tonic::body::Body;
use tonic::codegen::{Service, http};
use tonic::metadata::MetadataMap;
use tonic::server::NamedService;
use tonic::{Code, Request, Status};

use crate::interceptor::Interceptor;

/// Interceptors in the order in which they were added.
pub(crate) type Interceptors = Arc<[Box<dyn Interceptor>]>;

/// A service whose calls pass interceptors: requests in order, responses backwards.
#[derive(Clone)]
pub(crate) struct Chain<S> {
    inner: S,
    interceptors: Interceptors,
}

impl<S> Chain<S> {
    pub(crate) fn new(inner: S, interceptors: Interceptors) -> Self {
        Self { inner, interceptors }
    }
}

impl<S: NamedService> NamedService for Chain<S> {
    const NAME: &'static str = S::NAME;
}

/// Tells those who let a request pass how the call ended, also if it was given up.
struct Running {
    interceptors: Interceptors,
    passed: usize,
    method: String,
    status: Code,
    since: Instant,
}

impl Drop for Running {
    fn drop(&mut self) {
        for interceptor in self.interceptors[..self.passed].iter().rev() {
            interceptor.completed(&self.method, self.status, self.since.elapsed());
        }
    }
}

impl<S> Service<http::Request<Body>> for Chain<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        // The clone takes the place of the one that is ready.
        let fresh = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, fresh);
        let interceptors = Arc::clone(&self.interceptors);
        Box::pin(async move {
            let mut running = Running {
                passed: 0,
                method: request.uri().path().to_owned(),
                status: Code::Cancelled,
                since: Instant::now(),
                interceptors,
            };
            let answer = pass(ready, request, &mut running).await;
            running.status = match &answer {
                Ok(response) => Status::from_header_map(response.headers()).map_or(Code::Ok, |status| status.code()),
                Err(status) => status.code(),
            };
            Ok(answer.unwrap_or_else(|status| status.into_http()))
        })
    }
}

/// In, through the service, and out.
async fn pass<S>(
    mut service: S,
    request: http::Request<Body>,
    running: &mut Running,
) -> Result<http::Response<Body>, Status>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>,
{
    let (mut parts, body) = request.into_parts();
    let headers = std::mem::take(&mut parts.headers);
    let extensions = std::mem::take(&mut parts.extensions);
    let mut seen = Request::from_parts(MetadataMap::from_headers(headers), extensions, ());
    for interceptor in &*Arc::clone(&running.interceptors) {
        interceptor.intercept_request(&mut seen)?;
        running.passed += 1;
    }
    let (metadata, extensions, ()) = seen.into_parts();
    (parts.headers, parts.extensions) = (metadata.into_headers(), extensions);
    let Ok(mut response) = service.call(http::Request::from_parts(parts, body)).await;
    if Status::from_header_map(response.headers()).is_none() {
        let mut metadata = MetadataMap::from_headers(std::mem::take(response.headers_mut()));
        for interceptor in running.interceptors.iter().rev() {
            interceptor.intercept_metadata(&mut metadata)?;
        }
        *response.headers_mut() = metadata.into_headers();
    }
    Ok(response)
}
