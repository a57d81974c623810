//! The server and how it is put together.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::Router;

use crate::chain::Chain;
use crate::config::GrpcServerConfig;
use crate::error::ServerError;
use crate::gate::guests;
use crate::interceptor::Interceptor;
use crate::proto::DESCRIPTORS;
use crate::proto::task_service_server::TaskServiceServer;
use crate::tasks::TaskServiceImpl;

/// Puts a server together.
pub struct GrpcServerBuilder {
    config: GrpcServerConfig,
    interceptors: Vec<Box<dyn Interceptor>>,
}

impl GrpcServerBuilder {
    /// A server by this configuration.
    #[must_use]
    pub fn new(config: GrpcServerConfig) -> Self {
        Self {
            config,
            interceptors: Vec::new(),
        }
    }

    /// Adds an interceptor behind those there are.
    #[must_use]
    pub fn with_interceptor(mut self, interceptor: impl Interceptor + 'static) -> Self {
        self.interceptors.push(Box::new(interceptor));
        self
    }

    /// Lets the server describe its services, whatever the configuration says.
    #[must_use]
    pub fn with_reflection(mut self) -> Self {
        self.config.enable_reflection = true;
        self
    }

    /// Lets the server tell its health, whatever the configuration says.
    #[must_use]
    pub fn with_health_check(mut self) -> Self {
        self.config.enable_health_check = true;
        self
    }

    /// Takes the address: from now on connections wait for the server.
    ///
    /// # Errors
    /// If the address is none, or cannot be taken.
    pub async fn build(self) -> Result<GrpcServer, ServerError> {
        let config = self.config;
        let address: SocketAddr = config
            .listen_addr
            .parse()
            .map_err(|error| ServerError::ConfigError(format!("`{}`: {error}", config.listen_addr)))?;
        let refused = |error: std::io::Error| ServerError::BindError(format!("{address}: {error}"));
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let local = listener.local_addr().map_err(refused)?;
        let tasks = TaskServiceServer::new(TaskServiceImpl::new())
            .max_decoding_message_size(config.max_message_size)
            .max_encoding_message_size(config.max_message_size);
        let mut router = Server::builder()
            .timeout(Duration::from_millis(config.request_timeout_ms))
            .add_service(Chain::new(tasks, self.interceptors.into()));
        if config.enable_health_check {
            let (reporter, health) = tonic_health::server::health_reporter();
            reporter.set_serving::<TaskServiceServer<TaskServiceImpl>>().await;
            router = router.add_service(health);
        }
        if config.enable_reflection {
            let reflection = tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(DESCRIPTORS)
                .build_v1()
                .map_err(|error| ServerError::ConfigError(error.to_string()))?;
            router = router.add_service(reflection);
        }
        Ok(GrpcServer {
            router,
            listener,
            local,
            connections: config.max_concurrent_connections,
        })
    }
}

/// A server that has its address.
pub struct GrpcServer {
    router: Router,
    listener: TcpListener,
    local: SocketAddr,
    connections: usize,
}

impl GrpcServer {
    /// The address it took.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Serves for ever.
    ///
    /// # Errors
    /// If the transport fails.
    pub async fn serve(self) -> Result<(), ServerError> {
        self.serve_with_shutdown(std::future::pending()).await
    }

    /// Serves until `shutdown` ends, and then until the calls that run have ended.
    ///
    /// # Errors
    /// If the transport fails.
    pub async fn serve_with_shutdown<F>(self, shutdown: F) -> Result<(), ServerError>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let guests = guests(self.listener, self.connections);
        self.router
            .serve_with_incoming_shutdown(guests, shutdown)
            .await
            .map_err(|error| ServerError::TransportError(error.to_string()))
    }
}
