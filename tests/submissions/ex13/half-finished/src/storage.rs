//! Le stockage stable : un tampon circulaire d'entrées consécutives, et l'état de la machine, qui survit aussi.

use std::collections::{HashMap, VecDeque};
use std::fmt::Debug;
use std::ops::{Bound, RangeBounds};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use openraft::storage::{LogFlushed, RaftLogStorage};
use openraft::{OptionalSend, RaftLogReader, SnapshotMeta, StoredMembership, Vote};

use crate::types::{self, Entry, LogId, LogState, NodeInfo, TypeConfig};

/// Erreur de stockage.
pub type StorageError = openraft::StorageError<u64>;

type FullEntry = openraft::Entry<TypeConfig>;
type FullId = openraft::LogId<u64>;

/// Le stockage d'un nœud.
#[derive(Clone, Default)]
pub struct MemStorage {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
pub(crate) struct Inner {
    vote: Option<Vote<u64>>,
    purged: Option<FullId>,
    entries: VecDeque<FullEntry>,
    pub(crate) data: HashMap<String, Vec<u8>>,
    pub(crate) applied: Option<FullId>,
    pub(crate) membership: StoredMembership<u64, NodeInfo>,
    pub(crate) snapshot: Option<(SnapshotMeta<u64, NodeInfo>, Vec<u8>)>,
}

impl Inner {
    fn last(&self) -> Option<FullId> {
        self.entries.back().map(|entry| entry.log_id).or(self.purged)
    }

    fn truncate(&mut self, index: u64) {
        while self.entries.back().is_some_and(|entry| entry.log_id.index >= index) {
            self.entries.pop_back();
        }
    }

    fn slice(&self, range: &impl RangeBounds<u64>) -> Vec<&FullEntry> {
        let Some(first) = self.entries.front().map(|entry| entry.log_id.index) else {
            return Vec::new();
        };
        let from = match range.start_bound() {
            Bound::Included(from) => *from,
            Bound::Excluded(before) => before + 1,
            Bound::Unbounded => 0,
        };
        let skipped = from.saturating_sub(first) as usize;
        let later = self.entries.iter().skip(skipped);
        later.take_while(|entry| range.contains(&entry.log_id.index)).collect()
    }
}

impl MemStorage {
    /// Un stockage vide.
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ajoute des entrées qui prolongent le journal.
    pub async fn append_to_log(&mut self, entries: Vec<Entry<TypeConfig>>) -> Result<(), StorageError> {
        self.lock().entries.extend(entries.into_iter().map(types::full));
        Ok(())
    }

    /// Supprime l'entrée de cet indice et les suivantes.
    pub async fn delete_conflict_logs(&mut self, since: LogId) -> Result<(), StorageError> {
        self.lock().truncate(since.index);
        Ok(())
    }

    /// Les deux bouts du journal.
    pub async fn get_log_state(&mut self) -> Result<LogState, StorageError> {
        let inner = self.lock();
        Ok(LogState {
            last_purged_log_id: inner.purged.map(LogId::of),
            last_log_id: inner.last().map(LogId::of),
        })
    }

    /// Les entrées d'une plage d'indices.
    pub async fn try_get_log_entries<RB: RangeBounds<u64> + Clone + Send + Sync>(
        &mut self,
        range: RB,
    ) -> Result<Vec<Entry<TypeConfig>>, StorageError> {
        Ok(self.lock().slice(&range).into_iter().map(types::short).collect())
    }
}

impl RaftLogReader<TypeConfig> for MemStorage {
    async fn try_get_log_entries<RB: RangeBounds<u64> + Clone + Debug + OptionalSend>(
        &mut self,
        range: RB,
    ) -> Result<Vec<FullEntry>, StorageError> {
        Ok(self.lock().slice(&range).into_iter().cloned().collect())
    }
}

impl RaftLogStorage<TypeConfig> for MemStorage {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Result<openraft::LogState<TypeConfig>, StorageError> {
        let inner = self.lock();
        Ok(openraft::LogState {
            last_purged_log_id: inner.purged,
            last_log_id: inner.last(),
        })
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote<u64>) -> Result<(), StorageError> {
        self.lock().vote = Some(*vote);
        Ok(())
    }

    async fn read_vote(&mut self) -> Result<Option<Vote<u64>>, StorageError> {
        Ok(self.lock().vote)
    }

    async fn append<I>(&mut self, entries: I, callback: LogFlushed<TypeConfig>) -> Result<(), StorageError>
    where
        I: IntoIterator<Item = FullEntry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        self.lock().entries.extend(entries);
        tokio::spawn(async move { callback.log_io_completed(Ok(())) });
        Ok(())
    }

    async fn truncate(&mut self, log_id: FullId) -> Result<(), StorageError> {
        self.lock().truncate(log_id.index);
        Ok(())
    }

    async fn purge(&mut self, log_id: FullId) -> Result<(), StorageError> {
        let mut inner = self.lock();
        while inner.entries.front().is_some_and(|entry| entry.log_id.index <= log_id.index) {
            inner.entries.pop_front();
        }
        inner.purged = Some(log_id);
        Ok(())
    }
}
