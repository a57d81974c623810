//! The public checks: what the statement says, in examples that a student can read and run.

use ex20::{
    ByzantineBehavior, DistributedChallenge, DistributedSystem, FailureDetector, FailureMode, Fallacies, NetworkError,
    NetworkSimulator, Node, NodeState, PartialFailureHandler, distribution_reasons,
};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// R2: each fallacy has a text.
#[test]
fn test_fallacies() {
    assert!(!Fallacies::network_is_reliable().is_empty());
    assert!(!Fallacies::latency_is_zero().is_empty());
    assert!(!Fallacies::bandwidth_is_infinite().is_empty());
    assert!(!Fallacies::network_is_secure().is_empty());
    assert!(!Fallacies::topology_doesnt_change().is_empty());
    assert!(!Fallacies::one_administrator().is_empty());
    assert!(!Fallacies::transport_cost_is_zero().is_empty());
    assert!(!Fallacies::network_is_homogeneous().is_empty());
}

/// R3: the three kinds of failure.
#[test]
fn test_failure_modes() {
    let partial = FailureMode::Partial(vec!["node1".to_string()]);
    let byzantine = FailureMode::Byzantine {
        node_id: "node2".to_string(),
        behavior: ByzantineBehavior::SendWrongData,
    };
    let fail_stop = FailureMode::FailStop {
        node_id: "node3".to_string(),
    };

    assert!(matches!(partial, FailureMode::Partial(_)));
    assert!(matches!(byzantine, FailureMode::Byzantine { .. }));
    assert!(matches!(fail_stop, FailureMode::FailStop { .. }));
}

/// R4: on a reliable network, messages arrive as they were sent.
#[tokio::test]
async fn test_reliable_network() {
    let network = NetworkSimulator::reliable();
    let result = network.send_message("test").await;
    assert!(result.is_ok());
    assert_eq!(result.unwrap(), "test");
}

/// R8: a node that was heard of just now is alive.
#[tokio::test]
async fn test_failure_detector() {
    // An hour: no machine hesitates for so long between two lines.
    let detector = FailureDetector::new(3_600_000);
    let now = Instant::now();
    assert!(detector.is_node_alive("node1", now).await);
}

/// R1: reasons and challenges are there to be read.
#[test]
fn test_reasons_and_challenges() {
    let reasons = [
        distribution_reasons::SCALABILITY,
        distribution_reasons::AVAILABILITY,
        distribution_reasons::LATENCY,
        distribution_reasons::DATA_LOCALITY,
        distribution_reasons::RESOURCE_SHARING,
    ];
    assert!(reasons.iter().all(|reason| !reason.is_empty()));

    let challenge = DistributedChallenge::MessageReorder;
    assert!(matches!(challenge.clone(), DistributedChallenge::MessageReorder));
    assert_eq!(format!("{challenge:?}"), "MessageReorder");
}

/// R1: a system is made of nodes and a network.
#[test]
fn test_system() {
    let node = |id: &str, state| Node {
        id: id.to_string(),
        state,
    };
    let system = DistributedSystem {
        nodes: vec![node("a", NodeState::Healthy), node("b", NodeState::Degraded)],
        network: NetworkSimulator::reliable(),
    };
    assert_eq!(system.nodes[0].state, NodeState::Healthy);
    assert_ne!(system.nodes[1].state, system.nodes[0].state.clone());
    assert_eq!(system.network.max_latency_ms, 0);
}

/// R4, R5: what an unreliable network is like.
#[test]
fn test_unreliable_network() {
    let network = NetworkSimulator::unreliable();
    assert!((network.packet_loss_rate - 0.1).abs() < 1e-9);
    assert!((network.partition_probability - 0.05).abs() < 1e-9);
    assert_eq!((network.min_latency_ms, network.max_latency_ms), (10, 500));
}

/// R4: a network that loses everything, and one that is cut in two.
#[tokio::test]
async fn test_lost_and_cut_messages() {
    let mut network = NetworkSimulator::reliable();
    network.packet_loss_rate = 1.0;
    assert!(matches!(network.send_message(1).await, Err(NetworkError::PacketLost)));

    let mut network = NetworkSimulator::reliable();
    network.partition_probability = 1.0;
    assert!(matches!(network.send_message(1).await, Err(NetworkError::Partitioned)));
}

/// R5: a message takes its time.
#[tokio::test(start_paused = true)]
async fn test_latency() {
    let mut network = NetworkSimulator::reliable();
    network.min_latency_ms = 100;
    network.max_latency_ms = 200;
    for _ in 0..20 {
        let before = tokio::time::Instant::now();
        assert!(network.send_message(1).await.is_ok());
        let took = before.elapsed();
        assert!(took >= Duration::from_millis(100), "it took {took:?}");
        assert!(took <= Duration::from_millis(202), "it took {took:?}");
    }
}

/// R6: three messages that are sent at the same time take the time of one.
#[tokio::test(start_paused = true)]
async fn test_messages_travel_together() {
    let mut network = NetworkSimulator::reliable();
    network.min_latency_ms = 100;
    network.max_latency_ms = 100;
    let before = tokio::time::Instant::now();
    let (one, two, three) = tokio::join!(
        network.send_message(1),
        network.send_message(2),
        network.send_message(3),
    );
    assert!(matches!((one, two, three), (Ok(1), Ok(2), Ok(3))));
    let took = before.elapsed();
    assert!(took <= Duration::from_millis(102), "it took {took:?}");
}

/// R8: silence beyond the timeout is death.
#[tokio::test]
async fn test_dead_node() {
    let detector = FailureDetector::new(50);
    assert_eq!(detector.timeout, Duration::from_millis(50));
    assert_eq!(detector.suspicion_threshold, 3);
    let long_ago = Instant::now().checked_sub(Duration::from_secs(10)).unwrap();
    assert!(!detector.is_node_alive("node1", long_ago).await);
}

/// An operation under way.
type Operation = Pin<Box<dyn Future<Output = Result<u32, String>> + Send>>;

/// An operation that fails so many times, then succeeds with the number of the call.
fn failing(times: u32, calls: &Arc<AtomicU32>) -> impl FnMut() -> Operation + use<> {
    let calls = Arc::clone(calls);
    move || {
        let call = calls.fetch_add(1, Ordering::SeqCst) + 1;
        Box::pin(async move {
            if call > times {
                Ok(call)
            } else {
                Err(format!("failure {call}"))
            }
        })
    }
}

/// R9: the third call succeeds.
#[tokio::test(start_paused = true)]
async fn test_retry_until_success() {
    let handler = PartialFailureHandler::new();
    assert_eq!((handler.retry_count, handler.backoff_base_ms), (3, 100));

    let calls = Arc::new(AtomicU32::new(0));
    let answer = handler.with_retry(failing(2, &calls)).await;
    assert_eq!(answer, Ok(3));
    assert_eq!(calls.load(Ordering::SeqCst), 3);
}

/// R9: all calls fail.
#[tokio::test(start_paused = true)]
async fn test_retry_gives_up() {
    let calls = Arc::new(AtomicU32::new(0));
    let answer = PartialFailureHandler::new().with_retry(failing(9, &calls)).await;
    assert_eq!(answer, Err("failure 3".to_string()));
    assert_eq!(calls.load(Ordering::SeqCst), 3);
}

/// R10: 100 ms after the first failure, 200 ms after the second.
#[tokio::test(start_paused = true)]
async fn test_exponential_backoff() {
    let calls = Arc::new(AtomicU32::new(0));
    let before = tokio::time::Instant::now();
    let answer = PartialFailureHandler::new().with_retry(failing(2, &calls)).await;
    assert!(answer.is_ok());
    let took = before.elapsed();
    assert!(took >= Duration::from_millis(300), "it took {took:?}");
    assert!(took <= Duration::from_millis(460), "it took {took:?}");
}
