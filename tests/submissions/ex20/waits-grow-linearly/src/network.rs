//! Un réseau dont le hasard est un compteur brouillé, sans verrou.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

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
    /// Le hasard (SplitMix64).
    chance: AtomicU64,
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
            chance: AtomicU64::new(RandomState::new().build_hasher().finish()),
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

    /// Un nombre de 0 compris à 1 exclu.
    fn draw(&self) -> f64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self.chance.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// La coupure d'abord, puis la latence, et la perte à l'arrivée.
    pub async fn send_message<T>(&self, msg: T) -> Result<T, NetworkError> {
        if self.draw() < self.partition_probability {
            return Err(NetworkError::Partitioned);
        }
        let lost = self.draw() < self.packet_loss_rate;
        let (one, other) = (self.min_latency_ms as f64, self.max_latency_ms as f64);
        let latency = one + (other - one) * self.draw();
        tokio::time::sleep(Duration::from_secs_f64(latency / 1000.0)).await;
        if lost { Err(NetworkError::PacketLost) } else { Ok(msg) }
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
