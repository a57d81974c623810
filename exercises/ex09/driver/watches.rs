//! Starting and ending watches.

use super::{Watch, World, keys, with};
use ex09::{RegistryConfig, RegistryError, WatchFilter, WatchOptions};
use ex09_protocol::{Moment, Refusal, Slot, Wanted};
use tokio::time::sleep;
use witness::patience::{LOOK, give_up, looks};

fn refusal(error: RegistryError) -> Refusal {
    if let RegistryError::TooManyWatchers(_) = error {
        Refusal::TooManyWatchers
    } else {
        Refusal::Other
    }
}

fn watch_options(prefix: bool, start_revision: Option<u64>) -> WatchOptions {
    WatchOptions {
        start_revision,
        prefix,
        prev_kv: false,
        filters: Vec::new(),
    }
}

/// Starts a watch; `deletions` tells whether those arrive.
fn start(world: &mut World, w: Slot, key: &str, options: WatchOptions, deletions: bool) -> Result<(), Refusal> {
    if world.watches.contains_key(&w) {
        return Err(Refusal::Other);
    }
    let prefix = options.prefix;
    let handle = world.wait(world.registry.watch(key, options)).map_err(refusal)?;
    let key = key.to_owned();
    world.watches.insert(
        w,
        Watch {
            handle,
            key,
            prefix,
            deletions,
        },
    );
    Ok(())
}

pub(super) fn limit(world: &mut World, limit: u8) {
    world.restart(with(|config: &mut RegistryConfig| {
        config.max_watchers_per_key = usize::from(limit.max(1))
    }));
}

pub(super) fn limit_buffer(world: &mut World, size: u8) {
    world.restart(with(|config: &mut RegistryConfig| {
        config.event_buffer_size = usize::from(size.max(1))
    }));
}

/// Watches a key or a prefix from now on.
pub(super) fn watch(world: &mut World, w: Slot, key: &str, prefix: bool) -> Result<(), Refusal> {
    start(world, w, key, watch_options(prefix, None), true)
}

/// The same from a moment on.
pub(super) fn watch_from(world: &mut World, w: Slot, key: &str, prefix: bool, moment: Moment) -> Result<(), Refusal> {
    let revision = world.notes.revision(moment);
    start(world, w, key, watch_options(prefix, revision), true)
}

pub(super) fn watch_compacted(world: &World, key: &str, moment: Moment) -> bool {
    let Some((asked, _)) = world.notes.forgotten(moment) else {
        return true;
    };
    let answer = world.wait(world.registry.watch(key, watch_options(false, Some(asked))));
    matches!(answer, Err(RegistryError::RevisionCompacted { .. }))
}

pub(super) fn watch_filtered(world: &mut World, w: Slot, prefix: &str, wanted: Wanted) -> Result<(), Refusal> {
    let filters = match wanted {
        Wanted::All => Vec::new(),
        Wanted::Puts => vec![WatchFilter::NoDelete],
        Wanted::Deletes => vec![WatchFilter::NoPut],
    };
    let options = WatchOptions {
        filters,
        ..watch_options(true, None)
    };
    start(world, w, prefix, options, wanted != Wanted::Puts)
}

pub(super) fn watch_asking(world: &mut World, w: Slot, prefix: &str) -> Result<(), Refusal> {
    let options = WatchOptions {
        prev_kv: true,
        ..watch_options(true, None)
    };
    start(world, w, prefix, options, true)
}

pub(super) fn watch_in_time(world: &mut World, w: Slot, key: &str) -> Result<(), Refusal> {
    for _ in 0..looks() {
        let answer = watch(world, w, key, false);
        if answer != Err(Refusal::TooManyWatchers) {
            return answer;
        }
        keys::put(world, key, 0);
        world.wait(async { sleep(LOOK).await });
    }
    give_up();
    Err(Refusal::TooManyWatchers)
}

pub(super) fn cancel(world: &mut World, w: Slot) {
    if let Some(watch) = world.watches.remove(&w) {
        world.wait(async { watch.handle.cancel() });
    }
}

pub(super) fn abandon(world: &mut World, w: Slot) {
    let watch = world.watches.remove(&w);
    world.wait(async { drop(watch) });
}
