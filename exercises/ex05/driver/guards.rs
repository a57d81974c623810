//! Guards: what they hold, for how long, and that they let go.

use super::{World, start};
use ex05::LockClient;
use ex05_protocol::{At, Outlived, Settings, Slot, Term, Timed};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

pub(super) fn acquire(world: &mut World, g: Slot, lock: String, client: String, term: Term) -> Timed<bool> {
    world.guards.remove(&g);
    let term = if term == Term::Default { Term::Hours(1) } else { term };
    let (client, time) = (LockClient::new(client), term.duration().unwrap_or_default());
    let service = &mut world.service;
    let mut guard = None;
    let answer = world.epoch.timed(|| {
        guard = client.acquire_with_auto_renew(service, lock, time).ok();
        guard.is_some()
    });
    world.guards.extend(guard.map(|guard| (g, guard)));
    world.note(term);
    answer
}

pub(super) fn token(world: &mut World, g: Slot) -> Timed<Option<u64>> {
    let guard = world.guards.get(&g);
    let token = world.epoch.timed(|| guard.map(|guard| guard.fencing_token().0));
    world.tokens.extend(token.value.map(|token| (g, token)));
    token
}

pub(super) fn lock(world: &World, g: Slot) -> Option<String> {
    world.guards.get(&g).map(|guard| guard.lock_id().clone())
}

pub(super) fn remaining(world: &World, g: Slot) -> Timed<Option<At>> {
    let guard = world.guards.get(&g);
    world.epoch.timed(|| guard.map(|guard| At::of(guard.time_remaining())))
}

/// How long a guard's lease lasts that is to be outlived.
const LEASE: Duration = Duration::from_millis(160);
/// A thread that is kept waiting for longer than this proves nothing about a lease.
const STALL: Duration = Duration::from_millis(30);
/// How often a lock may be lost by a stall before we give up.
const TRIES: u32 = 3;

pub(super) fn outlive(lock: &str) -> Outlived {
    for _ in 0..TRIES {
        // One thread holds the guard, another one only looks whether threads get their turn in time.
        let (over, steady) = (AtomicBool::new(false), AtomicBool::new(true));
        let kept = thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    nap(&steady);
                }
            });
            let _ending = Ending(&over);
            hold(lock, &steady)
        });
        match (kept, steady.into_inner()) {
            (true, _) => return Outlived::Kept,
            (false, true) => return Outlived::Lost,
            (false, false) => {}
        }
    }
    Outlived::Unsure
}

/// Ends the other thread, also if a panic ends this one.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Sleeps a little, and notes if that took far too long.
fn nap(steady: &AtomicBool) {
    let began = Instant::now();
    thread::sleep(Duration::from_millis(5));
    if began.elapsed() > STALL {
        steady.store(false, Ordering::SeqCst);
    }
}

/// Whether a guard holds its lock for longer than its lease, so that one renewal is not enough.
fn hold(lock: &str, steady: &AtomicBool) -> bool {
    let mut service = start(&Settings::default());
    let began = Instant::now();
    let acquired = LockClient::new("client".to_owned()).acquire_with_auto_renew(&mut service, lock.to_owned(), LEASE);
    let Ok(guard) = acquired else {
        return false;
    };
    let mut kept = true;
    while kept && began.elapsed() < LEASE * 2 {
        nap(steady);
        service.tick();
        kept = service
            .is_valid(&lock.to_owned(), guard.fencing_token())
            .unwrap_or(false);
    }
    kept
}
