//! The public checks: what the statement says, in examples that a student can read and run.
//!
//! Time is paused in them: it leaps to the next timer whenever nothing else can happen. A sleep costs nothing, and an
//! election that takes 300 ms of this time takes it on every machine.

use ex13::{
    Entry, EntryPayload, KvStateMachine, LogId, MemStorage, NodeInfo, RaftError, RaftNode, RaftState, Request,
    Response, Router, TypeConfig,
};
use openraft::network::{RPCOption, RaftNetwork, RaftNetworkFactory};
use openraft::raft::VoteRequest;
use openraft::storage::{RaftLogStorage, RaftSnapshotBuilder, RaftStateMachine};
use openraft::{CommittedLeaderId, Config, Vote};
use std::time::Duration;
use tokio::time::{sleep, timeout};

fn set(key: &str, value: &[u8]) -> Request {
    Request::Set {
        key: key.to_owned(),
        value: value.to_vec(),
    }
}

/// Entries of the course's type, from an index on.
fn entries(first: u64, count: u64) -> Vec<Entry<TypeConfig>> {
    let entry = |index| Entry {
        log_id: LogId { term: 1, index },
        payload: EntryPayload::Normal(set("k", &[index as u8])),
    };
    (first..first + count).map(entry).collect()
}

/// A log id of the library's type.
fn log_id(index: u64) -> openraft::LogId<u64> {
    openraft::LogId::new(CommittedLeaderId::new(1, 0), index)
}

/// An entry of the library's type.
fn committed(index: u64, request: Request) -> openraft::Entry<TypeConfig> {
    openraft::Entry {
        log_id: log_id(index),
        payload: openraft::EntryPayload::Normal(request),
    }
}

/// Three nodes in a cluster, and their storages.
async fn three(router: &Router) -> (Vec<RaftNode>, Vec<MemStorage>) {
    let storages = vec![MemStorage::new(), MemStorage::new(), MemStorage::new()];
    let mut nodes = Vec::new();
    for (id, storage) in (1..).zip(&storages) {
        nodes.push(start(id, router, storage).await);
    }
    nodes[0].initialize(vec![1, 2, 3]).await.expect("initialize fails");
    sleep(Duration::from_secs(5)).await;
    (nodes, storages)
}

async fn start(id: u64, router: &Router, storage: &MemStorage) -> RaftNode {
    let started = RaftNode::start(id, Config::default(), router, storage.clone()).await;
    started.expect("start fails")
}

/// The position of the leader among nodes of which some may be away.
fn leader_of(nodes: &[RaftNode], away: Option<usize>) -> usize {
    let leads = |(at, node): (usize, &RaftNode)| (Some(at) != away && node.is_leader()).then_some(at);
    nodes.iter().enumerate().find_map(leads).expect("there is no leader")
}

/// R1: a node on its own becomes leader.
#[tokio::test(start_paused = true)]
async fn test_single_node_becomes_leader() {
    let node = RaftNode::new(0, Config::default()).await.expect("new fails");
    sleep(Duration::from_millis(500)).await;
    assert!(node.is_leader());
    assert_eq!(node.current_leader(), Some(0));
}

/// R2: the leader acknowledges a write.
#[tokio::test(start_paused = true)]
async fn test_client_write() {
    let node = RaftNode::new(0, Config::default()).await.expect("new fails");
    sleep(Duration::from_millis(500)).await;
    let response = node.client_write(set("k1", b"v1")).await.expect("client_write fails");
    assert!(matches!(response, Response::Ok));
    let removed = node.client_write(Request::Delete { key: "k1".to_owned() }).await;
    let removed = removed.expect("client_write fails");
    assert!(matches!(removed, Response::Value(Some(value)) if value == b"v1"));
}

/// R3: a read shows what was written.
#[tokio::test(start_paused = true)]
async fn test_client_read() {
    let node = RaftNode::new(0, Config::default()).await.expect("new fails");
    sleep(Duration::from_millis(500)).await;
    node.client_write(set("key", b"value"))
        .await
        .expect("client_write fails");
    let value = node.client_read("key").await.expect("client_read fails");
    assert_eq!(value, Some(b"value".to_vec()));
    assert_eq!(node.client_read("other").await.expect("client_read fails"), None);
}

/// R12: a node tells its id, and its term once it leads.
#[tokio::test(start_paused = true)]
async fn test_metrics() {
    let node = RaftNode::new(42, Config::default()).await.expect("new fails");
    assert_eq!(node.metrics().id, 42);
    sleep(Duration::from_millis(500)).await;
    let metrics = node.metrics();
    assert_eq!((metrics.id, metrics.state), (42, RaftState::Leader));
    assert!(metrics.current_term >= 1);
    assert_eq!(metrics.membership, [42]);
}

/// R12: there are three roles.
#[test]
fn test_raft_states() {
    let states = [RaftState::Follower, RaftState::Candidate, RaftState::Leader];
    assert_eq!(states.len(), 3);
    assert!(states[0] != states[1] && states[1] != states[2]);
}

/// R4: what is appended is the end of the log.
#[tokio::test(start_paused = true)]
async fn test_storage_append() {
    let mut storage = MemStorage::new();
    let entry = Entry {
        log_id: LogId { term: 1, index: 1 },
        payload: EntryPayload::Normal(Request::Set {
            key: "k".into(),
            value: vec![1],
        }),
    };
    storage.append_to_log(vec![entry]).await.expect("append_to_log fails");
    let state = storage.get_log_state().await.expect("get_log_state fails");
    assert_eq!(state.last_log_id.expect("the log is empty").index, 1);
    assert!(state.last_purged_log_id.is_none());
}

/// R4, R5: entries that conflict are deleted, the others are read; the vote is kept.
#[tokio::test(start_paused = true)]
async fn test_storage_truncates_and_reads() {
    let mut storage = MemStorage::new();
    storage.append_to_log(entries(1, 5)).await.expect("append_to_log fails");
    let deleted = storage.delete_conflict_logs(LogId { term: 1, index: 4 }).await;
    deleted.expect("delete_conflict_logs fails");
    let read = storage
        .try_get_log_entries(2..9)
        .await
        .expect("try_get_log_entries fails");
    let indices: Vec<u64> = read.iter().map(|entry| entry.log_id.index).collect();
    assert_eq!(indices, [2, 3]);
    assert!(!format!("{:?}", read[0].clone()).is_empty());
    let vote = Vote::new(3, 7);
    RaftLogStorage::save_vote(&mut storage, &vote)
        .await
        .expect("save_vote fails");
    let kept = RaftLogStorage::read_vote(&mut storage).await.expect("read_vote fails");
    assert_eq!(kept, Some(vote));
}

/// R4: a log that was purged whole still knows where it goes on.
#[tokio::test(start_paused = true)]
async fn test_storage_purges() {
    let mut storage = MemStorage::new();
    storage.append_to_log(entries(1, 4)).await.expect("append_to_log fails");
    RaftLogStorage::purge(&mut storage, log_id(4))
        .await
        .expect("purge fails");
    let state = storage.get_log_state().await.expect("get_log_state fails");
    assert_eq!(state.last_purged_log_id.map(|id| id.index), Some(4));
    assert_eq!(state.last_log_id.map(|id| id.index), Some(4));
    let read = storage
        .try_get_log_entries(0..9)
        .await
        .expect("try_get_log_entries fails");
    assert!(read.is_empty());
}

/// R6: entries take effect in order, each with its response.
#[tokio::test(start_paused = true)]
async fn test_state_machine_applies() {
    let mut machine = KvStateMachine::open(&MemStorage::new()).await.expect("open fails");
    let removal = Request::Delete { key: "a".to_owned() };
    let batch = vec![
        committed(1, set("a", b"1")),
        committed(2, set("b", b"2")),
        committed(3, removal),
    ];
    let responses = machine.apply(batch).await.expect("apply fails");
    assert_eq!(responses.len(), 3);
    assert!(matches!(&responses[2], Response::Value(Some(value)) if value == b"1"));
    assert_eq!(machine.get("a").await, None);
    assert_eq!(machine.get("b").await, Some(b"2".to_vec()));
    let (last, _) = machine.applied_state().await.expect("applied_state fails");
    assert_eq!(last, Some(log_id(3)));
}

/// R7, R8: a snapshot holds the map, and a machine is opened with it.
#[tokio::test(start_paused = true)]
async fn test_snapshot_round_trip() {
    let (here, there) = (MemStorage::new(), MemStorage::new());
    let mut source = KvStateMachine::open(&here).await.expect("open fails");
    let applied = source
        .apply(vec![committed(1, set("a", b"1")), committed(2, set("b", b"2"))])
        .await;
    applied.expect("apply fails");
    let mut builder = source.get_snapshot_builder().await;
    let snapshot = builder.build_snapshot().await.expect("build_snapshot fails");
    let mut target = KvStateMachine::open(&there).await.expect("open fails");
    target
        .apply(vec![committed(1, set("c", b"3"))])
        .await
        .expect("apply fails");
    let installed = target.install_snapshot(&snapshot.meta, snapshot.snapshot).await;
    installed.expect("install_snapshot fails");
    assert_eq!(target.get("a").await, Some(b"1".to_vec()));
    assert_eq!(target.get("c").await, None);
    for storage in [&here, &there] {
        let again = KvStateMachine::open(storage).await.expect("open fails");
        assert_eq!(again.get("b").await, Some(b"2".to_vec()));
    }
}

/// R9: a call reaches a node, unless it is isolated.
#[tokio::test(start_paused = true)]
async fn test_router_isolates() {
    let router = Router::new();
    let _node = start(2, &router, &MemStorage::new()).await;
    let info = NodeInfo {
        id: 2,
        addr: "node 2".to_owned(),
    };
    let mut connection = router.connect(1).new_client(2, &info).await;
    let request = |term| VoteRequest::new(Vote::new(term, 1), None);
    let option = || RPCOption::new(Duration::from_secs(1));
    let answer = connection.vote(request(1), option()).await;
    assert!(answer.is_ok_and(|answer| answer.vote_granted));
    router.isolate(2);
    let lost = timeout(Duration::from_secs(2), connection.vote(request(2), option())).await;
    assert!(!matches!(lost, Ok(Ok(_))));
    router.reconnect(2);
    let answer = connection.vote(request(3), option()).await;
    assert!(answer.is_ok_and(|answer| answer.vote_granted));
}

/// R1, R2, R3, R12: three nodes choose a leader, and all apply what it writes.
#[tokio::test(start_paused = true)]
async fn test_three_nodes_replicate() {
    let (nodes, _) = three(&Router::new()).await;
    let leader = leader_of(&nodes, None);
    for n in 0..5 {
        nodes[leader]
            .client_write(set("k", &[n]))
            .await
            .expect("client_write fails");
    }
    assert_eq!(
        nodes[leader].client_read("k").await.expect("client_read fails"),
        Some(vec![4])
    );
    sleep(Duration::from_secs(2)).await;
    let end = nodes[leader].metrics().last_log_index;
    assert!(end >= 5);
    for node in &nodes {
        let metrics = node.metrics();
        assert_eq!((metrics.last_log_index, metrics.last_applied), (end, end));
        assert_eq!(metrics.current_leader, Some(leader as u64 + 1));
    }
}

/// R2, R3, R10: who does not lead says who does.
#[tokio::test(start_paused = true)]
async fn test_follower_names_the_leader() {
    let (nodes, _) = three(&Router::new()).await;
    let leader = leader_of(&nodes, None);
    let follower = &nodes[(leader + 1) % 3];
    let named = leader as u64 + 1;
    let written = follower.client_write(set("k", b"v")).await;
    assert!(matches!(written, Err(RaftError::NotLeader(Some(id))) if id == named));
    let read = follower.client_read("k").await;
    assert!(matches!(read, Err(RaftError::NotLeader(Some(id))) if id == named));
    let changed = follower.change_membership(vec![1, 2, 3]).await;
    assert!(matches!(changed, Err(RaftError::NotLeader(Some(id))) if id == named));
}

/// R3, R11: the others go on without a leader that was cut off, and it answers no read.
#[tokio::test(start_paused = true)]
async fn test_failover_keeps_writes() {
    let router = Router::new();
    let (nodes, _) = three(&router).await;
    let old = leader_of(&nodes, None);
    nodes[old]
        .client_write(set("k", b"before"))
        .await
        .expect("client_write fails");
    router.isolate(old as u64 + 1);
    sleep(Duration::from_secs(5)).await;
    let new = leader_of(&nodes, Some(old));
    assert_eq!(
        nodes[new].client_read("k").await.expect("client_read fails"),
        Some(b"before".to_vec())
    );
    nodes[new]
        .client_write(set("k", b"after"))
        .await
        .expect("client_write fails");
    let stale = timeout(Duration::from_secs(5), nodes[old].client_read("k")).await;
    assert!(!matches!(stale, Ok(Ok(_))));
    router.reconnect(old as u64 + 1);
    sleep(Duration::from_secs(5)).await;
    let leader = leader_of(&nodes, None);
    assert_eq!(
        nodes[leader].client_read("k").await.expect("client_read fails"),
        Some(b"after".to_vec())
    );
}

/// R10: nodes join with all that was written, and others leave.
#[tokio::test(start_paused = true)]
async fn test_membership_grows_and_shrinks() {
    let router = Router::new();
    let first = start(1, &router, &MemStorage::new()).await;
    first.initialize(vec![1]).await.expect("initialize fails");
    sleep(Duration::from_secs(1)).await;
    first.client_write(set("k", b"v")).await.expect("client_write fails");
    let second = start(2, &router, &MemStorage::new()).await;
    first
        .change_membership(vec![1, 2])
        .await
        .expect("change_membership fails");
    assert_eq!(first.metrics().membership, [1, 2]);
    first.change_membership(vec![2]).await.expect("change_membership fails");
    sleep(Duration::from_secs(5)).await;
    assert!(second.is_leader());
    assert_eq!(second.metrics().membership, [2]);
    assert_eq!(
        second.client_read("k").await.expect("client_read fails"),
        Some(b"v".to_vec())
    );
    assert!(second.change_membership(Vec::new()).await.is_err());
}

/// R8, R13: nodes that were all stopped go on from their storages.
#[tokio::test(start_paused = true)]
async fn test_restart_from_storage() {
    let router = Router::new();
    let (nodes, storages) = three(&router).await;
    let leader = leader_of(&nodes, None);
    nodes[leader]
        .client_write(set("k", b"v"))
        .await
        .expect("client_write fails");
    for node in &nodes {
        node.shutdown().await.expect("shutdown fails");
    }
    assert!(nodes[leader].client_read("k").await.is_err());
    let mut again = Vec::new();
    for (id, storage) in (1..).zip(&storages) {
        again.push(start(id, &router, storage).await);
    }
    sleep(Duration::from_secs(5)).await;
    let leader = leader_of(&again, None);
    assert_eq!(
        again[leader].client_read("k").await.expect("client_read fails"),
        Some(b"v".to_vec())
    );
    assert_eq!(again[leader].metrics().membership, [1, 2, 3]);
}
