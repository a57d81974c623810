//! The multi-version map: what is, what was, and in which order it changed.
//!
//! Three views of the same commits. `current` answers ordinary reads without stepping over old versions or
//! tombstones. `history` has every version of every key since the last compaction, for reads in the past.
//! `log` has the changes in the order of commits, for watches that start in the past. Values are shared
//! between the three.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use crate::{GetOptions, GetResponse, KeyValue, LeaseId, RegistryError, Revision};

/// One key's part in a commit.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) key: String,
    /// What the key held before.
    pub(crate) before: Option<Arc<KeyValue>>,
    /// What it holds since; nothing if it was deleted.
    pub(crate) after: Option<Arc<KeyValue>>,
}

/// A commit in the making: its revision and what it has changed so far.
#[derive(Debug)]
pub(crate) struct Commit {
    pub(crate) revision: Revision,
    pub(crate) changes: Vec<Change>,
}

/// A key's value from one commit on; a tombstone if there is none.
#[derive(Debug)]
struct Version {
    revision: Revision,
    value: Option<Arc<KeyValue>>,
}

/// The map. At most one commit is in the making at a time, which `&mut` ensures.
#[derive(Debug, Default)]
pub(crate) struct Store {
    revision: Revision,
    compacted: Revision,
    current: BTreeMap<String, Arc<KeyValue>>,
    history: BTreeMap<String, Vec<Version>>,
    log: BTreeMap<Revision, Vec<Change>>,
}

impl Store {
    /// The last commit.
    pub(crate) fn revision(&self) -> Revision {
        self.revision
    }

    /// The revision below which nothing can be read.
    pub(crate) fn compacted(&self) -> Revision {
        self.compacted
    }

    /// The key's current value.
    pub(crate) fn current(&self, key: &str) -> Option<&Arc<KeyValue>> {
        self.current.get(key)
    }

    /// The keys that a request with this key means, in ascending order.
    pub(crate) fn keys(&self, key: &str, prefix: bool) -> Vec<String> {
        if prefix {
            under(&self.current, key).map(|(key, _)| key.clone()).collect()
        } else {
            self.current
                .get_key_value(key)
                .map(|(key, _)| key.clone())
                .into_iter()
                .collect()
        }
    }

    /// Reads now or in the past.
    pub(crate) fn get(&self, key: &str, options: &GetOptions) -> Result<GetResponse, RegistryError> {
        let Some(revision) = options.revision.filter(|revision| *revision != self.revision) else {
            let found: Vec<&KeyValue> = if options.prefix {
                under(&self.current, key).map(|(_, kv)| kv.as_ref()).collect()
            } else {
                self.current(key).map(Arc::as_ref).into_iter().collect()
            };
            return options.respond(key, &found, self.revision);
        };
        self.readable(revision)?;
        let found: Vec<&KeyValue> = if options.prefix {
            under(&self.history, key)
                .filter_map(|(_, versions)| at(versions, revision))
                .collect()
        } else {
            self.history
                .get(key)
                .and_then(|versions| at(versions, revision))
                .into_iter()
                .collect()
        };
        options.respond(key, &found, self.revision)
    }

    /// Refuses revisions that were compacted or are yet to come.
    pub(crate) fn readable(&self, revision: Revision) -> Result<(), RegistryError> {
        if revision < self.compacted {
            return Err(RegistryError::RevisionCompacted {
                requested: revision,
                compact: self.compacted,
            });
        }
        if revision > self.revision {
            return Err(RegistryError::Internal(format!("revision {revision} is in the future")));
        }
        Ok(())
    }

    /// Starts the next commit. Its writes are visible to reads at once; whoever holds the store alone until
    /// [`Store::finish`] makes them one.
    pub(crate) fn begin(&self) -> Commit {
        Commit {
            revision: self.revision + 1,
            changes: Vec::new(),
        }
    }

    /// Writes a key.
    pub(crate) fn put(&mut self, commit: &mut Commit, key: &str, value: Vec<u8>, lease: Option<LeaseId>) {
        let before = self.current.get(key).cloned();
        let after = Arc::new(KeyValue {
            key: key.to_owned(),
            value,
            create_revision: before.as_ref().map_or(commit.revision, |kv| kv.create_revision),
            mod_revision: commit.revision,
            version: before.as_ref().map_or(1, |kv| kv.version + 1),
            lease,
        });
        self.current.insert(key.to_owned(), Arc::clone(&after));
        self.remember(
            commit,
            Change {
                key: key.to_owned(),
                before,
                after: Some(after),
            },
        );
    }

    /// Deletes a key; nothing happens if it is not there.
    pub(crate) fn delete(&mut self, commit: &mut Commit, key: &str) -> Option<Arc<KeyValue>> {
        let before = self.current.remove(key)?;
        self.remember(
            commit,
            Change {
                key: key.to_owned(),
                before: Some(Arc::clone(&before)),
                after: None,
            },
        );
        Some(before)
    }

    /// Ends a commit: it takes its revision if it changed anything.
    pub(crate) fn finish(&mut self, commit: &Commit) {
        if !commit.changes.is_empty() {
            debug_assert_eq!(commit.revision, self.revision + 1, "commits follow each other");
            self.revision = commit.revision;
            self.log.insert(commit.revision, commit.changes.clone());
        }
    }

    /// The commits from `revision` on, that one included.
    pub(crate) fn commits_from(&self, revision: Revision) -> impl Iterator<Item = (Revision, &[Change])> {
        self.log
            .range(revision..)
            .map(|(revision, changes)| (*revision, changes.as_slice()))
    }

    /// Forgets what only revisions below `revision` can show.
    ///
    /// The newest version at or below it stays, as later reads still see it. A tombstone shows nothing and goes.
    pub(crate) fn compact(&mut self, revision: Revision) {
        if revision <= self.compacted {
            return;
        }
        self.compacted = revision;
        self.log = self.log.split_off(&(revision + 1));
        self.history.retain(|_, versions| {
            let newer = versions.partition_point(|version| version.revision <= revision);
            let keep = newer.saturating_sub(1);
            versions.drain(..keep);
            if versions
                .first()
                .is_some_and(|first| first.revision <= revision && first.value.is_none())
            {
                versions.remove(0);
            }
            !versions.is_empty()
        });
    }

    fn remember(&mut self, commit: &mut Commit, change: Change) {
        let version = Version {
            revision: commit.revision,
            value: change.after.clone(),
        };
        self.history.entry(change.key.clone()).or_default().push(version);
        commit.changes.push(change);
    }
}

/// The entries whose keys start with `prefix`.
///
/// Keys with a common prefix are neighbours, so the walk ends at the first that lacks it: no upper bound has
/// to be computed, which is where mistakes are made.
fn under<'a, V>(map: &'a BTreeMap<String, V>, prefix: &'a str) -> impl Iterator<Item = (&'a String, &'a V)> {
    map.range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
        .take_while(move |(key, _)| key.starts_with(prefix))
}

/// What the key held after the commit `revision`.
fn at(versions: &[Version], revision: Revision) -> Option<&KeyValue> {
    let newer = versions.partition_point(|version| version.revision <= revision);
    versions[..newer].last()?.value.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(store: &mut Store, key: &str, value: &str) -> Revision {
        let mut commit = store.begin();
        store.put(&mut commit, key, value.as_bytes().to_vec(), None);
        store.finish(&commit);
        commit.revision
    }

    fn delete(store: &mut Store, key: &str) {
        let mut commit = store.begin();
        store.delete(&mut commit, key);
        store.finish(&commit);
    }

    fn value(store: &Store, key: &str, revision: Revision) -> Option<Vec<u8>> {
        let options = GetOptions {
            revision: Some(revision),
            ..GetOptions::default()
        };
        store.get(key, &options).ok().map(|found| found.kvs[0].value.clone())
    }

    #[test]
    fn a_commit_without_changes_takes_no_revision() {
        let mut store = Store::default();
        delete(&mut store, "absent");
        assert_eq!(store.revision(), 0);
    }

    #[test]
    fn a_key_created_again_starts_at_version_one() {
        let mut store = Store::default();
        put(&mut store, "k", "1");
        put(&mut store, "k", "2");
        delete(&mut store, "k");
        let again = put(&mut store, "k", "3");
        let kv = store.current("k").expect("it was just written");
        assert_eq!((kv.version, kv.create_revision, kv.mod_revision), (1, again, again));
    }

    #[test]
    fn a_prefix_ends_where_keys_stop_starting_with_it() {
        let mut store = Store::default();
        for key in ["/a", "/a/", "/a/b", "/a/\u{10ffff}", "/a0", "/b"] {
            put(&mut store, key, "");
        }
        assert_eq!(store.keys("/a/", true), ["/a/", "/a/b", "/a/\u{10ffff}"]);
        assert_eq!(store.keys("/a", true).len(), 5);
    }

    #[test]
    fn compaction_keeps_what_later_revisions_still_show() {
        let mut store = Store::default();
        put(&mut store, "old", "1");
        put(&mut store, "k", "1");
        let middle = put(&mut store, "k", "2");
        let last = put(&mut store, "k", "3");
        store.compact(middle);
        assert!(matches!(
            store.readable(middle - 1),
            Err(RegistryError::RevisionCompacted { .. })
        ));
        assert_eq!(value(&store, "k", middle), Some(b"2".to_vec()));
        assert_eq!(value(&store, "old", last), Some(b"1".to_vec()));
        assert_eq!(store.commits_from(0).count(), 1);
    }

    #[test]
    fn compaction_forgets_deleted_keys() {
        let mut store = Store::default();
        put(&mut store, "k", "1");
        delete(&mut store, "k");
        store.compact(store.revision());
        assert!(store.history.is_empty());
    }
}
