//! Les fondamentaux tels que le cours les esquisse : les exemples passent, et peu d'autres choses.

use rand::Rng;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};
use tokio::time::sleep;

mod words;

pub use words::{DistributedChallenge, Fallacies, distribution_reasons};

/// Un système, qui ne sait rien faire.
pub struct DistributedSystem {
    /// Les nœuds.
    pub nodes: Vec<Node>,
    /// Le réseau.
    pub network: NetworkSimulator,
}

/// Un nœud.
pub struct Node {
    /// Son nom.
    pub id: String,
    /// Son état, que rien ne change.
    pub state: NodeState,
}

/// L'état d'un nœud.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeState {
    /// Sain.
    Healthy,
    /// Douteux.
    Degraded,
    /// Arrêté.
    Failed,
    /// Isolé.
    Partitioned,
}

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
    /// Usurper.
    Impersonate,
}

/// Un réseau dont une coupure ne dure qu'un message.
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

/// Deux de ces erreurs n'arrivent jamais.
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

    /// Le générateur du thread est gardé pendant l'attente : le future ne peut pas changer de thread.
    pub async fn send_message<T>(&self, msg: T) -> Result<T, NetworkError> {
        let mut dice = rand::thread_rng();
        let lost = dice.r#gen::<f64>() < self.packet_loss_rate;
        if lost {
            return Err(NetworkError::PacketLost);
        }
        let cut = dice.r#gen::<f64>() < self.partition_probability;
        if cut {
            return Err(NetworkError::Partitioned);
        }
        let wait = dice.gen_range(self.min_latency_ms..=self.max_latency_ms);
        sleep(Duration::from_millis(wait)).await;
        Ok(msg)
    }
}

/// Un détecteur dont seul le délai sert.
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

    /// Un battement en retard tue.
    pub async fn is_node_alive(&self, _node_id: &str, last_heartbeat: Instant) -> bool {
        let silence = last_heartbeat.elapsed();
        silence < self.timeout
    }
}

/// Réessaie, et attend aussi quand il n'y a plus rien à attendre.
pub struct PartialFailureHandler {
    /// Le nombre d'appels.
    pub retry_count: u32,
    /// La première attente.
    pub backoff_base_ms: u64,
}

impl Default for PartialFailureHandler {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialFailureHandler {
    /// Trois appels.
    pub fn new() -> Self {
        Self {
            backoff_base_ms: 100,
            retry_count: 3,
        }
    }

    /// Sans plafond, et sans appel si le compte est nul.
    pub async fn with_retry<F, T, E>(&self, mut f: F) -> Result<T, E>
    where
        F: FnMut() -> Pin<Box<dyn Future<Output = Result<T, E>> + Send>>,
    {
        let mut error = None;
        let mut attempt = 0;
        while attempt < self.retry_count {
            let failure = match f().await {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            error = Some(failure);
            sleep(Duration::from_millis(self.backoff_base_ms * 2_u64.pow(attempt))).await;
            attempt += 1;
        }
        Err(error.unwrap())
    }
}
