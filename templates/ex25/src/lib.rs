//! EX25 : transactions réparties, en deux phases, en trois phases, et par sagas.
//!
//! Remplacez chaque `todo!()` et choisissez la structure interne des types. Les noms et les types de cette interface ne
//! changent pas ; les exigences R1 à R17 sont dans l'énoncé. Vous pouvez répartir le code dans plusieurs modules, à
//! condition de tout réexporter ici.

mod participant;

use std::fmt;
use std::time::Duration;

pub use participant::{ParticipantHandle, ParticipantRequest, ParticipantState, ParticipantVote, Transaction};

/// Ce qu'un coordinateur commence ou décide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TwoPCPhase {
    /// Première phase : les votes.
    Prepare,
    /// Seconde phase, si tous ont voté pour.
    Commit,
    /// Seconde phase, sinon.
    Abort,
}

/// Pourquoi une transaction en deux phases est annulée.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TwoPCError {
    /// Un participant a voté contre.
    Aborted,
    /// Un vote n'est pas venu à temps.
    Timeout,
    /// Un participant est en panne.
    ParticipantFailed,
}

/// Une ligne du journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRecord {
    /// La transaction.
    pub txn: String,
    /// Ce qui a été commencé ou décidé.
    pub phase: TwoPCPhase,
}

/// Le journal du coordinateur. Ses clones sont le même journal.
#[derive(Debug, Clone, Default)]
pub struct TransactionLog {}

impl TransactionLog {
    /// Un journal vide.
    #[must_use]
    pub fn new() -> Self {
        todo!()
    }

    /// Écrit une ligne.
    pub fn log_phase(&mut self, txn: &str, phase: TwoPCPhase) {
        let _ = (txn, phase);
        todo!()
    }

    /// Toutes les lignes, de la plus ancienne à la plus récente.
    #[must_use]
    pub fn records(&self) -> Vec<LogRecord> {
        todo!()
    }
}

/// Amène des participants à une seule décision.
#[derive(Debug)]
pub struct TwoPhaseCoordinator {}

impl TwoPhaseCoordinator {
    /// Un coordinateur et son journal. Une phase dure au plus `timeout`.
    #[must_use]
    pub fn new(participants: Vec<ParticipantHandle>, timeout: Duration) -> Self {
        let _ = (participants, timeout);
        todo!()
    }

    /// Un coordinateur qui continue un journal.
    #[must_use]
    pub fn with_log(participants: Vec<ParticipantHandle>, timeout: Duration, log: TransactionLog) -> Self {
        let _ = (participants, timeout, log);
        todo!()
    }

    /// Mène une transaction jusqu'à sa décision.
    ///
    /// # Errors
    /// Pourquoi elle est annulée.
    pub async fn execute<T: Transaction>(&mut self, txn: T) -> Result<(), TwoPCError> {
        let _ = txn.id();
        todo!()
    }

    /// Achève ce que dit le journal ; les transactions et leurs décisions, dans l'ordre des débuts.
    pub async fn recover(&mut self) -> Vec<(String, TwoPCPhase)> {
        todo!()
    }

    /// Ce que des survivants décident entre eux ; `None` s'ils doivent attendre.
    #[must_use]
    pub fn terminate(states: &[ParticipantState]) -> Option<TwoPCPhase> {
        let _ = states;
        todo!()
    }
}

/// Les phases de la validation en trois phases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThreePCPhase {
    /// Première phase : chacun peut-il valider ?
    CanCommit,
    /// Deuxième phase : tous le peuvent, et l'apprennent.
    PreCommit,
    /// Troisième phase : valider.
    DoCommit,
    /// Quelqu'un ne le peut pas, ou ne l'a pas dit.
    Abort,
}

/// Pourquoi une transaction en trois phases est annulée.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThreePCError {
    /// Un participant a voté contre.
    Aborted,
    /// Un vote n'est pas venu à temps.
    Timeout,
    /// Un participant est en panne.
    ParticipantFailed,
}

/// Amène des participants à une décision qui n'a plus besoin de lui.
#[derive(Debug)]
pub struct ThreePhaseCoordinator {}

impl ThreePhaseCoordinator {
    /// Un coordinateur. Une phase dure au plus `timeout`.
    #[must_use]
    pub fn new(participants: Vec<ParticipantHandle>, timeout: Duration) -> Self {
        let _ = (participants, timeout);
        todo!()
    }

    /// Mène une transaction jusqu'à sa décision.
    ///
    /// # Errors
    /// Pourquoi elle est annulée.
    pub async fn execute<T: Transaction>(&mut self, txn: T) -> Result<(), ThreePCError> {
        let _ = txn.id();
        todo!()
    }

    /// Ce que des survivants décident entre eux, sans jamais attendre.
    #[must_use]
    pub fn terminate(states: &[ParticipantState]) -> ThreePCPhase {
        let _ = states;
        todo!()
    }

    /// Ce que la validation en trois phases ne peut pas faire.
    #[must_use]
    pub fn known_limitations() -> Vec<&'static str> {
        todo!()
    }
}

/// Qui fait avancer une saga.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SagaType {
    /// Personne : chaque service réagit aux événements des autres.
    Choreography,
    /// Un coordinateur.
    Orchestration,
}

/// Pourquoi une saga n'est pas arrivée au bout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SagaError {
    /// Une action ou une compensation a échoué : ce qu'elle en dit.
    StepFailed(String),
    /// Une action a échoué, et des compensations aussi.
    CompensationFailed {
        /// L'erreur de l'action.
        cause: Box<SagaError>,
        /// Les étapes qui n'ont pas été défaites, dans l'ordre des essais.
        steps: Vec<String>,
    },
}

impl fmt::Display for SagaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for SagaError {}

/// Défait une étape achevée.
pub type CompensationHandler = Box<dyn Fn() -> Result<(), SagaError> + Send + Sync>;

/// Une étape d'une saga.
pub struct SagaStep {
    /// Son nom.
    pub name: String,
    /// La fait.
    pub action: Box<dyn Fn() -> Result<(), SagaError> + Send + Sync>,
    /// La défait.
    pub compensation: CompensationHandler,
}

/// Exécute les étapes d'une saga, et les défait si l'une échoue.
#[derive(Default)]
pub struct SagaOrchestrator {}

impl SagaOrchestrator {
    /// Une saga nommée `saga`, sans étape.
    #[must_use]
    pub fn new() -> Self {
        todo!()
    }

    /// Une saga qui a son nom.
    #[must_use]
    pub fn with_id(saga_id: &str) -> Self {
        let _ = saga_id;
        todo!()
    }

    /// Ajoute une étape à la fin.
    pub fn add_step<F, C>(&mut self, name: &str, action: F, compensation: C)
    where
        F: Fn() -> Result<(), SagaError> + Send + Sync + 'static,
        C: Fn() -> Result<(), SagaError> + Send + Sync + 'static,
    {
        let _ = (name, action, compensation);
        todo!()
    }

    /// Exécute les étapes ; si l'une échoue, compense les précédentes.
    ///
    /// # Errors
    /// Celle de l'action qui a échoué, seule ou dans un `CompensationFailed`.
    pub async fn execute(&mut self) -> Result<(), SagaError> {
        todo!()
    }

    /// Ce qui s'est passé, dans l'ordre.
    #[must_use]
    pub fn events(&self) -> &SagaEventStore {
        todo!()
    }
}

/// Ce qui se passe dans une saga.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SagaEvent {
    /// Une action va s'exécuter.
    StepStarted {
        /// La saga.
        saga_id: String,
        /// L'étape.
        step: String,
    },
    /// Elle a réussi.
    StepCompleted {
        /// La saga.
        saga_id: String,
        /// L'étape.
        step: String,
    },
    /// Elle a échoué.
    StepFailed {
        /// La saga.
        saga_id: String,
        /// L'étape.
        step: String,
        /// Pourquoi.
        error: String,
    },
    /// Une compensation va s'exécuter.
    CompensationStarted {
        /// La saga.
        saga_id: String,
        /// L'étape.
        step: String,
    },
    /// Elle a réussi.
    CompensationCompleted {
        /// La saga.
        saga_id: String,
        /// L'étape.
        step: String,
    },
}

/// Les événements de n'importe quel nombre de sagas.
#[derive(Debug, Clone, Default)]
pub struct SagaEventStore {}

impl SagaEventStore {
    /// Vide.
    #[must_use]
    pub fn new() -> Self {
        todo!()
    }

    /// Ajoute un événement.
    pub fn append(&mut self, event: SagaEvent) {
        let _ = event;
        todo!()
    }

    /// Tous les événements, du plus ancien au plus récent.
    #[must_use]
    pub fn events(&self) -> &[SagaEvent] {
        todo!()
    }

    /// Où en est une saga après tout ce qui s'est passé.
    #[must_use]
    pub fn rebuild_state(&self, saga_id: &str) -> SagaState {
        let _ = saga_id;
        todo!()
    }
}

/// Où en est une saga.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SagaState {
    /// La saga.
    pub saga_id: String,
    /// L'étape commencée et pas encore finie.
    pub running: Option<String>,
    /// Les étapes achevées et pas défaites.
    pub completed: Vec<String>,
    /// L'étape qui a échoué.
    pub failed: Option<String>,
    /// La dernière compensation commencée, si elle n'est pas achevée.
    pub compensating: Option<String>,
    /// Les étapes défaites, dans cet ordre.
    pub compensated: Vec<String>,
}

impl SagaState {
    /// Rien ne s'est passé.
    #[must_use]
    pub fn new(saga_id: &str) -> Self {
        let _ = saga_id;
        todo!()
    }

    /// Quelque chose s'est passé.
    pub fn apply(&mut self, event: &SagaEvent) {
        let _ = event;
        todo!()
    }
}
