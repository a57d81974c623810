//! Le réseau : une boîte aux lettres par nœud. Ce qui ne passe pas se perd, et celui qui appelle n'en sait rien.

use std::collections::{HashMap, HashSet};
use std::future::{Future, pending};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use openraft::Raft;
use openraft::error::{InstallSnapshotError, RPCError, RaftError, RemoteError};
use openraft::network::{RPCOption, RaftNetwork, RaftNetworkFactory};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, InstallSnapshotResponse, VoteRequest,
    VoteResponse,
};
use tokio::sync::{mpsc, oneshot};

use crate::types::{NodeInfo, TypeConfig};

type Answer<T, E = openraft::error::Infallible> = Result<T, RaftError<u64, E>>;
type Call<T, E = openraft::error::Infallible> = Result<T, RPCError<u64, NodeInfo, RaftError<u64, E>>>;

/// Un appel, et où en mettre la réponse.
pub(crate) enum Letter {
    Append(AppendEntriesRequest<TypeConfig>, oneshot::Sender<Answer<AppendEntriesResponse<u64>>>),
    Vote(VoteRequest<u64>, oneshot::Sender<Answer<VoteResponse<u64>>>),
    Install(
        InstallSnapshotRequest<TypeConfig>,
        oneshot::Sender<Answer<InstallSnapshotResponse<u64>, InstallSnapshotError>>,
    ),
}

#[derive(Default)]
struct Post {
    boxes: HashMap<u64, mpsc::UnboundedSender<Letter>>,
    cut: HashSet<u64>,
}

/// Le réseau d'un processus.
#[derive(Clone, Default)]
pub struct Router {
    post: Arc<Mutex<Post>>,
}

impl Router {
    /// Un réseau sans nœuds.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, Post> {
        self.post.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Coupe un nœud des autres.
    pub fn isolate(&self, id: u64) {
        self.lock().cut.insert(id);
    }

    /// Met fin à l'isolement.
    pub fn reconnect(&self, id: u64) {
        self.lock().cut.remove(&id);
    }

    /// Le réseau vu d'un nœud.
    pub fn connect(&self, id: u64) -> NetworkImpl {
        NetworkImpl {
            router: self.clone(),
            from: id,
        }
    }

    fn is_cut(&self, from: u64, to: u64) -> bool {
        let post = self.lock();
        post.cut.contains(&from) || post.cut.contains(&to)
    }

    /// Fait répondre un nœud aux appels, jusqu'à `close`.
    pub(crate) fn open(&self, id: u64, raft: Raft<TypeConfig>) {
        let (sender, mut letters) = mpsc::unbounded_channel();
        self.lock().boxes.insert(id, sender);
        tokio::spawn(async move {
            while let Some(letter) = letters.recv().await {
                tokio::spawn(answer(raft.clone(), letter));
            }
        });
    }

    pub(crate) fn close(&self, id: u64) {
        self.lock().boxes.remove(&id);
    }
}

async fn answer(raft: Raft<TypeConfig>, letter: Letter) {
    match letter {
        Letter::Append(request, back) => drop(back.send(raft.append_entries(request).await)),
        Letter::Vote(request, back) => drop(back.send(raft.vote(request).await)),
        Letter::Install(request, back) => drop(back.send(raft.install_snapshot(request).await)),
    }
}

/// Le réseau vu d'un nœud.
pub struct NetworkImpl {
    router: Router,
    from: u64,
}

/// La ligne vers un pair.
pub struct Line {
    router: Router,
    from: u64,
    to: u64,
}

impl RaftNetworkFactory<TypeConfig> for NetworkImpl {
    type Network = Line;

    async fn new_client(&mut self, target: u64, _node: &NodeInfo) -> Line {
        Line {
            router: self.router.clone(),
            from: self.from,
            to: target,
        }
    }
}

impl Line {
    fn send<T: Send + 'static, E: std::error::Error + Send + 'static>(
        &self,
        letter: impl FnOnce(oneshot::Sender<Answer<T, E>>) -> Letter,
    ) -> impl Future<Output = Call<T, E>> + Send + 'static {
        let (router, from, to) = (self.router.clone(), self.from, self.to);
        let (back, reply) = oneshot::channel();
        if !router.is_cut(from, to)
            && let Some(inbox) = router.lock().boxes.get(&to)
        {
            let _ = inbox.send(letter(back));
        }
        async move {
            match reply.await {
                Ok(answer) if !router.is_cut(from, to) => {
                    answer.map_err(|error| RPCError::RemoteError(RemoteError::new(to, error)))
                }
                _ => pending().await,
            }
        }
    }
}

impl RaftNetwork<TypeConfig> for Line {
    async fn append_entries(
        &mut self,
        rpc: AppendEntriesRequest<TypeConfig>,
        _option: RPCOption,
    ) -> Call<AppendEntriesResponse<u64>> {
        self.send(|back| Letter::Append(rpc, back)).await
    }

    async fn install_snapshot(
        &mut self,
        rpc: InstallSnapshotRequest<TypeConfig>,
        _option: RPCOption,
    ) -> Call<InstallSnapshotResponse<u64>, InstallSnapshotError> {
        self.send(|back| Letter::Install(rpc, back)).await
    }

    async fn vote(&mut self, rpc: VoteRequest<u64>, _option: RPCOption) -> Call<VoteResponse<u64>> {
        self.send(|back| Letter::Vote(rpc, back)).await
    }
}
