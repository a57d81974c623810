//! A lock that spins and a counter that never goes back, both of atomics.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

#[derive(Debug, Default)]
pub struct Flag {
    taken: AtomicBool,
}

#[derive(Debug)]
pub struct Held<'flag>(&'flag Flag);

impl Flag {
    pub fn take(&self) -> Held<'_> {
        while self
            .taken
            .compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
        {
            std::hint::spin_loop();
        }
        Held(self)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.taken.store(false, Ordering::Release);
    }
}

static HIGHEST: AtomicU64 = AtomicU64::new(0);

pub fn observe(value: u64) -> u64 {
    HIGHEST.fetch_max(value, Ordering::AcqRel).max(value)
}

pub fn count(threads: usize, each: u64) -> u64 {
    let total = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                for _ in 0..each {
                    total.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    total.into_inner()
}
