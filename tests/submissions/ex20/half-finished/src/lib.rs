//! La moitié : les mots, le réseau sans échéance, le détecteur ; ni système, ni nouvelles tentatives.

use rand::Rng;
use std::time::{Duration, Instant};
use tokio::time::sleep;

mod words;

pub use words::{DistributedChallenge, Fallacies, distribution_reasons};

/// Une défaillance, que rien ne provoque.
#[derive(Debug, Clone)]
pub enum FailureMode {
    /// Plusieurs nœuds s'arrêtent.
    Partial(Vec<String>),
    /// Un nœud fait n'importe quoi.
    Byzantine {
        /// Qui.
        node_id: String,
        /// Quoi.
        behavior: ByzantineBehavior,
    },
    /// Un nœud s'arrête.
    FailStop {
        /// Qui.
        node_id: String,
    },
}

/// Ce que fait un nœud byzantin.
#[derive(Debug, Clone)]
pub enum ByzantineBehavior {
    /// Mentir.
    SendWrongData,
    /// Se contredire.
    SendConflictingMessages,
    /// Choisir à qui répondre.
    SelectivelyRespond,
}

/// Un réseau.
pub struct NetworkSimulator {
    /// Le taux de perte.
    pub packet_loss_rate: f64,
    /// La plus petite latence.
    pub min_latency_ms: u64,
    /// La plus grande.
    pub max_latency_ms: u64,
    /// Le taux de coupure.
    pub partition_probability: f64,
}

/// Les erreurs.
#[derive(Debug)]
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
    /// Un réseau de rêve.
    pub fn reliable() -> Self {
        Self {
            packet_loss_rate: 0.0,
            partition_probability: 0.0,
            min_latency_ms: 0,
            max_latency_ms: 0,
        }
    }

    /// Un réseau de tous les jours.
    pub fn unreliable() -> Self {
        Self {
            packet_loss_rate: 0.1,
            partition_probability: 0.05,
            min_latency_ms: 10,
            max_latency_ms: 500,
        }
    }

    /// Ce qui arrive à un message.
    fn fate(&self) -> Result<Duration, NetworkError> {
        let mut dice = rand::thread_rng();
        if dice.gen_bool(self.packet_loss_rate) {
            return Err(NetworkError::PacketLost);
        }
        if dice.gen_bool(self.partition_probability) {
            return Err(NetworkError::Partitioned);
        }
        let (one, other) = (self.min_latency_ms, self.max_latency_ms);
        Ok(Duration::from_millis(dice.gen_range(one.min(other)..=one.max(other))))
    }

    /// Envoie un message.
    pub async fn send_message<T: Clone>(&self, msg: T) -> Result<T, NetworkError> {
        sleep(self.fate()?).await;
        Ok(msg)
    }
}

/// Un détecteur.
pub struct FailureDetector {
    /// Le délai.
    pub timeout: Duration,
    /// Un tiers du délai.
    pub heartbeat_interval: Duration,
    /// Trois.
    pub suspicion_threshold: u32,
}

impl FailureDetector {
    /// Un détecteur.
    pub fn new(timeout_ms: u64) -> Self {
        Self {
            suspicion_threshold: 3,
            heartbeat_interval: Duration::from_millis(timeout_ms / 3),
            timeout: Duration::from_millis(timeout_ms),
        }
    }

    /// Le plus long des deux délais.
    pub async fn is_node_alive(&self, _node_id: &str, last_heartbeat: Instant) -> bool {
        let silence = last_heartbeat.elapsed();
        silence < self.timeout.max(self.heartbeat_interval * self.suspicion_threshold)
    }
}
