//! What members tell each other, and what they ask their surroundings to do.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use crate::{Incarnation, Member, MemberId, MemberState};

/// A message.
#[derive(Debug, Clone)]
pub enum GossipMessage {
    /// Are you there?
    Ping {
        /// Names the question.
        seq: u64,
        /// Who asks.
        from: MemberId,
    },
    /// Yes, or: it is.
    Ack {
        /// The question.
        seq: u64,
        /// Who is there.
        from: MemberId,
    },
    /// Is that member there? Ask it for me.
    PingReq {
        /// Names the question.
        seq: u64,
        /// Who asks.
        from: MemberId,
        /// About whom.
        target: MemberId,
    },
    /// News.
    Gossip {
        /// About members.
        updates: Vec<MemberUpdate>,
    },
    /// All that is known.
    Sync {
        /// Of all members, the sender included.
        members: Vec<Member>,
    },
    /// Tell me all that is known.
    SyncRequest {
        /// Who asks.
        from: MemberId,
    },
}

/// News about a member.
#[derive(Debug, Clone)]
pub struct MemberUpdate {
    /// Who.
    pub id: MemberId,
    /// How it is.
    pub state: MemberState,
    /// Since which of its incarnations.
    pub incarnation: Incarnation,
    /// Where it is reached, if that is said.
    pub address: Option<SocketAddr>,
    /// What it says of itself, if that is said.
    pub metadata: Option<HashMap<String, String>>,
}

impl From<&Member> for MemberUpdate {
    fn from(member: &Member) -> Self {
        Self {
            id: member.id.clone(),
            state: member.state,
            incarnation: member.incarnation,
            address: Some(member.address),
            metadata: Some(member.metadata.clone()),
        }
    }
}

/// What the surroundings are to do.
#[derive(Debug)]
pub enum GossipAction {
    /// Send a message.
    Send {
        /// Where to.
        to: SocketAddr,
        /// What.
        message: GossipMessage,
    },
    /// Call `handle_timer` later. A timer of the same name that runs is replaced.
    ScheduleTimer {
        /// Its name.
        name: String,
        /// When.
        delay: Duration,
    },
    /// Tell the application of a change.
    MembershipChange {
        /// Who.
        member: MemberId,
        /// How it was.
        old_state: MemberState,
        /// How it is.
        new_state: MemberState,
    },
}
