//! One node: openraft over this crate's storage, state machine and network.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use openraft::{Config, Raft};

use crate::config::{NodeInfo, Request, Response, TypeConfig};
use crate::error::RaftError;
use crate::metrics::{RaftMetrics, RaftState};
use crate::network::Router;
use crate::state_machine::KvStateMachine;
use crate::storage::MemStorage;

/// A running node.
pub struct RaftNode {
    id: u64,
    raft: Raft<TypeConfig>,
    router: Router,
    state_machine: KvStateMachine,
}

fn nodes(members: &[u64]) -> BTreeMap<u64, NodeInfo> {
    members.iter().map(|id| (*id, NodeInfo::of(*id))).collect()
}

impl RaftNode {
    /// A cluster of one node, on a network of its own.
    pub async fn new(id: u64, config: Config) -> Result<Self, RaftError> {
        let node = Self::start(id, config, &Router::new(), MemStorage::new()).await?;
        node.initialize(vec![id]).await?;
        Ok(node)
    }

    /// Starts a node on a network, with what its storage holds. On empty storage it belongs to no cluster yet: it waits
    /// to be initialized, or to be made a member by a cluster.
    pub async fn start(id: u64, config: Config, router: &Router, storage: MemStorage) -> Result<Self, RaftError> {
        let config = config
            .validate()
            .map_err(|error| RaftError::Storage(error.to_string()))?;
        let state_machine = KvStateMachine::open(&storage).await?;
        let network = router.connect(id);
        let raft = Raft::new(id, Arc::new(config), network, storage, state_machine.clone()).await?;
        router.register(id, raft.clone());
        Ok(Self {
            id,
            raft,
            router: router.clone(),
            state_machine,
        })
    }

    /// Makes a cluster of these nodes, none of which belongs to one. One of them does it, once.
    pub async fn initialize(&self, members: Vec<u64>) -> Result<(), RaftError> {
        Ok(self.raft.initialize(nodes(&members)).await?)
    }

    /// Has the cluster carry out a request. Returns once a majority holds it and this node has applied it.
    pub async fn client_write(&self, req: Request) -> Result<Response, RaftError> {
        Ok(self.raft.client_write(req).await?.data)
    }

    /// The value of a key, at some moment between call and return.
    pub async fn client_read(&self, key: &str) -> Result<Option<Vec<u8>>, RaftError> {
        // A leader that was replaced does not know it. This asks a majority, then waits until all that was committed by
        // then is applied here (Ongaro's thesis, section 6.4).
        self.raft.ensure_linearizable().await?;
        Ok(self.state_machine.get(key).await)
    }

    /// Makes exactly these nodes the voters.
    pub async fn change_membership(&self, members: Vec<u64>) -> Result<(), RaftError> {
        // A new voter with an empty log would count for the majority without holding anything: it catches up first.
        let known: BTreeSet<u64> = self.metrics().membership.into_iter().collect();
        for (id, node) in nodes(&members) {
            if !known.contains(&id) {
                self.raft.add_learner(id, node, true).await?;
            }
        }
        let voters: BTreeSet<u64> = members.into_iter().collect();
        self.raft.change_membership(voters, false).await?;
        Ok(())
    }

    /// What this node says of itself.
    #[must_use]
    pub fn metrics(&self) -> RaftMetrics {
        RaftMetrics::from(&*self.raft.metrics().borrow())
    }

    /// Whether this node leads, as far as it knows.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.metrics().state == RaftState::Leader
    }

    /// The leader, as far as this node knows.
    #[must_use]
    pub fn current_leader(&self) -> Option<u64> {
        self.metrics().current_leader
    }

    /// Stops the node. Its storage can be given to another start.
    pub async fn shutdown(&self) -> Result<(), RaftError> {
        self.router.deregister(self.id);
        self.raft
            .shutdown()
            .await
            .map_err(|error| RaftError::Storage(error.to_string()))
    }
}
