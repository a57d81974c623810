//! Active health checks: the registry knocks at the services' doors.
//!
//! Each service with active checks has one task that goes round them and notes the worst result, until the
//! registration is gone. HTTP is spoken as far as the status line. gRPC needs HTTP/2, which no crate of this
//! exercise offers, so a gRPC service that accepts connections is `Unknown`, and `Critical` if it does not.

use std::io;
use std::sync::Weak;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::registry::Shared;
use crate::{HealthCheckDef, LeaseId, ServiceRegistration, ServiceStatus};

/// The longest status line that is read.
const STATUS_LINE: u64 = 1024;

/// Checks a service again and again until its registration is gone.
pub(crate) async fn watch_over(shared: Weak<Shared>, service: ServiceRegistration, lease: LeaseId, every: Duration) {
    loop {
        let mut worst = ServiceStatus::Passing;
        for check in &service.health_checks {
            worst = worse(worst, probe(check).await);
        }
        let Some(shared) = shared.upgrade() else { return };
        let (namespace, id) = (&service.namespace, &service.id);
        if !shared.write(|state, _| state.services.set_status(namespace, id, lease, worst)) {
            return;
        }
        drop(shared);
        sleep(every).await;
    }
}

/// Carries out one check.
async fn probe(check: &HealthCheckDef) -> ServiceStatus {
    match check {
        HealthCheckDef::Http {
            url,
            method,
            expected_status,
            timeout: limit,
        } => match timeout(*limit, request(url, method)).await {
            Ok(Ok(status)) if status == *expected_status => ServiceStatus::Passing,
            Ok(Ok(_)) => ServiceStatus::Warning,
            _ => ServiceStatus::Critical,
        },
        HealthCheckDef::Tcp {
            address,
            timeout: limit,
        } => connects(address, *limit, ServiceStatus::Passing).await,
        HealthCheckDef::Grpc {
            address,
            timeout: limit,
            ..
        } => connects(address, *limit, ServiceStatus::Unknown).await,
        HealthCheckDef::Ttl { .. } => ServiceStatus::Passing,
    }
}

async fn connects(address: &str, limit: Duration, reached: ServiceStatus) -> ServiceStatus {
    match timeout(limit, TcpStream::connect(address)).await {
        Ok(Ok(_)) => reached,
        _ => ServiceStatus::Critical,
    }
}

/// Sends an HTTP/1.1 request (RFC 9112, sections 3 and 4) and returns the status of the answer.
async fn request(url: &str, method: &str) -> io::Result<u16> {
    let rest = url
        .strip_prefix("http://")
        .ok_or_else(|| io::Error::other("only http is spoken"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let address = if host.contains(':') {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    let mut stream = TcpStream::connect(address).await?;
    let head = format!("{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    let mut line = String::new();
    BufReader::new(stream.take(STATUS_LINE)).read_line(&mut line).await?;
    let status = line.split(' ').nth(1).and_then(|status| status.trim().parse().ok());
    status.ok_or_else(|| io::Error::other("the answer has no status line"))
}

fn worse(left: ServiceStatus, right: ServiceStatus) -> ServiceStatus {
    let rank = |status| match status {
        ServiceStatus::Passing => 0,
        ServiceStatus::Unknown => 1,
        ServiceStatus::Warning => 2,
        ServiceStatus::Critical => 3,
    };
    if rank(right) > rank(left) { right } else { left }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(30);

    /// A server that answers one request with a status.
    async fn answering(status: u16) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await?;
            let mut head = [0; 512];
            let _ = stream.read(&mut head).await?;
            stream
                .write_all(format!("HTTP/1.1 {status} Whatever\r\n\r\n").as_bytes())
                .await
        });
        address
    }

    fn http(address: &str) -> HealthCheckDef {
        HealthCheckDef::Http {
            url: format!("http://{address}/health"),
            method: "GET".to_owned(),
            expected_status: 204,
            timeout: LIMIT,
        }
    }

    #[tokio::test]
    async fn http_passes_with_the_expected_status_only() {
        assert_eq!(probe(&http(&answering(204).await)).await, ServiceStatus::Passing);
        assert_eq!(probe(&http(&answering(500).await)).await, ServiceStatus::Warning);
    }

    #[tokio::test]
    async fn a_closed_port_is_critical() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let check = HealthCheckDef::Tcp {
            address: address.clone(),
            timeout: LIMIT,
        };
        assert_eq!(probe(&check).await, ServiceStatus::Passing);
        drop(listener);
        assert_eq!(probe(&check).await, ServiceStatus::Critical);
        assert_eq!(probe(&http(&address)).await, ServiceStatus::Critical);
    }

    #[test]
    fn the_worst_result_counts() {
        assert_eq!(
            worse(ServiceStatus::Critical, ServiceStatus::Warning),
            ServiceStatus::Critical
        );
        assert_eq!(
            worse(ServiceStatus::Passing, ServiceStatus::Unknown),
            ServiceStatus::Unknown
        );
    }
}
