//! EX13 : un nœud Raft sur openraft.
//!
//! Remplacez chaque `todo!()` et choisissez la structure interne des types opaques. Les noms et les types de cette
//! interface ne changent pas ; les exigences R1 à R13 sont dans l'énoncé. Vous pouvez répartir le code dans plusieurs
//! modules, à condition de tout réexporter ici.

use std::fmt::Debug;
use std::io::Cursor;
use std::ops::RangeBounds;

use openraft::error::{InstallSnapshotError, RPCError};
use openraft::network::{RPCOption, RaftNetwork, RaftNetworkFactory};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, InstallSnapshotResponse, VoteRequest,
    VoteResponse,
};
use openraft::storage::{LogFlushed, RaftLogStorage, RaftStateMachine};
use openraft::{
    Config, OptionalSend, RaftLogReader, RaftSnapshotBuilder, RaftTypeConfig, Snapshot, SnapshotMeta, StoredMembership,
    Vote,
};
use serde::{Deserialize, Serialize};

openraft::declare_raft_types!(
    /// Les types sur lesquels openraft est générique.
    pub TypeConfig:
        D = Request,
        R = Response,
        NodeId = u64,
        Node = NodeInfo,
        Entry = openraft::Entry<TypeConfig>,
        SnapshotData = Cursor<Vec<u8>>,
        AsyncRuntime = openraft::TokioRuntime,
);

/// Requête d'un client.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Request {
    /// Donne une valeur à une clé.
    Set {
        /// La clé.
        key: String,
        /// La valeur.
        value: Vec<u8>,
    },
    /// Supprime une clé.
    Delete {
        /// La clé.
        key: String,
    },
}

/// Réponse de la machine à états.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Response {
    /// C'est fait.
    Ok,
    /// La valeur que `Delete` a supprimée.
    Value(Option<Vec<u8>>),
    /// Ce n'est pas possible.
    Error(String),
}

/// Ce que le cluster sait d'un nœud.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeInfo {
    /// Son identité.
    pub id: u64,
    /// Son adresse.
    pub addr: String,
}

/// Place d'une entrée dans le journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogId {
    /// Le terme.
    pub term: u64,
    /// L'indice.
    pub index: u64,
}

/// Entrée du journal, telle que le cours l'écrit.
pub struct Entry<C: RaftTypeConfig> {
    /// Sa place.
    pub log_id: LogId,
    /// Son contenu.
    pub payload: EntryPayload<C>,
}

/// Contenu d'une entrée.
pub enum EntryPayload<C: RaftTypeConfig> {
    /// Rien.
    Blank,
    /// Une requête.
    Normal(C::D),
    /// Les votants.
    Membership(Vec<u64>),
}

/// Les deux bouts du journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogState {
    /// La dernière entrée purgée.
    pub last_purged_log_id: Option<LogId>,
    /// La dernière entrée (R4).
    pub last_log_id: Option<LogId>,
}

/// Erreur de stockage.
pub type StorageError = openraft::StorageError<u64>;

/// Stockage stable d'un nœud : vote, journal, dernier instantané. Un clone est une autre poignée sur le même stockage.
#[derive(Clone, Default)]
pub struct MemStorage {
    // À vous de choisir.
}

impl MemStorage {
    /// Un stockage vide.
    pub fn new() -> Self {
        todo!()
    }

    /// Ajoute des entrées qui prolongent le journal.
    pub async fn append_to_log(&mut self, entries: Vec<Entry<TypeConfig>>) -> Result<(), StorageError> {
        todo!()
    }

    /// Supprime l'entrée de cet indice et les suivantes.
    pub async fn delete_conflict_logs(&mut self, since: LogId) -> Result<(), StorageError> {
        todo!()
    }

    /// Les deux bouts du journal.
    pub async fn get_log_state(&mut self) -> Result<LogState, StorageError> {
        todo!()
    }

    /// Les entrées d'une plage d'indices.
    pub async fn try_get_log_entries<RB: RangeBounds<u64> + Clone + Send + Sync>(
        &mut self,
        range: RB,
    ) -> Result<Vec<Entry<TypeConfig>>, StorageError> {
        todo!()
    }
}

impl RaftLogReader<TypeConfig> for MemStorage {
    async fn try_get_log_entries<RB: RangeBounds<u64> + Clone + Debug + OptionalSend>(
        &mut self,
        range: RB,
    ) -> Result<Vec<openraft::Entry<TypeConfig>>, StorageError> {
        todo!()
    }
}

impl RaftLogStorage<TypeConfig> for MemStorage {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Result<openraft::LogState<TypeConfig>, StorageError> {
        todo!()
    }

    async fn get_log_reader(&mut self) -> Self {
        todo!()
    }

    async fn save_vote(&mut self, vote: &Vote<u64>) -> Result<(), StorageError> {
        todo!()
    }

    async fn read_vote(&mut self) -> Result<Option<Vote<u64>>, StorageError> {
        todo!()
    }

    async fn append<I>(&mut self, entries: I, callback: LogFlushed<TypeConfig>) -> Result<(), StorageError>
    where
        I: IntoIterator<Item = openraft::Entry<TypeConfig>> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        todo!()
    }

    async fn truncate(&mut self, log_id: openraft::LogId<u64>) -> Result<(), StorageError> {
        todo!()
    }

    async fn purge(&mut self, log_id: openraft::LogId<u64>) -> Result<(), StorageError> {
        todo!()
    }
}

/// Machine à états clé-valeur.
#[derive(Clone)]
pub struct KvStateMachine {
    // À vous de choisir.
}

impl KvStateMachine {
    /// La machine, à partir du dernier instantané du stockage (R8).
    pub async fn open(storage: &MemStorage) -> Result<Self, StorageError> {
        todo!()
    }

    /// La valeur d'une clé, d'après ce qui est appliqué ici.
    pub async fn get(&self, key: &str) -> Option<Vec<u8>> {
        todo!()
    }
}

impl RaftSnapshotBuilder<TypeConfig> for KvStateMachine {
    async fn build_snapshot(&mut self) -> Result<Snapshot<TypeConfig>, StorageError> {
        todo!()
    }
}

impl RaftStateMachine<TypeConfig> for KvStateMachine {
    type SnapshotBuilder = Self;

    async fn applied_state(
        &mut self,
    ) -> Result<(Option<openraft::LogId<u64>>, StoredMembership<u64, NodeInfo>), StorageError> {
        todo!()
    }

    async fn apply<I>(&mut self, entries: I) -> Result<Vec<Response>, StorageError>
    where
        I: IntoIterator<Item = openraft::Entry<TypeConfig>> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        todo!()
    }

    async fn get_snapshot_builder(&mut self) -> Self {
        todo!()
    }

    async fn begin_receiving_snapshot(&mut self) -> Result<Box<Cursor<Vec<u8>>>, StorageError> {
        todo!()
    }

    async fn install_snapshot(
        &mut self,
        meta: &SnapshotMeta<u64, NodeInfo>,
        snapshot: Box<Cursor<Vec<u8>>>,
    ) -> Result<(), StorageError> {
        todo!()
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot<TypeConfig>>, StorageError> {
        todo!()
    }
}

/// Réseau d'un processus. Un clone est une autre poignée sur le même réseau.
#[derive(Clone, Default)]
pub struct Router {
    // À vous de choisir.
}

impl Router {
    /// Un réseau sans nœuds.
    pub fn new() -> Self {
        todo!()
    }

    /// Coupe un nœud des autres.
    pub fn isolate(&self, id: u64) {
        todo!()
    }

    /// Met fin à l'isolement.
    pub fn reconnect(&self, id: u64) {
        todo!()
    }

    /// Le réseau vu d'un nœud.
    pub fn connect(&self, id: u64) -> NetworkImpl {
        todo!()
    }
}

/// Le réseau vu d'un nœud : crée les connexions vers ses pairs.
pub struct NetworkImpl {
    // À vous de choisir.
}

/// Connexion vers un pair.
pub struct Connection {
    // À vous de choisir.
}

/// Ce qu'un appel peut rendre comme erreur.
type CallError<E = openraft::error::Infallible> = RPCError<u64, NodeInfo, openraft::error::RaftError<u64, E>>;

impl RaftNetworkFactory<TypeConfig> for NetworkImpl {
    type Network = Connection;

    async fn new_client(&mut self, target: u64, node: &NodeInfo) -> Connection {
        todo!()
    }
}

impl RaftNetwork<TypeConfig> for Connection {
    async fn append_entries(
        &mut self,
        rpc: AppendEntriesRequest<TypeConfig>,
        option: RPCOption,
    ) -> Result<AppendEntriesResponse<u64>, CallError> {
        todo!()
    }

    async fn install_snapshot(
        &mut self,
        rpc: InstallSnapshotRequest<TypeConfig>,
        option: RPCOption,
    ) -> Result<InstallSnapshotResponse<u64>, CallError<InstallSnapshotError>> {
        todo!()
    }

    async fn vote(&mut self, rpc: VoteRequest<u64>, option: RPCOption) -> Result<VoteResponse<u64>, CallError> {
        todo!()
    }
}

/// Nœud Raft complet.
pub struct RaftNode {
    // À vous de choisir.
}

impl RaftNode {
    /// Un cluster d'un seul nœud, sur un réseau à lui (R1).
    pub async fn new(id: u64, config: Config) -> Result<Self, RaftError> {
        todo!()
    }

    /// Un nœud relié à un réseau, avec ce que contient son stockage (R1, R8).
    pub async fn start(id: u64, config: Config, router: &Router, storage: MemStorage) -> Result<Self, RaftError> {
        todo!()
    }

    /// Forme un cluster de ces nœuds (R1).
    pub async fn initialize(&self, members: Vec<u64>) -> Result<(), RaftError> {
        todo!()
    }

    /// Fait exécuter une requête par le cluster (R2).
    pub async fn client_write(&self, req: Request) -> Result<Response, RaftError> {
        todo!()
    }

    /// Lecture linéarisable (R3).
    pub async fn client_read(&self, key: &str) -> Result<Option<Vec<u8>>, RaftError> {
        todo!()
    }

    /// Fait de ces nœuds les votants (R10).
    pub async fn change_membership(&self, members: Vec<u64>) -> Result<(), RaftError> {
        todo!()
    }

    /// L'état présent du nœud (R12).
    pub fn metrics(&self) -> RaftMetrics {
        todo!()
    }

    /// Le nœud est-il leader, pour autant qu'il sache ?
    pub fn is_leader(&self) -> bool {
        todo!()
    }

    /// Le leader, pour autant que le nœud sache.
    pub fn current_leader(&self) -> Option<u64> {
        todo!()
    }

    /// Arrête le nœud (R13).
    pub async fn shutdown(&self) -> Result<(), RaftError> {
        todo!()
    }
}

/// Métriques d'un nœud.
#[derive(Debug, Clone)]
pub struct RaftMetrics {
    /// Son identité.
    pub id: u64,
    /// Son rôle.
    pub state: RaftState,
    /// Son terme.
    pub current_term: u64,
    /// Le leader qu'il connaît.
    pub current_leader: Option<u64>,
    /// L'indice de sa dernière entrée, ou 0.
    pub last_log_index: u64,
    /// L'indice de la dernière entrée appliquée, ou 0.
    pub last_applied: u64,
    /// Les votants.
    pub membership: Vec<u64>,
}

/// Rôles de Raft.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RaftState {
    /// Il suit.
    Follower,
    /// Il demande des votes.
    Candidate,
    /// Il mène.
    Leader,
}

/// Erreurs d'un nœud.
#[derive(Debug, thiserror::Error)]
pub enum RaftError {
    /// Un autre nœud mène, ou aucun que celui-ci connaisse.
    #[error("Not leader, leader is {0:?}")]
    NotLeader(Option<u64>),
    /// Le stockage, ou le nœud lui-même.
    #[error("Storage error: {0}")]
    Storage(String),
    /// Les autres nœuds.
    #[error("Network error: {0}")]
    Network(String),
}
