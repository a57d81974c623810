//! Un réseau dont le générateur est sous un verrou, gardé jusqu'à l'arrivée.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::time::Duration;
use tokio::sync::Mutex;

/// Un réseau peu fiable.
#[derive(Debug)]
pub struct NetworkSimulator {
    /// Le taux de perte.
    pub packet_loss_rate: f64,
    /// Une borne de la latence.
    pub min_latency_ms: u64,
    /// L'autre.
    pub max_latency_ms: u64,
    /// Le taux de coupure.
    pub partition_probability: f64,
    /// Le hasard.
    chance: Mutex<StdRng>,
}

/// Pourquoi un message n'est pas arrivé.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkError {
    /// Perdu.
    PacketLost,
    /// Trop tard.
    Timeout,
    /// Coupé.
    Partitioned,
    /// Refusé.
    ConnectionRefused,
}

impl NetworkSimulator {
    fn new(loss: f64, cut: f64, latency: (u64, u64)) -> Self {
        Self {
            packet_loss_rate: loss,
            min_latency_ms: latency.0,
            max_latency_ms: latency.1,
            partition_probability: cut,
            chance: Mutex::new(StdRng::from_entropy()),
        }
    }

    /// Un réseau de rêve.
    pub fn reliable() -> Self {
        Self::new(0.0, 0.0, (0, 0))
    }

    /// Un réseau de tous les jours.
    pub fn unreliable() -> Self {
        Self::new(0.1, 0.05, (10, 500))
    }

    /// Un seul tirage : la perte, la coupure ou l'arrivée.
    pub async fn send_message<T>(&self, msg: T) -> Result<T, NetworkError> {
        let mut chance = self.chance.lock().await;
        let draw = chance.r#gen::<f64>();
        if draw < self.packet_loss_rate {
            return Err(NetworkError::PacketLost);
        }
        if draw < self.packet_loss_rate + self.partition_probability {
            return Err(NetworkError::Partitioned);
        }
        let (one, other) = (self.min_latency_ms, self.max_latency_ms);
        let latency = chance.gen_range(one.min(other)..=one.max(other));
        tokio::time::sleep(Duration::from_millis(latency)).await;
        Ok(msg)
    }

    /// Le premier des deux : le message ou l'échéance.
    pub async fn send_with_timeout<T>(&self, msg: T, limit: Duration) -> Result<T, NetworkError> {
        tokio::select! {
            biased;
            answer = self.send_message(msg) => answer,
            () = tokio::time::sleep(limit) => Err(NetworkError::Timeout),
        }
    }
}
