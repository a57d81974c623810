//! Transactions: comparisons, then one of two lists of operations, as one commit.
//!
//! This is the mini-transaction of etcd, after Aguilera and others, *Sinfonia* (SOSP 2007, section 3.2).

use crate::{DeleteResponse, GetOptions, GetResponse, KeyValue, LeaseId, PutOptions, PutResponse, Revision};

/// If every comparison holds do `success`, otherwise `failure`.
#[derive(Debug, Default)]
pub struct Transaction {
    /// All must hold; without any, they do.
    pub compare: Vec<Compare>,
    /// Operations when they hold.
    pub success: Vec<TxnOp>,
    /// Operations when one does not.
    pub failure: Vec<TxnOp>,
}

/// A question about one key: is its `target` equal to, greater than, ... the one given?
#[derive(Debug, Clone)]
pub struct Compare {
    /// The key.
    pub key: String,
    /// What of it is compared, and with what.
    pub target: CompareTarget,
    /// How.
    pub result: CompareResult,
}

/// The field that is compared. Of an absent key all numbers are 0 and the value is empty.
#[derive(Debug, Clone)]
pub enum CompareTarget {
    /// The number of writes since creation.
    Version(u64),
    /// The commit that created the key.
    CreateRevision(Revision),
    /// The last commit that wrote it.
    ModRevision(Revision),
    /// The value, in the order of bytes.
    Value(Vec<u8>),
    /// The lease; 0 without one.
    Lease(LeaseId),
}

/// How the key's field (on the left) relates to the one given (on the right).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompareResult {
    /// The same.
    Equal,
    /// The key's is greater.
    Greater,
    /// The key's is less.
    Less,
    /// Not the same.
    NotEqual,
}

/// One operation of a transaction. They run in order and each sees what those before it did.
#[derive(Debug, Clone)]
pub enum TxnOp {
    /// Read.
    Get {
        /// The key or prefix.
        key: String,
        /// How.
        options: GetOptions,
    },
    /// Write.
    Put {
        /// The key.
        key: String,
        /// Its new value.
        value: Vec<u8>,
        /// How.
        options: PutOptions,
    },
    /// Delete.
    Delete {
        /// The key or prefix.
        key: String,
        /// Whether all keys that start with it go.
        prefix: bool,
    },
}

/// What a transaction did.
#[derive(Debug)]
pub struct TxnResponse {
    /// Whether the comparisons held.
    pub succeeded: bool,
    /// The registry's revision after it; every key it wrote carries this one.
    pub revision: Revision,
    /// One answer for each operation that ran, in order.
    pub responses: Vec<TxnOpResponse>,
}

/// The answer to one operation.
#[derive(Debug)]
pub enum TxnOpResponse {
    /// To a read; without keys if there were none.
    Get(GetResponse),
    /// To a write.
    Put(PutResponse),
    /// To a deletion.
    Delete(DeleteResponse),
}

impl Compare {
    /// Whether the comparison holds for what the key holds now.
    pub(crate) fn holds(&self, kv: Option<&KeyValue>) -> bool {
        let ordering = match &self.target {
            CompareTarget::Version(version) => kv.map_or(0, |kv| kv.version).cmp(version),
            CompareTarget::CreateRevision(revision) => kv.map_or(0, |kv| kv.create_revision).cmp(revision),
            CompareTarget::ModRevision(revision) => kv.map_or(0, |kv| kv.mod_revision).cmp(revision),
            CompareTarget::Value(value) => kv.map_or(&[][..], |kv| &kv.value).cmp(value),
            CompareTarget::Lease(lease) => kv.and_then(|kv| kv.lease).unwrap_or(0).cmp(lease),
        };
        match self.result {
            CompareResult::Equal => ordering.is_eq(),
            CompareResult::Greater => ordering.is_gt(),
            CompareResult::Less => ordering.is_lt(),
            CompareResult::NotEqual => ordering.is_ne(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(version: u64, result: CompareResult, kv: Option<&KeyValue>) -> bool {
        Compare {
            key: "k".to_owned(),
            target: CompareTarget::Version(version),
            result,
        }
        .holds(kv)
    }

    #[test]
    fn an_absent_key_has_version_zero() {
        assert!(holds(0, CompareResult::Equal, None));
        assert!(holds(1, CompareResult::Less, None));
        assert!(!holds(0, CompareResult::NotEqual, None));
    }

    #[test]
    fn the_key_stands_on_the_left() {
        let kv = KeyValue {
            key: "k".to_owned(),
            value: b"b".to_vec(),
            create_revision: 1,
            mod_revision: 3,
            version: 3,
            lease: None,
        };
        assert!(holds(2, CompareResult::Greater, Some(&kv)));
        assert!(holds(4, CompareResult::Less, Some(&kv)));
        let value = Compare {
            key: "k".to_owned(),
            target: CompareTarget::Value(b"a".to_vec()),
            result: CompareResult::Greater,
        };
        assert!(value.holds(Some(&kv)));
    }
}
