//! The log of one storage, by the course's methods and by the library's traits.

use super::World;
use ex13::{Entry, EntryPayload, LogId, Request, TypeConfig};
use ex13_protocol::{Ends, Place, Record};
use openraft::storage::{RaftLogReader, RaftLogStorage, RaftLogStorageExt};
use openraft::{CommittedLeaderId, Vote};

fn request(value: Vec<u8>) -> Request {
    Request::Set {
        key: "key".to_owned(),
        value,
    }
}

fn value_of(request: Request) -> Option<Vec<u8>> {
    match request {
        Request::Set { value, .. } => Some(value),
        Request::Delete { .. } => None,
    }
}

/// A log id of the course.
fn local((term, index): Place) -> LogId {
    LogId { term, index }
}

/// A log id of the library.
pub(super) fn id((term, index): Place) -> openraft::LogId<u64> {
    openraft::LogId::new(CommittedLeaderId::new(term, 0), index)
}

fn place(id: openraft::LogId<u64>) -> Place {
    (id.leader_id.term, id.index)
}

fn local_record(entry: Entry<TypeConfig>) -> Record {
    let value = match entry.payload {
        EntryPayload::Normal(request) => value_of(request),
        _ => None,
    };
    ((entry.log_id.term, entry.log_id.index), value)
}

fn record(entry: openraft::Entry<TypeConfig>) -> Record {
    let value = match entry.payload {
        openraft::EntryPayload::Normal(request) => value_of(request),
        _ => None,
    };
    (place(entry.log_id), value)
}

pub(super) fn append_to_log(world: &mut World, term: u64, values: Vec<Vec<u8>>) -> bool {
    let places = world.track.append(term, values.len());
    let entries = places.into_iter().zip(values).map(|(place, value)| Entry {
        log_id: local(place),
        payload: EntryPayload::Normal(request(value)),
    });
    let entries: Vec<Entry<TypeConfig>> = entries.collect();
    world.runtime.block_on(world.storage.append_to_log(entries)).is_ok()
}

pub(super) fn delete_conflict_logs(world: &mut World, count: u8) -> bool {
    match world.track.truncate(count) {
        Some(first) => world
            .runtime
            .block_on(world.storage.delete_conflict_logs(local(first)))
            .is_ok(),
        None => true,
    }
}

pub(super) fn get_log_state(world: &mut World) -> Ends {
    let state = world.runtime.block_on(world.storage.get_log_state());
    let state = state.expect("`get_log_state` fails");
    Ends {
        purged: state.last_purged_log_id.map(|id| (id.term, id.index)),
        last: state.last_log_id.map(|id| (id.term, id.index)),
    }
}

pub(super) fn try_get_log_entries(world: &mut World, from: u64, to: u64) -> Vec<Record> {
    let entries = world
        .runtime
        .block_on(world.storage.try_get_log_entries(from..to.max(from)));
    let entries = entries.expect("`try_get_log_entries` fails");
    entries.into_iter().map(local_record).collect()
}

pub(super) fn append(world: &mut World, term: u64, values: Vec<Vec<u8>>) -> bool {
    let places = world.track.append(term, values.len());
    let entries = places.into_iter().zip(values).map(|(place, value)| openraft::Entry {
        log_id: id(place),
        payload: openraft::EntryPayload::Normal(request(value)),
    });
    let entries: Vec<openraft::Entry<TypeConfig>> = entries.collect();
    if entries.is_empty() {
        return true;
    }
    world.runtime.block_on(world.storage.blocking_append(entries)).is_ok()
}

pub(super) fn truncate(world: &mut World, count: u8) -> bool {
    match world.track.truncate(count) {
        Some(first) => {
            let truncating = RaftLogStorage::truncate(&mut world.storage, id(first));
            world.runtime.block_on(truncating).is_ok()
        }
        None => true,
    }
}

pub(super) fn purge(world: &mut World, count: u8) -> bool {
    match world.track.purge(count) {
        Some(last) => {
            let purging = RaftLogStorage::purge(&mut world.storage, id(last));
            world.runtime.block_on(purging).is_ok()
        }
        None => true,
    }
}

pub(super) fn ends(world: &mut World) -> Ends {
    let state = world
        .runtime
        .block_on(RaftLogStorage::get_log_state(&mut world.storage));
    let state = state.expect("`get_log_state` fails");
    Ends {
        purged: state.last_purged_log_id.map(place),
        last: state.last_log_id.map(place),
    }
}

pub(super) fn read(world: &mut World, from: u64, to: u64) -> Vec<Record> {
    let reading = RaftLogReader::try_get_log_entries(&mut world.storage, from..=to.max(from));
    let entries = world.runtime.block_on(reading).expect("`try_get_log_entries` fails");
    entries.into_iter().map(record).collect()
}

pub(super) fn read_apart(world: &mut World, from: u64) -> Vec<Record> {
    let entries = world.runtime.block_on(async {
        let mut reader = RaftLogStorage::get_log_reader(&mut world.storage).await;
        RaftLogReader::try_get_log_entries(&mut reader, from..).await
    });
    let entries = entries.expect("`try_get_log_entries` fails");
    entries.into_iter().map(record).collect()
}

pub(super) fn save_vote(world: &mut World, term: u64, node: u64, committed: bool) -> bool {
    let vote = if committed {
        Vote::new_committed(term, node)
    } else {
        Vote::new(term, node)
    };
    let saving = RaftLogStorage::save_vote(&mut world.storage, &vote);
    world.runtime.block_on(saving).is_ok()
}

pub(super) fn read_vote(world: &mut World) -> Option<(u64, u64, bool)> {
    let vote = world.runtime.block_on(RaftLogStorage::read_vote(&mut world.storage));
    let vote = vote.expect("`read_vote` fails")?;
    Some((vote.leader_id.term, vote.leader_id.node_id, vote.committed))
}
