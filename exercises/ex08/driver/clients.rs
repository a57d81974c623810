//! Clients: attempts, and connections to several servers.

use super::tasks::named;
use super::{config, started};
use ex08::proto::ListTasksRequest;
use ex08::proto::task_service_client::TaskServiceClient;
use ex08::{
    ClientError, Connection, GrpcClient, GrpcClientConfig, GrpcServerBuilder, LoadBalancingStrategy, RetryPolicy,
};
use ex08_protocol::{Balance, Code, Outcome, Policy, Tried};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;
use tonic::transport::Channel;
use tonic::{Response, Status};

/// The client of the exercise.
type Client = GrpcClient<TaskServiceClient<Channel>>;

fn settings(endpoints: Vec<String>) -> GrpcClientConfig {
    GrpcClientConfig {
        endpoints,
        load_balancing: LoadBalancingStrategy::RoundRobin,
        connection_pool_size: 1,
        connect_timeout_ms: 8000,
        request_timeout_ms: 8000,
        retry_policy: RetryPolicy::default(),
    }
}

/// Takes a connection from nobody: clients that connect at once find somebody who listens.
fn listening() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback");
    let address = listener.local_addr().expect("an address");
    (listener, format!("http://{address}"))
}

fn outcome(result: Result<u32, ClientError>) -> Outcome {
    match result {
        Ok(_) => Outcome::Done,
        Err(ClientError::GrpcError(status)) => Outcome::Refused(super::number(status.code())),
        Err(ClientError::RetriesExhausted) => Outcome::Exhausted,
        Err(ClientError::Timeout) => Outcome::TimedOut,
        Err(ClientError::ConnectionFailed(_)) => Outcome::NoClient,
    }
}

fn waits(attempts: &[Instant]) -> Vec<u64> {
    let between = attempts.windows(2).map(|pair| pair[1].duration_since(pair[0]));
    between
        .map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))
        .collect()
}

/// Attempts that end with these codes, on a clock that stands still but for waits.
pub async fn retry(policy: Policy, codes: Vec<Code>) -> Tried {
    let (_listener, endpoint) = listening();
    let mut settings = settings(vec![endpoint]);
    settings.retry_policy = RetryPolicy {
        max_retries: policy.retries,
        initial_backoff_ms: policy.initial,
        max_backoff_ms: policy.longest,
        backoff_multiplier: policy.multiplier,
        retryable_codes: policy
            .codes
            .iter()
            .map(|code| tonic::Code::from(i32::from(*code)))
            .collect(),
    };
    attempts(settings, codes, false).await
}

/// An attempt that never ends.
pub async fn stalled() -> Tried {
    let (_listener, endpoint) = listening();
    let mut settings = settings(vec![endpoint]);
    settings.request_timeout_ms = 500;
    settings.retry_policy.retryable_codes = vec![tonic::Code::Unavailable];
    attempts(settings, Vec::new(), true).await
}

async fn attempts(settings: GrpcClientConfig, codes: Vec<Code>, for_ever: bool) -> Tried {
    let Ok(client) = Client::connect(settings).await else {
        return Tried {
            outcome: Outcome::NoClient,
            waits: Vec::new(),
        };
    };
    let times = Arc::new(Mutex::new(Vec::new()));
    let noting = Arc::clone(&times);
    tokio::time::pause();
    let result = client
        .call_with_retry(7_u32, move |request: u32| {
            let mut times = noting.lock().unwrap_or_else(PoisonError::into_inner);
            let answer = codes.get(times.len()).copied();
            times.push(Instant::now());
            async move {
                if for_ever {
                    std::future::pending::<()>().await;
                }
                match answer {
                    Some(code) => Err(Status::new(tonic::Code::from(i32::from(code)), "as told")),
                    None => Ok(Response::new(request)),
                }
            }
        })
        .await;
    tokio::time::resume();
    let times = times.lock().unwrap_or_else(PoisonError::into_inner);
    Tried {
        outcome: outcome(result),
        waits: waits(&times),
    }
}

/// Who gets connections.
pub async fn balance(strategy: Balance, n: u8, keep: Vec<bool>) -> Option<Vec<u8>> {
    let (_listeners, endpoints): (Vec<TcpListener>, Vec<String>) = (0..n).map(|_| listening()).unzip();
    let mut settings = settings(endpoints.clone());
    settings.load_balancing = match strategy {
        Balance::RoundRobin => LoadBalancingStrategy::RoundRobin,
        Balance::Random => LoadBalancingStrategy::Random,
        Balance::Least => LoadBalancingStrategy::LeastConnections,
        Balance::Weighted(weights) => LoadBalancingStrategy::WeightedRoundRobin(weights),
    };
    let client = Client::connect(settings).await.ok()?;
    let mut kept: Vec<Connection> = Vec::new();
    let mut chosen = Vec::new();
    for keep in keep {
        let connection = client.acquire();
        let at = endpoints
            .iter()
            .position(|endpoint| endpoint == connection.endpoint())?;
        chosen.push(u8::try_from(at).ok()?);
        if keep {
            kept.push(connection);
        }
    }
    Some(chosen)
}

/// Calls through a client, counted by the servers.
pub async fn spread(calls: u8) -> Vec<u32> {
    let mut endpoints = Vec::new();
    for _ in 0..2 {
        endpoints.push(format!("http://{}", started(GrpcServerBuilder::new(config())).await));
    }
    let Ok(client) = Client::connect(settings(endpoints.clone())).await else {
        return Vec::new();
    };
    for _ in 0..calls {
        let connection = client.acquire();
        let mut service = TaskServiceClient::new(connection.channel());
        let _ = super::soon(service.create_task(named("a".to_owned()))).await;
    }
    let mut counts = Vec::new();
    for endpoint in endpoints {
        let address = endpoint.trim_start_matches("http://").parse().expect("an address");
        let mut service = super::client(address);
        let count = super::soon(async {
            let mut tasks = service
                .list_tasks(ListTasksRequest { status: None })
                .await?
                .into_inner();
            let mut count = 0;
            while tasks.message().await?.is_some() {
                count += 1;
            }
            Ok(count)
        });
        counts.push(count.await.unwrap_or(u32::MAX));
    }
    counts
}
