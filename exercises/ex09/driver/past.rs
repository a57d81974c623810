//! Revisions: noting them as moments, reading at them, forgetting them.

use super::{World, key_refusal, with};
use ex09::{GetOptions, PutOptions, RegistryConfig, RegistryError, ServiceRegistry};
use ex09_protocol::{Moment, Refusal};
use tokio::time::sleep;
use witness::patience::{LOOK, give_up, looks};

/// The state at a revision.
fn at_revision(revision: Option<u64>) -> GetOptions {
    with(|options: &mut GetOptions| options.revision = revision)
}

pub(super) fn write(world: &mut World, key: &str, value: u8) -> bool {
    let answer = world.wait(world.registry.put(key, vec![value], PutOptions::default()));
    let revision = answer.as_ref().map(|answer| answer.revision);
    world.notes.revisions.extend(revision);
    answer.is_ok()
}

pub(super) fn erase(world: &mut World, key: &str) -> usize {
    let answer = world.wait(world.registry.delete(key, false));
    let (deleted, revision) = answer.map_or((0, 0), |answer| (answer.deleted, answer.revision));
    world.notes.revisions.extend((deleted > 0).then_some(revision));
    deleted
}

pub(super) fn current_revision(world: &World) -> Moment {
    world.notes.latest(world.wait(world.registry.current_revision()))
}

pub(super) fn get_at(world: &World, key: &str, moment: Moment) -> Result<Vec<u8>, Refusal> {
    let then = at_revision(world.notes.revision(moment));
    let found = world.wait(world.registry.get(key, then)).map_err(key_refusal)?;
    found.kvs.into_iter().map(|kv| kv.value).next().ok_or(Refusal::Other)
}

pub(super) fn compact(world: &mut World, moment: Moment) -> bool {
    let Some(revision) = world.notes.revision(moment) else {
        return true;
    };
    world.notes.compacted_to(revision);
    world.wait(world.registry.compact(revision)).is_ok()
}

pub(super) fn get_compacted(world: &World, key: &str, moment: Moment) -> bool {
    let Some((asked, to)) = world.notes.forgotten(moment) else {
        return true;
    };
    match world.wait(world.registry.get(key, at_revision(Some(asked)))) {
        Err(RegistryError::RevisionCompacted { requested, compact }) => (requested, compact) == (asked, to),
        _ => false,
    }
}

pub(super) fn age(world: &World) -> bool {
    let config = with(|config: &mut RegistryConfig| {
        config.compaction_interval_secs = 1;
        config.revision_retention_secs = 1;
    });
    let aging = async { write_until_compacted(&ServiceRegistry::new(config)).await };
    world.wait(aging).unwrap_or(false)
}

/// Writes until the first revision is refused.
async fn write_until_compacted(registry: &ServiceRegistry) -> Result<bool, RegistryError> {
    let first = registry.put("/age", vec![0], PutOptions::default()).await?.revision;
    for _ in 0..looks() {
        registry.put("/age", vec![1], PutOptions::default()).await?;
        let then = at_revision(Some(first));
        if let Err(RegistryError::RevisionCompacted { .. }) = registry.get("/age", then).await {
            return Ok(true);
        }
        sleep(LOOK).await;
    }
    give_up();
    Ok(false)
}
