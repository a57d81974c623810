//! Several tasks at once, on threads and in registries of their own.

use super::{has, to_read, to_write};
use ex09::{
    CompareTarget, GetOptions, PutOptions, RegistryConfig, RegistryError, ServiceRegistry, Transaction, TxnOpResponse,
};
use ex09_protocol::{Act, Answered, Reply, bytes, number};
use std::sync::Arc;
use tokio::task::yield_now;
use witness::aio::{Call, Flavor, Operation as Task, Runtime};

/// A registry for tasks on several threads, with these keys at 0.
fn shared(threads: &Runtime, keys: &[&str]) -> Arc<ServiceRegistry> {
    threads.block_on(async {
        let registry = ServiceRegistry::new(RegistryConfig::default());
        for key in keys {
            let _ = registry.put(key, bytes(0), PutOptions::default()).await;
        }
        Arc::new(registry)
    })
}

fn value_read(response: &TxnOpResponse) -> Option<u16> {
    let TxnOpResponse::Get(found) = response else {
        return None;
    };
    found.kvs.first().map(|kv| number(&kv.value))
}

async fn perform(registry: &ServiceRegistry, act: Act) -> Result<Reply, RegistryError> {
    let is = |value| CompareTarget::Value(bytes(value));
    let (compare, success) = match act {
        Act::Put(key, value) => {
            let written = registry.put(&key, bytes(value), PutOptions::default()).await;
            return written.map(|_| Reply::Written);
        }
        Act::Get(key) => {
            let found = registry.get(&key, GetOptions::default()).await.ok();
            let value = found.and_then(|found| found.kvs.first().map(|kv| number(&kv.value)));
            return Ok(Reply::Values(vec![value]));
        }
        Act::Remove => {
            let deleted = registry.delete("z", false).await.map_or(0, |answer| answer.deleted);
            return Ok(Reply::Removed(deleted > 0));
        }
        Act::GetBoth => {
            let txn = Transaction {
                success: vec![to_read("x"), to_read("y")],
                ..Transaction::default()
            };
            let responses = registry.txn(txn).await?.responses;
            return Ok(Reply::Values(responses.iter().map(value_read).collect()));
        }
        Act::Swap(key, from, to) => (has(&key, is(from)), vec![to_write(&key, bytes(to))]),
        Act::SwapBoth(from, to) => (
            has("x", is(from)),
            vec![to_write("x", bytes(to)), to_write("y", bytes(to))],
        ),
        Act::Create(to) => (has("z", CompareTarget::Version(0)), vec![to_write("z", bytes(to))]),
    };
    let txn = Transaction {
        compare,
        success,
        failure: Vec::new(),
    };
    registry.txn(txn).await.map(|answer| Reply::Held(answer.succeeded))
}

/// Adds one to the counter, again until nobody came between.
async fn add_one(registry: &ServiceRegistry) -> Result<(), RegistryError> {
    // Somebody succeeds each time somebody fails, so nobody ever needs that many attempts.
    for _ in 0..10_000 {
        let found = registry.get("counter", GetOptions::default()).await?;
        let Some(kv) = found.kvs.first() else { return Ok(()) };
        let compare = has("counter", CompareTarget::ModRevision(kv.mod_revision));
        let success = vec![to_write("counter", bytes(number(&kv.value).wrapping_add(1)))];
        if registry
            .txn(Transaction {
                compare,
                success,
                failure: Vec::new(),
            })
            .await?
            .succeeded
        {
            return Ok(());
        }
        yield_now().await;
    }
    Ok(())
}

pub(super) fn together(programs: Vec<Vec<Act>>) -> Vec<Call<Answered>> {
    let threads = Runtime::new(Flavor::MultiThread(4));
    let registry = shared(&threads, &["x", "y"]);
    let task = |act: Act| -> Task<Answered> {
        let registry = Arc::clone(&registry);
        Box::new(move || {
            Box::pin(async move {
                let reply = perform(&registry, act.clone()).await.unwrap_or(Reply::Refused);
                Answered { act, reply }
            })
        })
    };
    let tasks = programs.into_iter().map(|acts| acts.into_iter().map(task).collect());
    threads.together(tasks.collect())
}

pub(super) fn count_up(tasks: u8, times: u8) -> u64 {
    let threads = Runtime::new(Flavor::MultiThread(4));
    let registry = shared(&threads, &["counter"]);
    let task = || -> Task<bool> {
        let registry = Arc::clone(&registry);
        Box::new(move || Box::pin(async move { add_one(&registry).await.is_ok() }))
    };
    threads.together((0..tasks).map(|_| (0..times).map(|_| task()).collect()).collect());
    let found = threads.block_on(registry.get("counter", GetOptions::default()));
    found
        .ok()
        .and_then(|found| found.kvs.first().map(|kv| u64::from(number(&kv.value))))
        .unwrap_or(0)
}
