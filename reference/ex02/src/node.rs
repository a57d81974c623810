//! The state of a node, and the rule that all its roles share: a higher term wins (section 5.1).

use std::collections::{BTreeMap, BTreeSet};

use crate::log::Log;
use crate::{LogEntry, LogIndex, NodeId, RaftConfig, RaftOutput, Term};

/// The role of a node (section 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RaftState {
    /// Answers requests, and waits for a leader or a timeout.
    Follower,
    /// Asks for votes.
    Candidate,
    /// Decides the order of commands.
    Leader,
}

/// What a leader believes of a follower.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The first entry to send.
    pub next: LogIndex,
    /// The last entry that it is known to hold.
    pub matched: LogIndex,
}

/// A node of a Raft cluster.
#[derive(Debug, Clone)]
pub struct RaftCore<C: Clone> {
    pub(crate) config: RaftConfig,
    pub(crate) state: RaftState,
    pub(crate) term: Term,
    /// The vote given in `term`: at most one.
    pub(crate) voted_for: Option<NodeId>,
    pub(crate) leader: Option<NodeId>,
    pub(crate) log: Log<C>,
    pub(crate) commit_index: LogIndex,
    pub(crate) last_applied: LogIndex,
    /// As candidate: who granted a vote in `term`. Voters, not votes: a repeated answer counts once.
    pub(crate) votes: BTreeSet<NodeId>,
    /// As leader: the other nodes.
    pub(crate) progress: BTreeMap<NodeId, Progress>,
}

impl<C: Clone + PartialEq> RaftCore<C> {
    /// A follower of term 0 with an empty log. The caller starts its first election timer.
    ///
    /// ```
    /// use ex02::{RaftConfig, RaftCore, RaftState};
    ///
    /// let config = RaftConfig {
    ///     node_id: 1,
    ///     cluster: vec![1, 2, 3],
    ///     election_timeout_min: 150,
    ///     election_timeout_max: 300,
    ///     heartbeat_interval: 50,
    /// };
    /// let node = RaftCore::<String>::new(config);
    /// assert_eq!((node.state(), node.current_term(), node.leader_id()), (RaftState::Follower, 0, None));
    /// ```
    pub fn new(config: RaftConfig) -> Self {
        Self {
            config,
            state: RaftState::Follower,
            term: 0,
            voted_for: None,
            leader: None,
            log: Log::new(),
            commit_index: 0,
            last_applied: 0,
            votes: BTreeSet::new(),
            progress: BTreeMap::new(),
        }
    }

    /// The role of this node.
    pub fn state(&self) -> RaftState {
        self.state
    }

    /// The highest term that this node has seen.
    pub fn current_term(&self) -> Term {
        self.term
    }

    /// The leader of the current term, as soon as this node has heard of it. A leader answers itself.
    pub fn leader_id(&self) -> Option<NodeId> {
        self.leader
    }

    /// The index of the last entry that this node knows to be committed.
    pub fn commit_index(&self) -> LogIndex {
        self.commit_index
    }

    /// Appends a command, if this node leads, and returns its index. It is sent with the next heartbeat.
    ///
    /// A leader never changes or removes entries of its own log (section 5.3, leader append-only).
    pub fn propose(&mut self, command: C) -> Option<LogIndex> {
        match self.state {
            RaftState::Leader => Some(self.log.push(self.term, command)),
            RaftState::Follower | RaftState::Candidate => None,
        }
    }

    /// Whether the entry of an index is known to be committed. Index 0 is before every entry, and counts as committed.
    pub fn is_committed(&self, index: LogIndex) -> bool {
        index <= self.commit_index
    }

    /// The whole log.
    pub fn log(&self) -> &[LogEntry<C>] {
        self.log.entries()
    }

    /// "If RPC request or response contains term T > currentTerm: set currentTerm = T, convert to follower" (figure 2).
    ///
    /// A leader has no election timer running, so one that steps down needs one.
    pub(crate) fn observe_term(&mut self, term: Term) -> Vec<RaftOutput<C>> {
        if term <= self.term {
            return Vec::new();
        }
        let timer = (self.state == RaftState::Leader).then(|| self.schedule_election(term));
        self.term = term;
        self.voted_for = None;
        self.leader = None;
        self.follow();
        timer.into_iter().collect()
    }

    /// Becomes a follower of the current term.
    pub(crate) fn follow(&mut self) {
        self.state = RaftState::Follower;
        self.votes.clear();
        self.progress.clear();
    }

    /// The timer that makes this node stand for election, unless it is set anew before.
    pub(crate) fn schedule_election(&self, term: Term) -> RaftOutput<C> {
        RaftOutput::ScheduleElectionTimeout(self.config.election_timeout(term))
    }

    /// Commits up to an index, and hands out what is newly committed: each entry once, in order.
    pub(crate) fn commit(&mut self, index: LogIndex) -> Option<RaftOutput<C>> {
        self.commit_index = self.commit_index.max(index);
        debug_assert!(
            self.commit_index <= self.log.last_index(),
            "only what is there can be committed"
        );
        if self.last_applied == self.commit_index {
            return None;
        }
        let entries = self.log.between(self.last_applied, self.commit_index).to_vec();
        self.last_applied = self.commit_index;
        Some(RaftOutput::ApplyCommands(entries))
    }
}
