//! Health and reflection.

use super::{channel, code, config, soon, started};
use ex08::{GrpcServerBuilder, HealthCheckService, HealthStatus};
use ex08_protocol::{Code, Health, OK, OTHER};
use tonic::Status;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

/// The service of the exercise, as it is called on the wire.
const SERVICE: &str = "taskservice.TaskService";

fn status(health: Health) -> HealthStatus {
    match health {
        Health::Unknown => HealthStatus::Unknown,
        Health::Serving => HealthStatus::Serving,
        Health::NotServing => HealthStatus::NotServing,
    }
}

fn told(status: HealthStatus) -> Health {
    match status {
        HealthStatus::Unknown => Health::Unknown,
        HealthStatus::Serving => Health::Serving,
        HealthStatus::NotServing => Health::NotServing,
    }
}

/// Sets, watches, sets again, and reads what was heard until nothing is left.
pub async fn health(before: Vec<Health>, after: Vec<(bool, Health)>) -> (Health, Health, Vec<Health>) {
    let service = HealthCheckService::new();
    for health in before {
        service.set_status("a", status(health)).await;
    }
    let mut watch = service.watch("a");
    for (first, health) in after {
        service.set_status(if first { "a" } else { "b" }, status(health)).await;
    }
    let mut heard = Vec::new();
    // Whoever tells watchers from a task of its own gets the time to.
    let wait = std::time::Duration::from_millis(20);
    while let Ok(Ok(change)) = tokio::time::timeout(wait, watch.recv()).await {
        heard.push(told(change));
    }
    (
        told(service.get_status("a").await),
        told(service.get_status("b").await),
        heard,
    )
}

/// Asks for both.
pub async fn extras(configured: bool, added: bool) -> (Code, Code) {
    let mut config = config();
    config.enable_health_check = configured;
    config.enable_reflection = configured;
    let mut builder = GrpcServerBuilder::new(config);
    if added {
        builder = builder.with_health_check().with_reflection();
    }
    let channel = channel(started(builder).await);
    let mut health = HealthClient::new(channel.clone());
    let mut codes = Vec::new();
    for service in ["", SERVICE] {
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        let answer = soon(health.check(request)).await;
        codes.push(match &answer {
            Ok(response) if response.get_ref().status != 1 => OTHER,
            _ => code(&answer),
        });
    }
    let described = soon(services(ServerReflectionClient::new(channel))).await;
    let reflection = match described {
        Ok(names) if !names.iter().any(|name| name == SERVICE) => OTHER,
        Ok(_) => OK,
        Err(code) => code,
    };
    let health = codes.into_iter().find(|code| *code != OK).unwrap_or(OK);
    (health, reflection)
}

/// The names of the services that the server describes.
async fn services(mut client: ServerReflectionClient<tonic::transport::Channel>) -> Result<Vec<String>, Status> {
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut answers = client
        .server_reflection_info(tokio_stream::iter([request]))
        .await?
        .into_inner();
    let answer = answers.message().await?.and_then(|answer| answer.message_response);
    match answer {
        Some(MessageResponse::ListServicesResponse(list)) => {
            Ok(list.service.into_iter().map(|service| service.name).collect())
        }
        _ => Ok(Vec::new()),
    }
}
