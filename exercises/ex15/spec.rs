//! The public checks: what the statement says, in examples that a student can read and run.

use ex15::{
    ClusterConfig, ClusterError, ClusterManager, ElectionMessage, HealthChecker, HealthProbes, LeaderElection,
    LeaderElectionAlgorithm, NodeId, NodeInfo, NodeState, PhiAccrualDetector, ShardId, ShardManager, ShardMove,
};
use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt::Debug;
use std::hash::Hash;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

/// A moment so many seconds after another.
fn after(start: Instant, seconds: u64) -> Instant {
    start + Duration::from_secs(seconds)
}

/// The types have the traits that the statement lists.
fn has_traits() {
    fn is_id<T: Debug + Clone + Copy + Eq + Hash>() {}
    fn is_plain<T: Debug + Clone>() {}
    fn is_shared<T: Send + Sync>() {}
    fn is_error<T: std::error::Error>() {}
    fn is_ordered<T: Ord>() {}
    is_id::<NodeId>();
    is_ordered::<NodeId>();
    is_id::<ShardId>();
    is_plain::<NodeInfo>();
    is_plain::<ElectionMessage>();
    is_plain::<LeaderElectionAlgorithm>();
    is_plain::<HealthProbes>();
    is_plain::<ClusterConfig>();
    is_shared::<ClusterManager>();
    is_error::<ClusterError>();
}

/// R1: ten quick heartbeats do not make a tenth of a second suspicious.
#[test]
fn test_phi_accrual_detector() {
    let mut detector = PhiAccrualDetector::new(8.0, 100);
    for _ in 0..10 {
        detector.heartbeat();
    }
    let now = Instant::now();
    let last = now - Duration::from_millis(100);
    assert!(detector.phi(now, last) < 8.0);
    assert!(detector.phi(after(now, 1000), now) > 20.0);
}

/// R1: suspicion grows with silence, and reaches the threshold.
#[test]
fn test_phi_grows_with_silence() {
    let mut detector = PhiAccrualDetector::new(8.0, 10);
    let start = Instant::now();
    for second in 0..=20 {
        detector.heartbeat_at(after(start, second));
    }
    let last = after(start, 20);
    let phi = |silence| detector.phi(after(last, silence), last);
    assert!(phi(0) < 1.0 && phi(1) < 1.0, "one second is the rhythm");
    assert!(
        phi(1) < phi(3) && phi(3) < phi(100),
        "a longer silence is more suspicious"
    );
    assert!(!detector.is_suspected(after(last, 1), last));
    assert!(detector.is_suspected(after(last, 100), last));
}

/// R2: a slow node is allowed a longer silence, and old intervals are forgotten.
#[test]
fn test_phi_follows_the_rhythm() {
    let start = Instant::now();
    let mut slow = PhiAccrualDetector::new(8.0, 10);
    for beat in 0..=20 {
        slow.heartbeat_at(after(start, 10 * beat));
    }
    let last = after(start, 200);
    assert!(slow.phi(after(last, 10), last) < 1.0);
    for second in 1..=15 {
        slow.heartbeat_at(after(last, second));
    }
    let last = after(last, 15);
    assert!(
        slow.phi(after(last, 10), last) > 2.0,
        "it has been quick for 15 intervals"
    );
}

/// R3: a node that started an election follows the higher node that answers and wins.
#[test]
fn test_bully_election() {
    let mut election = LeaderElection::new(NodeId(5), LeaderElectionAlgorithm::Bully);
    let messages = election.start_election();
    assert!(!messages.is_empty());
    election.handle_message(NodeId(7), ElectionMessage::Ok { from: NodeId(7) });
    assert!(!election.is_leader());
    election.handle_message(NodeId(7), ElectionMessage::Coordinator { leader: NodeId(7) });
    assert_eq!(election.leader(), Some(NodeId(7)));
    assert!(!election.is_leader());
}

/// R3: only the higher peers are asked; if time is over and none has answered, the node leads and tells all.
#[test]
fn test_bully_asks_the_higher() {
    let mut election = LeaderElection::new(NodeId(5), LeaderElectionAlgorithm::Bully);
    election.set_peers(&[NodeId(9), NodeId(1), NodeId(7)]);
    let asked: HashSet<NodeId> = election.start_election().into_iter().map(|(to, _)| to).collect();
    assert_eq!(asked, HashSet::from([NodeId(7), NodeId(9)]));
    assert_eq!(election.leader(), None);
    let told: HashSet<NodeId> = election.on_timeout().into_iter().map(|(to, _)| to).collect();
    assert_eq!(told, HashSet::from([NodeId(1), NodeId(7), NodeId(9)]));
    assert!(election.is_leader());
}

/// Nodes 1 to 5, of which the first starts an election, once all messages have been carried.
fn elected(algorithm: LeaderElectionAlgorithm) -> Vec<Option<NodeId>> {
    let ids: Vec<NodeId> = (1..=5).map(NodeId).collect();
    let mut nodes: HashMap<NodeId, LeaderElection> = HashMap::new();
    for id in &ids {
        let peers: Vec<NodeId> = ids.iter().copied().filter(|peer| peer != id).collect();
        let mut node = LeaderElection::new(*id, algorithm);
        node.set_peers(&peers);
        nodes.insert(*id, node);
    }
    let send =
        |from: NodeId, post: Vec<(NodeId, ElectionMessage)>| post.into_iter().map(move |(to, msg)| (from, to, msg));
    let started = nodes.get_mut(&NodeId(1)).map(LeaderElection::start_election);
    let mut mail: VecDeque<_> = send(NodeId(1), started.unwrap_or_default()).collect();
    for _ in 0..1000 {
        let Some((from, to, msg)) = mail.pop_front() else { break };
        let answer = nodes.get_mut(&to).and_then(|node| node.handle_message(from, msg));
        mail.extend(send(to, answer.unwrap_or_default()));
    }
    assert!(mail.is_empty(), "the election never ends");
    ids.iter().map(|id| nodes[id].leader()).collect()
}

/// R4: all bullies follow the highest.
#[test]
fn test_bully_cluster() {
    assert_eq!(elected(LeaderElectionAlgorithm::Bully), [Some(NodeId(5)); 5]);
}

/// R5: all nodes of a ring follow the highest.
#[test]
fn test_ring_cluster() {
    assert_eq!(elected(LeaderElectionAlgorithm::Ring), [Some(NodeId(5)); 5]);
}

/// R6: the only candidate gets all voices.
#[test]
fn test_raft_based_cluster() {
    assert_eq!(elected(LeaderElectionAlgorithm::RaftBased), [Some(NodeId(1)); 5]);
}

/// The number of shards that each node holds.
fn loads(manager: &ShardManager, shards: u32) -> HashMap<NodeId, usize> {
    let mut loads = HashMap::new();
    for shard in 0..shards {
        let owner = manager.get_owner(ShardId(shard)).expect("each shard has an owner");
        *loads.entry(owner).or_default() += 1;
    }
    loads
}

/// R7: each shard has an owner, and each node its part.
#[test]
fn test_shard_assignment() {
    let mut manager = ShardManager::new(16);
    let nodes = vec![NodeId(1), NodeId(2), NodeId(3), NodeId(4)];
    manager.set_coordinator(NodeId(4));
    manager.assign(&nodes);
    for i in 0..16 {
        assert!(manager.get_owner(ShardId(i)).is_some());
    }
    assert_eq!(manager.get_owner(ShardId(16)), None);
    assert_eq!(loads(&manager, 16), nodes.into_iter().map(|node| (node, 4)).collect());
}

/// R8: a third node gets two of eight shards, and no other shard moves.
#[test]
fn test_shard_rebalance() {
    let manager = ShardManager::new(8);
    manager.assign(&[NodeId(1), NodeId(2)]);
    let before: Vec<Option<NodeId>> = (0..8).map(|shard| manager.get_owner(ShardId(shard))).collect();
    let moves: Vec<ShardMove> = manager.rebalance(&[NodeId(1), NodeId(2), NodeId(3)]);
    assert!(!moves.is_empty());
    assert_eq!(moves.len(), 2);
    for ShardMove { shard, from, to } in &moves {
        assert_eq!(before[shard.0 as usize], Some(*from));
        assert_eq!(manager.get_owner(*shard), Some(*to));
        assert_eq!(*to, NodeId(3));
    }
    assert!(manager.rebalance(&[NodeId(3), NodeId(2), NodeId(1)]).is_empty());
}

/// R9: the settings have the defaults that the statement lists.
#[test]
fn test_cluster_config_default() {
    let config = ClusterConfig::default();
    assert_eq!(config.heartbeat_interval, Duration::from_secs(1));
    assert_eq!(config.phi_threshold, 8.0);
    assert_eq!(config.num_shards, 64);
    assert!(matches!(config.election_algorithm, LeaderElectionAlgorithm::Bully));
    has_traits();
}

/// R9: there are six states.
#[test]
fn test_node_states() {
    let states = [
        NodeState::Joining,
        NodeState::Healthy,
        NodeState::Suspected,
        NodeState::Unreachable,
        NodeState::Leaving,
        NodeState::Left,
    ];
    for (at, state) in states.iter().enumerate() {
        assert_eq!(states.iter().position(|other| other == state), Some(at));
    }
    assert_eq!(states.len(), 6);
}

/// R9: an error says what is wrong.
#[test]
fn test_cluster_errors() {
    let errors = [
        ClusterError::JoinFailed("seed".to_owned()),
        ClusterError::NodeNotFound(NodeId(7)),
        ClusterError::NoLeader,
        ClusterError::Network("down".to_owned()),
    ];
    let texts: HashSet<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), 4);
    assert!(texts.iter().any(|text| text.contains("seed")) && texts.iter().any(|text| text.contains("down")));
}

/// R11: at first a subscriber sees nobody, or the node itself.
#[tokio::test]
async fn test_cluster_membership_subscribe() {
    let manager = ClusterManager::new(NodeId(1), ClusterConfig::default());
    let rx = manager.subscribe();
    assert!(rx.borrow().is_empty() || rx.borrow().contains(&NodeId(1)));
}

/// The state of a member.
fn state_of(manager: &ClusterManager, id: NodeId) -> Option<NodeState> {
    let members = manager.members();
    members
        .into_iter()
        .find(|member| member.id == id)
        .map(|member| member.state)
}

/// R9, R11: join, heartbeats and leave make members, and are announced.
#[tokio::test]
async fn test_join_heartbeat_leave() {
    let seed = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let seed = seed.local_addr().expect("it is bound").to_string();
    let manager = ClusterManager::new(NodeId(1), ClusterConfig::default());
    let mut rx = manager.subscribe();
    manager.join(&seed).await.expect("the seed is there");
    assert_eq!(*rx.borrow_and_update(), [NodeId(1)]);
    assert_eq!(manager.my_shards().len(), 64);
    manager.on_heartbeat(NodeId(2));
    assert!(rx.has_changed().expect("the manager is there"));
    let seen: HashSet<NodeId> = rx.borrow_and_update().iter().copied().collect();
    assert_eq!(seen, HashSet::from([NodeId(1), NodeId(2)]));
    assert_eq!(state_of(&manager, NodeId(2)), Some(NodeState::Healthy));
    assert_eq!(manager.my_shards().len(), 32);
    manager.leave().await.expect("it is a member");
    assert_eq!(*rx.borrow_and_update(), [NodeId(2)]);
    assert!(manager.my_shards().is_empty());
}

/// R10: a silent member is suspected, then unreachable; a heartbeat brings it back.
#[test]
fn test_silent_member() {
    let manager = ClusterManager::new(NodeId(1), ClusterConfig::default());
    let start = Instant::now();
    for second in 0..10 {
        manager.on_heartbeat_at(NodeId(2), after(start, second));
    }
    assert!(manager.check_members_at(after(start, 9)).is_empty());
    assert_eq!(manager.check_members_at(after(start, 1000)), [NodeId(2)]);
    assert_eq!(state_of(&manager, NodeId(2)), Some(NodeState::Suspected));
    assert_eq!(manager.check_members_at(after(start, 1001)), [NodeId(2)]);
    assert_eq!(state_of(&manager, NodeId(2)), Some(NodeState::Unreachable));
    assert!(!manager.subscribe().borrow().contains(&NodeId(2)));
    manager.on_heartbeat_at(NodeId(2), after(start, 1002));
    assert_eq!(state_of(&manager, NodeId(2)), Some(NodeState::Healthy));
}

/// R13: alone, the node elects itself.
#[tokio::test]
async fn test_trigger_election() {
    let seed = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let seed = seed.local_addr().expect("it is bound").to_string();
    let mut manager = ClusterManager::new(NodeId(3), ClusterConfig::default());
    manager.join(&seed).await.expect("the seed is there");
    assert_eq!(manager.leader(), None);
    manager.trigger_election().await;
    assert_eq!(manager.leader(), Some(NodeId(3)));
}

/// R14: the probes are plain data.
#[test]
fn test_health_probes() {
    let probes = HealthProbes {
        liveness: true,
        readiness: true,
        last_check: Instant::now(),
    };
    assert!(probes.liveness);
    assert!(probes.readiness);
}

/// R14: each path is asked for itself; this server is alive, and not ready.
#[tokio::test]
async fn test_health_check() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let addr = listener.local_addr().expect("it is bound").to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    if !matches!(stream.read(&mut byte), Ok(1)) {
                        return;
                    }
                    request.push(byte[0]);
                }
                let is_live = request.starts_with(b"GET /live ");
                let status = if is_live { "200 OK" } else { "503 Service Unavailable" };
                let text = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                let _ = stream.write_all(text.as_bytes());
            });
        }
    });
    let node = NodeInfo {
        id: NodeId(2),
        addr,
        state: NodeState::Healthy,
        last_heartbeat: Instant::now(),
        shards: Vec::new(),
        metadata: HashMap::new(),
    };
    let checker = HealthChecker::new(Duration::from_secs(20));
    let checker = checker.with_liveness("/live").with_readiness("/ready");
    let probes = checker.check(&node).await;
    assert!(probes.liveness);
    assert!(!probes.readiness);
}
