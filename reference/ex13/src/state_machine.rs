//! The replicated map: what committed entries do, and how it is copied whole.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

use openraft::storage::RaftStateMachine;
use openraft::{
    AnyError, EntryPayload, LogId, OptionalSend, RaftSnapshotBuilder, Snapshot, SnapshotMeta, StorageIOError,
    StoredMembership,
};
use serde::{Deserialize, Serialize};
use tokio::sync::RwLock;

use crate::config::{NodeInfo, Request, Response, TypeConfig};
use crate::storage::{MemStorage, StorageError, StoredSnapshot};

/// A key-value store that changes by committed entries only. A clone is another handle on the same store.
#[derive(Debug, Clone)]
pub struct KvStateMachine {
    state: Arc<RwLock<State>>,
    storage: MemStorage,
}

/// All that a snapshot holds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct State {
    last_applied: Option<LogId<u64>>,
    membership: StoredMembership<u64, NodeInfo>,
    data: BTreeMap<String, Vec<u8>>,
}

impl State {
    fn apply(&mut self, entry: openraft::Entry<TypeConfig>) -> Response {
        self.last_applied = Some(entry.log_id);
        match entry.payload {
            EntryPayload::Blank => Response::Ok,
            EntryPayload::Normal(Request::Set { key, value }) => {
                self.data.insert(key, value);
                Response::Ok
            }
            EntryPayload::Normal(Request::Delete { key }) => Response::Value(self.data.remove(&key)),
            EntryPayload::Membership(membership) => {
                self.membership = StoredMembership::new(Some(entry.log_id), membership);
                Response::Ok
            }
        }
    }

    fn decode(snapshot: &StoredSnapshot) -> Result<Self, StorageError> {
        serde_json::from_slice(&snapshot.data).map_err(|error| {
            StorageIOError::read_snapshot(Some(snapshot.meta.signature()), AnyError::new(&error)).into()
        })
    }
}

impl KvStateMachine {
    /// The store as the last snapshot in the storage left it, empty if there is none. What was committed later is in the
    /// log, and is applied again.
    pub async fn open(storage: &MemStorage) -> Result<Self, StorageError> {
        let state = match storage.snapshot().await {
            Some(snapshot) => State::decode(&snapshot)?,
            None => State::default(),
        };
        Ok(Self {
            state: Arc::new(RwLock::new(state)),
            storage: storage.clone(),
        })
    }

    /// The value of a key, as far as entries were applied here.
    pub async fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.state.read().await.data.get(key).cloned()
    }
}

fn as_sent(stored: StoredSnapshot) -> Snapshot<TypeConfig> {
    Snapshot {
        meta: stored.meta,
        snapshot: Box::new(Cursor::new(stored.data)),
    }
}

impl RaftSnapshotBuilder<TypeConfig> for KvStateMachine {
    async fn build_snapshot(&mut self) -> Result<Snapshot<TypeConfig>, StorageError> {
        let state = self.state.read().await.clone();
        let data =
            serde_json::to_vec(&state).map_err(|error| StorageIOError::write_snapshot(None, AnyError::new(&error)))?;
        let snapshot_id = match state.last_applied {
            Some(last) => format!("{}-{}-{}", last.leader_id.term, last.leader_id.node_id, last.index),
            None => "0".to_owned(),
        };
        let meta = SnapshotMeta {
            last_log_id: state.last_applied,
            last_membership: state.membership,
            snapshot_id,
        };
        let stored = StoredSnapshot { meta, data };
        self.storage.save_snapshot(stored.clone()).await;
        Ok(as_sent(stored))
    }
}

impl RaftStateMachine<TypeConfig> for KvStateMachine {
    type SnapshotBuilder = Self;

    async fn applied_state(&mut self) -> Result<(Option<LogId<u64>>, StoredMembership<u64, NodeInfo>), StorageError> {
        let state = self.state.read().await;
        Ok((state.last_applied, state.membership.clone()))
    }

    async fn apply<I>(&mut self, entries: I) -> Result<Vec<Response>, StorageError>
    where
        I: IntoIterator<Item = openraft::Entry<TypeConfig>> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let mut state = self.state.write().await;
        Ok(entries.into_iter().map(|entry| state.apply(entry)).collect())
    }

    async fn get_snapshot_builder(&mut self) -> Self {
        self.clone()
    }

    async fn begin_receiving_snapshot(&mut self) -> Result<Box<Cursor<Vec<u8>>>, StorageError> {
        Ok(Box::default())
    }

    async fn install_snapshot(
        &mut self,
        meta: &SnapshotMeta<u64, NodeInfo>,
        snapshot: Box<Cursor<Vec<u8>>>,
    ) -> Result<(), StorageError> {
        let stored = StoredSnapshot {
            meta: meta.clone(),
            data: snapshot.into_inner(),
        };
        let installed = State::decode(&stored)?;
        *self.state.write().await = installed;
        self.storage.save_snapshot(stored).await;
        Ok(())
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot<TypeConfig>>, StorageError> {
        Ok(self.storage.snapshot().await.map(as_sent))
    }
}
