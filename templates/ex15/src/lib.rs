//! EX15 : gestion d'un cluster.
//!
//! Remplacez chaque `todo!()` et choisissez la structure interne des types opaques. Les noms et les types de cette interface
//! ne changent pas ; les exigences R1 à R14 sont dans l'énoncé. Vous pouvez répartir le code dans plusieurs modules, à
//! condition de tout réexporter ici.

use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Identifiant d'un nœud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u64);

/// Identifiant d'un shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShardId(pub u32);

/// État d'un nœud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeState {
    /// Il arrive.
    Joining,
    /// Il est là.
    Healthy,
    /// Il se tait depuis un temps surprenant.
    Suspected,
    /// Il se tait toujours : on le compte pour absent.
    Unreachable,
    /// Il part.
    Leaving,
    /// Il est parti.
    Left,
}

/// Ce que l'on sait d'un nœud.
#[derive(Debug, Clone)]
pub struct NodeInfo {
    /// Son identifiant.
    pub id: NodeId,
    /// Son adresse, `hôte:port` ; vide si elle est inconnue.
    pub addr: String,
    /// Son état.
    pub state: NodeState,
    /// Son dernier battement.
    pub last_heartbeat: Instant,
    /// Ses shards.
    pub shards: Vec<ShardId>,
    /// Le reste.
    pub metadata: HashMap<String, String>,
}

/// Détecteur de pannes φ.
pub struct PhiAccrualDetector {
    // À vous de choisir.
}

impl PhiAccrualDetector {
    /// Un détecteur qui n'a rien entendu.
    pub fn new(threshold: f64, max_samples: usize) -> Self {
        todo!("R1 : {threshold}, {max_samples}")
    }

    /// Un battement, maintenant.
    pub fn heartbeat(&mut self) {
        todo!("R1")
    }

    /// Ajout : un battement à un instant donné.
    pub fn heartbeat_at(&mut self, at: Instant) {
        todo!("R1 : {at:?}")
    }

    /// Le niveau de suspicion après le silence de `last_heartbeat` à `now`.
    pub fn phi(&self, now: Instant, last_heartbeat: Instant) -> f64 {
        todo!("R1, R2 : {now:?}, {last_heartbeat:?}")
    }

    /// Si ce silence est suspect.
    pub fn is_suspected(&self, now: Instant, last_heartbeat: Instant) -> bool {
        todo!("R1 : {now:?}, {last_heartbeat:?}")
    }
}

/// Algorithmes d'élection.
#[derive(Debug, Clone, Copy)]
pub enum LeaderElectionAlgorithm {
    /// Le plus grand identifiant gagne.
    Bully,
    /// Un jeton fait le tour de l'anneau.
    Ring,
    /// Une majorité de voix décide.
    RaftBased,
}

/// Messages d'élection.
#[derive(Debug, Clone)]
pub enum ElectionMessage {
    /// Un nœud se présente.
    Election {
        /// Lequel.
        from: NodeId,
    },
    /// Bully : un plus grand prend la suite. RaftBased : une voix.
    Ok {
        /// De qui.
        from: NodeId,
    },
    /// Un nœud a gagné.
    Coordinator {
        /// Lequel.
        leader: NodeId,
    },
    /// Anneau : le jeton.
    Token {
        /// Qui l'a vu passer.
        candidates: Vec<NodeId>,
    },
    /// Anneau : un nœud a gagné.
    Elected {
        /// Lequel.
        leader: NodeId,
    },
}

/// La part d'un nœud dans les élections.
pub struct LeaderElection {
    // À vous de choisir.
}

impl LeaderElection {
    /// Un nœud qui ne connaît ni pair ni leader.
    pub fn new(local_id: NodeId, algorithm: LeaderElectionAlgorithm) -> Self {
        todo!("R3, R5, R6 : {local_id:?}, {algorithm:?}")
    }

    /// Ajout : les autres nœuds du cluster, désormais.
    pub fn set_peers(&mut self, peers: &[NodeId]) {
        todo!("R3 : {peers:?}")
    }

    /// Démarre une élection ; ce qu'il faut envoyer.
    pub fn start_election(&mut self) -> Vec<(NodeId, ElectionMessage)> {
        todo!("R3, R5, R6")
    }

    /// Traite un message ; ce qu'il faut envoyer alors.
    pub fn handle_message(&mut self, from: NodeId, msg: ElectionMessage) -> Option<Vec<(NodeId, ElectionMessage)>> {
        todo!("R3, R5, R6 : {from:?}, {msg:?}")
    }

    /// Ajout : le délai de réponse est écoulé ; ce qu'il faut envoyer alors.
    pub fn on_timeout(&mut self) -> Vec<(NodeId, ElectionMessage)> {
        todo!("R3, R6")
    }

    /// Le leader actuel.
    pub fn leader(&self) -> Option<NodeId> {
        todo!("R3")
    }

    /// Si ce nœud est le leader.
    pub fn is_leader(&self) -> bool {
        todo!("R3")
    }
}

/// Un shard qui change de nœud.
#[derive(Debug)]
pub struct ShardMove {
    /// Le shard.
    pub shard: ShardId,
    /// Qui l'avait.
    pub from: NodeId,
    /// Qui l'a maintenant.
    pub to: NodeId,
}

/// Répartition des shards.
pub struct ShardManager {
    // À vous de choisir.
}

impl ShardManager {
    /// Des shards sans propriétaire.
    pub fn new(num_shards: u32) -> Self {
        todo!("R7 : {num_shards}")
    }

    /// Répartit les shards à neuf.
    pub fn assign(&self, nodes: &[NodeId]) {
        todo!("R7 : {nodes:?}")
    }

    /// Rééquilibre en déplaçant le moins de shards possible ; ces déplacements.
    pub fn rebalance(&self, nodes: &[NodeId]) -> Vec<ShardMove> {
        todo!("R8 : {nodes:?}")
    }

    /// Le propriétaire d'un shard.
    pub fn get_owner(&self, shard: ShardId) -> Option<NodeId> {
        todo!("R7 : {shard:?}")
    }

    /// Définit le coordinateur.
    pub fn set_coordinator(&mut self, coordinator: NodeId) {
        todo!("R7 : {coordinator:?}")
    }
}

/// Résultat des sondes.
#[derive(Debug, Clone)]
pub struct HealthProbes {
    /// Le processus vit.
    pub liveness: bool,
    /// Il peut servir.
    pub readiness: bool,
    /// L'instant du contrôle.
    pub last_check: Instant,
}

/// Vérification de santé.
pub struct HealthChecker {
    // À vous de choisir.
}

impl HealthChecker {
    /// Un vérificateur ; une réponse qui tarde plus que `interval` n'en est pas une.
    pub fn new(interval: Duration) -> Self {
        todo!("R14 : {interval:?}")
    }

    /// Configure le chemin de la sonde de vie.
    pub fn with_liveness(self, endpoint: &str) -> Self {
        todo!("R14 : {endpoint}")
    }

    /// Configure le chemin de la sonde de disponibilité.
    pub fn with_readiness(self, endpoint: &str) -> Self {
        todo!("R14 : {endpoint}")
    }

    /// Exécute les deux sondes.
    pub async fn check(&self, node: &NodeInfo) -> HealthProbes {
        todo!("R14 : {node:?}")
    }
}

/// Configuration du cluster.
#[derive(Debug, Clone)]
pub struct ClusterConfig {
    /// L'intervalle attendu entre deux battements.
    pub heartbeat_interval: Duration,
    /// Le seuil de suspicion.
    pub phi_threshold: f64,
    /// L'algorithme d'élection.
    pub election_algorithm: LeaderElectionAlgorithm,
    /// Le nombre de shards.
    pub num_shards: u32,
}

impl Default for ClusterConfig {
    fn default() -> Self {
        todo!("R9")
    }
}

/// Ce qui peut échouer.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// La graine est injoignable.
    #[error("Failed to join cluster: {0}")]
    JoinFailed(String),
    /// Ce nœud n'est pas membre.
    #[error("Node not found: {0:?}")]
    NodeNotFound(NodeId),
    /// Il n'y a pas de leader.
    #[error("No leader elected")]
    NoLeader,
    /// Le réseau a échoué.
    #[error("Network error: {0}")]
    Network(String),
}

/// Le cluster, vu d'un nœud.
pub struct ClusterManager {
    // À vous de choisir.
}

impl ClusterManager {
    /// Un nœud qui n'a encore rejoint personne.
    pub fn new(local_id: NodeId, config: ClusterConfig) -> Self {
        todo!("R9 : {local_id:?}, {config:?}")
    }

    /// Rejoint le cluster.
    pub async fn join(&self, seed: &str) -> Result<(), ClusterError> {
        todo!("R9 : {seed}")
    }

    /// Quitte le cluster.
    pub async fn leave(&self) -> Result<(), ClusterError> {
        todo!("R9")
    }

    /// Un battement, maintenant.
    pub fn on_heartbeat(&self, from: NodeId) {
        todo!("R9 : {from:?}")
    }

    /// Ajout : un battement à un instant donné.
    pub fn on_heartbeat_at(&self, from: NodeId, at: Instant) {
        todo!("R9 : {from:?}, {at:?}")
    }

    /// Contrôle les membres, maintenant.
    pub async fn check_members(&self) -> Vec<NodeId> {
        todo!("R10")
    }

    /// Ajout : contrôle les membres à un instant donné.
    pub fn check_members_at(&self, now: Instant) -> Vec<NodeId> {
        todo!("R10 : {now:?}")
    }

    /// Les membres.
    pub fn members(&self) -> Vec<NodeInfo> {
        todo!("R9, R12")
    }

    /// S'abonne aux membres présents.
    pub fn subscribe(&self) -> watch::Receiver<Vec<NodeId>> {
        todo!("R11")
    }

    /// Démarre une élection.
    pub async fn trigger_election(&mut self) {
        todo!("R13")
    }

    /// Le leader actuel.
    pub fn leader(&self) -> Option<NodeId> {
        todo!("R13")
    }

    /// Les shards de ce nœud.
    pub fn my_shards(&self) -> Vec<ShardId> {
        todo!("R12")
    }
}
