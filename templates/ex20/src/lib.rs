//! EX20 : les fondamentaux des systèmes distribués : illusions, pannes, réseau peu fiable, détection, nouvelles tentatives.
//!
//! Remplacez chaque `todo!()`. Les noms et les types de cette interface ne changent pas ; les exigences R1 à R12 sont dans
//! l'énoncé. Vous pouvez ajouter des champs privés à `NetworkSimulator`, `FailureDetector` et `PartialFailureHandler`, et
//! répartir le code dans plusieurs modules, à condition de tout réexporter ici.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

/// Des ordinateurs indépendants qui apparaissent à leurs utilisateurs comme un seul.
pub struct DistributedSystem {
    /// Les ordinateurs.
    pub nodes: Vec<Node>,
    /// Ce qu'il y a entre eux.
    pub network: NetworkSimulator,
}

/// Un ordinateur.
pub struct Node {
    /// Son nom.
    pub id: String,
    /// Comment il va.
    pub state: NodeState,
}

/// Comment va un nœud.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeState {
    /// Bien.
    Healthy,
    /// Il répond, pas toujours comme il devrait.
    Degraded,
    /// Il s'est arrêté.
    Failed,
    /// Il marche, et personne ne peut l'atteindre.
    Partitioned,
}

impl DistributedSystem {
    /// Fait arriver une défaillance aux nœuds qu'elle nomme (R11).
    pub fn inject(&mut self, failure: &FailureMode) {
        let _ = failure;
        todo!()
    }

    /// Envoie un message d'un nœud à un autre (R12).
    pub async fn send<T>(&self, from: &str, to: &str, msg: T) -> Result<T, NetworkError> {
        let _ = (from, to, msg);
        todo!()
    }
}

/// Pourquoi distribuer : remplacez ces textes vides.
pub mod distribution_reasons {
    /// Porter plus de charge.
    pub const SCALABILITY: &str = "";
    /// Survivre aux pannes.
    pub const AVAILABILITY: &str = "";
    /// Servir de près.
    pub const LATENCY: &str = "";
    /// Garder les données où la loi le veut.
    pub const DATA_LOCALITY: &str = "";
    /// Partager ce qui coûte cher.
    pub const RESOURCE_SHARING: &str = "";
}

/// Ce qui rend les systèmes distribués difficiles.
#[derive(Debug, Clone)]
pub enum DistributedChallenge {
    /// Des nœuds ne peuvent pas en atteindre d'autres.
    NetworkPartition,
    /// Les horloges ne sont pas d'accord.
    ClockSkew,
    /// Un processus s'arrête au milieu de son travail.
    ProcessCrash,
    /// Un message n'arrive jamais.
    MessageLoss,
    /// Un message arrive tard.
    MessageDelay,
    /// Des messages arrivent dans un autre ordre.
    MessageReorder,
    /// Un message arrive deux fois.
    MessageDuplication,
}

/// Les huit illusions : chaque fonction porte le nom de l'illusion et dit ce qu'il en est.
pub struct Fallacies;

impl Fallacies {
    /// Illusion 1 : le réseau est fiable.
    pub fn network_is_reliable() -> &'static str {
        todo!()
    }

    /// Illusion 2 : la latence est nulle.
    pub fn latency_is_zero() -> &'static str {
        todo!()
    }

    /// Illusion 3 : la bande passante est infinie.
    pub fn bandwidth_is_infinite() -> &'static str {
        todo!()
    }

    /// Illusion 4 : le réseau est sûr.
    pub fn network_is_secure() -> &'static str {
        todo!()
    }

    /// Illusion 5 : la topologie ne change pas.
    pub fn topology_doesnt_change() -> &'static str {
        todo!()
    }

    /// Illusion 6 : il y a un seul administrateur.
    pub fn one_administrator() -> &'static str {
        todo!()
    }

    /// Illusion 7 : le transport ne coûte rien.
    pub fn transport_cost_is_zero() -> &'static str {
        todo!()
    }

    /// Illusion 8 : le réseau est homogène.
    pub fn network_is_homogeneous() -> &'static str {
        todo!()
    }
}

/// Une défaillance, et qui elle touche.
#[derive(Debug, Clone)]
pub enum FailureMode {
    /// Ces nœuds s'arrêtent, les autres continuent.
    Partial(Vec<String>),
    /// Un nœud se comporte n'importe comment.
    Byzantine {
        /// Lequel.
        node_id: String,
        /// Ce qu'il fait.
        behavior: ByzantineBehavior,
    },
    /// Un nœud s'arrête pour de bon ; les autres peuvent s'en apercevoir.
    FailStop {
        /// Lequel.
        node_id: String,
    },
}

/// Ce que fait un nœud byzantin.
#[derive(Debug, Clone)]
pub enum ByzantineBehavior {
    /// Il ment.
    SendWrongData,
    /// Il ne dit pas la même chose à tous.
    SendConflictingMessages,
    /// Il ne répond qu'à certains.
    SelectivelyRespond,
    /// Il se fait passer pour un autre.
    Impersonate,
}

/// Un réseau peu fiable. Les taux sont des probabilités, de 0 à 1.
pub struct NetworkSimulator {
    /// La part des messages perdus.
    pub packet_loss_rate: f64,
    /// Une borne de la latence, la plus petite d'ordinaire.
    pub min_latency_ms: u64,
    /// L'autre borne.
    pub max_latency_ms: u64,
    /// La part des messages qui rencontrent une coupure.
    pub partition_probability: f64,
}

impl NetworkSimulator {
    /// Un réseau sans perte, sans coupure et sans latence.
    pub fn reliable() -> Self {
        todo!()
    }

    /// Un réseau peu fiable (R4).
    pub fn unreliable() -> Self {
        todo!()
    }

    /// Envoie un message et le rend quand il est arrivé (R4, R5, R6).
    pub async fn send_message<T>(&self, msg: T) -> Result<T, NetworkError> {
        let _ = msg;
        todo!()
    }

    /// Envoie un message et ne l'attend pas plus longtemps que `limit` (R7).
    pub async fn send_with_timeout<T>(&self, msg: T, limit: Duration) -> Result<T, NetworkError> {
        let _ = (msg, limit);
        todo!()
    }
}

/// Pourquoi un message n'est pas arrivé.
#[derive(Debug)]
pub enum NetworkError {
    /// Il a été perdu.
    PacketLost,
    /// Il n'était pas là à temps.
    Timeout,
    /// Il n'y a pas de chemin entre les deux nœuds.
    Partitioned,
    /// Personne n'écoute là-bas.
    ConnectionRefused,
}

/// Tient pour mort un nœud qui se tait trop longtemps.
pub struct FailureDetector {
    /// Un nœud entendu depuis moins longtemps est vivant.
    pub timeout: Duration,
    /// L'intervalle entre deux battements d'un nœud vivant.
    pub heartbeat_interval: Duration,
    /// Combien de battements doivent manquer.
    pub suspicion_threshold: u32,
}

impl FailureDetector {
    /// Un détecteur à qui trois battements manquent en `timeout_ms` (R8).
    pub fn new(timeout_ms: u64) -> Self {
        let _ = timeout_ms;
        todo!()
    }

    /// Si un nœud, entendu pour la dernière fois à cet instant, est tenu pour vivant (R8).
    pub async fn is_node_alive(&self, node_id: &str, last_heartbeat: Instant) -> bool {
        let _ = (node_id, last_heartbeat);
        todo!()
    }
}

/// Réessaie quand une partie du système ne répond pas.
pub struct PartialFailureHandler {
    /// Le nombre d'appels, en tout.
    pub retry_count: u32,
    /// L'attente après le premier échec, en millisecondes.
    pub backoff_base_ms: u64,
}

impl PartialFailureHandler {
    /// Trois appels, 100 ms (R9).
    pub fn new() -> Self {
        todo!()
    }

    /// Appelle l'opération jusqu'à un succès, de plus en plus lentement (R9, R10).
    pub async fn with_retry<F, T, E>(&self, mut f: F) -> Result<T, E>
    where
        F: FnMut() -> Pin<Box<dyn Future<Output = Result<T, E>> + Send>>,
    {
        let _ = f();
        todo!()
    }
}
