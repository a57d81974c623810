//! Pas encore de réseau : personne n'est joignable.

use openraft::error::{InstallSnapshotError, RPCError, RaftError, Unreachable};
use openraft::network::{RPCOption, RaftNetwork, RaftNetworkFactory};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, InstallSnapshotResponse, VoteRequest,
    VoteResponse,
};

use crate::types::{NodeInfo, TypeConfig};

type Call<T, E = openraft::error::Infallible> = Result<T, RPCError<u64, NodeInfo, RaftError<u64, E>>>;

/// Un réseau où personne ne répond.
pub struct NetworkImpl;

impl RaftNetworkFactory<TypeConfig> for NetworkImpl {
    type Network = NetworkImpl;

    async fn new_client(&mut self, _target: u64, _node: &NodeInfo) -> NetworkImpl {
        NetworkImpl
    }
}

fn nobody() -> Unreachable {
    Unreachable::new(&std::fmt::Error)
}

impl RaftNetwork<TypeConfig> for NetworkImpl {
    async fn append_entries(
        &mut self,
        _rpc: AppendEntriesRequest<TypeConfig>,
        _option: RPCOption,
    ) -> Call<AppendEntriesResponse<u64>> {
        Err(RPCError::Unreachable(nobody()))
    }

    async fn install_snapshot(
        &mut self,
        _rpc: InstallSnapshotRequest<TypeConfig>,
        _option: RPCOption,
    ) -> Call<InstallSnapshotResponse<u64>, InstallSnapshotError> {
        Err(RPCError::Unreachable(nobody()))
    }

    async fn vote(&mut self, _rpc: VoteRequest<u64>, _option: RPCOption) -> Call<VoteResponse<u64>> {
        Err(RPCError::Unreachable(nobody()))
    }
}
