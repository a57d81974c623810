//! Reading watches: until a mark, and in a storm of writes.

use super::{Watch, World, with};
use ex09::{PutOptions, RegistryConfig, ServiceRegistry, WatchEvent, WatchOptions, WatchResponse};
use ex09_protocol::{Delivery, End, Event, Slot, mark, number_of_mark, sorted};
use std::pin::pin;
use std::sync::Arc;
use tokio::time::timeout;
use witness::aio::{Flavor, Operation as Task, Runtime};
use witness::patience::{LOOK, give_up, looks};

/// The key of an event, and the value if it is a write.
fn told(event: &WatchEvent) -> (&str, Option<&[u8]>) {
    match event {
        WatchEvent::Put(kv) => (&kv.key, Some(&kv.value)),
        WatchEvent::Delete { key, .. } => (key, None),
    }
}

/// Writes the next mark.
async fn write_mark(registry: &ServiceRegistry, watched: &str, prefix: bool, marks: &mut u32) {
    *marks += 1;
    let (key, value) = mark(watched, prefix, *marks);
    let _ = registry.put(&key, value, PutOptions::default()).await;
    if prefix {
        let _ = registry.delete(&key, false).await;
    }
}

/// Reads until a mark arrives that is written now. Marks are not told, nor are responses without anything else.
///
/// Should it not arrive for a while, another is written: a watch that lost the first has room again once it was read.
async fn read_until_mark(registry: &ServiceRegistry, watch: &mut Watch, marks: &mut u32) -> (Vec<WatchResponse>, End) {
    let Watch {
        handle,
        key,
        prefix,
        deletions,
    } = watch;
    let first = *marks + 1;
    write_mark(registry, key, *prefix, marks).await;
    let mut responses = Vec::new();
    loop {
        // One future until it is ready: dropping it half-way could lose what it has taken.
        let mut next = pin!(handle.next());
        let mut left = looks();
        let mut response = loop {
            match timeout(LOOK, &mut next).await {
                Ok(Some(response)) => break response,
                Ok(None) => return (responses, End::Ended),
                Err(_) if left == 0 => {
                    give_up();
                    return (responses, End::Silent);
                }
                Err(_) => {
                    left -= 1;
                    write_mark(registry, key, *prefix, marks).await;
                }
            }
        };
        // A mark of a prefix is written, then deleted: the last of that which the watch wants ends the reading.
        let last_is_put = !*prefix || !*deletions;
        let mut complete = false;
        response.events.retain(|event| {
            let (key, value) = told(event);
            let number = number_of_mark(*prefix, key, value);
            complete |= number >= Some(first) && value.is_some() == last_is_put;
            number.is_none()
        });
        if !response.events.is_empty() {
            responses.push(response);
        }
        if complete {
            return (responses, End::Complete);
        }
    }
}

/// Reads a watch of the script until a mark arrives.
fn read_watch(world: &mut World, w: Slot) -> (Vec<WatchResponse>, End) {
    match world.watches.get_mut(&w) {
        Some(watch) => world
            .runtime
            .block_on(read_until_mark(&world.registry, watch, &mut world.marks)),
        None => (Vec::new(), End::NoWatch),
    }
}

/// The greatest revision of the writes among events.
fn modified(events: &[WatchEvent]) -> u64 {
    let each = events.iter().map(|event| match event {
        WatchEvent::Put(kv) => kv.mod_revision,
        WatchEvent::Delete { .. } => 0,
    });
    each.max().unwrap_or(0)
}

pub(super) fn drain(world: &mut World, w: Slot) -> Delivery {
    let (responses, end) = read_watch(world, w);
    let events = responses.iter().flat_map(|response| &response.events);
    let events = events.map(|event| match told(event) {
        (key, Some(value)) => Event::Put(key.to_owned(), value.to_vec()),
        (key, None) => Event::Delete(key.to_owned()),
    });
    Delivery {
        events: events.collect(),
        end,
    }
}

pub(super) fn drain_deletions(world: &mut World, w: Slot) -> Vec<(String, Option<Vec<u8>>)> {
    let events = read_watch(world, w).0.into_iter().flat_map(|response| response.events);
    let deletion = |event| match event {
        WatchEvent::Delete { key, prev_value } => Some((key, prev_value.map(|kv| kv.value))),
        WatchEvent::Put(_) => None,
    };
    events.filter_map(deletion).collect()
}

pub(super) fn drain_revisions(world: &mut World, w: Slot) -> Vec<(u64, u64)> {
    let responses = read_watch(world, w).0;
    let revisions = responses
        .iter()
        .map(|response| (response.revision, modified(&response.events)));
    revisions.collect()
}

/// Writes a key of its own. The revision, 0 if that is refused.
async fn write_in_storm(registry: &ServiceRegistry, task: u8) -> u64 {
    let answer = registry
        .put(&format!("/storm/{task}"), vec![task], PutOptions::default())
        .await;
    answer.map_or(0, |answer| answer.revision)
}

pub(super) fn storm(tasks: u8, times: u8) -> (Vec<u64>, Vec<u64>) {
    let threads = Runtime::new(Flavor::MultiThread(4));
    let config = with(|config: &mut RegistryConfig| config.event_buffer_size = 4096);
    let registry = threads.block_on(async { Arc::new(ServiceRegistry::new(config)) });
    let key = "/storm/".to_owned();
    let options = WatchOptions {
        start_revision: None,
        prefix: true,
        prev_kv: false,
        filters: Vec::new(),
    };
    let Ok(handle) = threads.block_on(registry.watch(&key, options)) else {
        return (vec![0], Vec::new());
    };
    let task = |task: u8| -> Task<u64> {
        let registry = Arc::clone(&registry);
        Box::new(move || Box::pin(async move { write_in_storm(&registry, task).await }))
    };
    let programs = (0..tasks).map(|number| (0..times).map(|_| task(number)).collect());
    let calls = threads.together(programs.collect());
    let mut watch = Watch {
        handle,
        key,
        prefix: true,
        deletions: true,
    };
    let (responses, _) = threads.block_on(read_until_mark(&registry, &mut watch, &mut 0));
    let events = responses.iter().flat_map(|response| response.events.chunks(1));
    (
        sorted(calls.into_iter().map(|call| call.value)),
        events.map(modified).collect(),
    )
}
