//! La machine à états : une vue de ce que le stockage garde. Ouverte de nouveau, elle est où elle était.

use std::io::Cursor;

use openraft::storage::RaftStateMachine;
use openraft::{
    AnyError, EntryPayload, LogId, OptionalSend, RaftSnapshotBuilder, Snapshot, SnapshotMeta, StorageIOError,
    StoredMembership,
};

use crate::storage::{Inner, MemStorage, StorageError};
use crate::types::{NodeInfo, Request, Response, TypeConfig};

/// Machine à états clé-valeur.
pub struct KvStateMachine {
    storage: MemStorage,
}

/// Construit les instantanés d'une machine.
pub struct Builder {
    storage: MemStorage,
}

impl KvStateMachine {
    /// La machine qui vit dans ce stockage.
    pub async fn open(storage: &MemStorage) -> Result<Self, StorageError> {
        Ok(Self {
            storage: storage.clone(),
        })
    }

    /// La valeur d'une clé.
    pub async fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.storage.lock().data.get(key).cloned()
    }
}

fn apply(inner: &mut Inner, entry: openraft::Entry<TypeConfig>) -> Response {
    inner.applied = Some(entry.log_id);
    match entry.payload {
        EntryPayload::Normal(Request::Set { key, value }) => {
            inner.data.insert(key, value);
            Response::Ok
        }
        EntryPayload::Normal(Request::Delete { key }) => Response::Value(inner.data.remove(&key)),
        EntryPayload::Membership(membership) => {
            inner.membership = StoredMembership::new(Some(entry.log_id), membership);
            Response::Error("no request".to_owned())
        }
        EntryPayload::Blank => Response::Error("no request".to_owned()),
    }
}

/// Longueur, clé, longueur, valeur, et ainsi de suite.
fn encode(inner: &Inner) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in inner.data.iter().flat_map(|(key, value)| [key.as_bytes(), value]) {
        bytes.extend((part.len() as u64).to_le_bytes());
        bytes.extend(part);
    }
    bytes
}

fn take<'b>(bytes: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    let (part, rest) = rest.split_at_checked(u64::from_le_bytes(*length) as usize)?;
    *bytes = rest;
    Some(part)
}

fn decode(mut bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut pairs = Vec::new();
    while !bytes.is_empty() {
        let key = String::from_utf8(take(&mut bytes)?.to_vec()).ok()?;
        pairs.push((key, take(&mut bytes)?.to_vec()));
    }
    Some(pairs)
}

impl RaftSnapshotBuilder<TypeConfig> for Builder {
    async fn build_snapshot(&mut self) -> Result<Snapshot<TypeConfig>, StorageError> {
        let mut inner = self.storage.lock();
        let meta = SnapshotMeta {
            last_log_id: inner.applied,
            last_membership: inner.membership.clone(),
            snapshot_id: inner.applied.map_or_else(String::new, |id| id.to_string()),
        };
        let data = encode(&inner);
        inner.snapshot = Some((meta.clone(), data.clone()));
        Ok(Snapshot {
            meta,
            snapshot: Box::new(Cursor::new(data)),
        })
    }
}

impl RaftStateMachine<TypeConfig> for KvStateMachine {
    type SnapshotBuilder = Builder;

    async fn applied_state(
        &mut self,
    ) -> Result<(Option<LogId<u64>>, StoredMembership<u64, NodeInfo>), StorageError> {
        let inner = self.storage.lock();
        Ok((inner.applied, inner.membership.clone()))
    }

    async fn apply<I>(&mut self, entries: I) -> Result<Vec<Response>, StorageError>
    where
        I: IntoIterator<Item = openraft::Entry<TypeConfig>> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let mut inner = self.storage.lock();
        Ok(entries.into_iter().map(|entry| apply(&mut inner, entry)).collect())
    }

    async fn get_snapshot_builder(&mut self) -> Builder {
        Builder {
            storage: self.storage.clone(),
        }
    }

    async fn begin_receiving_snapshot(&mut self) -> Result<Box<Cursor<Vec<u8>>>, StorageError> {
        Ok(Box::new(Cursor::new(Vec::new())))
    }

    async fn install_snapshot(
        &mut self,
        meta: &SnapshotMeta<u64, NodeInfo>,
        snapshot: Box<Cursor<Vec<u8>>>,
    ) -> Result<(), StorageError> {
        let bytes = snapshot.into_inner();
        let Some(pairs) = decode(&bytes) else {
            let broken = AnyError::error("a broken snapshot");
            return Err(StorageIOError::read_snapshot(Some(meta.signature()), broken).into());
        };
        let mut inner = self.storage.lock();
        inner.data = pairs.into_iter().collect();
        inner.applied = meta.last_log_id;
        inner.membership = meta.last_membership.clone();
        inner.snapshot = Some((meta.clone(), bytes));
        Ok(())
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot<TypeConfig>>, StorageError> {
        let kept = self.storage.lock().snapshot.clone();
        Ok(kept.map(|(meta, data)| Snapshot {
            meta,
            snapshot: Box::new(Cursor::new(data)),
        }))
    }
}
