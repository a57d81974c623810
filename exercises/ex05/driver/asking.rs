//! What is told of locks.

use super::World;
use ex05::LockInfo;
use ex05_protocol::{Epoch, Info, Timed};
use std::collections::BTreeMap;

fn told(epoch: Epoch, info: LockInfo) -> Info {
    Info {
        lock: info.lock_id,
        holder: info.holder,
        token: info.fencing_token.0,
        since: epoch.at(info.acquired_at),
        until: epoch.at(info.expires_at),
    }
}

fn all(epoch: Epoch, infos: Vec<LockInfo>) -> Vec<Info> {
    let mut infos: Vec<Info> = infos.into_iter().map(|info| told(epoch, info)).collect();
    infos.sort();
    infos
}

pub(super) fn info(world: &World, lock: &String) -> Timed<Option<Info>> {
    let epoch = world.epoch;
    epoch.timed(|| world.service.get_lock_info(lock).map(|info| told(epoch, info)))
}

pub(super) fn metadata(world: &World, lock: &String) -> Timed<Option<BTreeMap<String, String>>> {
    let found = |info: LockInfo| info.metadata.into_iter().collect();
    world.epoch.timed(|| world.service.get_lock_info(lock).map(found))
}

pub(super) fn list(world: &World) -> Timed<Vec<Info>> {
    let epoch = world.epoch;
    epoch.timed(|| all(epoch, world.service.list_locks()))
}

pub(super) fn list_client(world: &World, client: &String) -> Timed<Vec<Info>> {
    let epoch = world.epoch;
    epoch.timed(|| all(epoch, world.service.list_client_locks(client)))
}
