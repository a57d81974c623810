//! Everything behind the registry's lock, and what keeps its parts in agreement.
//!
//! The parts do not know each other: a deletion must be heard by the store, by the lease the key hung on and
//! by the watchers. Every change goes through [`State::commit`], which sees to that.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::discovery::Services;
use crate::lease::Leases;
use crate::retention::Retention;
use crate::store::{Commit, Store};
use crate::watch::Watchers;
use crate::{
    DeleteResponse, GetResponse, KeyValue, LeaseId, PutOptions, PutResponse, RegistryConfig, RegistryError, Revision,
    Transaction, TxnOp, TxnOpResponse, TxnResponse, WatchHandle, WatchOptions,
};

/// The registry's state.
#[derive(Debug)]
pub(crate) struct State {
    config: RegistryConfig,
    pub(crate) store: Store,
    pub(crate) leases: Leases,
    pub(crate) services: Services,
    watchers: Watchers,
    retention: Retention,
}

impl State {
    pub(crate) fn new(config: RegistryConfig) -> Self {
        Self {
            retention: Retention::new(&config),
            config,
            store: Store::default(),
            leases: Leases::default(),
            services: Services::default(),
            watchers: Watchers::default(),
        }
    }

    /// Writes a key as a commit of its own.
    pub(crate) fn put(
        &mut self,
        key: &str,
        value: Vec<u8>,
        options: &PutOptions,
        now: Instant,
    ) -> Result<PutResponse, RegistryError> {
        self.leases.check(options.lease)?;
        let mut response = self.commit(now, |state, commit| state.put_in(commit, key, value, options));
        response.revision = self.store.revision();
        Ok(response)
    }

    /// Deletes keys as a commit of its own.
    pub(crate) fn delete(&mut self, key: &str, prefix: bool, now: Instant) -> DeleteResponse {
        let mut response = self.commit(now, |state, commit| state.delete_in(commit, key, prefix));
        response.revision = self.store.revision();
        response
    }

    /// Carries out a transaction as one commit.
    pub(crate) fn txn(&mut self, txn: Transaction, now: Instant) -> Result<TxnResponse, RegistryError> {
        let succeeded = txn
            .compare
            .iter()
            .all(|compare| compare.holds(self.store.current(&compare.key).map(AsRef::as_ref)));
        let operations = if succeeded { txn.success } else { txn.failure };
        // Whatever can be refused is refused before anything is done: there is nothing to roll back.
        for operation in &operations {
            match operation {
                TxnOp::Put { options, .. } => self.leases.check(options.lease)?,
                TxnOp::Get { options, .. } => self.store.readable(options.revision.unwrap_or(self.store.revision()))?,
                TxnOp::Delete { .. } => {}
            }
        }
        let mut responses = self.commit(now, |state, commit| {
            operations
                .into_iter()
                .map(|operation| state.operate_in(commit, operation))
                .collect::<Vec<_>>()
        });
        let revision = self.store.revision();
        for response in &mut responses {
            match response {
                TxnOpResponse::Get(get) => get.revision = revision,
                TxnOpResponse::Put(put) => put.revision = revision,
                TxnOpResponse::Delete(delete) => delete.revision = revision,
            }
        }
        Ok(TxnResponse {
            succeeded,
            revision,
            responses,
        })
    }

    /// Begins a watch.
    pub(crate) fn watch(&mut self, key: &str, options: WatchOptions) -> Result<WatchHandle, RegistryError> {
        let compact = self.store.compacted();
        let from = options.start_revision.unwrap_or(self.store.revision() + 1);
        if from <= compact && compact > 0 {
            return Err(RegistryError::RevisionCompacted {
                requested: from,
                compact,
            });
        }
        if self.watchers.count(key) >= self.config.max_watchers_per_key {
            return Err(RegistryError::TooManyWatchers(key.to_owned()));
        }
        let backlog = match options.start_revision {
            Some(start) => options.replay(key, self.store.commits_from(start), compact),
            None => VecDeque::new(),
        };
        Ok(self
            .watchers
            .add(key, options, from, self.config.event_buffer_size, backlog))
    }

    /// Grants a lease that is not shorter than the configuration wants it.
    pub(crate) fn grant(&mut self, ttl: Duration, now: Instant) -> LeaseId {
        self.leases
            .grant(ttl.max(Duration::from_secs(self.config.min_lease_ttl_secs)), now)
    }

    /// Ends a lease: its keys are deleted by one commit, its service is gone.
    pub(crate) fn revoke(&mut self, id: LeaseId, now: Instant) -> Result<(), RegistryError> {
        let keys = self.leases.end(id)?;
        self.services.remove_of_lease(id);
        self.commit(now, |state, commit| {
            for key in &keys {
                state.store.delete(commit, key);
            }
        });
        Ok(())
    }

    /// Ends all leases that have run out.
    pub(crate) fn expire(&mut self, now: Instant) {
        while let Some(id) = self.leases.due(now) {
            // The lease is in the table, or it would not be due.
            let _ = self.revoke(id, now);
        }
    }

    /// Forgets what only revisions below `revision` can show.
    pub(crate) fn compact(&mut self, revision: Revision) -> Result<(), RegistryError> {
        if revision > self.store.revision() {
            return Err(RegistryError::Internal(format!("revision {revision} is in the future")));
        }
        self.store.compact(revision);
        Ok(())
    }

    /// Makes what `change` does one commit, and tells the watchers.
    fn commit<T>(&mut self, now: Instant, change: impl FnOnce(&mut Self, &mut Commit) -> T) -> T {
        let mut commit = self.store.begin();
        let answer = change(self, &mut commit);
        self.store.finish(&commit);
        if !commit.changes.is_empty() {
            self.watchers
                .publish(commit.revision, &commit.changes, self.store.compacted());
            if let Some(revision) = self.retention.note(commit.revision, now) {
                self.store.compact(revision);
            }
        }
        answer
    }

    fn operate_in(&mut self, commit: &mut Commit, operation: TxnOp) -> TxnOpResponse {
        match operation {
            TxnOp::Get { key, options } => {
                let nothing = GetResponse {
                    kvs: Vec::new(),
                    count: 0,
                    revision: commit.revision,
                };
                TxnOpResponse::Get(self.store.get(&key, &options).unwrap_or(nothing))
            }
            TxnOp::Put { key, value, options } => TxnOpResponse::Put(self.put_in(commit, &key, value, &options)),
            TxnOp::Delete { key, prefix } => TxnOpResponse::Delete(self.delete_in(commit, &key, prefix)),
        }
    }

    fn put_in(&mut self, commit: &mut Commit, key: &str, value: Vec<u8>, options: &PutOptions) -> PutResponse {
        let before = self.store.current(key).cloned();
        let prev_kv = before.as_deref().filter(|_| options.prev_kv).cloned();
        let unwanted = before.as_deref().is_some_and(|before| options.spares(before, &value));
        if !unwanted {
            self.leases
                .attach(key, before.and_then(|before| before.lease), options.lease);
            self.store.put(commit, key, value, options.lease);
        }
        PutResponse {
            prev_kv,
            revision: commit.revision,
        }
    }

    fn delete_in(&mut self, commit: &mut Commit, key: &str, prefix: bool) -> DeleteResponse {
        let mut prev_kvs = Vec::new();
        for key in self.store.keys(key, prefix) {
            if let Some(before) = self.store.delete(commit, &key) {
                self.leases.attach(&key, before.lease, None);
                prev_kvs.push(KeyValue::clone(&before));
            }
        }
        DeleteResponse {
            deleted: prev_kvs.len(),
            prev_kvs,
            revision: commit.revision,
        }
    }
}

impl PutOptions {
    /// Whether the options say to leave the key as it is.
    fn spares(&self, before: &KeyValue, value: &[u8]) -> bool {
        (self.ignore_value && before.value == value) || (self.ignore_lease && before.lease != self.lease)
    }
}
