//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.
//!
//! How it knows that a watch has delivered everything, without waiting for a while and hoping: it writes a *mark* that
//! the watch must deliver too, and reads until the mark arrives.

mod keys;
mod leases;
mod past;
mod prefixes;
mod reading;
mod services;
mod together;
mod transactions;
mod watches;

use ex09::{
    Compare, CompareResult, CompareTarget, GetOptions, PutOptions, RegistryConfig, RegistryError, ServiceRegistry,
    TxnOp, WatchHandle,
};
use ex09_protocol::{
    Act, Answered, Delivery, Done, Instance, Moment, Notes, Operation, Order, Refusal, Registry, Relation, Service,
    Slot, Status, Wanted,
};
use std::collections::BTreeMap;
use witness::aio::{Call, Flavor, Runtime};

/// A registry, the watches on it, and what stands behind the script's numbers.
pub struct World {
    runtime: Runtime,
    registry: ServiceRegistry,
    watches: BTreeMap<Slot, Watch>,
    notes: Notes,
    marks: u32,
}

/// A watch of the script.
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

    fn wait<T>(&self, answer: impl Future<Output = T>) -> T {
        self.runtime.block_on(answer)
    }
}

/// The default, but for what is set.
fn with<T: Default>(set: impl FnOnce(&mut T)) -> T {
    let mut options = T::default();
    set(&mut options);
    options
}

fn key_refusal(error: RegistryError) -> Refusal {
    if let RegistryError::KeyNotFound(_) = error {
        Refusal::KeyNotFound
    } else {
        Refusal::Other
    }
}

fn comparison(key: &str, target: CompareTarget, relation: Relation) -> Vec<Compare> {
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

fn has(key: &str, target: CompareTarget) -> Vec<Compare> {
    comparison(key, target, Relation::Equal)
}

fn to_write(key: &str, value: Vec<u8>) -> TxnOp {
    TxnOp::Put {
        key: key.to_owned(),
        value,
        options: PutOptions::default(),
    }
}

fn to_read(key: &str) -> TxnOp {
    TxnOp::Get {
        key: key.to_owned(),
        options: GetOptions::default(),
    }
}

impl Registry for World {
    fn limit_watchers(&mut self, limit: u8) {
        watches::limit(self, limit);
    }

    fn limit_buffer(&mut self, size: u8) {
        watches::limit_buffer(self, size);
    }

    fn limit_leases(&mut self, secs: u16) {
        leases::limit(self, secs);
    }

    fn put(&mut self, key: String, value: u8) -> bool {
        keys::put(self, &key, value)
    }

    fn put_asking(&mut self, key: String, value: u8) -> Result<Option<Vec<u8>>, Refusal> {
        keys::put_asking(self, &key, value)
    }

    fn put_other(&mut self, key: String, value: u8) -> bool {
        keys::put_other(self, &key, value)
    }

    fn get(&mut self, key: String) -> Result<Vec<u8>, Refusal> {
        keys::get(self, &key)
    }

    fn delete(&mut self, key: String) -> usize {
        keys::delete(self, &key, false)
    }

    fn delete_prefix(&mut self, prefix: String) -> usize {
        keys::delete(self, &prefix, true)
    }

    fn delete_asking(&mut self, prefix: String) -> Vec<(String, Vec<u8>)> {
        keys::delete_asking(self, &prefix)
    }

    fn write(&mut self, key: String, value: u8) -> bool {
        past::write(self, &key, value)
    }

    fn erase(&mut self, key: String) -> usize {
        past::erase(self, &key)
    }

    fn commit(&mut self, operations: Vec<Operation>) -> Result<Vec<Done>, Refusal> {
        transactions::commit(self, operations)
    }

    fn current_revision(&mut self) -> Moment {
        past::current_revision(self)
    }

    fn revisions(&mut self) -> Vec<u64> {
        self.notes.revisions.clone()
    }

    fn version(&mut self, key: String) -> Result<u64, Refusal> {
        keys::version(self, &key)
    }

    fn created(&mut self, key: String) -> Result<Moment, Refusal> {
        keys::created(self, &key)
    }

    fn modified(&mut self, key: String) -> Result<Moment, Refusal> {
        keys::modified(self, &key)
    }

    fn get_at(&mut self, key: String, moment: Moment) -> Result<Vec<u8>, Refusal> {
        past::get_at(self, &key, moment)
    }

    fn list_at(&mut self, prefix: String, moment: Moment) -> Vec<(String, Vec<u8>)> {
        prefixes::list_at(self, &prefix, moment)
    }

    fn compact(&mut self, moment: Moment) -> bool {
        past::compact(self, moment)
    }

    fn get_compacted(&mut self, key: String, moment: Moment) -> bool {
        past::get_compacted(self, &key, moment)
    }

    fn watch_compacted(&mut self, key: String, moment: Moment) -> bool {
        watches::watch_compacted(self, &key, moment)
    }

    fn age(&mut self) -> bool {
        past::age(self)
    }

    fn list(&mut self, prefix: String) -> Vec<(String, Vec<u8>)> {
        prefixes::list(self, &prefix)
    }

    fn count(&mut self, prefix: String) -> usize {
        prefixes::count(self, &prefix)
    }

    fn sorted(&mut self, prefix: String, order: Order) -> Vec<String> {
        prefixes::in_order(self, &prefix, order)
    }

    fn first(&mut self, prefix: String, order: Order, limit: u8) -> Vec<String> {
        prefixes::first(self, &prefix, order, limit)
    }

    fn keys_only(&mut self, prefix: String) -> Vec<(String, Vec<u8>)> {
        prefixes::keys_only(self, &prefix)
    }

    fn if_version(&mut self, key: String, relation: Relation, version: u8) -> Result<bool, Refusal> {
        transactions::if_version(self, &key, relation, version)
    }

    fn if_created(&mut self, key: String, relation: Relation, moment: Moment) -> Result<bool, Refusal> {
        transactions::if_created(self, &key, relation, moment)
    }

    fn if_modified(&mut self, key: String, relation: Relation, moment: Moment) -> Result<bool, Refusal> {
        transactions::if_modified(self, &key, relation, moment)
    }

    fn if_value(&mut self, key: String, relation: Relation, value: Vec<u8>) -> Result<bool, Refusal> {
        transactions::if_value(self, &key, relation, value)
    }

    fn if_lease(&mut self, key: String, l: Slot) -> Result<bool, Refusal> {
        transactions::if_lease(self, &key, l)
    }

    fn if_all(&mut self, versions: Vec<(String, u8)>) -> Result<bool, Refusal> {
        transactions::if_all(self, &versions)
    }

    fn commit_refused(&mut self, operations: Vec<Operation>) -> bool {
        transactions::commit_refused(self, operations)
    }

    fn watch(&mut self, w: Slot, key: String) -> Result<(), Refusal> {
        watches::watch(self, w, &key, false)
    }

    fn watch_from(&mut self, w: Slot, key: String, moment: Moment) -> Result<(), Refusal> {
        watches::watch_from(self, w, &key, false, moment)
    }

    fn watch_prefix_from(&mut self, w: Slot, prefix: String, moment: Moment) -> Result<(), Refusal> {
        watches::watch_from(self, w, &prefix, true, moment)
    }

    fn watch_prefix(&mut self, w: Slot, prefix: String) -> Result<(), Refusal> {
        watches::watch(self, w, &prefix, true)
    }

    fn watch_filtered(&mut self, w: Slot, prefix: String, wanted: Wanted) -> Result<(), Refusal> {
        watches::watch_filtered(self, w, &prefix, wanted)
    }

    fn watch_asking(&mut self, w: Slot, prefix: String) -> Result<(), Refusal> {
        watches::watch_asking(self, w, &prefix)
    }

    fn drain(&mut self, w: Slot) -> Delivery {
        reading::drain(self, w)
    }

    fn drain_deletions(&mut self, w: Slot) -> Vec<(String, Option<Vec<u8>>)> {
        reading::drain_deletions(self, w)
    }

    fn drain_revisions(&mut self, w: Slot) -> Vec<(u64, u64)> {
        reading::drain_revisions(self, w)
    }

    fn cancel(&mut self, w: Slot) {
        watches::cancel(self, w);
    }

    fn abandon(&mut self, w: Slot) {
        watches::abandon(self, w);
    }

    fn watch_in_time(&mut self, w: Slot, key: String) -> Result<(), Refusal> {
        watches::watch_in_time(self, w, &key)
    }

    fn grant(&mut self, l: Slot, hours: u8) -> bool {
        leases::grant(self, l, hours)
    }

    fn granted(&mut self, secs: u16) -> Option<u64> {
        leases::granted(self, secs)
    }

    fn put_leased(&mut self, key: String, value: u8, l: Slot) -> Result<(), Refusal> {
        leases::put_leased(self, &key, value, l)
    }

    fn lease_of(&mut self, key: String) -> Result<Option<Slot>, Refusal> {
        keys::lease(self, &key)
    }

    fn revoke(&mut self, l: Slot) -> Result<(), Refusal> {
        leases::revoke(self, l)
    }

    fn lease_keys(&mut self, l: Slot) -> Result<Vec<String>, Refusal> {
        leases::lease_keys(self, l)
    }

    fn keep_alive(&mut self, l: Slot) -> Result<bool, Refusal> {
        leases::keep_alive(self, l)
    }

    fn expire(&mut self, keys: Vec<String>) -> Vec<String> {
        leases::expire(self, &keys)
    }

    fn await_expiry(&mut self, key: String) -> bool {
        leases::await_expiry(self, &key)
    }

    fn expire_unheard(&mut self, keys: Vec<String>) -> Vec<String> {
        leases::expire_unheard(self, keys)
    }

    fn outlive(&mut self, key: String) -> bool {
        leases::outlive(self, &key)
    }

    fn register(&mut self, l: Slot, service: Service) -> bool {
        services::register(self, l, service)
    }

    fn deregister(&mut self, id: String, namespace: String) -> Result<(), Refusal> {
        services::deregister(self, &id, &namespace)
    }

    fn discover(&mut self, name: String, namespace: String) -> Vec<String> {
        services::discover(self, &name, &namespace)
    }

    fn instances(&mut self, name: String, namespace: String) -> Vec<Instance> {
        services::instances(self, &name, &namespace)
    }

    fn discover_tagged(&mut self, name: String, namespace: String, tags: Vec<String>) -> Vec<String> {
        services::discover_tagged(self, &name, &namespace, &tags)
    }

    fn discover_status(&mut self, name: String, namespace: String, status: Status) -> (Vec<String>, Vec<String>) {
        services::discover_status(self, &name, &namespace, status)
    }

    fn together(&mut self, programs: Vec<Vec<Act>>) -> Vec<Call<Answered>> {
        together::together(programs)
    }

    fn count_up(&mut self, tasks: u8, times: u8) -> u64 {
        together::count_up(tasks, times)
    }

    fn storm(&mut self, tasks: u8, times: u8) -> (Vec<u64>, Vec<u64>) {
        reading::storm(tasks, times)
    }
}
