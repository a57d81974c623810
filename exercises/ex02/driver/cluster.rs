//! The cluster: nodes, the messages between them, and what may become of those.
//!
//! The network keeps to what the statement promises to a leader: a success is delivered only if it answers the latest
//! append to that node and nothing was proposed since. All else may be lost or late.

use super::{appends, applied, config, entry, role, vote_requests};
use ex02::{
    AppendEntriesRequest, AppendEntriesResponse, RaftConfig, RaftCore, RaftOutput, RequestVoteRequest,
    RequestVoteResponse,
};
use ex02_protocol::{Entry, Place, Proposal, Reach, Role, Shown, Turn, View, Vote};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Nodes and the network between them.
pub struct Cluster {
    members: Vec<Member>,
    /// Requests that wait, by link.
    held: BTreeMap<(usize, usize), Held>,
    /// How many commands were proposed.
    commands: u32,
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
    /// New nodes.
    pub fn new(nodes: u8) -> Self {
        let member = |id| Member::new(config(u64::from(id), nodes, 150, 300));
        Self {
            members: (1..=nodes).map(member).collect(),
            held: BTreeMap::new(),
            commands: 0,
            votes: Vec::new(),
            touched: BTreeSet::new(),
        }
    }

    /// The election timer of a node fires, unless it leads.
    pub fn campaign(&mut self, node: Place, reach: Reach) -> Turn {
        self.election(self.place(node), reach);
        self.turn()
    }

    /// The heartbeat timer of a node fires.
    pub fn replicate(&mut self, node: Place, reach: Reach) -> Turn {
        self.heartbeat(self.place(node), reach);
        self.turn()
    }

    /// A client proposes the next command to a node.
    pub fn propose(&mut self, node: Place) -> Proposal {
        self.commands += 1;
        let index = self.take(self.place(node), self.commands);
        let nodes = self.turn().nodes;
        Proposal { index, nodes }
    }

    /// The next request on a link waits.
    pub fn delay(&mut self, from: Place, to: Place) {
        let link = (self.place(from), self.place(to));
        self.held.entry(link).or_default().next += 1;
    }

    /// What waits on a link arrives.
    pub fn arrive_late(&mut self, from: Place, to: Place) -> Turn {
        let (from, to) = (self.place(from), self.place(to));
        let held = self.held.remove(&(from, to)).unwrap_or_default();
        let mail = held.waiting.into_iter().map(|content| Letter(from, to, content));
        self.deliver(from, 1 << to, mail.collect());
        self.turn()
    }

    /// The nodes of a set elect a leader, which has a command replicated.
    pub fn settle(&mut self, reach: Reach, value: u32) -> Turn {
        self.held.clear();
        if let Some(leader) = self.elect(reach) {
            self.take(leader, value);
            self.spread(leader, reach);
        }
        self.turn()
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
    fn take(&mut self, node: usize, value: u32) -> Option<u64> {
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
