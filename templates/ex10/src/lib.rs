//! EX10 : tests par le chaos : failpoints, réseau, horloge, scénarios.
//!
//! Remplacez chaque `todo!()` et choisissez la structure interne des types dont le seul champ est `_prive`. Les noms et
//! les types de cette interface ne changent pas ; les exigences R1 à R14 sont dans l'énoncé. Vous pouvez répartir le
//! code dans plusieurs modules, à condition de tout réexporter ici.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Configuration du chaos framework
#[derive(Debug, Clone)]
pub struct ChaosConfig {
    /// Seed pour reproductibilité
    pub seed: Option<u64>,
    /// Mode de simulation
    pub mode: SimulationMode,
    /// Hooks d'observabilité
    pub enable_tracing: bool,
    /// Vérification des invariants
    pub check_invariants: bool,
}

/// `SimulationMode` : voir l’énoncé.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimulationMode {
    /// Exécution réelle avec injection
    RealTime,
    /// Simulation accélérée déterministe
    Simulated,
}

/// Fault injection point (failpoint)
#[derive(Debug, Clone)]
pub struct Failpoint {
    /// `name` : voir l’énoncé.
    pub name: String,
    /// `action` : voir l’énoncé.
    pub action: FailpointAction,
    /// `condition` : voir l’énoncé.
    pub condition: Option<FailpointCondition>,
    /// `count` : voir l’énoncé.
    pub count: Option<u32>,
}

/// Action à exécuter quand un failpoint est touché
#[derive(Clone)]
pub enum FailpointAction {
    /// Ne rien faire (désactivé)
    Off,
    /// Retourner une erreur
    Return(String),
    /// Panic
    Panic(String),
    /// Sleep pour simuler latence
    Sleep(Duration),
    /// Exécuter avec probabilité
    Probability { percent: u8, action: Box<FailpointAction> },
    /// Exécuter N fois puis désactiver
    CountedAction {
        remaining: u32,
        action: Box<FailpointAction>,
    },
    /// Séquence d'actions
    Sequence(Vec<FailpointAction>),
    /// Callback personnalisé
    Callback(Arc<dyn Fn() -> Result<(), String> + Send + Sync>),
}

/// Condition pour activer un failpoint
#[derive(Debug, Clone)]
pub enum FailpointCondition {
    /// `Always` : voir l’énoncé.
    Always,
    /// `OnThread` : voir l’énoncé.
    OnThread(String),
    /// `WithProbability` : voir l’énoncé.
    WithProbability(f64),
    /// `AfterCount` : voir l’énoncé.
    AfterCount(u32),
    /// `BeforeCount` : voir l’énoncé.
    BeforeCount(u32),
    /// `TimeWindow` : voir l’énoncé.
    TimeWindow { start: Instant, end: Instant },
}

/// Registre global des failpoints
pub struct FailpointRegistry {
    _prive: (),
}

impl FailpointRegistry {
    /// `new` : voir l’énoncé.
    pub fn new() -> Self {
        todo!()
    }

    /// Enregistre un failpoint
    pub async fn register(&self, failpoint: Failpoint) {
        todo!()
    }

    /// Active ou éteint un failpoint
    pub async fn set(&self, name: &str, action: FailpointAction) {
        todo!()
    }

    /// Désactive un failpoint
    pub async fn disable(&self, name: &str) {
        todo!()
    }

    /// Vérifie si un failpoint doit être déclenché
    pub async fn check(&self, name: &str) -> Result<(), FailpointError> {
        todo!()
    }

    /// Macro-friendly: retourne une erreur si failpoint actif
    pub async fn maybe_fail(&self, name: &str) -> Result<(), FailpointError> {
        todo!()
    }

    /// Compte les hits d'un failpoint
    pub async fn hit_count(&self, name: &str) -> u64 {
        todo!()
    }

    /// Reset tous les compteurs
    pub async fn reset_counts(&self) {
        todo!()
    }
}

/// Erreur de failpoint
#[derive(Debug, thiserror::Error)]
pub enum FailpointError {
    #[error("Failpoint triggered: {0}")]
    Triggered(String),
    #[error("Failpoint panic: {0}")]
    Panic(String),
}

/// Simulateur de réseau
pub struct NetworkSimulator {
    _prive: (),
}

/// `NetworkConfig` : voir l’énoncé.
#[derive(Debug, Clone)]
pub struct NetworkConfig {
    /// Latence de base
    pub base_latency: Duration,
    /// Jitter (variance de latence)
    pub jitter: Duration,
    /// Taux de perte de base
    pub base_drop_rate: f64,
    /// Bande passante simulée (bytes/sec)
    pub bandwidth: Option<u64>,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self {
            base_latency: Duration::from_millis(1),
            jitter: Duration::from_micros(100),
            base_drop_rate: 0.0,
            bandwidth: None,
        }
    }
}

/// Partition réseau
#[derive(Debug, Clone)]
pub struct NetworkPartition {
    /// Nœuds dans le groupe A
    pub group_a: HashSet<NodeId>,
    /// Nœuds dans le groupe B
    pub group_b: HashSet<NodeId>,
    /// Type de partition
    pub partition_type: PartitionType,
    /// Durée (None = permanente)
    pub duration: Option<Duration>,
    /// Timestamp de création
    pub created_at: Instant,
}

/// `NodeId` : voir l’énoncé.
pub type NodeId = String;

/// `PartitionType` : voir l’énoncé.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartitionType {
    /// Bidirectionnel: A et B ne peuvent pas communiquer
    Bidirectional,
    /// Asymétrique: A -> B bloqué, B -> A ok
    AsymmetricAtoB,
    /// Asymétrique: B -> A bloqué, A -> B ok
    AsymmetricBtoA,
}

/// Règle de latence
#[derive(Debug, Clone)]
pub struct LatencyRule {
    /// `from` : voir l’énoncé.
    pub from: Option<NodeId>,
    /// `to` : voir l’énoncé.
    pub to: Option<NodeId>,
    /// `latency` : voir l’énoncé.
    pub latency: LatencyConfig,
    /// `probability` : voir l’énoncé.
    pub probability: f64,
}

/// `LatencyConfig` : voir l’énoncé.
#[derive(Debug, Clone)]
pub enum LatencyConfig {
    /// `Fixed` : voir l’énoncé.
    Fixed(Duration),
    /// `Uniform` : voir l’énoncé.
    Uniform { min: Duration, max: Duration },
    /// `Normal` : voir l’énoncé.
    Normal { mean: Duration, std_dev: Duration },
    /// `Exponential` : voir l’énoncé.
    Exponential { mean: Duration },
}

/// Règle de drop
#[derive(Debug, Clone)]
pub struct DropRule {
    /// `from` : voir l’énoncé.
    pub from: Option<NodeId>,
    /// `to` : voir l’énoncé.
    pub to: Option<NodeId>,
    /// `drop_rate` : voir l’énoncé.
    pub drop_rate: f64,
    /// `corrupt_rate` : voir l’énoncé.
    pub corrupt_rate: f64,
}

impl NetworkSimulator {
    /// `new` : voir l’énoncé.
    pub fn new(config: NetworkConfig, seed: Option<u64>) -> Self {
        todo!()
    }

    /// Crée une partition réseau
    pub async fn partition(&self, partition: NetworkPartition) {
        todo!()
    }

    /// Guérit toutes les partitions
    pub async fn heal_all(&self) {
        todo!()
    }

    /// Guérit les partitions expirées
    pub async fn heal_expired(&self) {
        todo!()
    }

    /// Ajoute une règle de latence
    pub async fn add_latency(&self, rule: LatencyRule) {
        todo!()
    }

    /// Ajoute une règle de drop
    pub async fn add_drop_rule(&self, rule: DropRule) {
        todo!()
    }

    /// Simule l'envoi d'un message
    pub async fn send<M: Clone>(&self, from: &NodeId, to: &NodeId, message: M) -> Result<M, NetworkError> {
        todo!()
    }

    /// Vérifie si deux nœuds peuvent communiquer
    pub async fn can_communicate(&self, from: &NodeId, to: &NodeId) -> bool {
        todo!()
    }

    /// Retourne la latence simulée
    pub async fn get_latency(&self, from: &NodeId, to: &NodeId) -> Duration {
        todo!()
    }
}

/// `NetworkError` : voir l’énoncé.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    #[error("Network partition: {from} cannot reach {to}")]
    Partitioned { from: NodeId, to: NodeId },
    #[error("Packet dropped")]
    Dropped,
    #[error("Packet corrupted")]
    Corrupted,
    #[error("Timeout")]
    Timeout,
}

/// Simulateur de temps
pub struct ClockSimulator {
    _prive: (),
}

impl ClockSimulator {
    /// `new` : voir l’énoncé.
    pub fn new(time_scale: f64) -> Self {
        todo!()
    }

    /// Temps simulé actuel
    pub async fn now(&self) -> Duration {
        todo!()
    }

    /// Temps pour un nœud spécifique (avec skew)
    pub async fn now_for_node(&self, node: &NodeId) -> Duration {
        todo!()
    }

    /// Avance le temps
    pub async fn advance(&self, duration: Duration) {
        todo!()
    }

    /// Définit le skew d'un nœud
    pub async fn set_clock_skew(&self, node: &NodeId, skew_ms: i64) {
        todo!()
    }

    /// Sleep simulé
    pub async fn sleep(&self, duration: Duration) {
        todo!()
    }
}

/// Scénario de chaos
#[derive(Debug, Clone)]
pub struct ChaosScenario {
    /// `name` : voir l’énoncé.
    pub name: String,
    /// `steps` : voir l’énoncé.
    pub steps: Vec<ChaosStep>,
}

/// `ChaosStep` : voir l’énoncé.
#[derive(Debug, Clone)]
pub enum ChaosStep {
    /// Attendre un délai
    Wait(Duration),
    /// Injecter une faute
    InjectFault(FaultSpec),
    /// Retirer une faute
    RemoveFault(String),
    /// Vérifier un invariant
    CheckInvariant(String),
    /// Exécuter une action
    Action(String),
    /// Condition
    If {
        condition: String,
        then: Vec<ChaosStep>,
        else_: Vec<ChaosStep>,
    },
    /// Boucle
    Loop { count: u32, steps: Vec<ChaosStep> },
    /// Parallèle
    Parallel(Vec<ChaosStep>),
}

/// `FaultSpec` : voir l’énoncé.
#[derive(Debug, Clone)]
pub struct FaultSpec {
    /// `id` : voir l’énoncé.
    pub id: String,
    /// `fault_type` : voir l’énoncé.
    pub fault_type: FaultType,
    /// `target` : voir l’énoncé.
    pub target: FaultTarget,
    /// `duration` : voir l’énoncé.
    pub duration: Option<Duration>,
    /// `probability` : voir l’énoncé.
    pub probability: f64,
}

/// `FaultType` : voir l’énoncé.
#[derive(Debug, Clone)]
pub enum FaultType {
    /// `NetworkPartition` : voir l’énoncé.
    NetworkPartition(PartitionType),
    /// `NetworkLatency` : voir l’énoncé.
    NetworkLatency(LatencyConfig),
    /// `NetworkDrop` : voir l’énoncé.
    NetworkDrop(f64),
    /// `ProcessCrash` : voir l’énoncé.
    ProcessCrash,
    /// `ProcessPause` : voir l’énoncé.
    ProcessPause,
    /// `DiskFull` : voir l’énoncé.
    DiskFull,
    /// `DiskSlow` : voir l’énoncé.
    DiskSlow(Duration),
    /// `MemoryPressure` : voir l’énoncé.
    MemoryPressure(u64),
    /// `CpuThrottle` : voir l’énoncé.
    CpuThrottle(f64),
    /// `ClockSkew` : voir l’énoncé.
    ClockSkew(i64),
}

/// `FaultTarget` : voir l’énoncé.
#[derive(Debug, Clone)]
pub enum FaultTarget {
    /// `Node` : voir l’énoncé.
    Node(NodeId),
    /// `Nodes` : voir l’énoncé.
    Nodes(Vec<NodeId>),
    /// `Random` : voir l’énoncé.
    Random { count: usize },
    /// `All` : voir l’énoncé.
    All,
}

/// Exécuteur de scénarios
pub struct ChaosRunner {
    _prive: (),
}

impl ChaosRunner {
    /// `new` : voir l’énoncé.
    pub fn new(
        config: ChaosConfig,
        network: Arc<NetworkSimulator>,
        clock: Arc<ClockSimulator>,
        failpoints: Arc<FailpointRegistry>,
    ) -> Self {
        todo!()
    }

    /// Enregistre un invariant
    pub async fn register_invariant(&self, name: &str, invariant: impl Invariant + 'static) {
        todo!()
    }

    /// Exécute un scénario
    pub async fn run(&self, scenario: ChaosScenario) -> Result<ChaosReport, ChaosError> {
        todo!()
    }

    /// Vérifie tous les invariants
    pub async fn check_all_invariants(&self) -> Result<(), InvariantViolation> {
        todo!()
    }

    /// Retourne le log des events
    pub async fn event_log(&self) -> Vec<ChaosEvent> {
        todo!()
    }
}

/// Trait pour les invariants
pub trait Invariant: Send + Sync {
    /// `fn` : voir l’énoncé.
    fn check(&self) -> Result<(), InvariantViolation>;
    /// `fn` : voir l’énoncé.
    fn name(&self) -> &str;
}

/// `InvariantViolation` : voir l’énoncé.
#[derive(Debug)]
pub struct InvariantViolation {
    /// `invariant` : voir l’énoncé.
    pub invariant: String,
    /// `message` : voir l’énoncé.
    pub message: String,
    /// `context` : voir l’énoncé.
    pub context: HashMap<String, String>,
}

/// Event de chaos
#[derive(Debug, Clone)]
pub struct ChaosEvent {
    /// `timestamp` : voir l’énoncé.
    pub timestamp: Duration,
    /// `event_type` : voir l’énoncé.
    pub event_type: ChaosEventType,
    /// `details` : voir l’énoncé.
    pub details: String,
}

/// `ChaosEventType` : voir l’énoncé.
#[derive(Debug, Clone)]
pub enum ChaosEventType {
    /// `FaultInjected` : voir l’énoncé.
    FaultInjected,
    /// `FaultRemoved` : voir l’énoncé.
    FaultRemoved,
    /// `InvariantChecked` : voir l’énoncé.
    InvariantChecked,
    /// `InvariantViolated` : voir l’énoncé.
    InvariantViolated,
    /// `ScénarioStarted` : voir l’énoncé.
    ScenarioStarted,
    /// `ScénarioCompleted` : voir l’énoncé.
    ScenarioCompleted,
    /// `StepExecuted` : voir l’énoncé.
    StepExecuted,
}

/// Rapport de chaos
#[derive(Debug)]
pub struct ChaosReport {
    /// `scénario_name` : voir l’énoncé.
    pub scenario_name: String,
    /// `duration` : voir l’énoncé.
    pub duration: Duration,
    /// `seed` : voir l’énoncé.
    pub seed: u64,
    /// `events` : voir l’énoncé.
    pub events: Vec<ChaosEvent>,
    /// `invariant_violations` : voir l’énoncé.
    pub invariant_violations: Vec<InvariantViolation>,
    /// `success` : voir l’énoncé.
    pub success: bool,
}

/// `ChaosError` : voir l’énoncé.
#[derive(Debug, thiserror::Error)]
pub enum ChaosError {
    #[error("Scenario failed: {0}")]
    ScenarioFailed(String),
    #[error("Invariant violated: {0}")]
    InvariantViolated(String),
    #[error("Timeout during scenario")]
    Timeout,
    #[error("Internal error: {0}")]
    Internal(String),
}

/// Builder pour scénarios
pub struct ScenarioBuilder {
    _prive: (),
}

impl ScenarioBuilder {
    /// `new` : voir l’énoncé.
    pub fn new(name: impl Into<String>) -> Self {
        todo!()
    }

    /// `wait` : voir l’énoncé.
    pub fn wait(self, duration: Duration) -> Self {
        todo!()
    }
    /// `inject` : voir l’énoncé.
    pub fn inject(self, fault: FaultSpec) -> Self {
        todo!()
    }
    /// `remove_fault` : voir l’énoncé.
    pub fn remove_fault(self, id: impl Into<String>) -> Self {
        todo!()
    }
    /// `check_invariant` : voir l’énoncé.
    pub fn check_invariant(self, name: impl Into<String>) -> Self {
        todo!()
    }
    /// `action` : voir l’énoncé.
    pub fn action(self, name: impl Into<String>) -> Self {
        todo!()
    }
    /// `repeat` : voir l’énoncé.
    pub fn repeat(self, count: u32, steps: impl FnOnce(Self) -> Self) -> Self {
        todo!()
    }
    /// `parallel` : voir l’énoncé.
    pub fn parallel(self, branches: Vec<Vec<ChaosStep>>) -> Self {
        todo!()
    }
    /// `build` : voir l’énoncé.
    pub fn build(self) -> ChaosScenario {
        todo!()
    }
}

impl fmt::Debug for FailpointAction {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}
