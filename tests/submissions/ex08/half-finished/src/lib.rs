//! A gRPC service of tasks, with what surrounds one in earnest: interceptors, authentication, metrics, health, reflection, limits,
//! and a graceful end.
//!
//! The server is built by [`GrpcServerBuilder`]: each call of the task service passes the [chain](chain) of interceptors.
//! The client is still to come.

mod auth;
mod chain;
mod config;
mod error;
mod gate;
mod interceptor;
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
pub use config::{GrpcClientConfig, GrpcServerConfig, LoadBalancingStrategy, RetryPolicy};
pub use error::{AuthError, ClientError, ServerError};
pub use interceptor::{Interceptor, LoggingInterceptor};
pub use server::{GrpcServer, GrpcServerBuilder};
pub use tasks::TaskServiceImpl;

/// A stream of answers.
pub type ResponseStream<T> = Pin<Box<dyn tokio_stream::Stream<Item = Result<T, tonic::Status>> + Send>>;
