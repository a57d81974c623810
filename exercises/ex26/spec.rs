//! The public checks: what the statement says, in examples that a student can read and run.

use ex26::{LamportClock, LamportTimestamp, NTPClient, PhysicalClock, VectorClock, VectorComparison};
use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

/// R1: two readings of one clock are not far apart, but for the time between them.
#[test]
fn test_clock_skew() {
    let clock = PhysicalClock::new();
    let before = Instant::now();
    let remote = SystemTime::now();
    let skew = clock.calculate_skew(remote);
    // A machine that stands still in between is no skew.
    assert!(skew < Duration::from_millis(10) + before.elapsed(), "{skew:?}");
}

/// R1: skew is the same whichever clock is ahead.
#[test]
fn test_skew_is_a_distance() {
    let clock = PhysicalClock::new();
    let day = Duration::from_secs(24 * 3600);
    for remote in [clock.wall_time() + day, clock.wall_time() - day] {
        let off = clock.calculate_skew(remote).abs_diff(day);
        assert!(off < Duration::from_secs(600), "{off:?}");
    }
}

/// R3: 100 ppm are 0.36 s in an hour.
#[test]
fn test_clock_drift() {
    let mut clock = PhysicalClock::new();
    clock.set_drift_rate(100.0);
    let drift = clock.estimate_drift(Duration::from_secs(3600));
    assert!(drift > Duration::from_millis(300));
    assert!(
        drift.abs_diff(Duration::from_millis(360)) < Duration::from_micros(1),
        "{drift:?}"
    );
}

/// R6: a client that has servers can be synchronized, with the machine's own clock here.
#[tokio::test]
async fn test_ntp_sync() {
    let mut client = NTPClient::new(vec!["time.example".to_owned()]);
    let before = Instant::now();
    assert!(client.sync().await.is_ok());
    let apart = PhysicalClock::new().calculate_skew(client.synchronized_time());
    assert!(apart < Duration::from_secs(1) + before.elapsed(), "{apart:?}");
}

/// R7: the three rules of Lamport's clock.
#[test]
fn test_lamport_rules() {
    let mut clock1 = LamportClock::new(1);
    let mut clock2 = LamportClock::new(2);
    assert_eq!(clock1.tick(), 1);
    assert_eq!(clock1.time(), 1);
    let stamp = clock1.send();
    assert_eq!((stamp.time, stamp.node_id), (2, 1));
    clock2.receive(&stamp);
    assert_eq!(clock2.time(), 3);
    clock2.receive(&LamportTimestamp { time: 1, node_id: 1 });
    assert_eq!(clock2.time(), 4);
}

/// R9: what Lamport's clock cannot tell.
#[test]
fn test_lamport_limitation() {
    assert!(LamportClock::limitation_example().contains("does not imply"));
}

/// R10: the three rules of vector clocks.
#[test]
fn test_vector_clock_rules() {
    let mut clock1 = VectorClock::new(1);
    let mut clock2 = VectorClock::new(2);
    clock1.tick();
    assert_eq!(clock1.get(1), 1);
    let sent = clock1.send();
    assert_eq!(sent.get(&1), Some(&2));
    clock2.receive(&sent);
    assert_eq!((clock2.get(1), clock2.get(2)), (2, 1));
    clock2.receive(&HashMap::from([(1, 1), (3, 7)]));
    assert_eq!((clock2.get(1), clock2.get(2), clock2.get(3)), (2, 2, 7));
}

/// R11: events that know nothing of each other are concurrent; a message makes one the cause of the other.
#[test]
fn test_vector_comparison() {
    let mut clock1 = VectorClock::new(1);
    let mut clock2 = VectorClock::new(2);
    clock1.tick();
    clock1.tick();
    clock2.tick();
    assert_eq!(clock1.compare(&clock2), VectorComparison::Concurrent);
    let sent = clock1.send();
    clock2.receive(&sent);
    assert_eq!(clock1.compare(&clock2), VectorComparison::HappenedBefore);
    assert_eq!(clock2.compare(&clock1), VectorComparison::HappenedAfter);
    assert_eq!(clock2.compare(&clock2), VectorComparison::Equal);
}
