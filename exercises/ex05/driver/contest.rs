//! Threads that want the same lock.

use super::start;
use ex05::{AcquireResult, LockService};
use ex05_protocol::{Contest, Settings};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::thread;

/// What the threads note of each other.
#[derive(Default)]
struct Notes {
    tokens: Mutex<Vec<u64>>,
    inside: AtomicU32,
    holders: AtomicU32,
    refused: AtomicU32,
}

pub(super) fn contest(threads: u8, times: u8) -> Contest {
    let service = Arc::new(Mutex::new(start(&Settings::default())));
    let (notes, barrier) = (Notes::default(), Barrier::new(usize::from(threads)));
    thread::scope(|scope| {
        for number in 0..threads {
            let (service, notes, barrier) = (Arc::clone(&service), &notes, &barrier);
            scope.spawn(move || {
                barrier.wait();
                compete(&service, &format!("client-{number}"), times, notes);
            });
        }
    });
    Contest {
        tokens: notes.tokens.into_inner().unwrap_or_else(PoisonError::into_inner),
        holders: notes.holders.into_inner(),
        refused: notes.refused.into_inner(),
    }
}

/// Tries until it held the lock so many times; gives up if it never comes free.
fn compete(service: &Mutex<LockService>, client: &str, times: u8, notes: &Notes) {
    let (lock, client) = ("lock".to_owned(), client.to_owned());
    let mut left = times;
    for _ in 0..5_000 {
        if left == 0 {
            return;
        }
        let answer = {
            let mut service = service.lock().unwrap_or_else(PoisonError::into_inner);
            let answer = service.try_acquire(lock.clone(), client.clone(), None, HashMap::new());
            // Noted before the next thread can ask: the order of the tokens is the order of the grants.
            if let Ok(AcquireResult::Acquired { fencing_token, .. }) = &answer {
                let mut tokens = notes.tokens.lock().unwrap_or_else(PoisonError::into_inner);
                tokens.push(fencing_token.0);
            }
            answer
        };
        let Ok(AcquireResult::Acquired { fencing_token, .. }) = answer else {
            thread::yield_now();
            continue;
        };
        let inside = notes.inside.fetch_add(1, Ordering::SeqCst) + 1;
        notes.holders.fetch_max(inside, Ordering::SeqCst);
        thread::yield_now();
        notes.inside.fetch_sub(1, Ordering::SeqCst);
        let mut service = service.lock().unwrap_or_else(PoisonError::into_inner);
        if service.release(&lock, &client, fencing_token).is_err() {
            notes.refused.fetch_add(1, Ordering::SeqCst);
        }
        left -= 1;
    }
}
