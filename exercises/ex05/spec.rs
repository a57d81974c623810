//! The public checks: what the statement says, in examples that a student can read and run.
//!
//! A lease that shall be in force lasts for minutes, and one that shall be over is waited for: no check depends on how
//! fast the machine is.

use ex05::{
    AcquireResult, FencingToken, LockClient, LockError, LockHandle, LockInfo, LockService, LockServiceConfig,
    LockServiceEvent,
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const MINUTES: Duration = Duration::from_secs(240);

fn service() -> LockService {
    LockService::new(LockServiceConfig::default())
}

fn name(text: &str) -> String {
    text.to_owned()
}

fn ask(service: &mut LockService, lock: &str, client: &str, lease: Option<Duration>) -> AcquireResult {
    let answer = service.try_acquire(name(lock), name(client), lease, HashMap::new());
    answer.expect("the lease is not too long")
}

/// Acquires a lock that is free: its token, and the end of its lease.
fn acquire(service: &mut LockService, lock: &str, client: &str, lease: Option<Duration>) -> (FencingToken, Instant) {
    match ask(service, lock, client, lease) {
        AcquireResult::Acquired {
            fencing_token,
            expires_at,
        } => (fencing_token, expires_at),
        other => panic!("the lock is free, but the answer is {other:?}"),
    }
}

/// Returns when a moment is past.
fn wait_for(moment: Instant) {
    // Two milliseconds for clocks that count milliseconds.
    let end = moment + Duration::from_millis(2);
    while Instant::now() <= end {
        thread::sleep(end.saturating_duration_since(Instant::now()));
    }
}

/// R1, R2, R3: a free lock is granted, with token 1 for the first, and can be released.
#[test]
fn test_basic_acquire_release() {
    let mut service = service();
    let (token, expires_at) = acquire(&mut service, "backup", "alice", None);
    assert_eq!(token, FencingToken(1));
    assert!(expires_at > Instant::now());
    service
        .release(&name("backup"), &name("alice"), token)
        .expect("the holder releases");
    let (next, _) = acquire(&mut service, "backup", "bob", None);
    assert!(next > token);
}

/// R1: a lock that is held is refused to others, who learn by whom and until when.
#[test]
fn test_lock_contention() {
    let mut service = service();
    let (_, until) = acquire(&mut service, "backup", "alice", Some(MINUTES));
    match ask(&mut service, "backup", "bob", None) {
        AcquireResult::AlreadyHeld { holder, expires_at } => {
            assert_eq!(holder, "alice");
            let (early, late) = (expires_at.min(until), expires_at.max(until));
            assert!(late - early <= Duration::from_millis(2), "the end of another lease");
        }
        other => panic!("alice holds the lock, but the answer is {other:?}"),
    }
    acquire(&mut service, "restore", "bob", None);
}

/// R2: tokens rise over all locks together.
#[test]
fn test_fencing_token_monotonic() {
    let mut service = service();
    let mut tokens = Vec::new();
    for number in 0..5 {
        let lock = format!("lock-{number}");
        let (token, _) = acquire(&mut service, &lock, "alice", None);
        tokens.push(token);
        if number % 2 == 0 {
            service.release(&lock, &name("alice"), token).expect("she holds it");
            tokens.push(acquire(&mut service, &lock, "bob", None).0);
        }
    }
    assert!(tokens.windows(2).all(|pair| pair[0] < pair[1]), "{tokens:?}");
}

/// R3: a client cannot release the lock of another, even by its token.
#[test]
fn test_release_wrong_client() {
    let mut service = service();
    let (token, _) = acquire(&mut service, "backup", "alice", Some(MINUTES));
    let refused = service.release(&name("backup"), &name("bob"), token);
    assert!(matches!(refused, Err(LockError::NotHolder(_))), "{refused:?}");
    let answer = ask(&mut service, "backup", "bob", None);
    assert!(
        matches!(answer, AcquireResult::AlreadyHeld { .. }),
        "alice still holds it"
    );
}

/// R3: the holder cannot release its lock by another token; the error tells both.
#[test]
fn test_release_wrong_token() {
    let mut service = service();
    let (token, _) = acquire(&mut service, "backup", "alice", Some(MINUTES));
    for wrong in [token.0 + 1, token.0 - 1] {
        let refused = service.release(&name("backup"), &name("alice"), FencingToken(wrong));
        match refused {
            Err(LockError::InvalidFencingToken { expected, actual }) => {
                assert_eq!((expected, actual), (token.0, wrong));
            }
            other => panic!("token {wrong} is not that of the lock, but the answer is {other:?}"),
        }
    }
    assert!(
        service.is_valid(&name("backup"), token).unwrap_or(false),
        "she still holds it"
    );
}

/// R3: releasing again by the same token is no error, and frees nobody else's lock.
#[test]
fn test_release_is_idempotent() {
    let mut service = service();
    let (lock, alice) = (name("backup"), name("alice"));
    let (token, _) = acquire(&mut service, "backup", "alice", None);
    service.release(&lock, &alice, token).expect("she holds it");
    service.release(&lock, &alice, token).expect("it is free since then");

    let (of_bob, _) = acquire(&mut service, "backup", "bob", Some(MINUTES));
    let _ = service.release(&lock, &alice, token);
    assert!(service.is_valid(&lock, of_bob).unwrap_or(false), "bob holds it now");
}

/// R4: a renewal prolongs the lease.
#[test]
fn test_renew_extends_lease() {
    let mut service = service();
    let (lock, alice) = (name("backup"), name("alice"));
    let (token, until) = acquire(&mut service, "backup", "alice", Some(MINUTES / 2));
    let renewed = service.renew(&lock, &alice, token, Some(MINUTES));
    let renewed = renewed.expect("the holder renews");
    assert!(renewed > until);
    let info = service.get_lock_info(&lock).expect("she holds it");
    assert!(info.expires_at > until);
    assert_eq!(info.fencing_token, token);

    let refused = service.renew(&lock, &name("bob"), token, None);
    assert!(matches!(refused, Err(LockError::NotHolder(_))), "{refused:?}");
    let refused = service.renew(&lock, &alice, token, Some(MINUTES * 60));
    assert!(matches!(refused, Err(LockError::LeaseTooLong { .. })), "{refused:?}");
}

/// R1: a lease has a greatest duration, which is allowed itself.
#[test]
fn test_lease_too_long() {
    let mut service = LockService::new(LockServiceConfig {
        max_lease_duration: 240_000,
        ..LockServiceConfig::default()
    });
    let longer = Some(MINUTES + Duration::from_millis(1));
    let refused = service.try_acquire(name("backup"), name("alice"), longer, HashMap::new());
    match refused {
        Err(LockError::LeaseTooLong { requested, max }) => assert_eq!((requested, max), (240_001, 240_000)),
        other => panic!("the lease is too long, but the answer is {other:?}"),
    }
    acquire(&mut service, "backup", "alice", Some(MINUTES));
}

/// R6, R8: when a lease is over, a cleanup reports the lock, and somebody else can have it.
#[test]
fn test_expired_lock_becomes_available() {
    let mut service = service();
    acquire(&mut service, "restore", "alice", Some(MINUTES));
    let (token, until) = acquire(&mut service, "backup", "alice", Some(Duration::from_millis(10)));
    wait_for(until);
    assert_eq!(service.cleanup_expired(), ["backup"]);
    assert!(service.cleanup_expired().is_empty(), "an expiry is reported once");
    let (next, _) = acquire(&mut service, "backup", "bob", None);
    assert!(next > token);
}

/// R6: what is over is over, even if nobody has cleaned up.
#[test]
fn test_expired_lock_is_not_valid() {
    let mut service = service();
    let lock = name("backup");
    let (token, until) = acquire(&mut service, "backup", "alice", Some(Duration::from_millis(1)));
    wait_for(until);
    assert!(!service.is_valid(&lock, token).unwrap_or(false));
    assert!(service.get_lock_info(&lock).is_none());
    acquire(&mut service, "backup", "bob", None);
}

/// R5: of all tokens, only that of the holder is valid.
#[test]
fn test_is_valid_with_fencing_token() {
    let mut service = service();
    let lock = name("backup");
    let (token, _) = acquire(&mut service, "backup", "alice", Some(MINUTES));
    let is_valid = |number| service.is_valid(&lock, FencingToken(number)).unwrap_or(false);
    assert!(is_valid(token.0));
    assert!(!is_valid(token.0 - 1), "of nobody");
    assert!(!is_valid(token.0 + 1), "not given out yet");
    service.release(&lock, &name("alice"), token).expect("she holds it");
    assert!(!service.is_valid(&lock, token).unwrap_or(false), "released");
}

/// R7: locks are told with all that was granted, one by one, all together, and by client.
#[test]
fn test_info_and_lists() {
    let mut service = service();
    let metadata = HashMap::from([(name("host"), name("db-1"))]);
    let answer = service.try_acquire(name("backup"), name("alice"), Some(MINUTES), metadata.clone());
    assert!(matches!(answer, Ok(AcquireResult::Acquired { .. })), "{answer:?}");
    acquire(&mut service, "restore", "bob", Some(MINUTES));

    let info: LockInfo = service.get_lock_info(&name("backup")).expect("alice holds it");
    assert_eq!((info.lock_id.as_str(), info.holder.as_str()), ("backup", "alice"));
    assert_eq!(info.fencing_token, FencingToken(1));
    assert_eq!(info.metadata, metadata);
    assert!(info.acquired_at < info.expires_at);
    assert!(service.get_lock_info(&name("nothing")).is_none());

    let names = |infos: Vec<LockInfo>| {
        let mut names: Vec<String> = infos.into_iter().map(|info| info.lock_id).collect();
        names.sort();
        names
    };
    assert_eq!(names(service.list_locks()), ["backup", "restore"]);
    assert_eq!(names(service.list_client_locks(&name("bob"))), ["restore"]);
    assert!(service.list_client_locks(&name("carol")).is_empty());
}

/// R9: a tick tells of an expiry once, and of nothing while leases are young.
#[test]
fn test_tick_events() {
    let mut service = LockService::new(LockServiceConfig {
        cleanup_interval: 1,
        ..LockServiceConfig::default()
    });
    acquire(&mut service, "restore", "bob", Some(MINUTES));
    let (_, until) = acquire(&mut service, "backup", "alice", Some(Duration::from_millis(10)));
    wait_for(until);
    let mut expired = Vec::new();
    for _ in 0..2 {
        for event in service.tick() {
            match event {
                LockServiceEvent::LockExpired { lock_id, holder } => expired.push((lock_id, holder)),
                LockServiceEvent::LockExpiringSoon { lock_id, holder, .. } => {
                    panic!("{lock_id} of {holder} does not end soon")
                }
            }
        }
        thread::sleep(Duration::from_millis(4));
    }
    assert_eq!(expired, [(name("backup"), name("alice"))]);
}

/// R9: a tick warns when no more than the margin of a lease remains.
#[test]
fn test_tick_warns_before_expiry() {
    // All but the first 0.24 milliseconds of a lease of four minutes.
    let mut service = LockService::new(LockServiceConfig {
        cleanup_interval: 1,
        renewal_margin: 0.999_999,
        ..LockServiceConfig::default()
    });
    acquire(&mut service, "backup", "alice", Some(MINUTES));
    thread::sleep(Duration::from_millis(5));
    match service.tick().first() {
        Some(LockServiceEvent::LockExpiringSoon {
            lock_id,
            holder,
            remaining,
        }) => {
            assert_eq!((lock_id.as_str(), holder.as_str()), ("backup", "alice"));
            assert!(*remaining > Duration::ZERO && *remaining < MINUTES, "{remaining:?}");
        }
        other => panic!("the margin has begun, but the first event is {other:?}"),
    }
}

/// R10: a guard holds its lock until it is dropped.
#[test]
fn test_guard_releases_on_drop() {
    let mut service = service();
    let client = LockClient::new(name("alice"));
    let guard = client
        .acquire_with_auto_renew(&mut service, name("backup"), MINUTES)
        .expect("the lock is free");
    assert_eq!(guard.lock_id(), "backup");
    assert!(
        service
            .is_valid(&name("backup"), guard.fencing_token())
            .unwrap_or(false)
    );
    assert!(guard.time_remaining() > Duration::ZERO);
    let answer = ask(&mut service, "backup", "bob", None);
    assert!(matches!(answer, AcquireResult::AlreadyHeld { .. }), "{answer:?}");

    let other = LockClient::new(name("bob"));
    let refused = other.acquire_with_auto_renew(&mut service, name("backup"), MINUTES);
    assert!(refused.is_err(), "alice holds it");

    drop(guard);
    service.tick();
    acquire(&mut service, "backup", "bob", None);
}

/// R11: a service behind an `Arc<Mutex<_>>` is shared by threads, and one at a time holds the lock.
#[test]
fn test_shared_between_threads() {
    fn shared<T: Send + Sync>(value: T) -> Arc<Mutex<T>> {
        Arc::new(Mutex::new(value))
    }
    let service = shared(service());
    let ask = |number: u64| {
        let service = Arc::clone(&service);
        thread::spawn(move || {
            let mut service = service.lock().expect("no thread panics");
            let answer = service.try_acquire(name("backup"), format!("client-{number}"), None, HashMap::new());
            matches!(answer, Ok(AcquireResult::Acquired { .. }))
        })
    };
    let threads: Vec<_> = (0..8).map(ask).collect();
    let granted = threads.into_iter().filter_map(|thread| thread.join().ok());
    assert_eq!(granted.filter(|granted| *granted).count(), 1);
}

/// R1, R9: the configuration has the defaults of the statement.
#[test]
fn test_default_config() {
    let config = LockServiceConfig::default();
    assert_eq!(
        (config.default_lease_duration, config.max_lease_duration),
        (30_000, 300_000)
    );
    assert_eq!(config.cleanup_interval, 5_000);
    assert!((config.renewal_margin - 0.5).abs() < 1e-9);
}

/// R1, R2: the types of the contract, with those of their parts that nothing else here uses.
#[test]
fn test_public_types() {
    let handle = LockHandle {
        lock_id: name("backup"),
        fencing_token: FencingToken(7),
        expires_at: Instant::now(),
    };
    assert!(handle.fencing_token > FencingToken(6) && handle.lock_id == "backup");
    assert!(handle.expires_at <= Instant::now());
    assert!(HashMap::from([(handle.fencing_token, 1)]).contains_key(&FencingToken(7)));

    let waiting = AcquireResult::Waiting { position_in_queue: 3 };
    assert!(matches!(waiting, AcquireResult::Waiting { position_in_queue: 3 }));
    let errors = [
        LockError::NotFound(name("backup")),
        LockError::Expired,
        LockError::Timeout,
    ];
    assert!(errors.iter().all(|error| !error.to_string().is_empty()));
}
