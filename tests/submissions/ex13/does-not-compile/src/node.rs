//! Le nœud.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use openraft::error::{CheckIsLeaderError, ClientWriteError, RaftError as Failure};
use openraft::{Config, Raft, ServerState};

use crate::machine::KvStateMachine;
use crate::network::Router;
use crate::storage::MemStorage;
use crate::types::{NodeInfo, Request, Response, TypeConfig, info};

/// Nœud Raft complet.
pub struct RaftNode {
    id: u64,
    raft: Raft<TypeConfig>,
    router: Router,
    view: KvStateMachine,
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

fn storage(error: impl Display) -> RaftError {
    RaftError::Storage(error.to_string())
}

fn of_write(error: Failure<u64, ClientWriteError<u64, NodeInfo>>) -> RaftError {
    match error.forward_to_leader() {
        Some(forward) => RaftError::NotLeader(forward.leader_id),
        None => storage(error),
    }
}

fn of_read(error: Failure<u64, CheckIsLeaderError<u64, NodeInfo>>) -> RaftError {
    match error.forward_to_leader() {
        Some(forward) => RaftError::NotLeader(forward.leader_id),
        None => RaftError::Network(error.to_string()),
    }
}

impl RaftNode {
    /// Un cluster d'un seul nœud.
    pub async fn new(id: u64, config: Config) -> Result<Self, RaftError> {
        let node = Self::start(id, config, &Router::new(), MemStorage::new()).await?;
        node.initialize(vec![id]).await?;
        let leading = node.raft.wait(Some(Duration::from_secs(10)));
        leading.state(ServerState::Leader, "a node alone leads").await.map_err(storage)?;
        Ok(node)
    }

    /// Un nœud relié à un réseau, avec ce que contient son stockage.
    pub async fn start(id: u64, config: Config, router: &Router, disk: MemStorage) -> Result<Self, RaftError> {
        let config = Arc::new(config.validate().map_err(storage)?);
        let machine = KvStateMachine::open(&disk).await.map_err(storage)?;
        let view = KvStateMachine::open(&disk).await.map_err(storage)?;
        let raft = Raft::new(id, config, router.connect(id), disk, machine).await.map_err(storage)?;
        router.open(id, raft.clone());
        Ok(Self {
            id,
            raft,
            router: router.clone(),
            view,
        })
    }

    /// Forme un cluster de ces nœuds.
    pub async fn initialize(&self, members: Vec<u64>) -> Result<(), RaftError> {
        let nodes: std::collections::BTreeMap<u64, NodeInfo> = members.into_iter().map(|id| (id, info(id))).collect();
        self.raft.initialize(nodes).await.map_err(storage)
    }

    /// Fait exécuter une requête par le cluster.
    pub async fn client_write(&self, req: Request) -> Result<Response, RaftError> {
        let written = self.raft.client_write(req).await.map_err(of_write)?;
        Ok(written)
    }

    /// Lecture linéarisable.
    pub async fn client_read(&self, key: &str) -> Result<Option<Vec<u8>>, RaftError> {
        let (wanted, _) = self.raft.get_read_log_id().await.map_err(of_read)?;
        if let Some(wanted) = wanted {
            let applied = self.raft.wait(None).applied_index_at_least(Some(wanted.index), "a read").await;
            applied.map_err(storage)?;
        }
        Ok(self.view.get(key).await)
    }

    /// Fait de ces nœuds les votants.
    pub async fn change_membership(&self, members: Vec<u64>) -> Result<(), RaftError> {
        let members: BTreeSet<u64> = members.into_iter().collect();
        for id in &members {
            self.raft.add_learner(*id, info(*id), true).await.map_err(of_write)?;
        }
        self.raft.change_membership(members, false).await.map_err(of_write)?;
        Ok(())
    }

    /// L'état présent du nœud.
    pub fn metrics(&self) -> RaftMetrics {
        let metrics = self.raft.metrics().borrow().clone();
        RaftMetrics {
            id: self.id,
            state: match metrics.state {
                ServerState::Leader => RaftState::Leader,
                ServerState::Candidate => RaftState::Candidate,
                _ => RaftState::Follower,
            },
            current_term: metrics.current_term,
            current_leader: metrics.current_leader,
            last_log_index: metrics.last_log_index.unwrap_or_default(),
            last_applied: metrics.last_applied.map(|id| id.index).unwrap_or_default(),
            membership: metrics.membership_config.membership().voter_ids().collect(),
        }
    }

    /// Le nœud est-il leader, pour autant qu'il sache ?
    pub fn is_leader(&self) -> bool {
        self.metrics().state == RaftState::Leader
    }

    /// Le leader, pour autant que le nœud sache.
    pub fn current_leader(&self) -> Option<u64> {
        self.metrics().current_leader
    }

    /// Arrête le nœud.
    pub async fn shutdown(&self) -> Result<(), RaftError> {
        self.router.close(self.id);
        self.raft.shutdown().await.map_err(storage)
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
