//! State machines by slot, each with a storage of its own, and snapshots that go from one to another.

use super::{World, answered, log};
use ex13::{KvStateMachine, MemStorage, NodeInfo, Request, TypeConfig};
use ex13_protocol::{Op, Progress, Reply, Slot};
use openraft::storage::{RaftSnapshotBuilder, RaftStateMachine, Snapshot, SnapshotMeta};
use openraft::{Entry, EntryPayload, Membership, StoredMembership};
use std::collections::btree_map::Entry as Place;
use std::collections::{BTreeMap, BTreeSet};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

/// The machines of a script, and its snapshots.
#[derive(Default)]
pub(super) struct Machines {
    machines: BTreeMap<Slot, Machine>,
    snapshots: BTreeMap<Slot, Sent>,
}

struct Machine {
    machine: KvStateMachine,
    storage: MemStorage,
    /// All entries it was given, by index.
    log: BTreeMap<u64, Op>,
    /// The index of the last entry it was given, or had in a snapshot.
    at: u64,
    /// What its last snapshot holds.
    kept: u64,
}

/// A snapshot on its way.
struct Sent {
    meta: SnapshotMeta<u64, NodeInfo>,
    data: Vec<u8>,
    /// The index of its last entry.
    at: u64,
}

fn entry(index: u64, op: Op) -> Entry<TypeConfig> {
    let payload = match op {
        Op::Set(key, value) => EntryPayload::Normal(Request::Set { key, value }),
        Op::Delete(key) => EntryPayload::Normal(Request::Delete { key }),
        Op::Blank => EntryPayload::Blank,
        Op::Voters(voters) => {
            let node = |id: &u64| NodeInfo {
                id: *id,
                addr: format!("node {id}"),
            };
            let nodes: BTreeMap<u64, NodeInfo> = voters.iter().map(|id| (*id, node(id))).collect();
            let voters: BTreeSet<u64> = voters.into_iter().collect();
            EntryPayload::Membership(Membership::new(vec![voters], nodes))
        }
    };
    Entry {
        log_id: log::id((1, index)),
        payload,
    }
}

fn progress(index: Option<u64>, membership: &StoredMembership<u64, NodeInfo>) -> Progress {
    Progress {
        index,
        voters: membership.voter_ids().collect(),
    }
}

fn of_meta(meta: &SnapshotMeta<u64, NodeInfo>) -> Progress {
    progress(meta.last_log_id.map(|id| id.index), &meta.last_membership)
}

/// A new machine on this storage.
async fn open(storage: &MemStorage) -> KvStateMachine {
    KvStateMachine::open(storage).await.expect("`open` fails")
}

/// The bytes of a snapshot, from its beginning, whatever it was built on.
async fn bytes(snapshot: &mut Snapshot<TypeConfig>) -> Vec<u8> {
    let mut data = Vec::new();
    let from_start = snapshot.snapshot.seek(std::io::SeekFrom::Start(0)).await;
    from_start.expect("a snapshot can be read from its start");
    let read = snapshot.snapshot.read_to_end(&mut data).await;
    read.expect("a snapshot can be read");
    data
}

impl Machines {
    async fn at(&mut self, m: Slot) -> &mut Machine {
        let place = match self.machines.entry(m) {
            Place::Occupied(place) => return place.into_mut(),
            Place::Vacant(place) => place,
        };
        let storage = MemStorage::new();
        place.insert(Machine {
            machine: open(&storage).await,
            storage,
            log: BTreeMap::new(),
            at: 0,
            kept: 0,
        })
    }
}

impl Machine {
    async fn progress(&mut self) -> Progress {
        let (last, membership) = self.machine.applied_state().await.expect("`applied_state` fails");
        progress(last.map(|id| id.index), &membership)
    }

    async fn apply(&mut self, first: u64, ops: Vec<Op>) -> Vec<Reply> {
        let entries = (first..).zip(ops).map(|(index, op)| entry(index, op));
        let entries: Vec<Entry<TypeConfig>> = entries.collect();
        let responses = self.machine.apply(entries).await.expect("`apply` fails");
        responses.into_iter().map(answered).collect()
    }
}

pub(super) fn apply(world: &mut World, m: Slot, ops: Vec<Op>) -> Vec<Reply> {
    world.runtime.block_on(async {
        let machine = world.machines.at(m).await;
        let first = machine.at + 1;
        machine.log.extend((first..).zip(ops.clone()));
        machine.at += ops.len() as u64;
        machine.apply(first, ops).await
    })
}

pub(super) fn value(world: &mut World, m: Slot, key: &str) -> Option<Vec<u8>> {
    world
        .runtime
        .block_on(async { world.machines.at(m).await.machine.get(key).await })
}

pub(super) fn applied_state(world: &mut World, m: Slot) -> Progress {
    world
        .runtime
        .block_on(async { world.machines.at(m).await.progress().await })
}

pub(super) fn build_snapshot(world: &mut World, m: Slot, s: Slot) -> Progress {
    world.runtime.block_on(async {
        let machine = world.machines.at(m).await;
        let at = machine.at;
        let mut builder = machine.machine.get_snapshot_builder().await;
        let mut snapshot = builder.build_snapshot().await.expect("`build_snapshot` fails");
        machine.kept = at;
        let data = bytes(&mut snapshot).await;
        let told = of_meta(&snapshot.meta);
        let meta = snapshot.meta;
        world.machines.snapshots.insert(s, Sent { meta, data, at });
        told
    })
}

pub(super) fn install_snapshot(world: &mut World, m: Slot, s: Slot) -> bool {
    world.runtime.block_on(async {
        let Some(sent) = world.machines.snapshots.remove(&s) else {
            return false;
        };
        let machine = world.machines.at(m).await;
        let newer = sent.at > machine.at;
        if newer {
            let receiving = machine.machine.begin_receiving_snapshot().await;
            let mut data = receiving.expect("`begin_receiving_snapshot` fails");
            data.write_all(&sent.data).await.expect("a snapshot can be written");
            data.shutdown().await.expect("a snapshot can be written");
            let installed = machine.machine.install_snapshot(&sent.meta, data).await;
            installed.expect("`install_snapshot` fails");
            (machine.at, machine.kept) = (sent.at, sent.at);
        }
        world.machines.snapshots.insert(s, sent);
        newer
    })
}

pub(super) fn current_snapshot(world: &mut World, m: Slot) -> Option<Progress> {
    world.runtime.block_on(async {
        let machine = &mut world.machines.at(m).await.machine;
        let snapshot = machine.get_current_snapshot().await;
        let snapshot = snapshot.expect("`get_current_snapshot` fails");
        snapshot.map(|snapshot| of_meta(&snapshot.meta))
    })
}

pub(super) fn reopen(world: &mut World, m: Slot) -> Progress {
    world.runtime.block_on(async {
        let machine = world.machines.at(m).await;
        machine.machine = open(&machine.storage).await;
        let known = machine.progress().await.index.unwrap_or(0);
        // What the snapshot holds was purged from the log.
        let first = known.max(machine.kept) + 1;
        let later: Vec<Op> = machine.log.range(first..).map(|(_, op)| op.clone()).collect();
        if !later.is_empty() {
            machine.apply(first, later).await;
        }
        machine.progress().await
    })
}
