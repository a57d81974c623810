//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.
//!
//! The network of the cluster is here, and it keeps to what the statement promises to a leader: a success is delivered
//! only if it answers the latest append to that node and nothing was proposed since. All else may be lost or late.

use ex02::{
    AppendEntriesRequest, AppendEntriesResponse, LogEntry, RaftConfig, RaftCore, RaftOutput, RaftState,
    RequestVoteRequest, RequestVoteResponse,
};
use ex02_protocol::{
    AppendSent, Ballot, Entry, Hint, History, Nodes, Peer, Place, Proposal, Reach, Role, Shown, Size, Slot, Stored,
    Turn, View, Vote, VoteSent,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
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

/// Nodes and the network between them.
struct Cluster {
    members: Vec<Member>,
    /// Requests that wait, by link.
    held: BTreeMap<(usize, usize), Held>,
    votes: Vec<Vote>,
    touched: BTreeSet<usize>,
}

/// A node of the cluster, and what was last shown of it.
struct Member {
    core: RaftCore<u32>,
    applied: Vec<Entry>,
    shown: Shown,
    /// How many commands were proposed to it.
    proposals: u64,
    /// How many appends it sent to each node.
    appends: BTreeMap<usize, u64>,
}

/// What tells whether an answer to an append is still good: the number of the append on its link, and how many commands
/// its sender had been given.
#[derive(Clone, Copy, PartialEq)]
struct Ticket(u64, u64);

/// A message.
enum Content {
    AskVote(RequestVoteRequest),
    Append(AppendEntriesRequest<u32>, Ticket),
    Voted(RequestVoteResponse),
    Appended(AppendEntriesResponse, Ticket),
}

/// A link some of whose requests are late.
#[derive(Default)]
struct Held {
    /// How many of the next requests are to wait.
    next: usize,
    waiting: Vec<Content>,
}

/// A message under way, from one node to another.
struct Letter(usize, usize, Content);

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
            answer: None,
        }
    }

    /// Whether its cluster has a node.
    fn knows(&self, peer: Peer) -> bool {
        peer.id() <= u64::from(self.nodes)
    }
}

impl Member {
    fn new(config: RaftConfig) -> Self {
        Self {
            core: RaftCore::new(config),
            applied: Vec::new(),
            shown: Shown::default(),
            proposals: 0,
            appends: BTreeMap::new(),
        }
    }

    /// What is not as it was last shown.
    fn view(&mut self, node: usize) -> Option<View> {
        let state = (
            role(self.core.state()),
            self.core.current_term(),
            self.core.commit_index(),
        );
        let log: Vec<Entry> = self.core.log().iter().map(entry).collect();
        let applied = std::mem::take(&mut self.applied);
        self.shown.show(node as Place, state, log, applied)
    }
}

impl Cluster {
    fn new(nodes: u8) -> Self {
        let member = |id| Member::new(config(u64::from(id), nodes, 150, 300));
        Self {
            members: (1..=nodes).map(member).collect(),
            held: BTreeMap::new(),
            votes: Vec::new(),
            touched: BTreeSet::new(),
        }
    }

    fn place(&self, node: Place) -> usize {
        usize::from(node) % self.members.len()
    }

    fn leads(&self, node: usize) -> bool {
        role(self.members[node].core.state()) == Role::Leader
    }

    /// What the step came to.
    fn turn(&mut self) -> Turn {
        let touched = std::mem::take(&mut self.touched).into_iter();
        Turn {
            nodes: touched.filter_map(|node| self.members[node].view(node)).collect(),
            votes: std::mem::take(&mut self.votes),
        }
    }

    fn election(&mut self, node: usize, reach: Reach) {
        if !self.leads(node) {
            let outputs = self.members[node].core.on_election_timeout();
            self.exchange(node, reach, outputs);
        }
    }

    fn heartbeat(&mut self, node: usize, reach: Reach) {
        let outputs = self.members[node].core.on_heartbeat_timeout();
        self.exchange(node, reach, outputs);
    }

    /// Sends what a node has to say, and passes messages between it and those that it reaches until all is said.
    fn exchange(&mut self, node: usize, reach: Reach, outputs: Vec<RaftOutput<u32>>) {
        let mut mail = VecDeque::new();
        self.post(node, outputs, &mut mail);
        self.deliver(node, reach, mail);
    }

    /// Delivers messages on the links between a node and those that it reaches. What is sent elsewhere is lost.
    fn deliver(&mut self, node: usize, reach: Reach, mut mail: VecDeque<Letter>) {
        let lengths = self.members.iter().map(|member| member.core.log().len());
        let longest = lengths.max().unwrap_or(0);
        // A follower may be repaired entry by entry. Who says more than that is talking without end.
        let mut patience = 4 * self.members.len() * (longest + 8);
        while let Some(letter) = mail.pop_front() {
            let Letter(from, to, _) = letter;
            let other = if from == node { to } else { from };
            let open = reach >> other & 1 == 1 && (from == node || to == node);
            if open && patience > 0 {
                patience -= 1;
                self.receive(letter, &mut mail);
            }
        }
    }

    /// Takes the outputs of a node: what it applies, and the requests that it sends. Those on a delayed link wait.
    fn post(&mut self, from: usize, outputs: Vec<RaftOutput<u32>>, mail: &mut VecDeque<Letter>) {
        self.touched.insert(from);
        self.members[from].applied.extend(applied(&outputs));
        for (target, request) in vote_requests(&outputs) {
            self.send(from, target, Content::AskVote(request), mail);
        }
        for (target, request) in appends(outputs) {
            let Some(to) = self.named(target) else { continue };
            let member = &mut self.members[from];
            let count = member.appends.entry(to).or_default();
            *count += 1;
            let ticket = Ticket(*count, member.proposals);
            self.send(from, target, Content::Append(request, ticket), mail);
        }
    }

    fn named(&self, id: u64) -> Option<usize> {
        let place = usize::try_from(id.checked_sub(1)?).ok()?;
        (place < self.members.len()).then_some(place)
    }

    fn send(&mut self, from: usize, target: u64, content: Content, mail: &mut VecDeque<Letter>) {
        let Some(to) = self.named(target) else { return };
        match self.held.get_mut(&(from, to)) {
            Some(held) if held.next > 0 => {
                held.next -= 1;
                held.waiting.push(content);
            }
            _ => mail.push_back(Letter(from, to, content)),
        }
    }

    fn receive(&mut self, letter: Letter, mail: &mut VecDeque<Letter>) {
        let Letter(from, to, content) = letter;
        self.touched.insert(to);
        match content {
            Content::AskVote(request) => {
                let term = request.term;
                let (response, outputs) = self.members[to].core.handle_request_vote(request);
                if response.vote_granted {
                    let (voter, candidate) = (to as Place, from as Place);
                    self.votes.push(Vote { voter, candidate, term });
                }
                self.post(to, outputs, mail);
                mail.push_back(Letter(to, from, Content::Voted(response)));
            }
            Content::Append(request, ticket) => {
                let (response, outputs) = self.members[to].core.handle_append_entries(request);
                self.post(to, outputs, mail);
                mail.push_back(Letter(to, from, Content::Appended(response, ticket)));
            }
            Content::Voted(response) => {
                let core = &mut self.members[to].core;
                let outputs = core.handle_request_vote_response(from as u64 + 1, response);
                self.post(to, outputs, mail);
            }
            Content::Appended(response, ticket) => {
                let member = &mut self.members[to];
                let latest = Ticket(member.appends.get(&from).copied().unwrap_or(0), member.proposals);
                if response.success && ticket != latest {
                    return;
                }
                let outputs = member.core.handle_append_entries_response(from as u64 + 1, response);
                self.post(to, outputs, mail);
            }
        }
    }

    /// Takes a command, if the node leads.
    fn propose(&mut self, node: usize, value: u32) -> Option<u64> {
        self.touched.insert(node);
        let member = &mut self.members[node];
        member.proposals += 1;
        member.core.propose(value)
    }

    /// Lets leaders of a set hear of each other, then has its nodes stand for election in turn until one leads.
    fn elect(&mut self, reach: Reach) -> Option<usize> {
        let nodes: Vec<usize> = (0..self.members.len()).filter(|node| reach >> node & 1 == 1).collect();
        for node in &nodes {
            self.heartbeat(*node, reach);
        }
        for node in [&nodes[..], &nodes[..]].concat() {
            for _ in 0..2 {
                let led = self.leads(node);
                self.election(node, reach);
                if !led && self.leads(node) {
                    return Some(node);
                }
            }
        }
        None
    }

    /// Sends heartbeats until all that a leader reaches have committed its whole log.
    fn spread(&mut self, leader: usize, reach: Reach) {
        let length = self.members[leader].core.log().len();
        let lags = |member: &Member| member.core.commit_index() < length as u64;
        for _ in 0..length + 4 {
            if (0..self.members.len()).any(|node| reach >> node & 1 == 1 && lags(&self.members[node])) {
                self.heartbeat(leader, reach);
            }
        }
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
        let cluster = self.cluster();
        cluster.election(cluster.place(node), reach);
        cluster.turn()
    }

    fn replicate(&mut self, node: Place, reach: Reach) -> Turn {
        let cluster = self.cluster();
        cluster.heartbeat(cluster.place(node), reach);
        cluster.turn()
    }

    fn propose(&mut self, node: Place, value: u32) -> Proposal {
        let cluster = self.cluster();
        let index = cluster.propose(cluster.place(node), value);
        let nodes = cluster.turn().nodes;
        Proposal { index, nodes }
    }

    fn delay(&mut self, from: Place, to: Place) {
        let cluster = self.cluster();
        let link = (cluster.place(from), cluster.place(to));
        cluster.held.entry(link).or_default().next += 1;
    }

    fn arrive_late(&mut self, from: Place, to: Place) -> Turn {
        let cluster = self.cluster();
        let (from, to) = (cluster.place(from), cluster.place(to));
        let held = cluster.held.remove(&(from, to)).unwrap_or_default();
        let mail = held
            .waiting
            .into_iter()
            .map(|content| Letter(from, to, content))
            .collect();
        cluster.deliver(from, 1 << to, mail);
        cluster.turn()
    }

    fn settle(&mut self, reach: Reach, value: u32) -> Turn {
        let cluster = self.cluster();
        cluster.held.clear();
        if let Some(leader) = cluster.elect(reach) {
            cluster.propose(leader, value);
            cluster.spread(leader, reach);
        }
        cluster.turn()
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
