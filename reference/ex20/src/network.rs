//! A network on which messages are lost, cut off and late.

use rand::Rng;
use std::time::Duration;

/// Simulates an unreliable network. Rates are probabilities, from 0 to 1.
#[derive(Debug)]
pub struct NetworkSimulator {
    /// How many messages are lost.
    pub packet_loss_rate: f64,
    /// The least that a message takes. If it is more than the most, the two bounds are exchanged.
    pub min_latency_ms: u64,
    /// The most that a message takes.
    pub max_latency_ms: u64,
    /// How many of the messages that are not lost meet a partition.
    pub partition_probability: f64,
}

/// Why a message did not arrive.
#[derive(Debug)]
pub enum NetworkError {
    /// It was lost.
    PacketLost,
    /// It was not there in time.
    Timeout,
    /// There is no way between the two nodes.
    Partitioned,
    /// Nobody listens there.
    ConnectionRefused,
}

impl NetworkSimulator {
    /// The network of the fallacies: nothing is lost, nothing takes time.
    pub fn reliable() -> Self {
        Self {
            packet_loss_rate: 0.0,
            min_latency_ms: 0,
            max_latency_ms: 0,
            partition_probability: 0.0,
        }
    }

    /// A bad day: a message in ten is lost, one in twenty of the others cut off, the rest takes up to half a second.
    pub fn unreliable() -> Self {
        Self {
            packet_loss_rate: 0.1,
            min_latency_ms: 10,
            max_latency_ms: 500,
            partition_probability: 0.05,
        }
    }

    /// Sends a message; returns it when it has arrived.
    pub async fn send_message<T>(&self, msg: T) -> Result<T, NetworkError> {
        // All draws are made in there: a generator that lives until the `.await` would tie the future to its thread.
        let latency = self.draw()?;
        tokio::time::sleep(latency).await;
        Ok(msg)
    }

    /// Sends a message and waits for it until `limit` has passed.
    pub async fn send_with_timeout<T>(&self, msg: T, limit: Duration) -> Result<T, NetworkError> {
        match tokio::time::timeout(limit, self.send_message(msg)).await {
            Ok(sent) => sent,
            Err(_) => Err(NetworkError::Timeout),
        }
    }

    /// What becomes of one message: an error, or how long it takes.
    fn draw(&self) -> Result<Duration, NetworkError> {
        let mut rng = rand::thread_rng();
        if rng.r#gen::<f64>() < self.packet_loss_rate {
            return Err(NetworkError::PacketLost);
        }
        if rng.r#gen::<f64>() < self.partition_probability {
            return Err(NetworkError::Partitioned);
        }
        let least = self.min_latency_ms.min(self.max_latency_ms);
        let most = self.min_latency_ms.max(self.max_latency_ms);
        Ok(Duration::from_millis(rng.gen_range(least..=most)))
    }
}
