//! The client: connections to several servers, and calls that are tried again.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{sleep, timeout};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Response, Status};

use crate::balance::Balancer;
use crate::config::GrpcClientConfig;
use crate::error::ClientError;

/// A server and the connections to it.
struct Pool {
    endpoint: String,
    channels: Vec<Channel>,
    next: AtomicUsize,
}

/// A client of the service `T`.
pub struct GrpcClient<T> {
    config: GrpcClientConfig,
    pools: Vec<Arc<Pool>>,
    balancer: Arc<Mutex<Balancer>>,
    _phantom: PhantomData<T>,
}

/// A connection in use, until it is dropped.
pub struct Connection {
    pool: Arc<Pool>,
    channel: Channel,
    server: usize,
    balancer: Arc<Mutex<Balancer>>,
}

impl Connection {
    /// What a generated client is made of.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// The server, as the configuration calls it.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.pool.endpoint
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        locked(&self.balancer).give_back(self.server);
    }
}

fn locked(balancer: &Mutex<Balancer>) -> MutexGuard<'_, Balancer> {
    balancer.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> GrpcClient<T> {
    /// A client of these servers. Connections are made when they are needed first.
    ///
    /// # Errors
    /// If there is no endpoint, one is no address, or weights do not fit.
    pub async fn connect(config: GrpcClientConfig) -> Result<Self, ClientError> {
        let balancer = Balancer::new(config.load_balancing.clone(), config.endpoints.len())
            .ok_or_else(|| ClientError::ConnectionFailed("no endpoint, or weights that do not fit".to_owned()))?;
        let pools: Result<_, ClientError> = config
            .endpoints
            .iter()
            .map(|endpoint| {
                let target = Endpoint::from_shared(endpoint.clone())
                    .map_err(|error| ClientError::ConnectionFailed(error.to_string()))?
                    .connect_timeout(Duration::from_millis(config.connect_timeout_ms));
                let size = config.connection_pool_size.max(1);
                Ok(Arc::new(Pool {
                    endpoint: endpoint.clone(),
                    channels: (0..size).map(|_| target.connect_lazy()).collect(),
                    next: AtomicUsize::new(0),
                }))
            })
            .collect();
        Ok(Self {
            pools: pools?,
            balancer: Arc::new(Mutex::new(balancer)),
            config,
            _phantom: PhantomData,
        })
    }

    /// A connection to the server that the strategy chooses.
    #[must_use]
    pub fn acquire(&self) -> Connection {
        let server = locked(&self.balancer).take();
        let pool = Arc::clone(&self.pools[server]);
        let turn = pool.next.fetch_add(1, Ordering::Relaxed);
        let channel = pool.channels[turn % pool.channels.len()].clone();
        Connection {
            pool,
            channel,
            server,
            balancer: Arc::clone(&self.balancer),
        }
    }

    /// Calls, and calls again after errors that the policy names.
    ///
    /// # Errors
    /// The status of an error that is not tried again, or that all attempts failed.
    pub async fn call_with_retry<Req, Res, F, Fut>(&self, request: Req, call: F) -> Result<Res, ClientError>
    where
        F: Fn(Req) -> Fut + Clone,
        Fut: Future<Output = Result<Response<Res>, Status>>,
        Req: Clone,
    {
        let policy = &self.config.retry_policy;
        let longest = Duration::from_millis(self.config.request_timeout_ms);
        for retry in 0..=policy.max_retries {
            match timeout(longest, call(request.clone())).await {
                Ok(Ok(response)) => return Ok(response.into_inner()),
                Ok(Err(status)) if !policy.retries(status.code()) => return Err(status.into()),
                Err(_) if !policy.retries(Code::DeadlineExceeded) => return Err(ClientError::Timeout),
                Ok(Err(_)) | Err(_) => {}
            }
            if retry < policy.max_retries {
                sleep(policy.wait(retry)).await;
            }
        }
        Err(ClientError::RetriesExhausted)
    }
}
