//! Nodes on their own: one that is a cluster, one that belongs to none, one that has stopped.

use super::cluster::{STEP, said, set_request};
use super::{PATIENCE, World, answered, outcome};
use ex13::{MemStorage, RaftNode, Router};
use ex13_protocol::{Look, Nonsense, Reply};
use openraft::Config;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// A cluster of one, once it leads or nobody expects it any more.
async fn new(id: u64) -> RaftNode {
    let node = RaftNode::new(id, Config::default()).await.expect("`new` fails");
    let given_up = Instant::now() + PATIENCE;
    while !node.is_leader() && Instant::now() < given_up {
        sleep(STEP).await;
    }
    node
}

pub(super) fn lone(world: &mut World, id: u64) -> Look {
    world.runtime.block_on(async {
        let node = new(id).await;
        sleep(STEP).await;
        said(&node)
    })
}

pub(super) fn lone_write(world: &mut World, key: &str, value: Vec<u8>) -> Vec<Reply> {
    world.runtime.block_on(async {
        let (node, other) = (new(1).await, new(1).await);
        let written = outcome(node.client_write(set_request(key, value)), Some(1), answered).await;
        let read = outcome(node.client_read(key), Some(1), Reply::Value).await;
        let elsewhere = outcome(other.client_read(key), Some(1), Reply::Value).await;
        vec![written, read, elsewhere]
    })
}

pub(super) fn unborn(world: &mut World, id: u64) -> (Look, Reply) {
    world.runtime.block_on(async {
        let started = RaftNode::start(id, Config::default(), &Router::new(), MemStorage::new()).await;
        let node = started.expect("`start` fails");
        sleep(Duration::from_secs(3)).await;
        let write = node.client_write(set_request("key", vec![1]));
        let reply = outcome(write, None, answered).await;
        (said(&node), reply)
    })
}

pub(super) fn misconfigure(world: &mut World, how: Nonsense) -> bool {
    let mut config = Config::default();
    match how {
        Nonsense::Election => config.election_timeout_min = config.election_timeout_max + 1,
        Nonsense::Heartbeat => config.heartbeat_interval = config.election_timeout_max + 1,
        Nonsense::Payload => config.max_payload_entries = 0,
    }
    world.runtime.block_on(async { RaftNode::new(1, config).await.is_ok() })
}

pub(super) fn ask_stopped(world: &mut World) -> Vec<Reply> {
    world.runtime.block_on(async {
        let node = new(1).await;
        let _ = node.shutdown().await;
        let written = outcome(node.client_write(set_request("key", vec![1])), None, answered).await;
        let read = outcome(node.client_read("key"), None, Reply::Value).await;
        vec![written, read]
    })
}
