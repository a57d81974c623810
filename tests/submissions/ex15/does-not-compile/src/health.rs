//! Les sondes, l'une après l'autre, par la bibliothèque standard : elles bloquent leur thread.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use crate::NodeInfo;

/// Résultat des sondes.
#[derive(Debug, Clone)]
pub struct HealthProbes {
    /// Il vit.
    pub liveness: bool,
    /// Il peut servir.
    pub readiness: bool,
    /// Quand.
    pub last_check: Instant,
}

/// Vérification de santé.
pub struct HealthChecker {
    interval: Duration,
    paths: [String; 2],
}

impl HealthChecker {
    /// Un vérificateur.
    pub fn new(interval: Duration) -> Self {
        Self { interval, paths: ["/".to_owned(), "/".to_owned()] }
    }

    /// La sonde de vie.
    pub fn with_liveness(mut self, endpoint: &str) -> Self {
        self.paths[0] = endpoint.to_owned();
        self
    }

    /// La sonde de disponibilité.
    pub fn with_readiness(mut self, endpoint: &str) -> Self {
        self.paths[1] = endpoint.to_owned();
        self
    }

    /// Exécute les sondes.
    pub async fn check(&self, node: &NodeInfo) -> HealthProbes {
        let last_check = Instant::now();
        let [liveness, readiness] = [0, 1].map(|probe| self.get(&node.addr, &self.paths[probe]).is_some_and(is_success));
        HealthProbes { liveness, readiness, last_check }
    }

    /// Le statut de la réponse.
    fn get(&self, addr: &str, path: &str) -> Option<u16> {
        let address = addr.to_socket_addrs().ok()?.next()?;
        let end = Instant::now() + self.interval;
        let mut stream = TcpStream::connect_timeout(&address, self.interval).ok()?;
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n").ok()?;
        let mut answer = Vec::new();
        while !answer.contains(&b'\n') {
            let left = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
            stream.set_read_timeout(Some(left)).ok()?;
            let mut bytes = [0; 256];
            let count = stream.read(&mut bytes).ok().filter(|count| *count > 0)?;
            answer.extend(&bytes[..count]);
        }
        let line = String::from_utf8_lossy(&answer).into_owned();
        line.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()
    }
}

fn is_success(status: u16) -> bool {
    status / 100 == 2
}
