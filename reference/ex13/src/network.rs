//! The network of one process: nodes call each other through a [`Router`], which can cut a node off.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use openraft::Raft;
use openraft::error::{InstallSnapshotError, NetworkError, RPCError, RaftError, RemoteError, Unreachable};
use openraft::network::{RPCOption, RaftNetwork, RaftNetworkFactory};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, InstallSnapshotResponse, VoteRequest,
    VoteResponse,
};

use crate::config::{NodeInfo, TypeConfig};

/// Connects the nodes of this process. A clone is the same network.
#[derive(Clone, Default)]
pub struct Router {
    links: Arc<RwLock<Links>>,
}

#[derive(Default)]
struct Links {
    nodes: HashMap<u64, Raft<TypeConfig>>,
    isolated: BTreeSet<u64>,
}

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
#[error("no way from node {from} to node {to}")]
struct NoWay {
    from: u64,
    to: u64,
}

type Failed<E = openraft::error::Infallible> = RPCError<u64, NodeInfo, RaftError<u64, E>>;

impl Router {
    /// A network without nodes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cuts a node off: nothing leaves it and nothing reaches it, though it goes on running.
    pub fn isolate(&self, id: u64) {
        self.write().isolated.insert(id);
    }

    /// Ends the isolation of a node.
    pub fn reconnect(&self, id: u64) {
        self.write().isolated.remove(&id);
    }

    /// The network as a node sees it.
    #[must_use]
    pub fn connect(&self, id: u64) -> NetworkImpl {
        NetworkImpl {
            router: self.clone(),
            id,
        }
    }

    /// Lets a node be called.
    pub(crate) fn register(&self, id: u64, raft: Raft<TypeConfig>) {
        self.write().nodes.insert(id, raft);
    }

    /// Forgets a node.
    pub(crate) fn deregister(&self, id: u64) {
        self.write().nodes.remove(&id);
    }

    /// The node to call, if there is a way to it.
    fn way(&self, from: u64, to: u64) -> Result<Raft<TypeConfig>, Unreachable> {
        let links = self.read();
        let cut = links.isolated.contains(&from) || links.isolated.contains(&to);
        let node = links.nodes.get(&to).filter(|_| !cut);
        node.cloned().ok_or_else(|| Unreachable::new(&NoWay { from, to }))
    }

    fn read(&self) -> RwLockReadGuard<'_, Links> {
        self.links.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Links> {
        self.links.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The network as one node sees it: makes the connections to its peers.
#[derive(Clone)]
pub struct NetworkImpl {
    router: Router,
    id: u64,
}

/// The way from one node to another.
#[derive(Clone)]
pub struct Connection {
    router: Router,
    from: u64,
    to: u64,
}

impl RaftNetworkFactory<TypeConfig> for NetworkImpl {
    type Network = Connection;

    async fn new_client(&mut self, target: u64, _node: &NodeInfo) -> Connection {
        Connection {
            router: self.router.clone(),
            from: self.id,
            to: target,
        }
    }
}

impl Connection {
    /// The node at the other end, now: it may have been started again since the last call.
    fn peer<E: std::error::Error>(&self) -> Result<Raft<TypeConfig>, Failed<E>> {
        self.router.way(self.from, self.to).map_err(RPCError::Unreachable)
    }

    /// The answer, if there still is a way back.
    fn answer<T, E: std::error::Error>(&self, answer: Result<T, RaftError<u64, E>>) -> Result<T, Failed<E>> {
        if let Err(lost) = self.router.way(self.from, self.to) {
            return Err(RPCError::Network(NetworkError::new(&lost)));
        }
        answer.map_err(|error| RPCError::RemoteError(RemoteError::new(self.to, error)))
    }
}

impl RaftNetwork<TypeConfig> for Connection {
    async fn append_entries(
        &mut self,
        rpc: AppendEntriesRequest<TypeConfig>,
        _option: RPCOption,
    ) -> Result<AppendEntriesResponse<u64>, Failed> {
        let answer = self.peer()?.append_entries(rpc).await;
        self.answer(answer)
    }

    async fn install_snapshot(
        &mut self,
        rpc: InstallSnapshotRequest<TypeConfig>,
        _option: RPCOption,
    ) -> Result<InstallSnapshotResponse<u64>, Failed<InstallSnapshotError>> {
        let answer = self.peer()?.install_snapshot(rpc).await;
        self.answer(answer)
    }

    async fn vote(&mut self, rpc: VoteRequest<u64>, _option: RPCOption) -> Result<VoteResponse<u64>, Failed> {
        let answer = self.peer()?.vote(rpc).await;
        self.answer(answer)
    }
}
