//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.
//!
//! How it knows that a watch has delivered everything, without waiting for a while and hoping: it writes a *mark* that
//! the watch must deliver too, and reads until the mark arrives.

use ex09::{
    Compare, CompareResult, CompareTarget, DeleteResponse, GetOptions, GetResponse, HealthCheckDef, KeyValue,
    PutOptions, PutResponse, RegistryConfig, RegistryError, ServiceInstance, ServiceRegistration, ServiceRegistry,
    ServiceStatus, SortOrder, Transaction, TxnOp, TxnOpResponse, TxnResponse, WatchEvent, WatchFilter, WatchHandle,
    WatchOptions, WatchResponse,
};
use ex09_protocol::{
    Act, Answered, Delivery, Done, End, Event, Instance, LOOK, Moment, Notes, Operation, Order, Refusal, Registry,
    Relation, Reply, Service, Slot, Status, Wanted, bytes, give_up, looks, mark, number, number_of_mark, settled,
    sorted,
};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};
use witness::aio::{Call, Flavor, Operation as Task, Runtime};

/// A registry, the watches on it, and what stands behind the script's numbers.
pub struct World {
    runtime: Runtime,
    registry: ServiceRegistry,
    watches: BTreeMap<Slot, Watch>,
    notes: Notes,
    marks: u32,
}

struct Watch {
    handle: WatchHandle,
    key: String,
    prefix: bool,
    /// Whether deletions arrive.
    deletions: bool,
}

impl Default for World {
    fn default() -> Self {
        let runtime = Runtime::new(Flavor::CurrentThread);
        // Inside the runtime: a registry may start tasks.
        let registry = runtime.block_on(async { ServiceRegistry::new(RegistryConfig::default()) });
        Self {
            runtime,
            registry,
            watches: BTreeMap::new(),
            notes: Notes::default(),
            marks: 0,
        }
    }
}

impl World {
    /// Starts again with another registry.
    fn restart(&mut self, config: RegistryConfig) {
        self.watches.clear();
        self.notes = Notes::default();
        self.registry = self.runtime.block_on(async { ServiceRegistry::new(config) });
    }

    fn find(&self, key: &str, options: GetOptions) -> Result<GetResponse, RegistryError> {
        self.runtime.block_on(self.registry.get(key, options))
    }

    fn store(&self, key: &str, value: u8, options: PutOptions) -> Result<PutResponse, RegistryError> {
        self.runtime.block_on(self.registry.put(key, vec![value], options))
    }

    fn remove(&self, key: &str, prefix: bool) -> Result<DeleteResponse, RegistryError> {
        self.runtime.block_on(self.registry.delete(key, prefix))
    }

    fn transact(
        &self,
        compare: Vec<Compare>,
        success: Vec<TxnOp>,
        failure: Vec<TxnOp>,
    ) -> Result<TxnResponse, RegistryError> {
        self.runtime.block_on(self.registry.txn(Transaction {
            compare,
            success,
            failure,
        }))
    }

    /// A key as it is now.
    fn now(&self, key: &str) -> Result<KeyValue, Refusal> {
        let found = self.find(key, GetOptions::default()).map_err(key_refusal)?;
        found.kvs.into_iter().next().ok_or(Refusal::Other)
    }

    /// Keys and values as they come; none if that is an error.
    fn pairs(&self, prefix: &str, options: GetOptions) -> Vec<(String, Vec<u8>)> {
        let found = self.find(
            prefix,
            GetOptions {
                prefix: true,
                ..options
            },
        );
        found.map_or(Vec::new(), |found| {
            found.kvs.into_iter().map(|kv| (kv.key, kv.value)).collect()
        })
    }

    fn choose(&self, compare: Vec<Compare>) -> Result<bool, Refusal> {
        let answer = self.transact(compare, vec![write("/yes", vec![1])], vec![write("/no", vec![1])]);
        answer.map(|answer| answer.succeeded).map_err(other)
    }

    fn operations(&self, operations: Vec<Operation>) -> Vec<TxnOp> {
        let operations = settled(operations, |key| self.now(key).is_ok());
        let each = operations.into_iter().map(|operation| match operation {
            Operation::Put(key, value) => vec![write(&key, vec![value])],
            Operation::PutGet(key, value) => vec![write(&key, vec![value]), read(&key)],
            Operation::Get(key) => vec![read(&key)],
            Operation::Delete(key) => vec![TxnOp::Delete { key, prefix: false }],
            Operation::DeletePrefix(key) => vec![TxnOp::Delete { key, prefix: true }],
        });
        each.flatten().collect()
    }

    fn start_watch(&mut self, w: Slot, key: String, options: WatchOptions, deletions: bool) -> Result<(), Refusal> {
        if self.watches.contains_key(&w) {
            return Err(Refusal::Other);
        }
        let prefix = options.prefix;
        let handle = self
            .runtime
            .block_on(self.registry.watch(&key, options))
            .map_err(watch_refusal)?;
        self.watches.insert(
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

    /// Reads a watch until a mark arrives.
    fn read_watch(&mut self, w: Slot) -> (Vec<WatchResponse>, End) {
        match self.watches.get_mut(&w) {
            Some(watch) => self
                .runtime
                .block_on(read_until_mark(&self.registry, watch, &mut self.marks)),
            None => (Vec::new(), End::NoWatch),
        }
    }

    fn discovered(&self, name: &str, namespace: &str) -> Vec<ServiceInstance> {
        self.runtime
            .block_on(self.registry.discover(name, namespace))
            .unwrap_or_default()
    }

    fn filtered(&self, name: &str, namespace: &str, tags: &[String], status: Option<ServiceStatus>) -> Vec<String> {
        let found = self
            .runtime
            .block_on(self.registry.discover_with_filters(name, namespace, tags, status));
        sorted(found.unwrap_or_default().into_iter().map(|service| service.id))
    }
}

/// The default, but for what is set.
fn with<T: Default>(set: impl FnOnce(&mut T)) -> T {
    let mut options = T::default();
    set(&mut options);
    options
}

/// The state at a revision.
fn at(revision: Option<u64>) -> GetOptions {
    with(|options: &mut GetOptions| options.revision = revision)
}

fn other(_: RegistryError) -> Refusal {
    Refusal::Other
}

fn key_refusal(error: RegistryError) -> Refusal {
    if let RegistryError::KeyNotFound(_) = error {
        Refusal::KeyNotFound
    } else {
        Refusal::Other
    }
}

fn watch_refusal(error: RegistryError) -> Refusal {
    if let RegistryError::TooManyWatchers(_) = error {
        Refusal::TooManyWatchers
    } else {
        Refusal::Other
    }
}

fn service_refusal(error: RegistryError) -> Refusal {
    if let RegistryError::ServiceNotFound(_) = error {
        Refusal::ServiceNotFound
    } else {
        Refusal::Other
    }
}

fn lease_refusal(error: RegistryError) -> Refusal {
    match error {
        RegistryError::LeaseNotFound(_) | RegistryError::LeaseExpired(_) => Refusal::LeaseNotFound,
        _ => Refusal::Other,
    }
}

fn order(order: Order) -> SortOrder {
    match order {
        Order::Ascend => SortOrder::Ascend,
        Order::Descend => SortOrder::Descend,
    }
}

fn compare(key: &str, target: CompareTarget, relation: Relation) -> Vec<Compare> {
    let result = match relation {
        Relation::Equal => CompareResult::Equal,
        Relation::Greater => CompareResult::Greater,
        Relation::Less => CompareResult::Less,
        Relation::NotEqual => CompareResult::NotEqual,
    };
    vec![Compare {
        key: key.to_owned(),
        target,
        result,
    }]
}

fn write(key: &str, value: Vec<u8>) -> TxnOp {
    TxnOp::Put {
        key: key.to_owned(),
        value,
        options: PutOptions::default(),
    }
}

fn read(key: &str) -> TxnOp {
    TxnOp::Get {
        key: key.to_owned(),
        options: GetOptions::default(),
    }
}

fn on_lease(lease: u64) -> PutOptions {
    with(|options: &mut PutOptions| options.lease = Some(lease))
}

fn watching(prefix: bool) -> WatchOptions {
    WatchOptions {
        start_revision: None,
        prefix,
        prev_kv: false,
        filters: Vec::new(),
    }
}

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

fn with_short_leases() -> ServiceRegistry {
    ServiceRegistry::new(with(|config: &mut RegistryConfig| config.min_lease_ttl_secs = 0))
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

/// Writes until the first revision is refused.
async fn write_until_compacted(registry: &ServiceRegistry) -> Result<bool, RegistryError> {
    let first = registry.put("/age", vec![0], PutOptions::default()).await?.revision;
    for _ in 0..looks() {
        registry.put("/age", vec![1], PutOptions::default()).await?;
        let then = at(Some(first));
        if let Err(RegistryError::RevisionCompacted { .. }) = registry.get("/age", then).await {
            return Ok(true);
        }
        sleep(LOOK).await;
    }
    give_up();
    Ok(false)
}

fn has(key: &str, target: CompareTarget) -> Vec<Compare> {
    compare(key, target, Relation::Equal)
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
                success: vec![read("x"), read("y")],
                ..Transaction::default()
            };
            let responses = registry.txn(txn).await?.responses;
            return Ok(Reply::Values(responses.iter().map(value_read).collect()));
        }
        Act::Swap(key, from, to) => (has(&key, is(from)), vec![write(&key, bytes(to))]),
        Act::SwapBoth(from, to) => (has("x", is(from)), vec![write("x", bytes(to)), write("y", bytes(to))]),
        Act::Create(to) => (has("z", CompareTarget::Version(0)), vec![write("z", bytes(to))]),
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
        let success = vec![write("counter", bytes(number(&kv.value).wrapping_add(1)))];
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

/// A registry for tasks on several threads, with these keys at 0.
fn shared(threads: &Runtime, keys: &[&str], config: RegistryConfig) -> Arc<ServiceRegistry> {
    threads.block_on(async {
        let registry = ServiceRegistry::new(config);
        for key in keys {
            let _ = registry.put(key, bytes(0), PutOptions::default()).await;
        }
        Arc::new(registry)
    })
}

/// Writes a key of its own. The revision, 0 if that is refused.
async fn write_in_storm(registry: &ServiceRegistry, task: u8) -> u64 {
    let answer = registry
        .put(&format!("/storm/{task}"), vec![task], PutOptions::default())
        .await;
    answer.map_or(0, |answer| answer.revision)
}

/// The greatest revision of the writes among events.
fn modified(events: &[WatchEvent]) -> u64 {
    let each = events.iter().map(|event| match event {
        WatchEvent::Put(kv) => kv.mod_revision,
        WatchEvent::Delete { .. } => 0,
    });
    each.max().unwrap_or(0)
}

impl Registry for World {
    fn limit_watchers(&mut self, limit: u8) {
        self.restart(with(|config: &mut RegistryConfig| {
            config.max_watchers_per_key = usize::from(limit.max(1))
        }));
    }

    fn limit_buffer(&mut self, size: u8) {
        self.restart(with(|config: &mut RegistryConfig| {
            config.event_buffer_size = usize::from(size.max(1))
        }));
    }

    fn limit_leases(&mut self, secs: u16) {
        self.restart(with(|config: &mut RegistryConfig| {
            config.min_lease_ttl_secs = u64::from(secs)
        }));
    }

    fn put(&mut self, key: String, value: u8) -> bool {
        self.store(&key, value, PutOptions::default()).is_ok()
    }

    fn put_asking(&mut self, key: String, value: u8) -> Result<Option<Vec<u8>>, Refusal> {
        let answer = self.store(&key, value, with(|options: &mut PutOptions| options.prev_kv = true));
        Ok(answer.map_err(other)?.prev_kv.map(|kv| kv.value))
    }

    fn put_other(&mut self, key: String, value: u8) -> bool {
        self.store(
            &key,
            value,
            with(|options: &mut PutOptions| options.ignore_value = true),
        )
        .is_ok()
    }

    fn get(&mut self, key: String) -> Result<Vec<u8>, Refusal> {
        Ok(self.now(&key)?.value)
    }

    fn delete(&mut self, key: String) -> usize {
        self.remove(&key, false).map_or(0, |answer| answer.deleted)
    }

    fn delete_prefix(&mut self, prefix: String) -> usize {
        self.remove(&prefix, true).map_or(0, |answer| answer.deleted)
    }

    fn delete_asking(&mut self, prefix: String) -> Vec<(String, Vec<u8>)> {
        let removed = self.remove(&prefix, true).map_or(Vec::new(), |answer| answer.prev_kvs);
        sorted(removed.into_iter().map(|kv| (kv.key, kv.value)))
    }

    fn write(&mut self, key: String, value: u8) -> bool {
        let answer = self.store(&key, value, PutOptions::default());
        self.notes
            .revisions
            .extend(answer.as_ref().map(|answer| answer.revision));
        answer.is_ok()
    }

    fn erase(&mut self, key: String) -> usize {
        let (deleted, revision) = self
            .remove(&key, false)
            .map_or((0, 0), |answer| (answer.deleted, answer.revision));
        self.notes.revisions.extend((deleted > 0).then_some(revision));
        deleted
    }

    fn commit(&mut self, operations: Vec<Operation>) -> Result<Vec<Done>, Refusal> {
        let answer = self
            .transact(Vec::new(), self.operations(operations), Vec::new())
            .map_err(other)?;
        let done = answer.responses.into_iter().map(|response| match response {
            TxnOpResponse::Put(_) => Done::Put,
            TxnOpResponse::Get(found) => Done::Got(found.kvs.into_iter().map(|kv| kv.value).collect()),
            TxnOpResponse::Delete(deletion) => Done::Deleted(deletion.deleted),
        });
        let done: Vec<Done> = done.collect();
        let changed = done.iter().any(|done| matches!(done, Done::Put | Done::Deleted(1..)));
        self.notes.revisions.extend(changed.then_some(answer.revision));
        Ok(done)
    }

    fn current_revision(&mut self) -> Moment {
        self.notes
            .latest(self.runtime.block_on(self.registry.current_revision()))
    }

    fn revisions(&mut self) -> Vec<u64> {
        self.notes.revisions.clone()
    }

    fn version(&mut self, key: String) -> Result<u64, Refusal> {
        Ok(self.now(&key)?.version)
    }

    fn created(&mut self, key: String) -> Result<Moment, Refusal> {
        Ok(self.notes.moment(self.now(&key)?.create_revision))
    }

    fn modified(&mut self, key: String) -> Result<Moment, Refusal> {
        Ok(self.notes.moment(self.now(&key)?.mod_revision))
    }

    fn get_at(&mut self, key: String, moment: Moment) -> Result<Vec<u8>, Refusal> {
        let then = at(self.notes.revision(moment));
        let found = self.find(&key, then).map_err(key_refusal)?;
        found.kvs.into_iter().map(|kv| kv.value).next().ok_or(Refusal::Other)
    }

    fn list_at(&mut self, prefix: String, moment: Moment) -> Vec<(String, Vec<u8>)> {
        let then = at(self.notes.revision(moment));
        sorted(self.pairs(&prefix, then))
    }

    fn compact(&mut self, moment: Moment) -> bool {
        let Some(revision) = self.notes.revision(moment) else {
            return true;
        };
        self.notes.compacted_to(revision);
        self.runtime.block_on(self.registry.compact(revision)).is_ok()
    }

    fn get_compacted(&mut self, key: String, moment: Moment) -> bool {
        let Some((asked, to)) = self.notes.forgotten(moment) else {
            return true;
        };
        match self.find(&key, at(Some(asked))) {
            Err(RegistryError::RevisionCompacted { requested, compact }) => (requested, compact) == (asked, to),
            _ => false,
        }
    }

    fn watch_compacted(&mut self, key: String, moment: Moment) -> bool {
        let Some((asked, _)) = self.notes.forgotten(moment) else {
            return true;
        };
        let options = WatchOptions {
            start_revision: Some(asked),
            ..watching(false)
        };
        let answer = self.runtime.block_on(self.registry.watch(&key, options));
        matches!(answer, Err(RegistryError::RevisionCompacted { .. }))
    }

    fn age(&mut self) -> bool {
        let (compaction_interval_secs, revision_retention_secs) = (1, 1);
        let config = RegistryConfig {
            compaction_interval_secs,
            revision_retention_secs,
            ..RegistryConfig::default()
        };
        let aging = async { write_until_compacted(&ServiceRegistry::new(config)).await };
        self.runtime.block_on(aging).unwrap_or(false)
    }

    fn list(&mut self, prefix: String) -> Vec<(String, Vec<u8>)> {
        sorted(self.pairs(&prefix, GetOptions::default()))
    }

    fn count(&mut self, prefix: String) -> usize {
        self.find(&prefix, with(|options: &mut GetOptions| options.prefix = true))
            .map_or(0, |found| found.count)
    }

    fn sorted(&mut self, prefix: String, by: Order) -> Vec<String> {
        let found = self.pairs(&prefix, with(|options: &mut GetOptions| options.sort_order = order(by)));
        found.into_iter().map(|(key, _)| key).collect()
    }

    fn first(&mut self, prefix: String, by: Order, limit: u8) -> Vec<String> {
        let limit = Some(usize::from(limit.max(1)));
        let found = self.pairs(
            &prefix,
            GetOptions {
                sort_order: order(by),
                limit,
                ..GetOptions::default()
            },
        );
        found.into_iter().map(|(key, _)| key).collect()
    }

    fn keys_only(&mut self, prefix: String) -> Vec<(String, Vec<u8>)> {
        sorted(self.pairs(&prefix, with(|options: &mut GetOptions| options.keys_only = true)))
    }

    fn if_version(&mut self, key: String, relation: Relation, version: u8) -> Result<bool, Refusal> {
        self.choose(compare(&key, CompareTarget::Version(u64::from(version)), relation))
    }

    fn if_created(&mut self, key: String, relation: Relation, moment: Moment) -> Result<bool, Refusal> {
        let revision = self.notes.revision(moment).unwrap_or(0);
        self.choose(compare(&key, CompareTarget::CreateRevision(revision), relation))
    }

    fn if_modified(&mut self, key: String, relation: Relation, moment: Moment) -> Result<bool, Refusal> {
        let revision = self.notes.revision(moment).unwrap_or(0);
        self.choose(compare(&key, CompareTarget::ModRevision(revision), relation))
    }

    fn if_value(&mut self, key: String, relation: Relation, value: Vec<u8>) -> Result<bool, Refusal> {
        self.now(&key)?;
        self.choose(compare(&key, CompareTarget::Value(value), relation))
    }

    fn if_lease(&mut self, key: String, l: Slot) -> Result<bool, Refusal> {
        self.now(&key)?;
        let lease = self.notes.leases.get(&l).copied().unwrap_or(0);
        self.choose(has(&key, CompareTarget::Lease(lease)))
    }

    fn if_all(&mut self, versions: Vec<(String, u8)>) -> Result<bool, Refusal> {
        let version = |(key, version): &(String, u8)| has(key, CompareTarget::Version(u64::from(*version)));
        self.choose(versions.iter().flat_map(version).collect())
    }

    fn commit_refused(&mut self, operations: Vec<Operation>) -> bool {
        let mut operations = self.operations(operations);
        operations.push(TxnOp::Put {
            key: "/refused".to_owned(),
            value: Vec::new(),
            options: on_lease(u64::MAX),
        });
        self.transact(Vec::new(), operations, Vec::new()).is_err()
    }

    fn watch(&mut self, w: Slot, key: String) -> Result<(), Refusal> {
        self.start_watch(w, key, watching(false), true)
    }

    fn watch_from(&mut self, w: Slot, key: String, moment: Moment) -> Result<(), Refusal> {
        let start_revision = self.notes.revision(moment);
        self.start_watch(
            w,
            key,
            WatchOptions {
                start_revision,
                ..watching(false)
            },
            true,
        )
    }

    fn watch_prefix_from(&mut self, w: Slot, prefix: String, moment: Moment) -> Result<(), Refusal> {
        let start_revision = self.notes.revision(moment);
        self.start_watch(
            w,
            prefix,
            WatchOptions {
                start_revision,
                ..watching(true)
            },
            true,
        )
    }

    fn watch_prefix(&mut self, w: Slot, prefix: String) -> Result<(), Refusal> {
        self.start_watch(w, prefix, watching(true), true)
    }

    fn watch_filtered(&mut self, w: Slot, prefix: String, wanted: Wanted) -> Result<(), Refusal> {
        let filters = match wanted {
            Wanted::All => Vec::new(),
            Wanted::Puts => vec![WatchFilter::NoDelete],
            Wanted::Deletes => vec![WatchFilter::NoPut],
        };
        self.start_watch(
            w,
            prefix,
            WatchOptions {
                filters,
                ..watching(true)
            },
            wanted != Wanted::Puts,
        )
    }

    fn watch_asking(&mut self, w: Slot, prefix: String) -> Result<(), Refusal> {
        self.start_watch(
            w,
            prefix,
            WatchOptions {
                prev_kv: true,
                ..watching(true)
            },
            true,
        )
    }

    fn drain(&mut self, w: Slot) -> Delivery {
        let (responses, end) = self.read_watch(w);
        let events = responses
            .iter()
            .flat_map(|response| &response.events)
            .map(|event| match told(event) {
                (key, Some(value)) => Event::Put(key.to_owned(), value.to_vec()),
                (key, None) => Event::Delete(key.to_owned()),
            });
        Delivery {
            events: events.collect(),
            end,
        }
    }

    fn drain_deletions(&mut self, w: Slot) -> Vec<(String, Option<Vec<u8>>)> {
        let events = self.read_watch(w).0.into_iter().flat_map(|response| response.events);
        let deletion = |event| match event {
            WatchEvent::Delete { key, prev_value } => Some((key, prev_value.map(|kv| kv.value))),
            WatchEvent::Put(_) => None,
        };
        events.filter_map(deletion).collect()
    }

    fn drain_revisions(&mut self, w: Slot) -> Vec<(u64, u64)> {
        let responses = self.read_watch(w).0;
        responses
            .iter()
            .map(|response| (response.revision, modified(&response.events)))
            .collect()
    }

    fn cancel(&mut self, w: Slot) {
        if let Some(watch) = self.watches.remove(&w) {
            self.runtime.block_on(async { watch.handle.cancel() });
        }
    }

    fn abandon(&mut self, w: Slot) {
        let watch = self.watches.remove(&w);
        self.runtime.block_on(async { drop(watch) });
    }

    fn watch_in_time(&mut self, w: Slot, key: String) -> Result<(), Refusal> {
        for _ in 0..looks() {
            let answer = self.start_watch(w, key.clone(), watching(false), true);
            if answer != Err(Refusal::TooManyWatchers) {
                return answer;
            }
            self.put(key.clone(), 0);
            self.runtime.block_on(async { sleep(LOOK).await });
        }
        give_up();
        Err(Refusal::TooManyWatchers)
    }

    fn grant(&mut self, l: Slot, hours: u8) -> bool {
        let ttl = Duration::from_secs(3600 * u64::from(hours.max(1)));
        let lease = self.runtime.block_on(self.registry.lease_grant(ttl));
        self.notes.leases.extend(lease.as_ref().map(|lease| (l, *lease)));
        lease.is_ok()
    }

    fn granted(&mut self, secs: u16) -> Option<u64> {
        let lease = self
            .runtime
            .block_on(self.registry.lease_grant(Duration::from_secs(u64::from(secs))))
            .ok()?;
        Some(
            self.runtime
                .block_on(self.registry.lease_info(lease))
                .ok()?
                .granted_ttl
                .as_secs(),
        )
    }

    fn put_leased(&mut self, key: String, value: u8, l: Slot) -> Result<(), Refusal> {
        let answer = self.store(&key, value, on_lease(self.notes.lease(l)));
        answer.map(drop).map_err(lease_refusal)
    }

    fn lease_of(&mut self, key: String) -> Result<Option<Slot>, Refusal> {
        Ok(self.now(&key)?.lease.map(|lease| self.notes.slot(lease)))
    }

    fn revoke(&mut self, l: Slot) -> Result<(), Refusal> {
        self.runtime
            .block_on(self.registry.lease_revoke(self.notes.lease(l)))
            .map_err(lease_refusal)
    }

    fn lease_keys(&mut self, l: Slot) -> Result<Vec<String>, Refusal> {
        let info = self.runtime.block_on(self.registry.lease_info(self.notes.lease(l)));
        Ok(sorted(info.map_err(lease_refusal)?.keys))
    }

    fn keep_alive(&mut self, l: Slot) -> Result<bool, Refusal> {
        let info = self
            .runtime
            .block_on(self.registry.lease_keepalive(self.notes.lease(l)));
        let info = info.map_err(lease_refusal)?;
        Ok(info.ttl <= info.granted_ttl && info.ttl * 2 > info.granted_ttl)
    }

    fn expire(&mut self, keys: Vec<String>) -> Vec<String> {
        self.runtime
            .block_on(async { write_and_wait(&with_short_leases(), &keys).await })
    }

    fn expire_unheard(&mut self, keys: Vec<String>) -> Vec<String> {
        self.restart(with(|config: &mut RegistryConfig| config.min_lease_ttl_secs = 0));
        if self.watch_prefix(0, "/".to_owned()).is_err() {
            return keys;
        }
        self.runtime.block_on(write_and_wait(&self.registry, &keys));
        let mut unheard = BTreeSet::new();
        for event in self.drain(0).events {
            match event {
                Event::Put(key, _) => unheard.insert(key),
                Event::Delete(key) => unheard.remove(&key),
            };
        }
        unheard.into_iter().collect()
    }

    fn outlive(&mut self, key: String) -> bool {
        let living = async { renew_again_and_again(&with_short_leases(), &key).await };
        self.runtime.block_on(living).unwrap_or(false)
    }

    fn register(&mut self, l: Slot, service: Service) -> bool {
        let registration = ServiceRegistration {
            id: format!("{}-{}", service.name, service.number),
            metadata: [("number".to_owned(), service.number.to_string())].into(),
            address: format!("10.0.0.{}", service.number),
            port: 8000 + u16::from(service.number),
            weight: 100 + u32::from(service.number),
            name: service.name,
            namespace: service.namespace,
            tags: service.tags,
            health_checks: vec![HealthCheckDef::Ttl {
                timeout: Duration::from_secs(3600),
            }],
        };
        let lease = self.runtime.block_on(self.registry.register_service(registration));
        self.notes.leases.extend(lease.as_ref().map(|lease| (l, *lease)));
        lease.is_ok()
    }

    fn deregister(&mut self, id: String, namespace: String) -> Result<(), Refusal> {
        self.runtime
            .block_on(self.registry.deregister_service(&id, &namespace))
            .map_err(service_refusal)
    }

    fn discover(&mut self, name: String, namespace: String) -> Vec<String> {
        sorted(self.discovered(&name, &namespace).into_iter().map(|service| service.id))
    }

    fn instances(&mut self, name: String, namespace: String) -> Vec<Instance> {
        let known = |service: ServiceInstance| Instance {
            id: service.id,
            address: format!(
                "{} of {} at {}:{}",
                service.name, service.namespace, service.address, service.port
            ),
            tags: sorted(service.tags),
            metadata: sorted(service.metadata),
            weight: service.weight,
        };
        sorted(self.discovered(&name, &namespace).into_iter().map(known))
    }

    fn discover_tagged(&mut self, name: String, namespace: String, tags: Vec<String>) -> Vec<String> {
        self.filtered(&name, &namespace, &tags, None)
    }

    fn discover_status(&mut self, name: String, namespace: String, status: Status) -> (Vec<String>, Vec<String>) {
        let status = match status {
            Status::Passing => ServiceStatus::Passing,
            Status::Warning => ServiceStatus::Warning,
            Status::Critical => ServiceStatus::Critical,
            Status::Unknown => ServiceStatus::Unknown,
        };
        let all = self
            .discovered(&name, &namespace)
            .into_iter()
            .filter(|service| service.status == status);
        (
            self.filtered(&name, &namespace, &[], Some(status)),
            sorted(all.map(|service| service.id)),
        )
    }

    fn together(&mut self, programs: Vec<Vec<Act>>) -> Vec<Call<Answered>> {
        let threads = Runtime::new(Flavor::MultiThread(4));
        let registry = shared(&threads, &["x", "y"], RegistryConfig::default());
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

    fn count_up(&mut self, tasks: u8, times: u8) -> u64 {
        let threads = Runtime::new(Flavor::MultiThread(4));
        let registry = shared(&threads, &["counter"], RegistryConfig::default());
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

    fn storm(&mut self, tasks: u8, times: u8) -> (Vec<u64>, Vec<u64>) {
        let threads = Runtime::new(Flavor::MultiThread(4));
        let registry = shared(
            &threads,
            &[],
            with(|config: &mut RegistryConfig| config.event_buffer_size = 4096),
        );
        let key = "/storm/".to_owned();
        let Ok(handle) = threads.block_on(registry.watch(&key, watching(true))) else {
            return (vec![0], Vec::new());
        };
        let task = |task: u8| -> Task<u64> {
            let registry = Arc::clone(&registry);
            Box::new(move || Box::pin(async move { write_in_storm(&registry, task).await }))
        };
        let calls = threads.together(
            (0..tasks)
                .map(|number| (0..times).map(|_| task(number)).collect())
                .collect(),
        );
        let mut watch = Watch {
            handle,
            key,
            prefix: true,
            deletions: true,
        };
        let (responses, _) = threads.block_on(read_until_mark(&registry, &mut watch, &mut 0));
        let events = responses
            .iter()
            .flat_map(|response| response.events.chunks(1))
            .map(modified)
            .collect();
        (sorted(calls.into_iter().map(|call| call.value)), events)
    }
}
