//! Calls between nodes that belong to no cluster, so that nothing moves but what a script says.
//!
//! Whatever the network makes to reach a peer, the reference's `Connection` or another type, is only used by its trait.

use super::{PATIENCE, World};
use ex13::{MemStorage, NodeInfo, RaftNode, Router};
use ex13_protocol::Called;
use openraft::network::{RPCOption, RaftNetwork, RaftNetworkFactory};
use openraft::raft::VoteRequest;
use openraft::{Config, Vote};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::timeout;

/// Nodes 1 to 3, started when the first of them is needed.
#[derive(Default)]
pub(super) struct Peers {
    router: Router,
    nodes: BTreeMap<u64, RaftNode>,
}

impl Peers {
    async fn begin(&mut self) {
        if self.nodes.is_empty() {
            for id in 1..=3 {
                let node = RaftNode::start(id, Config::default(), &self.router, MemStorage::new()).await;
                self.nodes.insert(id, node.expect("`start` fails"));
            }
        }
    }
}

pub(super) fn call(world: &mut World, from: u8, to: u8, term: u64) -> Called {
    world.runtime.block_on(async {
        world.peers.begin().await;
        let mut network = world.peers.router.connect(from.into());
        let info = NodeInfo {
            id: to.into(),
            addr: format!("node {to}"),
        };
        let mut connection = network.new_client(to.into(), &info).await;
        let request = VoteRequest {
            vote: Vote::new(term, from.into()),
            last_log_id: None,
        };
        let calling = connection.vote(request, RPCOption::new(Duration::from_secs(1)));
        match timeout(PATIENCE, calling).await {
            Ok(Ok(answer)) if answer.vote_granted => Called::Granted,
            Ok(Ok(_)) => Called::Refused,
            _ => Called::Lost,
        }
    })
}

pub(super) fn cut(world: &mut World, n: u8) {
    world.peers.router.isolate(n.into());
}

pub(super) fn mend(world: &mut World, n: u8) {
    world.peers.router.reconnect(n.into());
}

pub(super) fn halt(world: &mut World, n: u8) {
    world.runtime.block_on(async {
        world.peers.begin().await;
        if let Some(node) = world.peers.nodes.get(&n.into()) {
            let _ = node.shutdown().await;
        }
    });
}
