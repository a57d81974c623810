//! What is timed: acquiring and releasing among many locks that are held, and cleaning up many that have expired.

use ex05::{AcquireResult, LockService, LockServiceConfig};
use std::collections::HashMap;
use std::time::Duration;
use witness::Work;

witness::workloads! { acquire_release, cleanup }

/// Acquisitions in one operation, and as many releases.
const BATCH: usize = 64;

fn names(size: usize) -> Vec<String> {
    (0..size.max(1)).map(|number| format!("lock-{number:08}")).collect()
}

fn service() -> LockService {
    LockService::new(LockServiceConfig::default())
}

/// Acquires and releases a lock beside `size` others that are held, again and again.
fn acquire_release(size: usize) -> Work {
    let (names, client) = (names(size), "client".to_owned());
    let mut service = service();
    let lease = Some(Duration::from_secs(300));
    for name in &names {
        let _ = service.try_acquire(name.clone(), "holder".to_owned(), lease, HashMap::new());
    }
    let mut at = 0;
    witness::work(move || {
        let mut granted = 0;
        for _ in 0..BATCH {
            at = (at + 7919) % names.len();
            let name = format!("{}-free", names[at]);
            let answer = service.try_acquire(name.clone(), client.clone(), lease, HashMap::new());
            if let Ok(AcquireResult::Acquired { fencing_token, .. }) = answer {
                granted += u64::from(service.release(&name, &client, fencing_token).is_ok());
            }
        }
        granted
    })
}

/// Acquires `size` locks for a moment, then cleans them up. Leases shorter than a millisecond are open in the contract,
/// and here it does not matter how long they last: the number told is that of the locks that were asked for.
fn cleanup(size: usize) -> Work {
    let (names, client) = (names(size), "client".to_owned());
    let mut service = service();
    let lease = Some(Duration::from_micros(1));
    witness::work(move || {
        for name in &names {
            let _ = service.try_acquire(name.clone(), client.clone(), lease, HashMap::new());
        }
        std::hint::black_box(service.cleanup_expired());
        names.len() as u64
    })
}
