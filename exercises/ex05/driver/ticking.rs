//! What a service does from time to time.

use super::World;
use ex05::LockServiceEvent;
use ex05_protocol::{At, Timed};

/// Calls, then sorts.
fn sorted<T: Ord>(mut timed: Timed<Vec<T>>) -> Timed<Vec<T>> {
    timed.value.sort();
    timed
}

pub(super) fn cleanup(world: &mut World) -> Timed<Vec<String>> {
    let service = &mut world.service;
    sorted(world.epoch.timed(|| service.cleanup_expired()))
}

pub(super) fn expired(world: &mut World) -> Timed<Vec<(String, String)>> {
    let service = &mut world.service;
    let told = |event| {
        if let LockServiceEvent::LockExpired { lock_id, holder } = event {
            Some((lock_id, holder))
        } else {
            None
        }
    };
    sorted(
        world
            .epoch
            .timed(|| service.tick().into_iter().filter_map(told).collect()),
    )
}

pub(super) fn soon(world: &mut World) -> Timed<Vec<(String, String, At)>> {
    let service = &mut world.service;
    let told = |event| {
        if let LockServiceEvent::LockExpiringSoon {
            lock_id,
            holder,
            remaining,
        } = event
        {
            Some((lock_id, holder, At::of(remaining)))
        } else {
            None
        }
    };
    sorted(
        world
            .epoch
            .timed(|| service.tick().into_iter().filter_map(told).collect()),
    )
}
