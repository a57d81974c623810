//! The public checks of EX11: the course's own tests, and one example for each further requirement.

use ex11::SessionGuarantees;
use ex11::{
    CapClassification, CapError, CapProperty, CapSimulator, ClientSession, ConsistencyLevel, PacelcBehavior,
    QuorumConfig,
};

/// R1: quorums meet above n.
#[test]
fn test_quorum_strong_consistency() {
    let strong = QuorumConfig { n: 3, w: 2, r: 2 };
    assert!(strong.is_strongly_consistent());
    let weak = QuorumConfig { n: 3, w: 1, r: 1 };
    assert!(!weak.is_strongly_consistent());
}

/// R4: a minority of a CP system refuses writes.
#[tokio::test]
async fn test_cp_rejects_during_partition() {
    let mut sim = CapSimulator::new(3, CapClassification::CP).with_quorum(QuorumConfig::strong(3));
    sim.create_partition(vec!["node-1".to_string()]).await;
    let result = sim.write("key", b"value".to_vec()).await;
    assert!(matches!(result, Err(CapError::QuorumNotMet { .. })));
}

/// R6: a minority of an AP system accepts writes.
#[tokio::test]
async fn test_ap_accepts_during_partition() {
    let mut sim = CapSimulator::new(3, CapClassification::AP);
    sim.create_partition(vec!["node-1".to_string()]).await;
    let result = sim.write("key", b"value".to_vec()).await;
    assert!(result.is_ok());
}

/// R5: levels are ordered by strength.
#[test]
fn test_consistency_ordering() {
    assert!(ConsistencyLevel::Eventual < ConsistencyLevel::Linearizable);
    assert!(ConsistencyLevel::Causal < ConsistencyLevel::Sequential);
}

/// R1, R2: presets and properties.
#[test]
fn test_presets() {
    assert!(QuorumConfig::strong(5).is_strongly_consistent());
    let available = QuorumConfig::available(5);
    assert_eq!((available.n, available.w, available.r), (5, 1, 1));
    let properties = CapClassification::CP.properties();
    assert!(properties.contains(&CapProperty::Consistency) && properties.contains(&CapProperty::PartitionTolerance));
}

/// R4, R5: a majority goes on, and a minority refuses strong reads but not weak ones.
#[tokio::test]
async fn test_cp_majority_goes_on() {
    let mut sim = CapSimulator::new(3, CapClassification::CP).with_quorum(QuorumConfig { n: 3, w: 2, r: 2 });
    sim.write("key", b"old".to_vec()).await.expect("no partition");
    sim.create_partition(vec!["node-1".to_string()]).await;
    sim.connect("node-2");
    let done = sim.write("key", b"new".to_vec()).await.expect("a majority");
    assert_eq!(done.acks, 2);
    sim.connect("node-1");
    assert!(sim.read("key", ConsistencyLevel::Linearizable).await.is_err());
    let weak = sim.read("key", ConsistencyLevel::Eventual).await.expect("weak");
    assert_eq!(weak.value, Some(b"old".to_vec()));
    sim.heal_partition().await;
    let found = sim.read("key", ConsistencyLevel::Linearizable).await.expect("healed");
    assert_eq!((found.value, found.version), (Some(b"new".to_vec()), done.version));
}

/// R6, R7: sides diverge, and the later write wins.
#[tokio::test]
async fn test_ap_converges() {
    let mut sim = CapSimulator::new(3, CapClassification::AP);
    sim.create_partition(vec!["node-1".to_string()]).await;
    sim.write("key", b"one".to_vec()).await.expect("AP");
    sim.connect("node-2");
    sim.write("key", b"two".to_vec()).await.expect("AP");
    assert!(!sim.check_consistency("key").await.consistent);
    sim.heal_partition().await;
    assert!(sim.check_consistency("key").await.consistent);
    sim.connect("node-1");
    let found = sim.read("key", ConsistencyLevel::Eventual).await.expect("AP");
    assert_eq!(found.value, Some(b"two".to_vec()));
}

/// R8: CA does not stand a partition.
#[tokio::test]
async fn test_ca_refuses_during_partition() {
    let mut sim = CapSimulator::new(3, CapClassification::CA);
    sim.write("key", b"value".to_vec()).await.expect("no partition");
    sim.create_partition(vec!["node-1".to_string()]).await;
    let refused = sim.write("key", b"other".to_vec()).await;
    assert!(matches!(refused, Err(CapError::PartitionUnavailable)));
    assert!(sim.read("key", ConsistencyLevel::Eventual).await.is_err());
}

/// R9: a session does not read less than it wrote.
#[tokio::test]
async fn test_session_reads_its_writes() {
    let mut sim = CapSimulator::new(3, CapClassification::AP);
    let mut session = ClientSession::new(SessionGuarantees {
        read_your_writes: true,
        monotonic_reads: false,
        monotonic_writes: false,
    });
    sim.create_partition(vec!["node-1".to_string()]).await;
    session.write(&mut sim, "key", b"mine".to_vec()).await.expect("AP");
    sim.connect("node-2");
    assert!(session.read(&mut sim, "key", ConsistencyLevel::Session).await.is_err());
    sim.heal_partition().await;
    let found = session
        .read(&mut sim, "key", ConsistencyLevel::Session)
        .await
        .expect("healed");
    assert_eq!(found.value, Some(b"mine".to_vec()));
}

/// R2: the four behaviours of PACELC are different, and are compared and copied like the other names.
#[test]
fn test_pacelc_names() {
    let all = [
        PacelcBehavior::PC_EC,
        PacelcBehavior::PA_EL,
        PacelcBehavior::PC_EL,
        PacelcBehavior::PA_EC,
    ];
    for (at, one) in all.iter().enumerate() {
        let copy = *one;
        assert_eq!(copy, all[at]);
        assert!(all[at + 1..].iter().all(|other| other != one), "{one:?} occurs twice");
    }
}
