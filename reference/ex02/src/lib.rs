//! The core of Raft: how a few nodes that may stop and messages that may be lost agree on one sequence of commands.
//!
//! # The idea
//! Nodes that apply the same commands in the same order stay alike, so it is enough to agree on a log. Raft (Ongaro and
//! Ousterhout 2014, "In Search of an Understandable Consensus Algorithm", extended version) lets one node decide the order
//! at a time: the *leader* appends commands to its log and copies them to the others. Time is cut into *terms*, each with
//! at most one leader, because a leader needs the votes of a majority and nobody votes twice in a term (section 5.2).
//! An entry is *committed* once a majority holds it. Any two majorities share a node, and nobody votes for a log older
//! than its own (section 5.4.1): so the next leader holds every committed entry, whoever it is.
//!
//! This is the pure core, figure 2 of the paper: no clock, no network, no disk. Timers that fire and messages that arrive
//! are calls; what is to be sent, applied or scheduled is returned.
//!
//! # The contract
//! - [`RaftCore::on_election_timeout`] and [`RaftCore::on_heartbeat_timeout`] are the two timers.
//! - [`RaftCore::handle_request_vote`] and [`RaftCore::handle_request_vote_response`] are the election,
//!   [`RaftCore::handle_append_entries`] and [`RaftCore::handle_append_entries_response`] the replication.
//! - [`RaftCore::propose`] appends a command on the leader; it travels with the next heartbeat. A new leader appends
//!   nothing by itself: the first command has index 1.
//! - Each committed entry is handed out once, in order, in [`RaftOutput::ApplyCommands`].
//! - A reply to an append carries no index. An append carries all that follows its `prev_log_index`, and a success counts
//!   for the leader's whole log: the caller must not deliver one that is older than the last proposal.
//!
//! # Invariants
//! The five properties of figure 3, of which the last three follow from the first two and from the election rule:
//! - *Election safety*: at most one leader a term.
//! - *Leader append-only*: a leader never changes or removes an entry of its own log.
//! - *Log matching*: two logs that agree on the term at an index agree on everything up to it.
//! - *Leader completeness*: a committed entry is in the log of every leader of a later term.
//! - *State machine safety*: no two nodes apply different commands at the same index.
//!
//! Terms and commit indices never decrease, and `last_applied <= commit_index <= last index`.
//!
//! # Cost
//! A heartbeat to followers that are up to date is a constant number of small messages, whatever the length of the log.
//! A reply costs `O(n log n)` in the number of nodes, a proposal `O(1)`, and each entry is copied once for each follower
//! and once to be applied. A follower that diverges is repaired in one exchange a conflicting term, not one an entry.
//!
//! # Common mistakes
//! - Committing an entry of an older term because a majority holds it: it may still be overwritten (figure 8).
//! - Cutting the log at `prev_log_index` before appending: an append that arrives late then removes newer entries.
//! - Setting the commit index to `min(leader_commit, own last index)`: the tail beyond what the append carries was never
//!   compared with the leader's log.
//! - Voting without comparing logs, or comparing lengths before terms.
//! - Forgetting the vote when the term does not change, or keeping it when it does.
//! - Counting votes instead of voters, or votes of an older term.
//! - Answering a higher term as leader or candidate instead of stepping down first.
//!
//! # Example
//! ```
//! use ex02::{AppendEntriesResponse, RaftConfig, RaftCore, RaftOutput, RaftState, RequestVoteResponse};
//!
//! let config = RaftConfig {
//!     node_id: 1,
//!     cluster: vec![1, 2, 3],
//!     election_timeout_min: 150,
//!     election_timeout_max: 300,
//!     heartbeat_interval: 50,
//! };
//! let mut node = RaftCore::new(config);
//! node.on_election_timeout();
//! node.handle_request_vote_response(2, RequestVoteResponse { term: 1, vote_granted: true });
//! assert_eq!(node.state(), RaftState::Leader);
//!
//! assert_eq!(node.propose("set x"), Some(1));
//! node.on_heartbeat_timeout();
//! let stored = AppendEntriesResponse { term: 1, success: true, conflict_index: None, conflict_term: None };
//! let outputs = node.handle_append_entries_response(3, stored);
//! assert!(node.is_committed(1));
//! assert!(matches!(&outputs[..], [RaftOutput::ApplyCommands(entries)] if entries[0].command == "set x"));
//! ```

mod config;
mod election;
mod log;
mod messages;
mod node;
mod replication;

pub use config::RaftConfig;
pub use log::LogEntry;
pub use messages::{
    AppendEntriesRequest, AppendEntriesResponse, LogIndex, NodeId, RaftOutput, RequestVoteRequest, RequestVoteResponse,
    Term,
};
pub use node::{RaftCore, RaftState};
