//! What a node must not forget: its vote, its log, its last snapshot.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::ops::RangeBounds;
use std::sync::Arc;

use openraft::storage::{LogFlushed, RaftLogStorage};
use openraft::{OptionalSend, RaftLogReader, SnapshotMeta, Vote};
use tokio::sync::RwLock;

use crate::config::{NodeInfo, TypeConfig};
use crate::log::{Entry, LogId, LogState};

/// What a store may fail with.
pub type StorageError = openraft::StorageError<u64>;

/// The stable storage of one node, in memory. A clone is another handle on the same storage: what a node wrote is still
/// there for the node that is started on it next.
#[derive(Debug, Clone, Default)]
pub struct MemStorage {
    disk: Arc<RwLock<Disk>>,
}

#[derive(Debug, Default)]
struct Disk {
    vote: Option<Vote<u64>>,
    committed: Option<openraft::LogId<u64>>,
    log: BTreeMap<u64, openraft::Entry<TypeConfig>>,
    purged: Option<openraft::LogId<u64>>,
    snapshot: Option<StoredSnapshot>,
}

/// A snapshot as it is stored and sent.
#[derive(Debug, Clone)]
pub(crate) struct StoredSnapshot {
    pub(crate) meta: SnapshotMeta<u64, NodeInfo>,
    pub(crate) data: Vec<u8>,
}

impl Disk {
    fn append(&mut self, entries: impl IntoIterator<Item = openraft::Entry<TypeConfig>>) {
        self.log
            .extend(entries.into_iter().map(|entry| (entry.log_id.index, entry)));
    }

    fn truncate(&mut self, first_removed: u64) {
        self.log.split_off(&first_removed);
    }

    /// An entry that was purged stays known as the last one, or the log would seem to begin anew.
    fn last(&self) -> Option<openraft::LogId<u64>> {
        self.log.values().next_back().map(|entry| entry.log_id).or(self.purged)
    }

    fn entries(&self, range: impl RangeBounds<u64>) -> impl Iterator<Item = openraft::Entry<TypeConfig>> {
        self.log.range(range).map(|(_, entry)| entry.clone())
    }
}

impl MemStorage {
    /// Storage in which nothing was ever written.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends entries that follow the last one.
    pub async fn append_to_log(&mut self, entries: Vec<Entry<TypeConfig>>) -> Result<(), StorageError> {
        self.disk.write().await.append(entries.into_iter().map(Into::into));
        Ok(())
    }

    /// Removes the entry at `since.index` and all that follow.
    pub async fn delete_conflict_logs(&mut self, since: LogId) -> Result<(), StorageError> {
        self.disk.write().await.truncate(since.index);
        Ok(())
    }

    /// The two ends of the log.
    pub async fn get_log_state(&mut self) -> Result<LogState, StorageError> {
        let disk = self.disk.read().await;
        Ok(LogState {
            last_purged_log_id: disk.purged.map(Into::into),
            last_log_id: disk.last().map(Into::into),
        })
    }

    /// The entries of a range of indices, as far as there are any.
    pub async fn try_get_log_entries<RB: RangeBounds<u64> + Clone + Send + Sync>(
        &mut self,
        range: RB,
    ) -> Result<Vec<Entry<TypeConfig>>, StorageError> {
        Ok(self.disk.read().await.entries(range).map(Into::into).collect())
    }

    pub(crate) async fn snapshot(&self) -> Option<StoredSnapshot> {
        self.disk.read().await.snapshot.clone()
    }

    pub(crate) async fn save_snapshot(&self, snapshot: StoredSnapshot) {
        self.disk.write().await.snapshot = Some(snapshot);
    }
}

impl RaftLogReader<TypeConfig> for MemStorage {
    async fn try_get_log_entries<RB: RangeBounds<u64> + Clone + Debug + OptionalSend>(
        &mut self,
        range: RB,
    ) -> Result<Vec<openraft::Entry<TypeConfig>>, StorageError> {
        Ok(self.disk.read().await.entries(range).collect())
    }
}

impl RaftLogStorage<TypeConfig> for MemStorage {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Result<openraft::LogState<TypeConfig>, StorageError> {
        let disk = self.disk.read().await;
        Ok(openraft::LogState {
            last_purged_log_id: disk.purged,
            last_log_id: disk.last(),
        })
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote<u64>) -> Result<(), StorageError> {
        self.disk.write().await.vote = Some(*vote);
        Ok(())
    }

    async fn read_vote(&mut self) -> Result<Option<Vote<u64>>, StorageError> {
        Ok(self.disk.read().await.vote)
    }

    async fn save_committed(&mut self, committed: Option<openraft::LogId<u64>>) -> Result<(), StorageError> {
        self.disk.write().await.committed = committed;
        Ok(())
    }

    async fn read_committed(&mut self) -> Result<Option<openraft::LogId<u64>>, StorageError> {
        Ok(self.disk.read().await.committed)
    }

    async fn append<I>(&mut self, entries: I, callback: LogFlushed<TypeConfig>) -> Result<(), StorageError>
    where
        I: IntoIterator<Item = openraft::Entry<TypeConfig>> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        self.disk.write().await.append(entries);
        // Memory needs no flush. A store on disk says so after `fsync`: openraft counts this node's copy only then.
        callback.log_io_completed(Ok(()));
        Ok(())
    }

    async fn truncate(&mut self, log_id: openraft::LogId<u64>) -> Result<(), StorageError> {
        self.disk.write().await.truncate(log_id.index);
        Ok(())
    }

    async fn purge(&mut self, log_id: openraft::LogId<u64>) -> Result<(), StorageError> {
        let mut disk = self.disk.write().await;
        disk.log = disk.log.split_off(&(log_id.index + 1));
        disk.purged = Some(log_id);
        Ok(())
    }
}
