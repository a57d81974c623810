//! Les fondamentaux : un réseau qui a son propre hasard, un détecteur qui compte les battements, un échéancier d'attentes.

use std::fmt;
use std::future::Future;
use std::iter;
use std::pin::Pin;
use std::time::{Duration, Instant};

mod network;
mod words;

pub use network::{NetworkError, NetworkSimulator};
pub use words::{DistributedChallenge, Fallacies, distribution_reasons};

/// Un système : des nœuds, un réseau.
#[derive(Debug)]
pub struct DistributedSystem {
    /// Les nœuds.
    pub nodes: Vec<Node>,
    /// Le réseau.
    pub network: NetworkSimulator,
}

/// Un nœud.
#[derive(Debug, Clone)]
pub struct Node {
    /// Son nom.
    pub id: String,
    /// Son état.
    pub state: NodeState,
}

/// L'état d'un nœud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

impl DistributedSystem {
    /// Fait arriver une défaillance.
    pub fn inject(&mut self, failure: &FailureMode) {
        for node in &mut self.nodes {
            node.state = failure.effect_on(node);
        }
    }

    /// Envoie un message ; un isolement se voit avant un arrêt.
    pub async fn send<T>(&self, from: &str, to: &str, msg: T) -> Result<T, NetworkError> {
        let mut refused = false;
        for end in [from, to] {
            match self.nodes.iter().find(|node| node.id == end).map(|node| node.state) {
                Some(NodeState::Partitioned) => return Err(NetworkError::Partitioned),
                Some(NodeState::Failed) | None => refused = true,
                Some(NodeState::Healthy | NodeState::Degraded) => {}
            }
        }
        if refused {
            return Err(NetworkError::ConnectionRefused);
        }
        self.network.send_message(msg).await
    }
}

/// Une défaillance.
#[derive(Debug, Clone, PartialEq, Eq)]
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

impl FailureMode {
    /// L'état où elle met un nœud.
    fn effect_on(&self, node: &Node) -> NodeState {
        match self {
            Self::Partial(stopped) if stopped.contains(&node.id) => NodeState::Failed,
            Self::FailStop { node_id } if *node_id == node.id => NodeState::Failed,
            Self::Byzantine { node_id, .. } if *node_id == node.id && node.state == NodeState::Healthy => {
                NodeState::Degraded
            }
            _ => node.state,
        }
    }
}

/// Ce que fait un nœud byzantin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

impl fmt::Display for ByzantineBehavior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SendWrongData => "ment",
            Self::SendConflictingMessages => "se contredit",
            Self::SelectivelyRespond => "ne répond qu'à certains",
            Self::Impersonate => "se fait passer pour un autre",
        })
    }
}

/// Compte les battements manqués.
#[derive(Debug, Clone)]
pub struct FailureDetector {
    /// La patience minimale.
    pub timeout: Duration,
    /// L'intervalle des battements.
    pub heartbeat_interval: Duration,
    /// Le nombre de battements manqués qui tue.
    pub suspicion_threshold: u32,
}

impl FailureDetector {
    /// Trois battements par délai.
    pub fn new(timeout_ms: u64) -> Self {
        Self {
            timeout: Duration::from_millis(timeout_ms),
            heartbeat_interval: Duration::from_millis(timeout_ms / 3),
            suspicion_threshold: 3,
        }
    }

    /// Vivant tant que l'un des deux comptes n'est pas atteint.
    pub async fn is_node_alive(&self, node_id: &str, last_heartbeat: Instant) -> bool {
        let _ = node_id;
        let silence = Instant::now().saturating_duration_since(last_heartbeat);
        let missed = silence
            .as_nanos()
            .checked_div(self.heartbeat_interval.as_nanos())
            .unwrap_or(u128::MAX);
        missed < u128::from(self.suspicion_threshold) || silence < self.timeout
    }
}

/// Réessaie.
#[derive(Debug, Clone)]
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
            retry_count: 3,
            backoff_base_ms: 100,
        }
    }

    /// Les attentes, sans gigue : chacune le double de la précédente, jusqu'à une minute.
    fn waits(&self) -> impl Iterator<Item = Duration> + use<> {
        let first = self.backoff_base_ms.min(60_000);
        iter::successors(Some(first), |wait| Some((wait * 2).min(60_000)))
            .map(Duration::from_millis)
            .take(self.retry_count.max(1) as usize - 1)
    }

    /// Une attente après chaque échec, tant qu'il y en a une.
    pub async fn with_retry<F, T, E>(&self, mut f: F) -> Result<T, E>
    where
        F: FnMut() -> Pin<Box<dyn Future<Output = Result<T, E>> + Send>>,
    {
        let mut waits = self.waits();
        loop {
            let answer = f().await;
            if answer.is_ok() {
                return answer;
            }
            match waits.next() {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return answer,
            }
        }
    }
}
