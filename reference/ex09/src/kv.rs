//! Keys, values, and how they are read and written.

use crate::{LeaseId, RegistryError};

/// The number of a commit. Rises by one with each, the first is 1.
pub type Revision = u64;

/// A key as it stood after some commit.
#[derive(Debug, Clone)]
pub struct KeyValue {
    /// The key.
    pub key: String,
    /// Its value.
    pub value: Vec<u8>,
    /// The commit that created it.
    pub create_revision: Revision,
    /// The last commit that wrote it.
    pub mod_revision: Revision,
    /// How many times it was written since it was created.
    pub version: u64,
    /// The lease it hangs on, if it is ephemeral.
    pub lease: Option<LeaseId>,
}

/// How to read.
#[derive(Debug, Clone, Default)]
pub struct GetOptions {
    /// Read all keys that start with the given one.
    pub prefix: bool,
    /// Read the state after this commit instead of the current one.
    pub revision: Option<Revision>,
    /// Return at most this many keys.
    pub limit: Option<usize>,
    /// Leave the values out.
    pub keys_only: bool,
    /// The order of the keys returned.
    pub sort_order: SortOrder,
}

/// An order of keys, by their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SortOrder {
    /// Any order.
    #[default]
    None,
    /// Smallest key first.
    Ascend,
    /// Greatest key first.
    Descend,
}

/// How to write.
#[derive(Debug, Clone, Default)]
pub struct PutOptions {
    /// The lease the key shall hang on; without one it is permanent.
    pub lease: Option<LeaseId>,
    /// Return the value that was replaced.
    pub prev_kv: bool,
    /// Write nothing when the value is the same already.
    pub ignore_value: bool,
    /// Write nothing when the key exists and hangs on another lease.
    pub ignore_lease: bool,
}

/// What a read found.
#[derive(Debug)]
pub struct GetResponse {
    /// The keys, at most `limit` of them.
    pub kvs: Vec<KeyValue>,
    /// How many keys there are, whatever the limit.
    pub count: usize,
    /// The registry's revision when it was read.
    pub revision: Revision,
}

/// What a write did.
#[derive(Debug)]
pub struct PutResponse {
    /// What was replaced, if it was asked for.
    pub prev_kv: Option<KeyValue>,
    /// The registry's revision after the write.
    pub revision: Revision,
}

/// What a deletion did.
#[derive(Debug)]
pub struct DeleteResponse {
    /// How many keys are gone.
    pub deleted: usize,
    /// What they held.
    pub prev_kvs: Vec<KeyValue>,
    /// The registry's revision after the deletion.
    pub revision: Revision,
}

impl GetOptions {
    /// Puts what was found at some revision into the form that was asked for.
    ///
    /// `found` is in ascending order. A single key that is missing is an error, a prefix without keys is not.
    pub(crate) fn respond(
        &self,
        key: &str,
        found: &[&KeyValue],
        revision: Revision,
    ) -> Result<GetResponse, RegistryError> {
        if found.is_empty() && !self.prefix {
            return Err(RegistryError::KeyNotFound(key.to_owned()));
        }
        let limit = self.limit.unwrap_or(usize::MAX);
        let kvs = match self.sort_order {
            SortOrder::None | SortOrder::Ascend => found.iter().take(limit).map(|kv| self.shape(kv)).collect(),
            SortOrder::Descend => found.iter().rev().take(limit).map(|kv| self.shape(kv)).collect(),
        };
        Ok(GetResponse {
            kvs,
            count: found.len(),
            revision,
        })
    }

    fn shape(&self, kv: &KeyValue) -> KeyValue {
        if self.keys_only {
            // Field by field, so that the value is not copied only to be thrown away.
            KeyValue {
                key: kv.key.clone(),
                value: Vec::new(),
                ..*kv
            }
        } else {
            kv.clone()
        }
    }
}
