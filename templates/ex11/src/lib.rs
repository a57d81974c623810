//! EX11 CapAnalyzer : simulateur de systèmes répartis sous partition.

#![allow(non_camel_case_types, unused_variables, reason = "le squelette")]

use std::collections::HashMap;

/// Les propriétés du théorème CAP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CapProperty {
    /// Cohérence.
    Consistency,
    /// Disponibilité.
    Availability,
    /// Tolérance au partitionnement.
    PartitionTolerance,
}

/// Les deux propriétés qu'un système garde.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CapClassification {
    /// Cohérent sous partition.
    CP,
    /// Disponible sous partition.
    AP,
    /// Sans partition seulement.
    CA,
}

impl CapClassification {
    /// Les deux propriétés du nom (ajout).
    pub fn properties(self) -> [CapProperty; 2] {
        todo!()
    }
}

/// Extension PACELC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PacelcBehavior {
    /// Cohérence dans les deux cas.
    PC_EC,
    /// Disponibilité, sinon latence.
    PA_EL,
    /// Cohérence, sinon latence.
    PC_EL,
    /// Disponibilité, sinon cohérence.
    PA_EC,
}

/// Niveaux de cohérence, du plus faible au plus fort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConsistencyLevel {
    /// À terme.
    Eventual,
    /// Par session.
    Session,
    /// Causale.
    Causal,
    /// Séquentielle.
    Sequential,
    /// Linéarisable.
    Linearizable,
}

/// Quorums.
#[derive(Debug, Clone)]
pub struct QuorumConfig {
    /// Nombre de nœuds.
    pub n: u32,
    /// Quorum d'écriture.
    pub w: u32,
    /// Quorum de lecture.
    pub r: u32,
}

impl QuorumConfig {
    /// Vrai quand les quorums se recoupent.
    pub fn is_strongly_consistent(&self) -> bool {
        todo!()
    }

    /// Des quorums qui se recoupent.
    pub fn strong(n: u32) -> Self {
        todo!()
    }

    /// Un nœud suffit.
    pub fn available(n: u32) -> Self {
        todo!()
    }
}

/// Les refus.
#[derive(Debug, thiserror::Error)]
pub enum CapError {
    /// Trop peu de nœuds joignables.
    #[error("Quorum not met: needed {needed}, got {got}")]
    QuorumNotMet {
        /// Nœuds nécessaires.
        needed: u32,
        /// Nœuds joignables.
        got: u32,
    },
    /// La partition interdit l'opération.
    #[error("Partition detected")]
    PartitionUnavailable,
}

/// Une écriture acquittée.
#[derive(Debug, Clone)]
pub struct WriteResult {
    /// Version.
    pub version: u64,
    /// Nœuds qui l'ont reçue.
    pub acks: u32,
}

/// Une lecture.
#[derive(Debug, Clone)]
pub struct ReadResult {
    /// Valeur, si elle existe.
    pub value: Option<Vec<u8>>,
    /// Version.
    pub version: u64,
}

/// Comparaison des nœuds.
#[derive(Debug, Clone)]
pub struct ConsistencyCheck {
    /// Vrai si tous ont la même version.
    pub consistent: bool,
    /// Version de chaque nœud, 0 s'il n'en a pas.
    pub versions: HashMap<String, u64>,
}

/// Le simulateur.
pub struct CapSimulator {}

impl CapSimulator {
    /// Crée un état neuf.
    pub fn new(num_nodes: u32, classification: CapClassification) -> Self {
        todo!()
    }

    /// Remplace les quorums.
    pub fn with_quorum(self, config: QuorumConfig) -> Self {
        todo!()
    }

    /// Sépare ces nœuds des autres.
    pub async fn create_partition(&mut self, nodes: Vec<String>) {
        todo!()
    }

    /// Déplace le client (ajout).
    pub fn connect(&mut self, node: &str) {
        todo!()
    }

    /// Termine la partition.
    pub async fn heal_partition(&mut self) {
        todo!()
    }

    /// Écrit.
    pub async fn write(&mut self, key: &str, value: Vec<u8>) -> Result<WriteResult, CapError> {
        todo!()
    }

    /// Lit.
    pub async fn read(&mut self, key: &str, level: ConsistencyLevel) -> Result<ReadResult, CapError> {
        todo!()
    }

    /// Compare tous les nœuds.
    pub async fn check_consistency(&self, key: &str) -> ConsistencyCheck {
        todo!()
    }
}

/// Les garanties d'une session.
#[derive(Debug)]
pub struct SessionGuarantees {
    /// Lire ses écritures.
    pub read_your_writes: bool,
    /// Lectures monotones.
    pub monotonic_reads: bool,
    /// Écritures monotones.
    pub monotonic_writes: bool,
}

/// Une session.
pub struct ClientSession {}

impl ClientSession {
    /// Crée un état neuf.
    pub fn new(guarantees: SessionGuarantees) -> Self {
        todo!()
    }

    /// Écrit.
    pub async fn write(&mut self, sim: &mut CapSimulator, key: &str, value: Vec<u8>) -> Result<WriteResult, CapError> {
        todo!()
    }

    /// Lit.
    pub async fn read(&mut self, sim: &mut CapSimulator, key: &str, level: ConsistencyLevel) -> Result<ReadResult, CapError> {
        todo!()
    }
}
