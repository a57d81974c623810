//! A gRPC service of tasks, with what surrounds one in earnest: interceptors, authentication, metrics, health, reflection, limits,
//! a graceful end, and a client that balances its calls over several servers and tries again.
//!
//! The server is built by [`GrpcServerBuilder`]: each call of the task service passes the [chain](chain) of interceptors.
//! The client, [`GrpcClient`], hands out connections by its strategy and repeats calls by its [`RetryPolicy`].

mod auth;
mod balance;
mod chain;
mod client;
mod config;
mod error;
mod gate;
mod health;
mod interceptor;
mod metrics;
mod server;
mod tasks;

/// Messages, clients and servers, generated from `proto/task_service.proto`.
#[allow(missing_docs, unused_qualifications, reason = "generated code")]
pub mod proto {
    tonic::include_proto!("taskservice");

    /// What the reflection service tells.
    pub const DESCRIPTORS: &[u8] = tonic::include_file_descriptor_set!("task_service");
}

use std::pin::Pin;

pub use auth::{AuthInterceptor, Claims, TokenValidator};
pub use client::{Connection, GrpcClient};
pub use config::{GrpcClientConfig, GrpcServerConfig, LoadBalancingStrategy, RetryPolicy};
pub use error::{AuthError, ClientError, ServerError};
pub use health::{HealthCheckService, HealthStatus};
pub use interceptor::{Interceptor, LoggingInterceptor};
pub use metrics::{MetricsCollector, MetricsInterceptor};
pub use server::{GrpcServer, GrpcServerBuilder};
pub use tasks::TaskServiceImpl;

/// A stream of answers.
pub type ResponseStream<T> = Pin<Box<dyn tokio_stream::Stream<Item = Result<T, tonic::Status>> + Send>>;
