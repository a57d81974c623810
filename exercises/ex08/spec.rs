//! The public tests of EX08.

use ex08::proto::task_service_client::TaskServiceClient;
use ex08::proto::{CreateTaskRequest, GetTaskRequest};
use ex08::{
    AuthError, AuthInterceptor, Claims, ClientError, GrpcClient, GrpcClientConfig, GrpcServerBuilder, GrpcServerConfig,
    HealthCheckService, HealthStatus, Interceptor, LoadBalancingStrategy, LoggingInterceptor, RetryPolicy, ServerError,
    TokenValidator,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::timeout;
use tonic::{Code, Request, Response, Status};

/// R15: the default of a server.
#[tokio::test]
async fn test_server_config_default() {
    let config = GrpcServerConfig::default();
    assert_eq!(config.listen_addr, "[::1]:50051");
    assert!(config.enable_reflection && config.enable_health_check);
    assert_eq!(config.max_message_size, 4 << 20);
    assert_eq!(config.request_timeout_ms, 30_000);
    assert_eq!(config.max_concurrent_connections, 1000);
}

/// R9: the default of retries.
#[tokio::test]
async fn test_retry_policy_default() {
    let policy = RetryPolicy::default();
    assert_eq!(policy.max_retries, 3);
    assert!(policy.retryable_codes.contains(&Code::Unavailable));
    assert!(policy.retryable_codes.contains(&Code::DeadlineExceeded));
    assert_eq!((policy.initial_backoff_ms, policy.max_backoff_ms), (100, 5000));
}

/// R14: statuses are set, told and watched.
#[tokio::test]
async fn test_health_check_service() {
    let health = HealthCheckService::new();
    assert_eq!(health.get_status("myservice").await, HealthStatus::Unknown);
    health.set_status("myservice", HealthStatus::Serving).await;
    assert_eq!(health.get_status("myservice").await, HealthStatus::Serving);
    let mut watcher = health.watch("myservice");
    health.set_status("myservice", HealthStatus::NotServing).await;
    let heard = timeout(Duration::from_secs(5), watcher.recv()).await;
    assert!(heard.is_ok());
}

/// R11: there are four strategies.
#[test]
fn test_load_balancing_strategies() {
    let strategies = [
        LoadBalancingStrategy::RoundRobin,
        LoadBalancingStrategy::Random,
        LoadBalancingStrategy::LeastConnections,
        LoadBalancingStrategy::WeightedRoundRobin(vec![1, 2, 3]),
    ];
    for strategy in strategies {
        match strategy {
            LoadBalancingStrategy::RoundRobin
            | LoadBalancingStrategy::Random
            | LoadBalancingStrategy::LeastConnections => {}
            LoadBalancingStrategy::WeightedRoundRobin(weights) => assert_eq!(weights.len(), 3),
        }
    }
    let config = client_config(Vec::new());
    assert_eq!(config.load_balancing, LoadBalancingStrategy::RoundRobin);
    if config.retry_policy.max_retries == 0 {
        panic!("the default policy tries again");
    }
}

/// Knows the token of a user.
struct OneToken;

impl TokenValidator for OneToken {
    fn validate(&self, token: &str) -> Result<Claims, AuthError> {
        match token {
            "token-of-user123" => Ok(Claims {
                subject: "user123".to_string(),
                roles: vec!["admin".to_string(), "user".to_string()],
                expires_at: 1_700_000_000,
            }),
            _ => Err(AuthError::InvalidToken(token.to_string())),
        }
    }
}

/// R7: errors of authentication have texts, and a missing token is one.
#[test]
fn test_auth_error_display() {
    let errors = [
        AuthError::MissingToken,
        AuthError::InvalidToken("bad format".to_string()),
        AuthError::TokenExpired,
        AuthError::InsufficientPermissions,
    ];
    for error in errors {
        assert!(!error.to_string().is_empty());
    }
    let refused = AuthInterceptor::new(Arc::new(OneToken)).intercept_request(&mut Request::new(()));
    assert_eq!(refused.unwrap_err().code(), Code::Unauthenticated);
}

/// R15: errors of a server say why, and an address that is none is one.
#[tokio::test]
async fn test_server_error_display() {
    let error = ServerError::BindError("address in use".to_string());
    assert!(error.to_string().contains("address in use"));
    assert!(
        ServerError::TransportError("reset".to_string())
            .to_string()
            .contains("reset")
    );
    assert!(
        ServerError::ConfigError("no port".to_string())
            .to_string()
            .contains("no port")
    );
    let config = GrpcServerConfig {
        listen_addr: "nowhere".to_string(),
        ..GrpcServerConfig::default()
    };
    assert!(GrpcServerBuilder::new(config).build().await.is_err());
}

/// R9: so do those of a client.
#[tokio::test]
async fn test_client_error_display() {
    assert!(ClientError::RetriesExhausted.to_string().contains("retries"));
    let endpoint = served(&Arc::default()).await;
    let client: GrpcClient<()> = GrpcClient::connect(client_config(vec![endpoint])).await.unwrap();
    let call = |_: ()| async { Err::<Response<()>, _>(Status::unavailable("never")) };
    let error = client.call_with_retry((), call).await.unwrap_err();
    assert!(error.to_string().contains("retries"));
}

/// Counts requests.
struct Counting {
    name: String,
    calls: Arc<AtomicU32>,
}

impl Interceptor for Counting {
    fn intercept_request(&self, _request: &mut Request<()>) -> Result<(), Status> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn intercept_response<T>(&self, _response: &mut Response<T>) -> Result<(), Status> {
        Ok(())
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// R6: an interceptor is called.
#[tokio::test]
async fn test_interceptor_chain() {
    let calls = Arc::new(AtomicU32::new(0));
    let interceptor = Counting {
        name: "test".to_string(),
        calls: Arc::clone(&calls),
    };
    let mut request = Request::new(());
    interceptor.intercept_request(&mut request).unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert_eq!(interceptor.name(), "test");
    interceptor.completed("/taskservice.TaskService/GetTask", Code::Ok, Duration::ZERO);
    LoggingInterceptor::new().intercept_request(&mut request).unwrap();
}

/// R7: claims have a subject and roles.
#[tokio::test]
async fn test_claims_structure() {
    let mut request = Request::new(());
    let header = "Bearer token-of-user123".parse().unwrap();
    request.metadata_mut().insert("authorization", header);
    let auth = AuthInterceptor::new(Arc::new(OneToken));
    auth.intercept_request(&mut request).unwrap();
    let claims = request.extensions().get::<Claims>().unwrap();
    assert_eq!(claims.subject, "user123");
    assert_eq!(claims.roles.len(), 2);
    assert!(claims.roles.contains(&"admin".to_string()));
}

fn client_config(endpoints: Vec<String>) -> GrpcClientConfig {
    GrpcClientConfig {
        endpoints,
        load_balancing: LoadBalancingStrategy::RoundRobin,
        connection_pool_size: 10,
        connect_timeout_ms: 5000,
        request_timeout_ms: 30_000,
        retry_policy: RetryPolicy {
            initial_backoff_ms: 1,
            ..RetryPolicy::default()
        },
    }
}

/// R11: the configuration of a client.
#[tokio::test]
async fn test_grpc_client_config() {
    let config = client_config(vec!["http://localhost:50051".to_string()]);
    assert_eq!(config.endpoints.len(), 1);
    assert_eq!(config.connection_pool_size, 10);
}

/// R6: metadata of a request can be read.
#[tokio::test]
async fn test_metadata_extraction() {
    let mut request = Request::new(());
    request.metadata_mut().insert("x-request-id", "12345".parse().unwrap());
    LoggingInterceptor::new().intercept_request(&mut request).unwrap();
    let id = request
        .metadata()
        .get("x-request-id")
        .map(|value| value.to_str().unwrap_or(""));
    assert_eq!(id, Some("12345"));
}

/// A server on a port that the machine chooses, and its address.
async fn served(calls: &Arc<AtomicU32>) -> String {
    let config = GrpcServerConfig {
        listen_addr: "127.0.0.1:0".to_string(),
        ..GrpcServerConfig::default()
    };
    let builder = GrpcServerBuilder::new(config).with_interceptor(Counting {
        name: "counting".to_string(),
        calls: Arc::clone(calls),
    });
    let server = builder.build().await.expect("the loopback");
    let address = format!("http://{}", server.local_addr());
    tokio::spawn(server.serve());
    address
}

/// R1, R6: a task is created and read through a server, whose interceptor sees both calls.
#[tokio::test]
async fn test_unary_calls() {
    let calls = Arc::new(AtomicU32::new(0));
    let mut client = TaskServiceClient::connect(served(&calls).await).await.unwrap();
    let request = CreateTaskRequest {
        title: "learn".to_string(),
        ..CreateTaskRequest::default()
    };
    let made = client.create_task(request).await.unwrap().into_inner();
    let read = client
        .get_task(GetTaskRequest { id: made.id.clone() })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(read, made);
    let refused = client
        .get_task(GetTaskRequest { id: "none".to_string() })
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    assert_eq!(calls.load(Ordering::SeqCst), 3);
}

/// R9: a call is tried again after Unavailable.
#[tokio::test]
async fn test_call_with_retry() {
    let endpoint = served(&Arc::default()).await;
    let client: GrpcClient<()> = GrpcClient::connect(client_config(vec![endpoint])).await.unwrap();
    let attempts = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&attempts);
    let answer = client
        .call_with_retry(20, move |request: u32| {
            let attempt = counter.fetch_add(1, Ordering::SeqCst);
            async move {
                if attempt < 2 {
                    return Err(Status::unavailable("not yet"));
                }
                Ok(Response::new(request + 1))
            }
        })
        .await;
    assert_eq!(answer.unwrap(), 21);
    assert_eq!(attempts.load(Ordering::SeqCst), 3);
}
