//! L'état du registre, sous un seul verrou.

use crate::leases::Leases;
use crate::watching::{Event, Watcher};
use crate::{
    Compare, CompareResult, CompareTarget, DeleteResponse, GetOptions, GetResponse, KeyValue, LeaseId, PutOptions,
    PutResponse, RegistryConfig, RegistryError, Revision, ServiceInstance, SortOrder, TxnOp, TxnOpResponse,
    TxnResponse, WatchHandle, WatchOptions,
};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Une version d'une clé ; sans valeur, elle est supprimée.
type Version = (Revision, Option<KeyValue>);

pub(crate) struct Core {
    pub(crate) config: RegistryConfig,
    /// La révision courante. Un registre vide est à la révision 1, comme celui d'etcd.
    pub(crate) revision: Revision,
    compacted: Revision,
    keys: BTreeMap<String, Vec<Version>>,
    journal: Vec<Event>,
    times: Vec<(Instant, Revision)>,
    swept: Instant,
    watchers: Vec<Watcher>,
    pub(crate) leases: Leases,
    pub(crate) services: Vec<(LeaseId, ServiceInstance)>,
}

impl Core {
    pub(crate) fn new(config: RegistryConfig) -> Core {
        Core {
            config,
            revision: 1,
            compacted: 0,
            keys: BTreeMap::new(),
            journal: Vec::new(),
            times: Vec::new(),
            swept: Instant::now(),
            watchers: Vec::new(),
            leases: Leases::default(),
            services: Vec::new(),
        }
    }

    fn now(&self, key: &str) -> Option<&KeyValue> {
        self.keys.get(key)?.last()?.1.as_ref()
    }

    fn write(&mut self, revision: Revision, key: &str, after: Option<KeyValue>) {
        let before = self.now(key).cloned();
        self.leases.detach(before.as_ref().and_then(|kv| kv.lease), key);
        self.leases.attach(after.as_ref().and_then(|kv| kv.lease), key);
        self.keys
            .entry(key.to_owned())
            .or_default()
            .push((revision, after.clone()));
        self.journal.push(Event {
            revision,
            key: key.to_owned(),
            before,
            after,
        });
    }

    /// Termine un commit : tout ce qui a été écrit à la révision suivante devient courant et part aux watchers.
    fn commit(&mut self) {
        let next = self.revision + 1;
        let first = self.journal.partition_point(|event| event.revision < next);
        if first == self.journal.len() {
            return;
        }
        self.revision = next;
        self.watchers.retain(Watcher::alive);
        for event in &self.journal[first..] {
            for watcher in &self.watchers {
                watcher.tell(event, self.compacted);
            }
        }
        self.times.push((Instant::now(), next));
        self.sweep();
    }

    fn sweep(&mut self) {
        if self.swept.elapsed() < Duration::from_secs(self.config.compaction_interval_secs) {
            return;
        }
        self.swept = Instant::now();
        let retention = Duration::from_secs(self.config.revision_retention_secs);
        let old = self.times.partition_point(|(at, _)| at.elapsed() > retention);
        if let Some((_, revision)) = self.times.drain(..old).last() {
            self.compact(revision);
        }
    }

    pub(crate) fn compact(&mut self, revision: Revision) {
        if revision <= self.compacted {
            return;
        }
        self.compacted = revision;
        self.journal.retain(|event| event.revision >= revision);
        for versions in self.keys.values_mut() {
            let at = versions.partition_point(|(of, _)| *of <= revision);
            versions.drain(..at.saturating_sub(1));
        }
        self.keys
            .retain(|_, versions| versions.len() > 1 || versions.iter().any(|(_, kv)| kv.is_some()));
    }

    pub(crate) fn get(&self, key: &str, options: &GetOptions) -> Result<GetResponse, RegistryError> {
        let at = options.revision.unwrap_or(Revision::MAX);
        if at < self.compacted {
            return Err(RegistryError::RevisionCompacted {
                requested: at,
                compact: self.compacted,
            });
        }
        let mut kvs = Vec::new();
        for (found, versions) in self.keys.range(key.to_owned()..) {
            let within = if options.prefix {
                found.starts_with(key)
            } else {
                found == key
            };
            if !within {
                break;
            }
            if let Some((_, Some(kv))) = versions.iter().rev().find(|(of, _)| *of <= at) {
                let mut kv = kv.clone();
                if options.keys_only {
                    kv.value = Vec::new();
                }
                kvs.push(kv);
            }
        }
        if kvs.is_empty() {
            return Err(RegistryError::KeyNotFound(key.to_owned()));
        }
        if options.sort_order != SortOrder::Ascend {
            kvs.reverse();
        }
        kvs.truncate(options.limit.unwrap_or(usize::MAX));
        Ok(GetResponse {
            count: kvs.len(),
            kvs,
            revision: self.revision,
        })
    }

    fn put_at(&mut self, revision: Revision, key: &str, value: &[u8], options: &PutOptions) -> PutResponse {
        let old = self.now(key).cloned();
        let same = old
            .as_ref()
            .is_some_and(|old| options.ignore_value && old.value == value);
        let foreign = old
            .as_ref()
            .is_some_and(|old| options.ignore_lease && old.lease != options.lease);
        let prev_kv = if options.prev_kv { old.clone() } else { None };
        if same || foreign {
            return PutResponse {
                prev_kv,
                revision: self.revision,
            };
        }
        let kv = KeyValue {
            key: key.to_owned(),
            value: value.to_vec(),
            create_revision: old.as_ref().map_or(revision, |old| old.create_revision),
            mod_revision: revision,
            version: old.as_ref().map_or(0, |old| old.version) + 1,
            lease: options.lease,
        };
        self.write(revision, key, Some(kv));
        PutResponse { prev_kv, revision }
    }

    fn delete_at(&mut self, revision: Revision, key: &str, prefix: bool) -> DeleteResponse {
        let everything = GetOptions {
            prefix,
            ..GetOptions::default()
        };
        let prev_kvs = self.get(key, &everything).map_or(Vec::new(), |found| found.kvs);
        for kv in &prev_kvs {
            self.write(revision, &kv.key, None);
        }
        DeleteResponse {
            deleted: prev_kvs.len(),
            prev_kvs,
            revision,
        }
    }

    pub(crate) fn put(&mut self, key: &str, value: &[u8], options: &PutOptions) -> Result<PutResponse, RegistryError> {
        self.leases.check(options.lease)?;
        let response = self.put_at(self.revision + 1, key, value, options);
        self.commit();
        Ok(response)
    }

    pub(crate) fn delete(&mut self, key: &str, prefix: bool) -> Result<DeleteResponse, RegistryError> {
        let response = self.delete_at(self.revision + 1, key, prefix);
        self.commit();
        if response.deleted == 0 {
            return Err(RegistryError::KeyNotFound(key.to_owned()));
        }
        Ok(response)
    }

    pub(crate) fn all_hold(&self, compare: &[Compare]) -> bool {
        compare.iter().all(|compare| self.holds(compare))
    }

    pub(crate) fn run(&mut self, succeeded: bool, operations: Vec<TxnOp>) -> Result<TxnResponse, RegistryError> {
        for operation in &operations {
            if let TxnOp::Put { options, .. } = operation {
                self.leases.check(options.lease).map_err(|_| RegistryError::TxnFailed)?;
            }
        }
        let revision = self.revision + 1;
        let responses = operations
            .into_iter()
            .map(|operation| match operation {
                TxnOp::Get { key, options } => {
                    let missing = GetResponse {
                        kvs: vec![],
                        count: 0,
                        revision,
                    };
                    TxnOpResponse::Get(self.get(&key, &options).unwrap_or(missing))
                }
                TxnOp::Put { key, value, options } => TxnOpResponse::Put(self.put_at(revision, &key, &value, &options)),
                TxnOp::Delete { key, prefix } => TxnOpResponse::Delete(self.delete_at(revision, &key, prefix)),
            })
            .collect();
        self.commit();
        Ok(TxnResponse {
            succeeded,
            revision: self.revision,
            responses,
        })
    }

    fn holds(&self, compare: &Compare) -> bool {
        let kv = self.now(&compare.key);
        let ordering = match &compare.target {
            CompareTarget::Version(version) => kv.map_or(0, |kv| kv.version).cmp(version),
            CompareTarget::CreateRevision(revision) => kv.map_or(0, |kv| kv.create_revision).cmp(revision),
            CompareTarget::ModRevision(revision) => kv.map_or(0, |kv| kv.mod_revision).cmp(revision),
            CompareTarget::Lease(lease) => kv.map_or(0, |kv| kv.lease.unwrap_or(0)).cmp(lease),
            CompareTarget::Value(value) => match kv {
                Some(kv) => kv.value.cmp(value),
                None => return false,
            },
        };
        match compare.result {
            CompareResult::Equal => ordering == Ordering::Equal,
            CompareResult::NotEqual => ordering != Ordering::Equal,
            CompareResult::Greater => ordering == Ordering::Greater,
            CompareResult::Less => ordering == Ordering::Less,
        }
    }

    pub(crate) fn watch(&mut self, key: &str, options: WatchOptions) -> Result<WatchHandle, RegistryError> {
        if let Some(start) = options.start_revision.filter(|start| *start < self.compacted) {
            return Err(RegistryError::RevisionCompacted {
                requested: start,
                compact: self.compacted,
            });
        }
        self.watchers.retain(Watcher::alive);
        if self.watchers.iter().filter(|watcher| watcher.key == key).count() >= self.config.max_watchers_per_key {
            return Err(RegistryError::TooManyWatchers(key.to_owned()));
        }
        let replay = options.start_revision.is_some();
        let (watcher, handle) = Watcher::new(key, options);
        if replay {
            for event in &self.journal {
                watcher.tell(event, self.compacted);
            }
        }
        self.watchers.push(watcher);
        Ok(handle)
    }

    pub(crate) fn revoke(&mut self, id: LeaseId) -> Result<(), RegistryError> {
        let keys = self.leases.remove(id)?;
        self.services.retain(|(lease, _)| *lease != id);
        // Un commit par clé : rien ne demande qu'il n'y en ait qu'un.
        for key in keys {
            self.write(self.revision + 1, &key, None);
            self.commit();
        }
        Ok(())
    }

    pub(crate) fn expire(&mut self) {
        for id in self.leases.expired() {
            let _ = self.revoke(id);
        }
    }
}
