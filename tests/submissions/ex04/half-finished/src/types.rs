//! The types of the contract.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// As the statement says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MemberId(pub String);

/// As the statement says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberState {
    /// As the statement says.
    Alive,
    /// As the statement says.
    Suspect,
    /// As the statement says.
    Dead,
    /// As the statement says.
    Left,
}

/// As the statement says.
pub type Incarnation = u64;

/// As the statement says.
#[derive(Debug, Clone)]
pub struct Member {
    /// As the statement says.
    pub id: MemberId,
    /// As the statement says.
    pub address: SocketAddr,
    /// As the statement says.
    pub state: MemberState,
    /// As the statement says.
    pub incarnation: Incarnation,
    /// As the statement says.
    pub metadata: HashMap<String, String>,
    /// As the statement says.
    pub last_update: Instant,
}

/// As the statement says.
#[derive(Debug, Clone)]
pub struct GossipConfig {
    /// As the statement says.
    pub probe_interval: u64,
    /// As the statement says.
    pub probe_timeout: u64,
    /// As the statement says.
    pub indirect_probes: usize,
    /// As the statement says.
    pub suspicion_multiplier: u32,
    /// As the statement says.
    pub fanout: usize,
    /// As the statement says.
    pub max_piggyback: usize,
    /// As the statement says.
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

/// As the statement says.
#[derive(Debug, Clone)]
pub enum GossipMessage {
    /// As the statement says.
    Ping {
        /// As the statement says.
        seq: u64,
        /// As the statement says.
        from: MemberId,
    },
    /// As the statement says.
    Ack {
        /// As the statement says.
        seq: u64,
        /// As the statement says.
        from: MemberId,
    },
    /// As the statement says.
    PingReq {
        /// As the statement says.
        seq: u64,
        /// As the statement says.
        from: MemberId,
        /// As the statement says.
        target: MemberId,
    },
    /// As the statement says.
    Gossip {
        /// As the statement says.
        updates: Vec<MemberUpdate>,
    },
    /// As the statement says.
    Sync {
        /// As the statement says.
        members: Vec<Member>,
    },
    /// As the statement says.
    SyncRequest {
        /// As the statement says.
        from: MemberId,
    },
}

/// As the statement says.
#[derive(Debug, Clone)]
pub struct MemberUpdate {
    /// As the statement says.
    pub id: MemberId,
    /// As the statement says.
    pub state: MemberState,
    /// As the statement says.
    pub incarnation: Incarnation,
    /// As the statement says.
    pub address: Option<SocketAddr>,
    /// As the statement says.
    pub metadata: Option<HashMap<String, String>>,
}

/// As the statement says.
#[derive(Debug)]
pub enum GossipAction {
    /// As the statement says.
    Send {
        /// As the statement says.
        to: SocketAddr,
        /// As the statement says.
        message: GossipMessage,
    },
    /// As the statement says.
    ScheduleTimer {
        /// As the statement says.
        name: String,
        /// As the statement says.
        delay: Duration,
    },
    /// As the statement says.
    MembershipChange {
        /// As the statement says.
        member: MemberId,
        /// As the statement says.
        old_state: MemberState,
        /// As the statement says.
        new_state: MemberState,
    },
}
