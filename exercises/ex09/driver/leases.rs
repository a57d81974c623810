//! Leases: granting, renewing, ending, and waiting for their end.

use super::{World, reading, watches, with};
use ex09::{GetOptions, PutOptions, RegistryConfig, RegistryError, ServiceRegistry, WatchEvent, WatchOptions};
use ex09_protocol::{Event, Refusal, Slot, sorted};
use std::collections::BTreeSet;
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};
use witness::patience::{LOOK, give_up, looks};

fn refusal(error: RegistryError) -> Refusal {
    match error {
        RegistryError::LeaseNotFound(_) | RegistryError::LeaseExpired(_) => Refusal::LeaseNotFound,
        _ => Refusal::Other,
    }
}

fn on_lease(lease: u64) -> PutOptions {
    with(|options: &mut PutOptions| options.lease = Some(lease))
}

fn short_leases() -> RegistryConfig {
    with(|config: &mut RegistryConfig| config.min_lease_ttl_secs = 0)
}

/// Writes keys on a lease that will not last, and waits for its end. The keys that stay. A lease that is over when a
/// key is written takes none; that is no fault.
async fn write_and_wait(registry: &ServiceRegistry, keys: &[String]) -> Vec<String> {
    let Ok(lease) = registry.lease_grant(Duration::from_millis(50)).await else {
        return keys.to_vec();
    };
    for key in keys {
        let _ = registry.put(key, vec![1], on_lease(lease)).await;
    }
    let mut left = keys.to_vec();
    for _ in 0..looks() {
        let mut there = Vec::new();
        for key in left {
            if registry.get(&key, GetOptions::default()).await.is_ok() {
                there.push(key);
            }
        }
        left = there;
        if left.is_empty() {
            return left;
        }
        sleep(LOOK).await;
    }
    give_up();
    left
}

/// Renews a lease for longer than it was granted for. False if its key was gone before it could be.
async fn renew_again_and_again(registry: &ServiceRegistry, key: &str) -> Result<bool, RegistryError> {
    let ttl = Duration::from_secs(1);
    let started = Instant::now();
    // Read before each call: the lease can end no sooner than `ttl` after that.
    let mut renewed = started;
    let lease = registry.lease_grant(ttl).await?;
    let mut lives = registry.put(key, vec![1], on_lease(lease)).await.is_ok();
    while started.elapsed() < ttl * 3 / 2 {
        lives &= registry.get(key, GetOptions::default()).await.is_ok();
        // Read after the answer. If the machine slept over the end of the lease, nothing can be said.
        if renewed.elapsed() >= ttl {
            return Ok(true);
        }
        if !lives {
            return Ok(false);
        }
        sleep(ttl / 10).await;
        let now = Instant::now();
        lives = registry.lease_keepalive(lease).await.is_ok();
        if lives {
            renewed = now;
        }
    }
    Ok(true)
}

pub(super) fn limit(world: &mut World, secs: u16) {
    world.restart(with(|config: &mut RegistryConfig| {
        config.min_lease_ttl_secs = u64::from(secs)
    }));
}

pub(super) fn grant(world: &mut World, l: Slot, hours: u8) -> bool {
    let ttl = Duration::from_secs(3600 * u64::from(hours.max(1)));
    let lease = world.wait(world.registry.lease_grant(ttl));
    world.notes.leases.extend(lease.as_ref().map(|lease| (l, *lease)));
    lease.is_ok()
}

pub(super) fn granted(world: &World, secs: u16) -> Option<u64> {
    let ttl = Duration::from_secs(u64::from(secs));
    let lease = world.wait(world.registry.lease_grant(ttl)).ok()?;
    let info = world.wait(world.registry.lease_info(lease)).ok()?;
    Some(info.granted_ttl.as_secs())
}

pub(super) fn put_leased(world: &World, key: &str, value: u8, l: Slot) -> Result<(), Refusal> {
    let options = on_lease(world.notes.lease(l));
    let answer = world.wait(world.registry.put(key, vec![value], options));
    answer.map(drop).map_err(refusal)
}

pub(super) fn revoke(world: &World, l: Slot) -> Result<(), Refusal> {
    let answer = world.wait(world.registry.lease_revoke(world.notes.lease(l)));
    answer.map_err(refusal)
}

pub(super) fn lease_keys(world: &World, l: Slot) -> Result<Vec<String>, Refusal> {
    let info = world.wait(world.registry.lease_info(world.notes.lease(l)));
    Ok(sorted(info.map_err(refusal)?.keys))
}

pub(super) fn keep_alive(world: &World, l: Slot) -> Result<bool, Refusal> {
    let info = world.wait(world.registry.lease_keepalive(world.notes.lease(l)));
    let info = info.map_err(refusal)?;
    Ok(info.ttl <= info.granted_ttl && info.ttl * 2 > info.granted_ttl)
}

pub(super) fn expire(world: &World, keys: &[String]) -> Vec<String> {
    world.wait(async { write_and_wait(&ServiceRegistry::new(short_leases()), keys).await })
}

pub(super) fn expire_unheard(world: &mut World, keys: Vec<String>) -> Vec<String> {
    world.restart(short_leases());
    if watches::watch(world, 0, "/", true).is_err() {
        return keys;
    }
    world.wait(write_and_wait(&world.registry, &keys));
    let mut unheard = BTreeSet::new();
    for event in reading::drain(world, 0).events {
        match event {
            Event::Put(key, _) => unheard.insert(key),
            Event::Delete(key) => unheard.remove(&key),
        };
    }
    unheard.into_iter().collect()
}

pub(super) fn await_expiry(world: &World, key: &str) -> bool {
    let told = async { hear_of_the_end(&ServiceRegistry::new(short_leases()), key).await };
    // Whoever refuses to begin is seen by other checks.
    world.wait(told).unwrap_or(true)
}

/// Whether a watch that is only waited at tells the end of a key. A lease that is over before its key is written takes none.
async fn hear_of_the_end(registry: &ServiceRegistry, key: &str) -> Result<bool, RegistryError> {
    let options = WatchOptions {
        start_revision: None,
        prefix: false,
        prev_kv: false,
        filters: Vec::new(),
    };
    let mut watch = registry.watch(key, options).await?;
    let lease = registry.lease_grant(Duration::from_millis(50)).await?;
    registry.put(key, vec![1], on_lease(lease)).await?;
    // One future until it is ready: dropping it half-way could lose what it has taken.
    let mut told = pin!(async {
        while let Some(response) = watch.next().await {
            let ended = |event: &WatchEvent| matches!(event, WatchEvent::Delete { .. });
            if response.events.iter().any(ended) {
                return true;
            }
        }
        false
    });
    for _ in 0..looks() {
        if let Ok(told) = timeout(LOOK, &mut told).await {
            return Ok(told);
        }
    }
    give_up();
    Ok(false)
}

pub(super) fn outlive(world: &World, key: &str) -> bool {
    let living = async { renew_again_and_again(&ServiceRegistry::new(short_leases()), key).await };
    world.wait(living).unwrap_or(false)
}
