//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.

mod cluster;

use cluster::Cluster;
use ex02::{
    AppendEntriesRequest, AppendEntriesResponse, LogEntry, RaftConfig, RaftCore, RaftOutput, RaftState,
    RequestVoteRequest, RequestVoteResponse,
};
use ex02_protocol::{
    AppendSent, Ballot, Entry, Hint, History, Nodes, Peer, Place, Proposal, Reach, Role, Size, Slot, Stored, Turn,
    VoteSent,
};
use std::collections::BTreeMap;
use std::time::Duration;

/// The cluster and the nodes on their own of one script.
#[derive(Default)]
pub struct World {
    cluster: Option<Cluster>,
    alone: BTreeMap<Slot, Alone>,
}

/// A node that gets messages by hand.
struct Alone {
    core: RaftCore<u32>,
    nodes: u8,
    /// The outputs of the last call.
    outputs: Vec<RaftOutput<u32>>,
    /// The last answer to an append.
    answer: Option<AppendEntriesResponse>,
}

/// Nodes 1 to `nodes`, as node `id` is told.
fn config(id: u64, nodes: u8, min: u64, max: u64) -> RaftConfig {
    RaftConfig {
        node_id: id,
        cluster: (1..=u64::from(nodes)).collect(),
        election_timeout_min: min,
        election_timeout_max: max,
        heartbeat_interval: 50,
    }
}

fn role(state: RaftState) -> Role {
    match state {
        RaftState::Follower => Role::Follower,
        RaftState::Candidate => Role::Candidate,
        RaftState::Leader => Role::Leader,
    }
}

fn entry(entry: &LogEntry<u32>) -> Entry {
    Entry {
        index: entry.index,
        term: entry.term,
        value: entry.command,
    }
}

/// In milliseconds, sorted.
fn millis(timers: impl Iterator<Item = Duration>) -> Vec<u64> {
    let mut all: Vec<u64> = timers
        .map(|after| u64::try_from(after.as_millis()).unwrap_or(u64::MAX))
        .collect();
    all.sort_unstable();
    all
}

/// An answer to an append, without a hint.
fn answer(term: u64, success: bool) -> AppendEntriesResponse {
    AppendEntriesResponse {
        term,
        success,
        conflict_index: None,
        conflict_term: None,
    }
}

impl Alone {
    fn new(config: RaftConfig) -> Self {
        Self {
            nodes: u8::try_from(config.cluster.len()).unwrap_or(u8::MAX),
            core: RaftCore::new(config),
            outputs: Vec::new(),
            answer: Default::default(),
        }
    }

    /// Whether its cluster has a node.
    fn knows(&self, peer: Peer) -> bool {
        peer.id() <= u64::from(self.nodes)
    }
}

/// The requests for votes among outputs.
fn vote_requests(outputs: &[RaftOutput<u32>]) -> Vec<(u64, RequestVoteRequest)> {
    let request = |output: &RaftOutput<u32>| match output {
        RaftOutput::SendRequestVote { target, request } => Some((*target, request.clone())),
        _ => None,
    };
    outputs.iter().filter_map(request).collect()
}

/// The appends among outputs.
fn appends(outputs: Vec<RaftOutput<u32>>) -> Vec<(u64, AppendEntriesRequest<u32>)> {
    let append = |output| match output {
        RaftOutput::SendAppendEntries { target, request } => Some((target, request)),
        _ => None,
    };
    outputs.into_iter().filter_map(append).collect()
}

/// The entries to apply among outputs.
fn applied(outputs: &[RaftOutput<u32>]) -> Vec<Entry> {
    let entries = |output: &RaftOutput<u32>| match output {
        RaftOutput::ApplyCommands(entries) => entries.iter().map(entry).collect(),
        _ => Vec::new(),
    };
    outputs.iter().flat_map(entries).collect()
}

impl World {
    fn cluster(&mut self) -> &mut Cluster {
        self.cluster.get_or_insert_with(|| Cluster::new(5))
    }

    fn alone(&mut self, n: Slot) -> &mut Alone {
        self.alone
            .entry(n)
            .or_insert_with(|| Alone::new(config(1, 5, 150, 300)))
    }
}

impl Nodes for World {
    fn cluster(&mut self, size: Size) {
        self.cluster = Some(Cluster::new(size.nodes()));
    }

    fn campaign(&mut self, node: Place, reach: Reach) -> Turn {
        self.cluster().campaign(node, reach)
    }

    fn replicate(&mut self, node: Place, reach: Reach) -> Turn {
        self.cluster().replicate(node, reach)
    }

    fn propose(&mut self, node: Place) -> Proposal {
        self.cluster().propose(node)
    }

    fn delay(&mut self, from: Place, to: Place) {
        self.cluster().delay(from, to);
    }

    fn arrive_late(&mut self, from: Place, to: Place) -> Turn {
        self.cluster().arrive_late(from, to)
    }

    fn settle(&mut self, reach: Reach, value: u32) -> Turn {
        self.cluster().settle(reach, value)
    }

    fn start(&mut self, n: Slot, size: Size) {
        self.alone.insert(n, Alone::new(config(1, size.nodes(), 150, 300)));
    }

    fn start_timed(&mut self, n: Slot, id: u8, min: u16, width: u16) {
        let (min, max) = (u64::from(min), u64::from(min) + u64::from(width));
        self.alone
            .insert(n, Alone::new(config(u64::from(id.clamp(1, 5)), 5, min, max)));
    }

    fn time_out(&mut self, n: Slot) {
        let alone = self.alone(n);
        if role(alone.core.state()) != Role::Leader {
            alone.outputs = alone.core.on_election_timeout();
        }
    }

    fn beat(&mut self, n: Slot) {
        let alone = self.alone(n);
        alone.outputs = alone.core.on_heartbeat_timeout();
    }

    fn request_vote(&mut self, n: Slot, from: Peer, term: u64, last_index: u64, last_term: u64) -> Ballot {
        let alone = self.alone(n);
        let (response, outputs) = alone.core.handle_request_vote(RequestVoteRequest {
            term,
            candidate_id: from.id(),
            last_log_index: last_index,
            last_log_term: last_term,
        });
        alone.outputs = outputs;
        Ballot {
            term: response.term,
            granted: response.vote_granted,
        }
    }

    fn voted(&mut self, n: Slot, from: Peer, term: u64, granted: bool) {
        let alone = self.alone(n);
        if alone.knows(from) {
            let response = RequestVoteResponse {
                term,
                vote_granted: granted,
            };
            alone.outputs = alone.core.handle_request_vote_response(from.id(), response);
        }
    }

    fn append(&mut self, n: Slot, term: u64, prev: u64, count: u64, commit: u64) -> Stored {
        let part = History::of(n).part(term, prev, count, commit);
        let entry = |entry: Entry| LogEntry {
            term: entry.term,
            index: entry.index,
            command: entry.value,
        };
        let alone = self.alone(n);
        let (response, outputs) = alone.core.handle_append_entries(AppendEntriesRequest {
            term: part.term,
            leader_id: part.leader,
            prev_log_index: part.prev.0,
            prev_log_term: part.prev.1,
            entries: part.entries.into_iter().map(entry).collect(),
            leader_commit: part.commit,
        });
        let stored = Stored {
            term: response.term,
            success: response.success,
        };
        alone.outputs = outputs;
        alone.answer = Some(response);
        stored
    }

    fn acknowledged(&mut self, n: Slot, from: Peer) {
        let alone = self.alone(n);
        if alone.knows(from) {
            alone.outputs = alone.core.on_heartbeat_timeout();
            let response = answer(alone.core.current_term(), true);
            let outputs = alone.core.handle_append_entries_response(from.id(), response);
            alone.outputs.extend(outputs);
        }
    }

    fn appended(&mut self, n: Slot, from: Peer, term: u64, success: bool) {
        let alone = self.alone(n);
        if alone.knows(from) {
            alone.outputs = alone
                .core
                .handle_append_entries_response(from.id(), answer(term, success));
        }
    }

    fn offer(&mut self, n: Slot, value: u32) -> Option<u64> {
        self.alone(n).core.propose(value)
    }

    fn state(&mut self, n: Slot) -> Role {
        role(self.alone(n).core.state())
    }

    fn term(&mut self, n: Slot) -> u64 {
        self.alone(n).core.current_term()
    }

    fn leader(&mut self, n: Slot) -> Option<u64> {
        self.alone(n).core.leader_id()
    }

    fn commit(&mut self, n: Slot) -> u64 {
        self.alone(n).core.commit_index()
    }

    fn committed(&mut self, n: Slot, index: u64) -> bool {
        self.alone(n).core.is_committed(index.max(1))
    }

    fn log(&mut self, n: Slot) -> Vec<Entry> {
        self.alone(n).core.log().iter().map(entry).collect()
    }

    fn votes_sent(&mut self, n: Slot) -> Vec<VoteSent> {
        let sent = |(target, request): (u64, RequestVoteRequest)| VoteSent {
            target,
            term: request.term,
            candidate: request.candidate_id,
            last: (request.last_log_index, request.last_log_term),
        };
        let mut all: Vec<VoteSent> = vote_requests(&self.alone(n).outputs).into_iter().map(sent).collect();
        all.sort();
        all
    }

    fn appends_sent(&mut self, n: Slot) -> Vec<AppendSent> {
        let sent = |(target, request): (u64, AppendEntriesRequest<u32>)| AppendSent {
            target,
            term: request.term,
            leader: request.leader_id,
            prev: (request.prev_log_index, request.prev_log_term),
            entries: request.entries.iter().map(entry).collect(),
            commit: request.leader_commit,
        };
        let mut all: Vec<AppendSent> = appends(self.alone(n).outputs.clone()).into_iter().map(sent).collect();
        all.sort_by_key(|append| append.target);
        all
    }

    fn handed_out(&mut self, n: Slot) -> Vec<Entry> {
        applied(&self.alone(n).outputs)
    }

    fn election_timers(&mut self, n: Slot) -> Vec<u64> {
        let timer = |output: &RaftOutput<u32>| match output {
            RaftOutput::ScheduleElectionTimeout(after) => Some(*after),
            _ => None,
        };
        millis(self.alone(n).outputs.iter().filter_map(timer))
    }

    fn heartbeat_timers(&mut self, n: Slot) -> Vec<u64> {
        let timer = |output: &RaftOutput<u32>| match output {
            RaftOutput::ScheduleHeartbeat(after) => Some(*after),
            _ => None,
        };
        millis(self.alone(n).outputs.iter().filter_map(timer))
    }

    fn hint(&mut self, n: Slot) -> Option<Hint> {
        let answer = self.alone(n).answer.as_ref()?;
        Some(Hint {
            index: answer.conflict_index,
            term: answer.conflict_term,
        })
    }
}
