//! Members of a cluster, and how the protocol is tuned.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Instant;

/// The name of a member.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId(pub String);

/// How a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MemberState {
    /// It answers.
    Alive,
    /// It did not answer, and may refute that it failed.
    Suspect,
    /// It failed.
    Dead,
    /// It left.
    Left,
}

impl MemberState {
    /// Whether it takes part: it is probed and gossiped with.
    pub(crate) fn takes_part(self) -> bool {
        matches!(self, Self::Alive | Self::Suspect)
    }
}

/// A number that only the member itself raises: of two stories about it, the one of the higher incarnation is newer.
pub type Incarnation = u64;

/// What is known of a member.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name.
    pub id: MemberId,
    /// Where it is reached.
    pub address: SocketAddr,
    /// How it is.
    pub state: MemberState,
    /// Since which of its incarnations.
    pub incarnation: Incarnation,
    /// What it says of itself.
    pub metadata: HashMap<String, String>,
    /// When this was heard. For people only: no decision rests on it.
    pub last_update: Instant,
}

/// How the protocol is tuned.
#[derive(Debug, Clone)]
pub struct GossipConfig {
    /// Time between two calls of `tick`, in ms.
    pub probe_interval: u64,
    /// How long an answer to a probe may take, in ms.
    pub probe_timeout: u64,
    /// How many others are asked to probe a member that does not answer.
    pub indirect_probes: usize,
    /// How many intervals a suspicion lasts, in a cluster of ten or fewer.
    pub suspicion_multiplier: u32,
    /// How many members are gossiped with in a round.
    pub fanout: usize,
    /// How many updates a gossip has at most.
    pub max_piggyback: usize,
    /// How long members that are dead or left are kept, in ms.
    pub dead_retention: u64,
}

impl Default for GossipConfig {
    fn default() -> Self {
        Self {
            probe_interval: 1000,
            probe_timeout: 500,
            indirect_probes: 3,
            suspicion_multiplier: 5,
            fanout: 3,
            max_piggyback: 10,
            dead_retention: 30_000,
        }
    }
}
