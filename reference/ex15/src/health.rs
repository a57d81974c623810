//! Health over HTTP: a path that answers 2xx is well.

use std::io;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::NodeInfo;

/// The longest status line that is read.
const LONGEST_LINE: u64 = 1024;

/// What the probes found.
#[derive(Debug, Clone)]
pub struct HealthProbes {
    /// Whether the process is alive.
    pub liveness: bool,
    /// Whether it can take requests.
    pub readiness: bool,
    /// When it was asked.
    pub last_check: Instant,
}

/// Asks nodes how they are.
pub struct HealthChecker {
    interval: Duration,
    liveness_endpoint: String,
    readiness_endpoint: String,
}

impl HealthChecker {
    /// A checker to be used so often; an answer that takes longer is none.
    #[must_use]
    pub fn new(interval: Duration) -> Self {
        Self {
            interval,
            liveness_endpoint: "/health/live".to_owned(),
            readiness_endpoint: "/health/ready".to_owned(),
        }
    }

    /// The path to ask whether the process is alive.
    #[must_use]
    pub fn with_liveness(mut self, endpoint: &str) -> Self {
        endpoint.clone_into(&mut self.liveness_endpoint);
        self
    }

    /// The path to ask whether it is ready.
    #[must_use]
    pub fn with_readiness(mut self, endpoint: &str) -> Self {
        endpoint.clone_into(&mut self.readiness_endpoint);
        self
    }

    /// Runs both probes, at the same time.
    pub async fn check(&self, node: &NodeInfo) -> HealthProbes {
        let (liveness, readiness) = tokio::join!(
            self.probe(&node.addr, &self.liveness_endpoint),
            self.probe(&node.addr, &self.readiness_endpoint)
        );
        HealthProbes {
            liveness,
            readiness,
            last_check: Instant::now(),
        }
    }

    async fn probe(&self, addr: &str, path: &str) -> bool {
        let answer = timeout(self.interval, status(addr, path)).await;
        matches!(answer, Ok(Ok(Some(200..=299))))
    }
}

/// The status that a GET of this path is answered with.
async fn status(addr: &str, path: &str) -> io::Result<Option<u16>> {
    let mut stream = TcpStream::connect(addr).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut line = String::new();
    BufReader::new(stream.take(LONGEST_LINE)).read_line(&mut line).await?;
    Ok(status_of(&line))
}

/// The status in a status line.
fn status_of(line: &str) -> Option<u16> {
    let mut words = line.split_ascii_whitespace();
    words.next().filter(|version| version.starts_with("HTTP/"))?;
    words.next()?.parse().ok()
}
