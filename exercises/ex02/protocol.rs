//! The script language of EX02: a simulated cluster of nodes, and beside it nodes on their own that get messages by hand.
//!
//! In the cluster a step is something that happens to Raft, not the delivery of one message: a timer fires, and the
//! messages that follow from it pass to and fro between that node and those that it reaches, until nothing is left to
//! say. What goes to or comes from the others is lost. A *delayed* request waits, and newer ones overtake it.
//!
//! Nodes on their own are in slots, and independent of the cluster: a submission that lacks a method loses the cluster,
//! but not what can be asked of one node without that method. The node of a slot is called 1 and the others 2 to 5. What
//! leaders send to it comes from a [`History`], so that any step makes sense: those messages belong to one possible past.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The number of a node on its own. Its remainder by [`HISTORIES`] says which history its leaders have.
pub type Slot = u8;

/// Slots that differ by this many have the same history.
pub const HISTORIES: u8 = 8;
/// The terms of a history are 1 to this.
pub const TERMS: u64 = 4;

/// The nodes of a cluster, from 0: node `k` is called `k + 1`. A number that is too large wraps around.
pub type Place = u8;

/// A set of nodes of a cluster: bit `k` is node `k`.
pub type Reach = u8;

/// The three roles of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Follows.
    Follower,
    /// Asks for votes.
    Candidate,
    /// Leads.
    Leader,
}

/// How many nodes there are. Five, unless a script says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Size {
    /// One node.
    One,
    /// Three nodes.
    Three,
    /// Four nodes, of which three are a majority.
    Four,
    /// Five nodes.
    Five,
}

impl Size {
    /// The number of nodes.
    pub fn nodes(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Three => 3,
            Self::Four => 4,
            Self::Five => 5,
        }
    }
}

/// Another node than the one on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Peer {
    /// Node 2.
    Two,
    /// Node 3.
    Three,
    /// Node 4, in a cluster that has it.
    Four,
    /// Node 5, in a cluster that has it.
    Five,
}

impl Peer {
    /// What it is called.
    pub fn id(self) -> u64 {
        match self {
            Self::Two => 2,
            Self::Three => 3,
            Self::Four => 4,
            Self::Five => 5,
        }
    }
}

/// An entry of a log.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its index, as the entry itself says.
    pub index: u64,
    /// The term of its leader.
    pub term: u64,
    /// The command.
    pub value: u32,
}

/// What changed in a log: the entries behind `after` are now these.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// How many entries at the beginning are as they were.
    pub after: u64,
    /// All entries behind them.
    pub entries: Vec<Entry>,
}

/// A node of the cluster that is not as it was before the step.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Which.
    pub node: Place,
    /// Its role.
    pub role: Role,
    /// Its term.
    pub term: u64,
    /// Its commit index.
    pub commit: u64,
    /// Its log, if that changed.
    pub log: Option<Change>,
    /// What it handed out to be applied during the step.
    pub applied: Vec<Entry>,
}

/// A node of the cluster as it was last shown. A new one needs no showing.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    state: Option<(Role, u64, u64)>,
    log: Vec<Entry>,
}

impl Shown {
    /// What is to be shown of a node with this role, term and commit index, and this log, if any of it is new.
    pub fn show(&mut self, node: Place, state: (Role, u64, u64), log: Vec<Entry>, applied: Vec<Entry>) -> Option<View> {
        let alike = self
            .log
            .iter()
            .zip(&log)
            .take_while(|(shown, now)| shown == now)
            .count();
        let log = (alike < self.log.len().max(log.len())).then(|| {
            let entries = log[alike..].to_vec();
            self.log = log;
            let after = alike as u64;
            Change { after, entries }
        });
        if self.state.unwrap_or((Role::Follower, 0, 0)) == state && log.is_none() && applied.is_empty() {
            return None;
        }
        self.state = Some(state);
        let (role, term, commit) = state;
        Some(View {
            node,
            role,
            term,
            commit,
            log,
            applied,
        })
    }
}

/// A vote that was granted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Who voted.
    pub voter: Place,
    /// For whom.
    pub candidate: Place,
    /// In which term.
    pub term: u64,
}

/// What came of a step of the cluster.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The nodes that changed.
    pub nodes: Vec<View>,
    /// The votes that were granted to another node.
    pub votes: Vec<Vote>,
}

/// What came of a proposal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The index of the command, if it was taken.
    pub index: Option<u64>,
    /// The nodes that changed.
    pub nodes: Vec<View>,
}

/// The answer to a request for a vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ballot {
    /// Its term.
    pub term: u64,
    /// Whether the vote was granted.
    pub granted: bool,
}

/// The answer to an append, without its hints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Its term.
    pub term: u64,
    /// Whether the log matched.
    pub success: bool,
}

/// The hints of an answer to an append.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// `conflict_index`.
    pub index: Option<u64>,
    /// `conflict_term`.
    pub term: Option<u64>,
}

/// A request for a vote that a node sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct VoteSent {
    /// To whom.
    pub target: u64,
    /// In which term.
    pub term: u64,
    /// For whom.
    pub candidate: u64,
    /// The end of the candidate's log: index and term.
    pub last: (u64, u64),
}

/// An append that a node sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppendSent {
    /// To whom.
    pub target: u64,
    /// In which term.
    pub term: u64,
    /// From whom.
    pub leader: u64,
    /// The entry before the new ones: index and term.
    pub prev: (u64, u64),
    /// The new ones.
    pub entries: Vec<Entry>,
    /// The leader's commit index.
    pub commit: u64,
}

witness::language! {
    /// A cluster, and nodes on their own. A node that was not mentioned before is new, in a cluster of five.
    pub trait Nodes {
        /// Starts a new cluster.
        fn cluster(size: Size) => "let mut cluster = cluster_of(Size::{size:?}); // n1, n2..";
        /// The election timer of a node fires, unless it leads. Messages pass between it and those that it reaches.
        fn campaign(node: Place, reach: Reach) -> Turn => { lines::fired(*node, *reach, "on_election_timeout") };
        /// The heartbeat timer of a node fires. Messages pass between it and those that it reaches.
        fn replicate(node: Place, reach: Reach) -> Turn => { lines::fired(*node, *reach, "on_heartbeat_timeout") };
        /// A client proposes a command to a node: 1, then 2 and so on.
        fn propose(node: Place) -> Proposal => { format!("n{}.propose(command)", u16::from(*node) + 1) };
        /// The next request from one node to another waits. Later ones overtake it.
        fn delay(from: Place, to: Place) => { format!("// the next request from n{} to n{} is delayed", u16::from(*from) + 1, u16::from(*to) + 1) };
        /// What waits on a link arrives, oldest first, and the link is as before.
        fn arrive_late(from: Place, to: Place) -> Turn => {
            format!("// the delayed requests from n{} arrive at n{}", u16::from(*from) + 1, u16::from(*to) + 1)
        };
        /// The nodes of a set can talk, and no old message is left. Leaders among them send a heartbeat; then, in two
        /// rounds, each of them has its election timer fire twice, until one leads. It proposes a command and sends
        /// heartbeats, at most as many as its log has entries and four more, until all have committed all.
        fn settle(reach: Reach, value: u32) -> Turn => { lines::settled(*reach, *value) };

        /// A new node 1.
        fn start(n: Slot, size: Size) => {
            format!("let mut node{n} = RaftCore::<u32>::new(config(1, 1..={}));", size.nodes())
        };
        /// A new node of any name in a cluster of five, with election timeouts from `min` to `min + width` milliseconds.
        fn start_timed(n: Slot, id: u8, min: u16, width: u16) => { lines::timed(*n, *id, *min, *width) };
        /// The election timer fires, unless the node leads.
        fn time_out(n: Slot) => "node{n}.on_election_timeout();";
        /// The heartbeat timer fires.
        fn beat(n: Slot) => "node{n}.on_heartbeat_timeout();";
        /// Another node asks for a vote.
        fn request_vote(n: Slot, from: Peer, term: u64, last_index: u64, last_term: u64) -> Ballot => {
            let request = format!("term: {term}, candidate_id: {}, last_log_index: {last_index}, last_log_term: {last_term}", from.id());
            format!("node{n}.handle_request_vote(RequestVoteRequest {{ {request} }})")
        };
        /// Another node answers a request for a vote.
        fn voted(n: Slot, from: Peer, term: u64, granted: bool) => {
            let response = format!("RequestVoteResponse {{ term: {term}, vote_granted: {granted} }}");
            format!("node{n}.handle_request_vote_response({}, {response});", from.id())
        };
        /// The leader of a term sends a part of its log, as the slot's [`History`] has it. Numbers too large are cut.
        fn append(n: Slot, term: u64, prev: u64, count: u64, commit: u64) -> Stored => {
            History::of(*n).part(*term, *prev, *count, *commit).line(*n)
        };
        /// The heartbeat timer fires, and another node answers that it holds all of it.
        fn acknowledged(n: Slot, from: Peer) => { lines::acknowledged(*n, *from) };
        /// Another node answers an append, without a hint.
        fn appended(n: Slot, from: Peer, term: u64, success: bool) => { lines::appended(*n, *from, *term, *success) };
        /// A client proposes a command.
        fn offer(n: Slot, value: u32) -> Option<u64> => "node{n}.propose({value})";

        /// The role.
        fn state(n: Slot) -> Role => "node{n}.state()";
        /// The term.
        fn term(n: Slot) -> u64 => "node{n}.current_term()";
        /// The leader.
        fn leader(n: Slot) -> Option<u64> => "node{n}.leader_id()";
        /// The commit index.
        fn commit(n: Slot) -> u64 => "node{n}.commit_index()";
        /// Whether the entry of an index is committed; for 0, that of index 1.
        fn committed(n: Slot, index: u64) -> bool => { format!("node{n}.is_committed({})", index.max(&1)) };
        /// The log.
        fn log(n: Slot) -> Vec<Entry> => "node{n}.log()";
        /// The requests for votes in the outputs of the last call, sorted.
        fn votes_sent(n: Slot) -> Vec<VoteSent> => "// SendRequestVote in the outputs of node{n}'s last call";
        /// The appends in the outputs of the last call, sorted by target.
        fn appends_sent(n: Slot) -> Vec<AppendSent> => "// SendAppendEntries in the outputs of node{n}'s last call";
        /// The entries to apply in the outputs of the last call.
        fn handed_out(n: Slot) -> Vec<Entry> => "// ApplyCommands in the outputs of node{n}'s last call";
        /// The election timeouts in the outputs of the last call, in milliseconds, sorted.
        fn election_timers(n: Slot) -> Vec<u64> => "// ScheduleElectionTimeout in the outputs of node{n}'s last call";
        /// The heartbeats in the outputs of the last call, in milliseconds, sorted.
        fn heartbeat_timers(n: Slot) -> Vec<u64> => "// ScheduleHeartbeat in the outputs of node{n}'s last call";
        /// The hints of the last answer to an append.
        fn hint(n: Slot) -> Option<Hint> => "// conflict_index and conflict_term of node{n}'s last answer to an append";
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:t{}={}", self.index, self.term, self.value)
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.after {
            0 => write!(f, "log {:?}", self.entries),
            after => write!(f, "log after {after} {:?}", self.entries),
        }
    }
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n{} {:?} t{}", self.node.saturating_add(1), self.role, self.term)?;
        if let Some(change) = &self.log {
            write!(f, " {change:?}")?;
        }
        write!(f, " commit {}", self.commit)?;
        if !self.applied.is_empty() {
            write!(f, " applies {:?}", self.applied)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Vote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (voter, candidate) = (self.voter.saturating_add(1), self.candidate.saturating_add(1));
        write!(f, "n{voter} votes for n{candidate} in t{}", self.term)
    }
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let votes = self.votes.iter().map(|vote| format!("{vote:?}"));
        let nodes = self.nodes.iter().map(|view| format!("{view:?}"));
        f.write_str(&votes.chain(nodes).collect::<Vec<_>>().join("; "))
    }
}

impl fmt::Debug for Proposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.index)
    }
}

/// A possible past of a cluster: the logs of the leaders of its first terms. Each leader holds what was committed before
/// it, and may lack the rest.
#[derive(Debug, Clone, Copy)]
pub struct History(u64);

/// A part of a leader's log, as an append carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The term.
    pub term: u64,
    /// Its leader.
    pub leader: u64,
    /// The entry before the part: index and term.
    pub prev: (u64, u64),
    /// The entries.
    pub entries: Vec<Entry>,
    /// What the leader says is committed.
    pub commit: u64,
}

impl History {
    /// The history of a slot.
    pub fn of(slot: Slot) -> Self {
        Self(u64::from(slot % HISTORIES))
    }

    /// At most `count` entries after `prev` of the log of a term's leader, who has committed at most `commit`.
    pub fn part(self, term: u64, prev: u64, count: u64, commit: u64) -> Part {
        let term = term.clamp(1, TERMS);
        let (log, committed) = self.leader_log(term);
        let prev = prev.min(log.len() as u64);
        let following = log[prev as usize..].iter().copied();
        Part {
            term,
            leader: 2 + self.draw(term, 4),
            prev: (prev, prev.checked_sub(1).map_or(0, |last| log[last as usize].term)),
            entries: following.take(count.min(log.len() as u64) as usize).collect(),
            commit: commit.min(committed),
        }
    }

    /// The log of a term's leader at the end of its term, and how much of it was committed by then.
    fn leader_log(self, term: u64) -> (Vec<Entry>, u64) {
        let (mut log, mut committed) = (Vec::new(), 0);
        for term in 1..=term {
            // The smaller of two draws: leaders that lack entries are what makes conflicts.
            let uncommitted = log.len() as u64 - committed + 1;
            let kept = committed + self.draw(term + 10, uncommitted).min(self.draw(term + 50, uncommitted));
            let added = 1 + self.draw(term + 20, 3);
            log.truncate(kept as usize);
            log.extend((kept + 1..=kept + added).map(|index| Entry {
                index,
                term,
                value: (100 * term + index) as u32,
            }));
            // Some leaders commit nothing. One that does commits an entry of its own first.
            if self.draw(term + 30, 2) > 0 {
                committed = kept + 1 + self.draw(term + 40, added);
            }
        }
        (log, committed)
    }

    /// A number below a limit that looks random and is always the same.
    fn draw(self, salt: u64, below: u64) -> u64 {
        let mut bits = (self.0 << 32 | salt)
            .wrapping_add(1)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15);
        bits = (bits ^ bits >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (bits ^ bits >> 32) % below
    }
}

/// The lines of Rust, and the words, that steps are shown as.
mod lines {
    use super::{Entry, Part, Peer, Place, Reach, Slot};

    fn names(reach: Reach, but: Option<Place>) -> String {
        let reached = (0..Reach::BITS as Place).filter(|place| reach >> place & 1 == 1 && Some(*place) != but);
        let names: Vec<String> = reached.map(|place| format!("n{}", place + 1)).collect();
        if names.is_empty() {
            "nobody".to_owned()
        } else {
            names.join(", ")
        }
    }

    pub fn fired(node: Place, reach: Reach, timer: &str) -> String {
        let name = format!("n{}", u16::from(node) + 1);
        format!("{name}.{timer}(); // {name} talks with {}", names(reach, Some(node)))
    }

    pub fn settled(reach: Reach, value: u32) -> String {
        let names = names(reach, None);
        format!("// {names} can talk: they elect a leader, it proposes {value} and sends heartbeats")
    }

    pub fn timed(n: Slot, id: u8, min: u16, width: u16) -> String {
        let max = u32::from(min) + u32::from(width);
        format!(
            "let mut node{n} = RaftCore::<u32>::new(config({}, 1..=5)); // {min}..={max} ms",
            id.clamp(1, 5)
        )
    }

    pub fn acknowledged(n: Slot, from: Peer) -> String {
        let from = from.id();
        let response = "AppendEntriesResponse { success: true, .. }";
        format!("node{n}.on_heartbeat_timeout(); node{n}.handle_append_entries_response({from}, {response});")
    }

    pub fn appended(n: Slot, from: Peer, term: u64, success: bool) -> String {
        let response = format!("term: {term}, success: {success}, conflict_index: None, conflict_term: None");
        let response = format!("AppendEntriesResponse {{ {response} }}");
        format!("node{n}.handle_append_entries_response({}, {response});", from.id())
    }

    fn entry(entry: &Entry) -> String {
        let Entry { index, term, value } = entry;
        format!("LogEntry {{ term: {term}, index: {index}, command: {value} }}")
    }

    impl Part {
        /// The call that hands it to a node.
        pub fn line(&self, n: Slot) -> String {
            let Self {
                term,
                leader,
                prev: (index, prev_term),
                entries,
                commit,
            } = self;
            let entries = entries.iter().map(entry).collect::<Vec<_>>().join(", ");
            let sender = format!("term: {term}, leader_id: {leader}");
            let prev = format!("prev_log_index: {index}, prev_log_term: {prev_term}");
            let request = format!("{sender}, {prev}, entries: vec![{entries}], leader_commit: {commit}");
            format!("node{n}.handle_append_entries(AppendEntriesRequest {{ {request} }})")
        }
    }
}
