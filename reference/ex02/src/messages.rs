//! What nodes say to each other, and what a node asks of the program around it.

use std::time::Duration;

use crate::LogEntry;

/// The name of a node, unique in the cluster.
pub type NodeId = u64;

/// A logical period with at most one leader (section 5.1). Terms begin at 1; 0 is the term of an empty log.
pub type Term = u64;

/// A position in the log. The first entry has index 1; 0 stands before it.
pub type LogIndex = u64;

/// A candidate asks for a vote.
#[derive(Debug, Clone)]
pub struct RequestVoteRequest {
    /// The candidate's term.
    pub term: Term,
    /// Who asks.
    pub candidate_id: NodeId,
    /// The index of its last entry, 0 if it has none.
    pub last_log_index: LogIndex,
    /// The term of its last entry, 0 if it has none.
    pub last_log_term: Term,
}

/// A node answers a candidate.
#[derive(Debug, Clone)]
pub struct RequestVoteResponse {
    /// The voter's term, from which a candidate may learn that it is late.
    pub term: Term,
    /// Whether the candidate has the vote.
    pub vote_granted: bool,
}

/// A leader sends entries, or none as a heartbeat.
#[derive(Debug, Clone)]
pub struct AppendEntriesRequest<C: Clone> {
    /// The leader's term.
    pub term: Term,
    /// Who leads.
    pub leader_id: NodeId,
    /// The index of the entry before the new ones.
    pub prev_log_index: LogIndex,
    /// The term of that entry.
    pub prev_log_term: Term,
    /// All entries of the leader after it.
    pub entries: Vec<LogEntry<C>>,
    /// The leader's commit index.
    pub leader_commit: LogIndex,
}

/// A node answers a leader.
#[derive(Debug, Clone)]
pub struct AppendEntriesResponse {
    /// The follower's term, from which a leader may learn that it is late.
    pub term: Term,
    /// Whether the follower's log matched and now holds the entries.
    pub success: bool,
    /// After a mismatch: from where the leader should send (section 5.3, end). The first index of the conflicting term,
    /// or the first index that is missing.
    pub conflict_index: Option<LogIndex>,
    /// After a mismatch: the term that the follower has at `prev_log_index`, if it has an entry there.
    pub conflict_term: Option<Term>,
}

/// What the program around the core has to do.
#[derive(Debug, Clone)]
pub enum RaftOutput<C: Clone> {
    /// Send a request for a vote.
    SendRequestVote {
        /// To whom.
        target: NodeId,
        /// What.
        request: RequestVoteRequest,
    },
    /// Send entries or a heartbeat.
    SendAppendEntries {
        /// To whom.
        target: NodeId,
        /// What.
        request: AppendEntriesRequest<C>,
    },
    /// Apply these committed entries to the state machine, in this order.
    ApplyCommands(Vec<LogEntry<C>>),
    /// Start the election timer anew: call [`crate::RaftCore::on_election_timeout`] after this time.
    ScheduleElectionTimeout(Duration),
    /// Start the heartbeat timer anew: call [`crate::RaftCore::on_heartbeat_timeout`] after this time.
    ScheduleHeartbeat(Duration),
}
