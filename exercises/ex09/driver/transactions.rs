//! Transactions: comparisons of each kind, and lists of operations.

use super::{World, comparison, has, keys, to_read, to_write};
use ex09::{Compare, CompareTarget, PutOptions, Transaction, TxnOp, TxnOpResponse};
use ex09_protocol::{Done, Moment, Operation, Refusal, Relation, Slot, settled};

/// Writes `/yes` or `/no`. Whether the comparisons held.
fn choose(world: &World, compare: Vec<Compare>) -> Result<bool, Refusal> {
    let answer = world.wait(world.registry.txn(Transaction {
        compare,
        success: vec![to_write("/yes", vec![1])],
        failure: vec![to_write("/no", vec![1])],
    }));
    answer.map(|answer| answer.succeeded).map_err(|_| Refusal::Other)
}

fn translated(world: &World, operations: Vec<Operation>) -> Vec<TxnOp> {
    let operations = settled(operations, |key| keys::exists(world, key).is_ok());
    let each = operations.into_iter().map(|operation| match operation {
        Operation::Put(key, value) => vec![to_write(&key, vec![value])],
        Operation::PutGet(key, value) => vec![to_write(&key, vec![value]), to_read(&key)],
        Operation::Get(key) => vec![to_read(&key)],
        Operation::Delete(key) => vec![TxnOp::Delete { key, prefix: false }],
        Operation::DeletePrefix(key) => vec![TxnOp::Delete { key, prefix: true }],
    });
    each.flatten().collect()
}

pub(super) fn commit(world: &mut World, operations: Vec<Operation>) -> Result<Vec<Done>, Refusal> {
    let answer = world.wait(world.registry.txn(Transaction {
        compare: Vec::new(),
        success: translated(world, operations),
        failure: Vec::new(),
    }));
    let answer = answer.map_err(|_| Refusal::Other)?;
    let done = answer.responses.into_iter().map(|response| match response {
        TxnOpResponse::Put(_) => Done::Put,
        TxnOpResponse::Get(found) => Done::Got(found.kvs.into_iter().map(|kv| kv.value).collect()),
        TxnOpResponse::Delete(deletion) => Done::Deleted(deletion.deleted),
    });
    let done: Vec<Done> = done.collect();
    let changed = done.iter().any(|done| matches!(done, Done::Put | Done::Deleted(1..)));
    world.notes.revisions.extend(changed.then_some(answer.revision));
    Ok(done)
}

pub(super) fn commit_refused(world: &World, operations: Vec<Operation>) -> bool {
    let mut success = translated(world, operations);
    success.push(TxnOp::Put {
        key: "/refused".to_owned(),
        value: Vec::new(),
        options: PutOptions {
            lease: Some(u64::MAX),
            ..PutOptions::default()
        },
    });
    let answer = world.wait(world.registry.txn(Transaction {
        compare: Vec::new(),
        success,
        failure: Vec::new(),
    }));
    answer.is_err()
}

pub(super) fn if_version(world: &World, key: &str, relation: Relation, version: u8) -> Result<bool, Refusal> {
    let target = CompareTarget::Version(u64::from(version));
    choose(world, comparison(key, target, relation))
}

pub(super) fn if_created(world: &World, key: &str, relation: Relation, moment: Moment) -> Result<bool, Refusal> {
    let revision = world.notes.revision(moment).unwrap_or(0);
    choose(
        world,
        comparison(key, CompareTarget::CreateRevision(revision), relation),
    )
}

pub(super) fn if_modified(world: &World, key: &str, relation: Relation, moment: Moment) -> Result<bool, Refusal> {
    let revision = world.notes.revision(moment).unwrap_or(0);
    choose(world, comparison(key, CompareTarget::ModRevision(revision), relation))
}

pub(super) fn if_value(world: &World, key: &str, relation: Relation, value: Vec<u8>) -> Result<bool, Refusal> {
    keys::exists(world, key)?;
    choose(world, comparison(key, CompareTarget::Value(value), relation))
}

pub(super) fn if_lease(world: &World, key: &str, l: Slot) -> Result<bool, Refusal> {
    keys::exists(world, key)?;
    let lease = world.notes.leases.get(&l).copied().unwrap_or(0);
    choose(world, has(key, CompareTarget::Lease(lease)))
}

pub(super) fn if_all(world: &World, versions: &[(String, u8)]) -> Result<bool, Refusal> {
    let version = |(key, version): &(String, u8)| has(key, CompareTarget::Version(u64::from(*version)));
    choose(world, versions.iter().flat_map(version).collect())
}
