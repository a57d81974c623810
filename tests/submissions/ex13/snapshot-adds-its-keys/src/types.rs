//! Les types du consensus et du journal.

use std::fmt::{self, Debug, Formatter};
use std::io::Cursor;

use openraft::{CommittedLeaderId, Membership, RaftTypeConfig};
use serde::{Deserialize, Serialize};

/// Les types sur lesquels openraft est générique.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TypeConfig;

impl RaftTypeConfig for TypeConfig {
    type D = Request;
    type R = Response;
    type NodeId = u64;
    type Node = NodeInfo;
    type Entry = openraft::Entry<TypeConfig>;
    type SnapshotData = Cursor<Vec<u8>>;
    type AsyncRuntime = openraft::TokioRuntime;
    type Responder = openraft::impls::OneshotResponder<TypeConfig>;
}

/// Requête d'un client.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Request {
    /// Donne une valeur à une clé.
    Set {
        /// La clé.
        key: String,
        /// La valeur.
        value: Vec<u8>,
    },
    /// Supprime une clé.
    Delete {
        /// La clé.
        key: String,
    },
}

/// Réponse de la machine à états.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Response {
    /// C'est fait.
    Ok,
    /// La valeur que `Delete` a supprimée.
    Value(Option<Vec<u8>>),
    /// Ce n'est pas une requête.
    Error(String),
}

/// Ce que le cluster sait d'un nœud.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeInfo {
    /// Son identité.
    pub id: u64,
    /// Son adresse.
    pub addr: String,
}

/// Place d'une entrée dans le journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogId {
    /// Le terme.
    pub term: u64,
    /// L'indice.
    pub index: u64,
}

impl LogId {
    pub(crate) fn full(self) -> openraft::LogId<u64> {
        openraft::LogId::new(CommittedLeaderId::new(self.term, 0), self.index)
    }

    pub(crate) fn of(id: openraft::LogId<u64>) -> Self {
        Self {
            term: id.leader_id.term,
            index: id.index,
        }
    }
}

/// Entrée du journal.
pub struct Entry<C: RaftTypeConfig> {
    /// Sa place.
    pub log_id: LogId,
    /// Son contenu.
    pub payload: EntryPayload<C>,
}

/// Contenu d'une entrée.
pub enum EntryPayload<C: RaftTypeConfig> {
    /// Rien.
    Blank,
    /// Une requête.
    Normal(C::D),
    /// Les votants.
    Membership(Vec<u64>),
}

impl<C: RaftTypeConfig> Clone for Entry<C>
where
    C::D: Clone,
{
    fn clone(&self) -> Self {
        let payload = match &self.payload {
            EntryPayload::Blank => EntryPayload::Blank,
            EntryPayload::Normal(request) => EntryPayload::Normal(request.clone()),
            EntryPayload::Membership(voters) => EntryPayload::Membership(voters.clone()),
        };
        Self {
            log_id: self.log_id,
            payload,
        }
    }
}

impl<C: RaftTypeConfig> Debug for Entry<C>
where
    C::D: Debug,
{
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.payload {
            EntryPayload::Blank => write!(f, "{:?}: blank", self.log_id),
            EntryPayload::Normal(request) => write!(f, "{:?}: {request:?}", self.log_id),
            EntryPayload::Membership(voters) => write!(f, "{:?}: {voters:?}", self.log_id),
        }
    }
}

/// Vers l'entrée d'openraft.
pub(crate) fn full(entry: Entry<TypeConfig>) -> openraft::Entry<TypeConfig> {
    openraft::Entry {
        log_id: entry.log_id.full(),
        payload: match entry.payload {
            EntryPayload::Blank => openraft::EntryPayload::Blank,
            EntryPayload::Normal(request) => openraft::EntryPayload::Normal(request),
            EntryPayload::Membership(voters) => {
                let nodes = voters.iter().map(|id| (*id, info(*id))).collect::<std::collections::BTreeMap<_, _>>();
                openraft::EntryPayload::Membership(Membership::new(vec![voters.into_iter().collect()], nodes))
            }
        },
    }
}

/// Vers l'entrée du cours.
pub(crate) fn short(entry: &openraft::Entry<TypeConfig>) -> Entry<TypeConfig> {
    Entry {
        log_id: LogId::of(entry.log_id),
        payload: match &entry.payload {
            openraft::EntryPayload::Blank => EntryPayload::Blank,
            openraft::EntryPayload::Normal(request) => EntryPayload::Normal(request.clone()),
            openraft::EntryPayload::Membership(membership) => EntryPayload::Membership(membership.voter_ids().collect()),
        },
    }
}

pub(crate) fn info(id: u64) -> NodeInfo {
    NodeInfo {
        id,
        addr: format!("inbox/{id}"),
    }
}

/// Les deux bouts du journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogState {
    /// La dernière entrée purgée.
    pub last_purged_log_id: Option<LogId>,
    /// La dernière entrée.
    pub last_log_id: Option<LogId>,
}
