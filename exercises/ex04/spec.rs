//! The public checks: what the statement says, in examples that a student can read and run.

use ex04::{
    GossipAction, GossipConfig, GossipMessage, GossipProtocol, Member, MemberId, MemberSelector, MemberState,
    MemberUpdate,
};
use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Instant;

fn make_addr(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

fn make_member(id: &str, port: u16) -> (MemberId, SocketAddr) {
    (MemberId(id.to_owned()), make_addr(port))
}

/// A `Sync` of members that are alive.
fn sync(members: &[(MemberId, SocketAddr)]) -> GossipMessage {
    let member = |(id, address): &(MemberId, SocketAddr)| Member {
        id: id.clone(),
        address: *address,
        state: MemberState::Alive,
        incarnation: 0,
        metadata: HashMap::new(),
        last_update: Instant::now(),
    };
    GossipMessage::Sync {
        members: members.iter().map(member).collect(),
    }
}

/// A gossip about one member.
fn gossip(id: &MemberId, state: MemberState, incarnation: u64) -> GossipMessage {
    GossipMessage::Gossip {
        updates: vec![MemberUpdate {
            id: id.clone(),
            state,
            incarnation,
            address: None,
            metadata: None,
        }],
    }
}

fn state_of(node: &GossipProtocol, id: &MemberId) -> Option<MemberState> {
    let members = node.all_members();
    members
        .iter()
        .find(|member| member.id == *id)
        .map(|member| member.state)
}

/// What gossips among some actions say of a member.
fn told<'a>(actions: &'a [GossipAction], id: &MemberId) -> Vec<&'a MemberUpdate> {
    let gossips = actions.iter().filter_map(|action| match action {
        GossipAction::Send {
            message: GossipMessage::Gossip { updates },
            ..
        } => Some(updates),
        _ => None,
    });
    gossips.flatten().filter(|update| update.id == *id).collect()
}

/// R1: each seed is asked for all that it knows.
#[test]
fn test_bootstrap_connects_to_seeds() {
    let (id, addr) = make_member("node1", 8001);
    let mut node = GossipProtocol::new(id, addr, GossipConfig::default());
    let actions = node.bootstrap(vec![make_addr(8002), make_addr(8003)]);
    let asked = actions.iter().filter_map(|action| match action {
        GossipAction::Send {
            to,
            message: GossipMessage::SyncRequest { .. },
        } => Some(*to),
        _ => None,
    });
    let asked: Vec<SocketAddr> = asked.collect();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(
        asked.contains(&make_addr(8002)) && asked.contains(&make_addr(8003)),
        "{asked:?}"
    );
}

/// R2: a request for all is answered, and whoever asked is known.
#[test]
fn test_sync_request_is_answered() {
    let ((id1, addr1), (id2, addr2)) = (make_member("node1", 8001), make_member("node2", 8002));
    let mut node = GossipProtocol::new(id1.clone(), addr1, GossipConfig::default());
    let actions = node.handle_message(addr2, GossipMessage::SyncRequest { from: id2.clone() });
    let answer = actions.iter().find_map(|action| match action {
        GossipAction::Send {
            to,
            message: GossipMessage::Sync { members },
        } if *to == addr2 => Some(members),
        _ => None,
    });
    let members = answer.expect("a Sync to the address that asked");
    assert!(members.iter().any(|member| member.id == id1 && member.address == addr1));
    assert!(node.is_alive(&id2));
}

/// R3: the views of the cluster agree.
#[test]
fn test_views() {
    let ((id1, addr1), (id2, addr2)) = (make_member("node1", 8001), make_member("node2", 8002));
    let mut node = GossipProtocol::new(id1, addr1, GossipConfig::default());
    node.handle_message(addr2, sync(&[(id2.clone(), addr2)]));
    assert!(node.is_alive(&id2));
    assert_eq!(node.cluster_size(), node.alive_members().len());
    node.handle_message(addr2, gossip(&id2, MemberState::Dead, 0));
    assert!(!node.is_alive(&id2));
    assert!(node.alive_members().iter().all(|member| member.id != id2));
}

/// R4: a change is told to the application.
#[test]
fn test_changes_are_told() {
    let ((id1, addr1), (id2, addr2)) = (make_member("node1", 8001), make_member("node2", 8002));
    let mut node = GossipProtocol::new(id1, addr1, GossipConfig::default());
    node.handle_message(addr2, sync(&[(id2.clone(), addr2)]));
    let actions = node.handle_message(addr2, gossip(&id2, MemberState::Left, 0));
    let told = actions.iter().filter(|action| {
        matches!(action, GossipAction::MembershipChange { member, old_state: MemberState::Alive, new_state: MemberState::Left }
            if *member == id2)
    });
    assert_eq!(told.count(), 1);
}

/// R5: members are drawn at random, different ones.
#[test]
fn test_select_random() {
    let (id1, addr1) = make_member("node1", 8001);
    let mut node = GossipProtocol::new(id1, addr1, GossipConfig::default());
    let peers: Vec<_> = (2..7).map(|n| make_member(&format!("node{n}"), 8000 + n)).collect();
    node.handle_message(peers[0].1, sync(&peers));
    let exclude = HashSet::from([peers[0].0.clone()]);
    let drawn = MemberSelector::select_random(&node, &exclude, 3);
    let different: HashSet<_> = drawn.iter().collect();
    assert_eq!((drawn.len(), different.len()), (3, 3));
    assert!(!drawn.contains(&peers[0].0));
}

/// R9, R10: a tick probes a member, and a probe is answered.
#[test]
fn test_probe_cycle() {
    let ((id1, addr1), (id2, addr2)) = (make_member("node1", 8001), make_member("node2", 8002));
    let mut node1 = GossipProtocol::new(id1, addr1, GossipConfig::default());
    let mut node2 = GossipProtocol::new(id2.clone(), addr2, GossipConfig::default());
    node1.handle_message(addr2, sync(&[(id2.clone(), addr2)]));
    let actions = node1.tick();
    let ping = actions.iter().find_map(|action| match action {
        GossipAction::Send { to, message } if matches!(message, GossipMessage::Ping { .. }) => {
            Some((*to, message.clone()))
        }
        _ => None,
    });
    let (to, ping) = ping.expect("a Ping");
    assert_eq!(to, addr2);
    let GossipMessage::Ping { seq, .. } = ping else { return };
    let answers = node2.handle_message(addr1, ping);
    assert!(answers.iter().any(|action| matches!(action,
        GossipAction::Send { to, message: GossipMessage::Ack { seq: answered, from } }
            if *to == addr1 && *answered == seq && *from == id2)));
}

/// R12: with nobody else to ask, a probe that runs out makes a suspect.
#[test]
fn test_suspicion_on_timeout() {
    let config = GossipConfig {
        probe_timeout: 10,
        suspicion_multiplier: 2,
        ..Default::default()
    };
    let ((id1, addr1), (id2, addr2)) = (make_member("node1", 8001), make_member("node2", 8002));
    let mut node1 = GossipProtocol::new(id1, addr1, config);
    node1.handle_message(addr2, sync(&[(id2.clone(), addr2)]));
    node1.tick();
    node1.handle_timer("probe_timeout_node2");
    assert_eq!(state_of(&node1, &id2), Some(MemberState::Suspect));
}

/// R11: a probe that was answered makes no suspect.
#[test]
fn test_ack_in_time() {
    let ((id1, addr1), (id2, addr2)) = (make_member("node1", 8001), make_member("node2", 8002));
    let mut node1 = GossipProtocol::new(id1, addr1, GossipConfig::default());
    node1.handle_message(addr2, sync(&[(id2.clone(), addr2)]));
    let actions = node1.tick();
    let seq = actions.iter().find_map(|action| match action {
        GossipAction::Send {
            message: GossipMessage::Ping { seq, .. },
            ..
        } => Some(*seq),
        _ => None,
    });
    let seq = seq.expect("a Ping");
    let from = id2.clone();
    node1.handle_message(addr2, GossipMessage::Ack { seq, from });
    node1.handle_timer("probe_timeout_node2");
    assert_eq!(state_of(&node1, &id2), Some(MemberState::Alive));
}

/// R6: of equal incarnations the worse story wins, and a higher one brings a member back.
#[test]
fn test_precedence() {
    let ((id1, addr1), (id2, addr2)) = (make_member("node1", 8001), make_member("node2", 8002));
    let mut node = GossipProtocol::new(id1, addr1, GossipConfig::default());
    node.handle_message(addr2, sync(&[(id2.clone(), addr2)]));
    for (state, incarnation, then) in [
        (MemberState::Suspect, 0, MemberState::Suspect),
        (MemberState::Alive, 0, MemberState::Suspect),
        (MemberState::Alive, 1, MemberState::Alive),
        (MemberState::Dead, 1, MemberState::Dead),
        (MemberState::Alive, 1, MemberState::Dead),
        (MemberState::Alive, 2, MemberState::Alive),
    ] {
        node.handle_message(addr2, gossip(&id2, state, incarnation));
        assert_eq!(state_of(&node, &id2), Some(then), "after {state:?} {incarnation}");
    }
}

/// R7: a suspicion of oneself is refuted with a higher incarnation.
#[test]
fn test_refute_suspicion_with_incarnation() {
    let ((_, addr1), (id2, addr2)) = (make_member("node1", 8001), make_member("node2", 8002));
    let mut node2 = GossipProtocol::new(id2.clone(), addr2, GossipConfig::default());
    let actions = node2.handle_message(addr1, gossip(&id2, MemberState::Suspect, 0));
    let refuted = told(&actions, &id2);
    assert!(
        refuted
            .iter()
            .any(|update| update.state == MemberState::Alive && update.incarnation > 0)
    );
}

/// R8: what a member says of itself reaches the others.
#[test]
fn test_metadata_propagation() {
    let ((id1, addr1), (id2, addr2)) = (make_member("node1", 8001), make_member("node2", 8002));
    let mut node1 = GossipProtocol::new(id1.clone(), addr1, GossipConfig::default());
    let mut node2 = GossipProtocol::new(id2, addr2, GossipConfig::default());
    for action in node1.update_metadata("role".to_owned(), "leader".to_owned()) {
        if let GossipAction::Send { message, .. } = action {
            node2.handle_message(addr1, message);
        }
    }
    let metadata = node2.get_metadata(&id1).expect("node1 is known");
    assert_eq!(metadata.get("role").map(String::as_str), Some("leader"));
}

/// R17: a departure is told at once.
#[test]
fn test_graceful_leave() {
    let (id1, addr1) = make_member("node1", 8001);
    let mut node1 = GossipProtocol::new(id1.clone(), addr1, GossipConfig::default());
    let actions = node1.leave();
    assert!(
        told(&actions, &id1)
            .iter()
            .any(|update| update.state == MemberState::Left)
    );
}
