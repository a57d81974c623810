//! Watches: commits turned into events and brought to those who want them.
//!
//! Watchers are found by the key of a change, or by one of its prefixes, so an event costs nothing to those
//! it does not concern. Each has a channel of bounded size. When it is full the watcher is let go: it reads
//! what it has and then sees the end, and can start again at the revision after the last one it saw.

use std::collections::{HashMap, VecDeque};

use tokio::sync::mpsc;

use crate::store::Change;
use crate::{KeyValue, Revision};

/// A change of one key.
#[derive(Debug, Clone)]
pub enum WatchEvent {
    /// It was written.
    Put(KeyValue),
    /// It was deleted.
    Delete {
        /// The key.
        key: String,
        /// What it held, if the watch asked for it.
        prev_value: Option<KeyValue>,
    },
}

/// The events of one commit that a watch wants.
#[derive(Debug, Clone)]
pub struct WatchResponse {
    /// The commit.
    pub revision: Revision,
    /// Its events, in the order in which the commit made them.
    pub events: Vec<WatchEvent>,
    /// The revision below which history was forgotten when the response was made.
    pub compact_revision: Revision,
}

/// What to watch.
#[derive(Debug, Clone)]
pub struct WatchOptions {
    /// The first revision whose events are wanted; those to come, if there is none.
    pub start_revision: Option<Revision>,
    /// Watch all keys that start with the given one.
    pub prefix: bool,
    /// Tell what deleted keys held.
    pub prev_kv: bool,
    /// Kinds of events that are not wanted.
    pub filters: Vec<WatchFilter>,
}

/// A kind of event that is not wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchFilter {
    /// No writes.
    NoPut,
    /// No deletions.
    NoDelete,
}

/// The reading end of a watch. Dropping it cancels the watch.
#[derive(Debug)]
pub struct WatchHandle {
    /// What had happened before the watch began.
    backlog: VecDeque<WatchResponse>,
    receiver: mpsc::Receiver<WatchResponse>,
}

impl WatchHandle {
    /// The next events, or nothing if the watch has ended because its buffer ran over or the registry is gone.
    pub async fn next(&mut self) -> Option<WatchResponse> {
        match self.backlog.pop_front() {
            Some(response) => Some(response),
            None => self.receiver.recv().await,
        }
    }

    /// Ends the watch and frees its place.
    pub fn cancel(self) {}
}

/// All watchers.
#[derive(Debug, Default)]
pub(crate) struct Watchers {
    /// Those of one key.
    exact: HashMap<String, Vec<Watcher>>,
    /// Those of a prefix.
    prefix: HashMap<String, Vec<Watcher>>,
}

#[derive(Debug)]
struct Watcher {
    from: Revision,
    options: WatchOptions,
    sender: mpsc::Sender<WatchResponse>,
    /// What the commit under way has for it.
    pending: Vec<WatchEvent>,
}

impl Watchers {
    /// How many watchers the key, or the prefix, has.
    pub(crate) fn count(&mut self, key: &str) -> usize {
        [&mut self.exact, &mut self.prefix]
            .into_iter()
            .filter_map(|watchers| watchers.get_mut(key))
            .map(|watchers| {
                watchers.retain(|watcher| !watcher.sender.is_closed());
                watchers.len()
            })
            .sum()
    }

    /// Adds a watcher that wants what `backlog` has, then what commits from `from` on will have.
    pub(crate) fn add(
        &mut self,
        key: &str,
        options: WatchOptions,
        from: Revision,
        buffer: usize,
        backlog: VecDeque<WatchResponse>,
    ) -> WatchHandle {
        let (sender, receiver) = mpsc::channel(buffer.max(1));
        let side = if options.prefix {
            &mut self.prefix
        } else {
            &mut self.exact
        };
        side.entry(key.to_owned()).or_default().push(Watcher {
            from,
            options,
            sender,
            pending: Vec::new(),
        });
        WatchHandle { backlog, receiver }
    }

    /// Brings a commit to those who want it.
    pub(crate) fn publish(&mut self, revision: Revision, changes: &[Change], compacted: Revision) {
        // A watcher of a prefix may want several changes of one commit; they go out as one response. So
        // changes are handed out first, and the places they went to are visited again to send.
        for change in changes {
            self.each(&change.key, |watcher| watcher.take(revision, change));
        }
        for change in changes {
            self.each(&change.key, |watcher| watcher.send(revision, compacted));
        }
    }

    /// Visits the watchers of a key and drops those that `visit` says are done for.
    fn each(&mut self, key: &str, visit: impl Fn(&mut Watcher) -> bool) {
        retain(&mut self.exact, key, &visit);
        if self.prefix.is_empty() {
            return;
        }
        for end in (0..=key.len()).filter(|end| key.is_char_boundary(*end)) {
            retain(&mut self.prefix, &key[..end], &visit);
        }
    }
}

/// Visits the watchers at one place; an empty place is removed.
fn retain(places: &mut HashMap<String, Vec<Watcher>>, key: &str, visit: impl Fn(&mut Watcher) -> bool) {
    if let Some(watchers) = places.get_mut(key) {
        watchers.retain_mut(&visit);
        if watchers.is_empty() {
            places.remove(key);
        }
    }
}

impl Watcher {
    /// Notes a change if it is wanted.
    fn take(&mut self, revision: Revision, change: &Change) -> bool {
        if revision >= self.from {
            self.pending.extend(self.options.event(change));
        }
        !self.sender.is_closed()
    }

    /// Sends what was noted. False when the reader is gone or too slow.
    fn send(&mut self, revision: Revision, compact_revision: Revision) -> bool {
        if self.pending.is_empty() {
            return true;
        }
        let events = std::mem::take(&mut self.pending);
        self.sender
            .try_send(WatchResponse {
                revision,
                events,
                compact_revision,
            })
            .is_ok()
    }
}

impl WatchOptions {
    /// The responses for commits of the past, as they would have been sent.
    pub(crate) fn replay<'a>(
        &self,
        key: &str,
        commits: impl Iterator<Item = (Revision, &'a [Change])>,
        compact_revision: Revision,
    ) -> VecDeque<WatchResponse> {
        commits
            .map(|(revision, changes)| {
                let wanted = changes.iter().filter(|change| self.covers(key, &change.key));
                let events = wanted.filter_map(|change| self.event(change)).collect();
                WatchResponse {
                    revision,
                    events,
                    compact_revision,
                }
            })
            .filter(|response| !response.events.is_empty())
            .collect()
    }

    fn covers(&self, watched: &str, key: &str) -> bool {
        if self.prefix {
            key.starts_with(watched)
        } else {
            key == watched
        }
    }

    /// The event for a change, unless it is of a kind that is not wanted.
    fn event(&self, change: &Change) -> Option<WatchEvent> {
        match &change.after {
            Some(kv) if !self.filters.contains(&WatchFilter::NoPut) => Some(WatchEvent::Put(KeyValue::clone(kv))),
            None if !self.filters.contains(&WatchFilter::NoDelete) => {
                let before = change.before.as_deref().filter(|_| self.prev_kv).cloned();
                Some(WatchEvent::Delete {
                    key: change.key.clone(),
                    prev_value: before,
                })
            }
            _ => None,
        }
    }
}
