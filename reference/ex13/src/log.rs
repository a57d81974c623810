//! Log entries as the course writes them: a term, an index, a payload.
//!
//! openraft's own log ids also name the leader that proposed the entry, because a term may have several (its votes are
//! ordered by term, then by node). The types here leave that out; [`crate::MemStorage`] converts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use openraft::{CommittedLeaderId, Membership, RaftTypeConfig};

use crate::config::{NodeInfo, TypeConfig};

/// Where an entry is in the log, and in which term it was proposed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogId {
    /// The term.
    pub term: u64,
    /// The position.
    pub index: u64,
}

impl From<openraft::LogId<u64>> for LogId {
    fn from(id: openraft::LogId<u64>) -> Self {
        Self {
            term: id.leader_id.term,
            index: id.index,
        }
    }
}

impl From<LogId> for openraft::LogId<u64> {
    fn from(id: LogId) -> Self {
        Self::new(CommittedLeaderId::new(id.term, 0), id.index)
    }
}

/// An entry of the log.
pub struct Entry<C: RaftTypeConfig> {
    /// Where it is.
    pub log_id: LogId,
    /// What it holds.
    pub payload: EntryPayload<C>,
}

/// What an entry holds.
pub enum EntryPayload<C: RaftTypeConfig> {
    /// Nothing: a new leader proposes one, so that older entries commit with it.
    Blank,
    /// A request of a client.
    Normal(C::D),
    /// The voters from here on.
    Membership(Vec<u64>),
}

// Derived impls would ask `C: Clone` and the like of the configuration, and nothing of `C::D`, which is what matters.
impl<C: RaftTypeConfig<D: Clone>> Clone for EntryPayload<C> {
    fn clone(&self) -> Self {
        match self {
            Self::Blank => Self::Blank,
            Self::Normal(request) => Self::Normal(request.clone()),
            Self::Membership(voters) => Self::Membership(voters.clone()),
        }
    }
}

impl<C: RaftTypeConfig<D: fmt::Debug>> fmt::Debug for EntryPayload<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => f.write_str("Blank"),
            Self::Normal(request) => f.debug_tuple("Normal").field(request).finish(),
            Self::Membership(voters) => f.debug_tuple("Membership").field(voters).finish(),
        }
    }
}

impl<C: RaftTypeConfig<D: Clone>> Clone for Entry<C> {
    fn clone(&self) -> Self {
        Self {
            log_id: self.log_id,
            payload: self.payload.clone(),
        }
    }
}

impl<C: RaftTypeConfig<D: fmt::Debug>> fmt::Debug for Entry<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("log_id", &self.log_id)
            .field("payload", &self.payload)
            .finish()
    }
}

impl From<Entry<TypeConfig>> for openraft::Entry<TypeConfig> {
    fn from(entry: Entry<TypeConfig>) -> Self {
        let payload = match entry.payload {
            EntryPayload::Blank => openraft::EntryPayload::Blank,
            EntryPayload::Normal(request) => openraft::EntryPayload::Normal(request),
            EntryPayload::Membership(voters) => {
                let nodes = voters.iter().map(|id| (*id, NodeInfo::of(*id)));
                let nodes: BTreeMap<u64, NodeInfo> = nodes.collect();
                let voters: BTreeSet<u64> = voters.into_iter().collect();
                openraft::EntryPayload::Membership(Membership::new(vec![voters], nodes))
            }
        };
        Self {
            log_id: entry.log_id.into(),
            payload,
        }
    }
}

impl From<openraft::Entry<TypeConfig>> for Entry<TypeConfig> {
    fn from(entry: openraft::Entry<TypeConfig>) -> Self {
        let payload = match entry.payload {
            openraft::EntryPayload::Blank => EntryPayload::Blank,
            openraft::EntryPayload::Normal(request) => EntryPayload::Normal(request),
            openraft::EntryPayload::Membership(membership) => {
                EntryPayload::Membership(membership.voter_ids().collect())
            }
        };
        Self {
            log_id: entry.log_id.into(),
            payload,
        }
    }
}

/// The two ends of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogState {
    /// The last entry that was purged because a snapshot holds its effect.
    pub last_purged_log_id: Option<LogId>,
    /// The last entry; the last purged one if there is no other.
    pub last_log_id: Option<LogId>,
}
