//! The script language of EX09: what one can do with a registry, and what one sees of it.
//!
//! Revisions are not told as numbers, because the contract does not say where they start. They are told as *moments*:
//! the steps `write`, `erase` and `commit` note the revision they were answered, and moment `n` is the `n`-th of those,
//! the first being 1. As an answer, moment 0 is a revision that was not noted. Leases and watches have slots.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use witness::aio::Call;

/// The number of a lease or of a watch.
pub type Slot = u8;

/// The number of a revision that was noted, from 1 on; larger numbers wrap around.
pub type Moment = u16;

/// The kind of an error, without its text, which the contract leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// `KeyNotFound`.
    KeyNotFound,
    /// `LeaseNotFound` or `LeaseExpired`.
    LeaseNotFound,
    /// `RevisionCompacted`.
    RevisionCompacted,
    /// `TooManyWatchers`.
    TooManyWatchers,
    /// `ServiceNotFound`.
    ServiceNotFound,
    /// Any other error.
    Other,
}

/// An order of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// Smallest first.
    Ascend,
    /// Greatest first.
    Descend,
}

/// How a key's field, on the left, relates to the one given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Relation {
    /// The same.
    Equal,
    /// Greater.
    Greater,
    /// Less.
    Less,
    /// Not the same.
    NotEqual,
}

/// An operation of a transaction. One that touches a key that an earlier one of the same transaction touched is left
/// out, and so is the reading of an absent key: the contract settles neither.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// Writes a key.
    Put(String, u8),
    /// Writes a key and reads it.
    PutGet(String, u8),
    /// Reads a key.
    Get(String),
    /// Deletes a key.
    Delete(String),
    /// Deletes all keys that start with this.
    DeletePrefix(String),
}

/// The answer to one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Done {
    /// It wrote.
    Put,
    /// It read these values.
    Got(Vec<Vec<u8>>),
    /// It deleted so many keys.
    Deleted(usize),
}

/// The kinds of events that a watch wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wanted {
    /// All.
    All,
    /// Writes only: filter `NoDelete`.
    Puts,
    /// Deletions only: filter `NoPut`.
    Deletes,
}

/// An event that a watch delivered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Event {
    /// A write of a value.
    Put(String, Vec<u8>),
    /// A deletion.
    Delete(String),
}

/// What could be read from a watch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The events, in the order in which they arrived.
    pub events: Vec<Event>,
    /// How it stopped.
    pub end: End,
}

/// How the reading of a watch stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// Everything was delivered: a write made after all others arrived.
    Complete,
    /// `next` answered `None`.
    Ended,
    /// Nothing arrived, not even writes made while waiting.
    Silent,
    /// There is no such watch.
    NoWatch,
}

/// A service to register. Its id is `name-number`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Its number.
    pub number: u8,
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Its tags.
    pub tags: Vec<String>,
}

/// What was found of a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Instance {
    /// Its id.
    pub id: String,
    /// Its host and port.
    pub address: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its metadata, sorted.
    pub metadata: Vec<(String, String)>,
    /// Its weight.
    pub weight: u32,
}

/// The status of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// All is well.
    Passing,
    /// Not quite.
    Warning,
    /// Not at all.
    Critical,
    /// Nobody knows.
    Unknown,
}

/// What one of several concurrent tasks does. The keys `x` and `y` exist from the beginning; `z` comes and goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Writes `x` or `y`.
    Put(String, u16),
    /// Reads a key.
    Get(String),
    /// If `x` or `y` has the first value, a transaction gives it the second.
    Swap(String, u16, u16),
    /// If `x` has the first value, a transaction gives both `x` and `y` the second.
    SwapBoth(u16, u16),
    /// A transaction reads `x` and `y`.
    GetBoth,
    /// If `z` is absent, a transaction creates it.
    Create(u16),
    /// Deletes `z`.
    Remove,
}

/// What a task was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// Written.
    Written,
    /// The values read, one for each key.
    Values(Vec<Option<u16>>),
    /// Whether the comparison held.
    Held(bool),
    /// Whether there was something to delete.
    Removed(bool),
    /// An error where none is allowed.
    Refused,
}

/// An act and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// What was asked.
    pub act: Act,
    /// What was answered.
    pub reply: Reply,
}

/// The revisions and leases of a script: what stands behind moments and slots.
#[derive(Debug, Default)]
pub struct Notes {
    /// The revisions noted, in order.
    pub revisions: Vec<u64>,
    /// The leases by slot.
    pub leases: BTreeMap<Slot, u64>,
    /// The place of the revision that was last compacted to.
    compacted: Option<usize>,
}

impl Notes {
    /// The revision of a moment, among those later than the compaction.
    pub fn revision(&self, moment: Moment) -> Option<u64> {
        let readable = &self.revisions[self.compacted.map_or(0, |place| place + 1)..];
        let place = usize::from(moment).checked_sub(1)?.checked_rem(readable.len())?;
        Some(readable[place])
    }

    /// Notes a compaction.
    pub fn compacted_to(&mut self, revision: u64) {
        self.compacted = self.revisions.iter().position(|noted| *noted == revision);
    }

    /// A revision below the compaction, and the one compacted to.
    pub fn forgotten(&self, moment: Moment) -> Option<(u64, u64)> {
        let compacted = self.compacted?;
        let place = usize::from(moment).checked_rem(compacted)?;
        Some((self.revisions[place], self.revisions[compacted]))
    }

    /// The moment of a revision.
    pub fn moment(&self, revision: u64) -> Moment {
        self.revisions
            .iter()
            .position(|noted| *noted == revision)
            .map_or(0, |place| place as Moment + 1)
    }

    /// The last moment up to a revision.
    pub fn latest(&self, revision: u64) -> Moment {
        self.revisions.iter().filter(|noted| **noted <= revision).count() as Moment
    }

    /// The lease of a slot, or the number of none.
    pub fn lease(&self, slot: Slot) -> u64 {
        self.leases.get(&slot).copied().unwrap_or(u64::MAX - u64::from(slot))
    }

    /// The slot of a lease.
    pub fn slot(&self, lease: u64) -> Slot {
        self.leases
            .iter()
            .find(|(_, id)| **id == lease)
            .map_or(Slot::MAX, |(slot, _)| *slot)
    }
}

/// The operations of a transaction without those whose effect the contract does not settle.
pub fn settled(operations: Vec<Operation>, exists: impl Fn(&str) -> bool) -> Vec<Operation> {
    let mut spans: Vec<(String, bool)> = Vec::new();
    let mut settled = Vec::new();
    for operation in operations {
        let (key, prefix) = match &operation {
            Operation::DeletePrefix(prefix) => (prefix.clone(), true),
            Operation::Put(key, _) | Operation::PutGet(key, _) => (key.clone(), false),
            Operation::Get(key) | Operation::Delete(key) => (key.clone(), false),
        };
        let meets = spans.iter().any(|(other, wide)| {
            key == *other || (*wide && key.starts_with(other)) || (prefix && other.starts_with(&key))
        });
        if !meets && (!matches!(operation, Operation::Get(_)) || exists(&key)) {
            spans.push((key, prefix));
            settled.push(operation);
        }
    }
    settled
}

/// A mark for a watch: a write that it must deliver after all others. Marks of a prefix are keys of their own, which are
/// deleted again; marks of a single key are values that no script writes.
pub fn mark(watched: &str, prefix: bool, number: u32) -> (String, Vec<u8>) {
    if prefix {
        (format!("{watched}~{number}"), vec![0])
    } else {
        (watched.to_owned(), format!("mark {number}").into())
    }
}

/// The number of the mark that an event is of.
pub fn number_of_mark(prefix: bool, key: &str, value: Option<&[u8]>) -> Option<u32> {
    let number = if prefix {
        key.split_once('~')?.1
    } else {
        std::str::from_utf8(value?).ok()?.strip_prefix("mark ")?
    };
    number.parse().ok()
}

/// Items in order: the contract gives them none.
pub fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.into_iter().collect();
    items.sort();
    items
}

/// The value that stands for a number in concurrent programs.
pub fn bytes(number: u16) -> Vec<u8> {
    number.to_le_bytes().to_vec()
}

/// The number that a value stands for.
pub fn number(value: &[u8]) -> u16 {
    value.try_into().map_or(u16::MAX, u16::from_le_bytes)
}

witness::language! {
    /// One registry, with the default configuration unless a step says otherwise.
    pub trait Registry {
        /// A new registry that allows so many watchers a key, at least one.
        fn limit_watchers(limit: u8) => "let registry = ServiceRegistry::new(RegistryConfig {{ max_watchers_per_key: {limit}, ..config }});";
        /// A new registry that keeps so many events for a slow reader, at least one.
        fn limit_buffer(size: u8) => "let registry = ServiceRegistry::new(RegistryConfig {{ event_buffer_size: {size}, ..config }});";
        /// A new registry with a shortest lease.
        fn limit_leases(secs: u16) => "let registry = ServiceRegistry::new(RegistryConfig {{ min_lease_ttl_secs: {secs}, ..config }});";

        /// Writes.
        fn put(key: String, value: u8) -> bool => "registry.put({key:?}, vec![{value}], PutOptions::default()).await.is_ok()";
        /// Writes, and asks what was there.
        fn put_asking(key: String, value: u8) -> Result<Option<Vec<u8>>, Refusal> => "registry.put({key:?}, vec![{value}], PutOptions {{ prev_kv: true, ..Default::default() }}).await?.prev_kv";
        /// Writes unless the value is the same already.
        fn put_other(key: String, value: u8) -> bool => "registry.put({key:?}, vec![{value}], PutOptions {{ ignore_value: true, ..Default::default() }}).await.is_ok()";
        /// Reads.
        fn get(key: String) -> Result<Vec<u8>, Refusal> => "registry.get({key:?}, GetOptions::default()).await?.kvs[0].value";
        /// Deletes a key. How many are gone; none is 0, also for a registry that calls it an error.
        fn delete(key: String) -> usize => "registry.delete({key:?}, false).await?.deleted";
        /// Deletes all keys that start with this.
        fn delete_prefix(prefix: String) -> usize => "registry.delete({prefix:?}, true).await?.deleted";
        /// Deletes all keys that start with this, and asks what was there. Sorted.
        fn delete_asking(prefix: String) -> Vec<(String, Vec<u8>)> => "registry.delete({prefix:?}, true).await?.prev_kvs";

        /// Writes, and notes the revision: the next moment.
        fn write(key: String, value: u8) -> bool => "let r = registry.put({key:?}, vec![{value}], PutOptions::default()).await?.revision;";
        /// Deletes a key, and notes the revision if there was one.
        fn erase(key: String) -> usize => "let r = registry.delete({key:?}, false).await?.revision;";
        /// Carries out operations as one transaction, and notes its revision if it changed a key.
        fn commit(operations: Vec<Operation>) -> Result<Vec<Done>, Refusal> => "registry.txn(Transaction {{ success: /* {operations:?} */, ..Default::default() }}).await?.responses";
        /// The last moment that the registry knows of.
        fn current_revision() -> Moment => "registry.current_revision().await";
        /// The revisions of all moments so far.
        fn revisions() -> Vec<u64> => "// the revisions so far";
        /// The number of writes in the key's life.
        fn version(key: String) -> Result<u64, Refusal> => "registry.get({key:?}, GetOptions::default()).await?.kvs[0].version";
        /// The moment that created the key.
        fn created(key: String) -> Result<Moment, Refusal> => "registry.get({key:?}, GetOptions::default()).await?.kvs[0].create_revision";
        /// The moment that last changed the key.
        fn modified(key: String) -> Result<Moment, Refusal> => "registry.get({key:?}, GetOptions::default()).await?.kvs[0].mod_revision";
        /// What the key held at a moment, later than the compaction if there was one; now, if there is no such moment.
        fn get_at(key: String, moment: Moment) -> Result<Vec<u8>, Refusal> => "registry.get({key:?}, GetOptions {{ revision: Some(r{moment}), ..Default::default() }}).await?.kvs[0].value";
        /// The same for all keys that started with this. Sorted.
        fn list_at(prefix: String, moment: Moment) -> Vec<(String, Vec<u8>)> => "registry.get({prefix:?}, GetOptions {{ prefix: true, revision: Some(r{moment}), ..Default::default() }}).await?.kvs";
        /// Compacts to a moment later than the last compaction; otherwise does nothing.
        fn compact(moment: Moment) -> bool => "registry.compact(r{moment}).await.is_ok()";
        /// Reads at a moment below the one compacted to. Whether that is refused as it should be, if there is such a moment.
        fn get_compacted(key: String, moment: Moment) -> bool => "registry.get({key:?}, GetOptions {{ revision: Some(r{moment}), ..Default::default() }}).await /* below the compaction */";
        /// Watches from a moment below the one compacted to. Whether that is refused, if there is such a moment.
        fn watch_compacted(key: String, moment: Moment) -> bool => "registry.watch({key:?}, WatchOptions {{ start_revision: Some(r{moment}), ..options }}).await /* below the compaction */";
        /// In a registry of its own that keeps revisions for a second: writes until the first of them is refused. False if it never is.
        fn age() -> bool => "// put, with compaction_interval_secs: 1 and revision_retention_secs: 1, until the first revision is compacted";

        /// All keys that start with this. Sorted; none is empty, also for a registry that calls it an error.
        fn list(prefix: String) -> Vec<(String, Vec<u8>)> => "registry.get({prefix:?}, GetOptions {{ prefix: true, ..Default::default() }}).await?.kvs";
        /// How many keys start with this.
        fn count(prefix: String) -> usize => "registry.get({prefix:?}, GetOptions {{ prefix: true, ..Default::default() }}).await?.count";
        /// The keys that start with this, in order.
        fn sorted(prefix: String, order: Order) -> Vec<String> => "registry.get({prefix:?}, GetOptions {{ prefix: true, sort_order: SortOrder::{order:?}, ..Default::default() }}).await?.kvs";
        /// The first of them, at least one.
        fn first(prefix: String, order: Order, limit: u8) -> Vec<String> => "registry.get({prefix:?}, GetOptions {{ prefix: true, limit: Some({limit}), sort_order: SortOrder::{order:?}, ..Default::default() }}).await?.kvs";
        /// The keys that start with this and what comes as their values. Sorted.
        fn keys_only(prefix: String) -> Vec<(String, Vec<u8>)> => "registry.get({prefix:?}, GetOptions {{ prefix: true, keys_only: true, ..Default::default() }}).await?.kvs";

        /// A transaction that compares a key's version, then writes `/yes` or `/no`. Whether it succeeded.
        fn if_version(key: String, relation: Relation, version: u8) -> Result<bool, Refusal> => "registry.txn(/* if the version of {key:?} is {relation:?} {version} put \"/yes\" else put \"/no\" */).await?.succeeded";
        /// The same with the revision of its creation. Moment 0 is revision 0, which only an absent key has.
        fn if_created(key: String, relation: Relation, moment: Moment) -> Result<bool, Refusal> => "registry.txn(/* if the create_revision of {key:?} is {relation:?} r{moment} put \"/yes\" else put \"/no\" */).await?.succeeded";
        /// The same with the revision of its last change.
        fn if_modified(key: String, relation: Relation, moment: Moment) -> Result<bool, Refusal> => "registry.txn(/* if the mod_revision of {key:?} is {relation:?} r{moment} put \"/yes\" else put \"/no\" */).await?.succeeded";
        /// The same with its value. The value of an absent key is not compared: the contract does not settle it.
        fn if_value(key: String, relation: Relation, value: Vec<u8>) -> Result<bool, Refusal> => "registry.txn(/* if the value of {key:?} is {relation:?} {value:?} put \"/yes\" else put \"/no\" */).await?.succeeded";
        /// The same with its lease, of a key that exists. A slot without lease is lease 0; only equality is compared.
        fn if_lease(key: String, l: Slot) -> Result<bool, Refusal> => "registry.txn(/* if the lease of {key:?} is l{l} put \"/yes\" else put \"/no\" */).await?.succeeded";
        /// The same with the versions of several keys.
        fn if_all(versions: Vec<(String, u8)>) -> Result<bool, Refusal> => "registry.txn(/* if versions are {versions:?} put \"/yes\" else put \"/no\" */).await?.succeeded";
        /// A transaction that ends by attaching a key to a lease that does not exist. Whether it is refused.
        fn commit_refused(operations: Vec<Operation>) -> bool => "registry.txn(/* {operations:?}, then a put with an unknown lease */).await.is_err()";

        /// Watches a key. A slot takes one watch at a time.
        fn watch(w: Slot, key: String) -> Result<(), Refusal> => "let w{w} = registry.watch({key:?}, options).await?;";
        /// Watches a key from a moment on; from now, if there was none yet.
        fn watch_from(w: Slot, key: String, moment: Moment) -> Result<(), Refusal> => "let w{w} = registry.watch({key:?}, WatchOptions {{ start_revision: Some(r{moment}), ..options }}).await?;";
        /// Watches all keys that start with this from a moment on.
        fn watch_prefix_from(w: Slot, prefix: String, moment: Moment) -> Result<(), Refusal> => "let w{w} = registry.watch({prefix:?}, WatchOptions {{ prefix: true, start_revision: Some(r{moment}), ..options }}).await?;";
        /// Watches all keys that start with this.
        fn watch_prefix(w: Slot, prefix: String) -> Result<(), Refusal> => "let w{w} = registry.watch({prefix:?}, WatchOptions {{ prefix: true, ..options }}).await?;";
        /// Watches some events of all keys that start with this.
        fn watch_filtered(w: Slot, prefix: String, wanted: Wanted) -> Result<(), Refusal> => "let w{w} = registry.watch({prefix:?}, WatchOptions {{ prefix: true, filters: /* only {wanted:?} */, ..options }}).await?;";
        /// Watches all keys that start with this, and asks what deleted keys held.
        fn watch_asking(w: Slot, prefix: String) -> Result<(), Refusal> => "let w{w} = registry.watch({prefix:?}, WatchOptions {{ prefix: true, prev_kv: true, ..options }}).await?;";
        /// Reads all that a watch has to deliver. To know that nothing is missing, writes more and reads until that arrives.
        fn drain(w: Slot) -> Delivery => "while let Some(response) = w{w}.next().await {{ .. }}";
        /// The same for deletions alone: what was deleted, and what it held.
        fn drain_deletions(w: Slot) -> Vec<(String, Option<Vec<u8>>)> => "while let Some(response) = w{w}.next().await {{ .. }}";
        /// The same for revisions: of each response its own, and the greatest among its writes.
        fn drain_revisions(w: Slot) -> Vec<(u64, u64)> => "while let Some(response) = w{w}.next().await {{ .. }}";
        /// Cancels a watch.
        fn cancel(w: Slot) => "w{w}.cancel();";
        /// Drops a watch.
        fn abandon(w: Slot) => "drop(w{w});";
        /// Watches a key as soon as there is a place, writing to it while there is none.
        fn watch_in_time(w: Slot, key: String) -> Result<(), Refusal> => "let w{w} = loop {{ /* watch {key:?}, or put {key:?} and try again */ }};";

        /// A lease of so many hours, in a slot.
        fn grant(l: Slot, hours: u8) -> bool => "let l{l} = registry.lease_grant(Duration::from_secs({hours} * 3600)).await?;";
        /// How many seconds a lease is granted for. Nothing if it is refused.
        fn granted(secs: u16) -> Option<u64> => "registry.lease_info(registry.lease_grant(Duration::from_secs({secs})).await?).await?.granted_ttl";
        /// Writes a key of a lease. A slot without lease stands for a lease that does not exist.
        fn put_leased(key: String, value: u8, l: Slot) -> Result<(), Refusal> => "registry.put({key:?}, vec![{value}], PutOptions {{ lease: Some(l{l}), ..Default::default() }}).await";
        /// The lease of a key.
        fn lease_of(key: String) -> Result<Option<Slot>, Refusal> => "registry.get({key:?}, GetOptions::default()).await?.kvs[0].lease";
        /// Ends a lease.
        fn revoke(l: Slot) -> Result<(), Refusal> => "registry.lease_revoke(l{l}).await";
        /// The keys of a lease. Sorted.
        fn lease_keys(l: Slot) -> Result<Vec<String>, Refusal> => "registry.lease_info(l{l}).await?.keys";
        /// Renews a lease. Whether more than half of what was granted remains, and no more than that.
        fn keep_alive(l: Slot) -> Result<bool, Refusal> => "registry.lease_keepalive(l{l}).await?";
        /// In a registry of its own, waits for a short lease to end: which of its keys are still there in the end.
        fn expire(keys: Vec<String>) -> Vec<String> => "let lease = registry.lease_grant(Duration::from_millis(50)).await?; /* put {keys:?}, then wait until they are gone */";
        /// The same with a watch: which keys were written, but no event told that they ended.
        fn expire_unheard(keys: Vec<String>) -> Vec<String> => "let lease = registry.lease_grant(Duration::from_millis(50)).await?; /* watch \"/\", put {keys:?}, wait until they are gone, read the watch */";
        /// In a registry of its own, waits for the event that a key ended with its short lease, and does nothing else meanwhile. False if
        /// none arrives.
        fn await_expiry(key: String) -> bool => "let lease = registry.lease_grant(Duration::from_millis(50)).await?; /* watch {key:?}, put it on the lease, then only watch.next() */";
        /// In a registry of its own, renews a lease of one second again and again for longer than that second. False if a key of it
        /// was gone before the lease could have ended.
        fn outlive(key: String) -> bool => "let lease = registry.lease_grant(Duration::from_secs(1)).await?; /* put {key:?}, then lease_keepalive again and again */";

        /// Registers a service; its lease goes to a slot.
        fn register(l: Slot, service: Service) -> bool => "let l{l} = registry.register_service(/* {service:?} */).await?;";
        /// Removes a service.
        fn deregister(id: String, namespace: String) -> Result<(), Refusal> => "registry.deregister_service({id:?}, {namespace:?}).await";
        /// The ids of the services of a name. Sorted; none is empty, also for a registry that calls it an error.
        fn discover(name: String, namespace: String) -> Vec<String> => "registry.discover({name:?}, {namespace:?}).await?";
        /// What is known of the services of a name. Sorted by id.
        fn instances(name: String, namespace: String) -> Vec<Instance> => "registry.discover({name:?}, {namespace:?}).await?";
        /// The ids of the services of a name with all of these tags. Sorted.
        fn discover_tagged(name: String, namespace: String, tags: Vec<String>) -> Vec<String> => "registry.discover_with_filters({name:?}, {namespace:?}, &{tags:?}, None).await?";
        /// The ids that the filter for a status finds, and those of the services that have it. Sorted.
        fn discover_status(name: String, namespace: String, status: Status) -> (Vec<String>, Vec<String>) => "registry.discover_with_filters({name:?}, {namespace:?}, &[], Some(ServiceStatus::{status:?})).await?";

        /// Runs programs at the same time on several threads, in a registry of their own, and records calls and returns.
        fn together(programs: Vec<Vec<Act>>) -> Vec<Call<Answered>> => "/* tasks on 4 threads: {programs:?} */";
        /// Tasks on several threads each add one to a counter so many times. The counter in the end.
        fn count_up(tasks: u8, times: u8) -> u64 => "/* {tasks} tasks on 4 threads, {times} times each: read, then a transaction that writes if nobody did since */";
        /// Tasks on several threads each write so many times, to a buffer of 4096 events. The revisions of the writes, sorted, and those that a watch delivered.
        fn storm(tasks: u8, times: u8) -> (Vec<u64>, Vec<u64>) => "/* {tasks} tasks on 4 threads: {times} puts each, and a watch */";
    }
}
