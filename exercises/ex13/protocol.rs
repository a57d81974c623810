//! The script language of EX13: a storage, state machines, a network, and whole clusters of nodes.
//!
//! A script has one storage with its log, machines by slot, and one cluster. Log indices are never compared, because
//! the library writes entries of its own: entries are appended after the last one, and what is removed is told by how
//! far it lies from an end. A cluster keeps at most one of its nodes *away*, isolated or stopped, so that a majority
//! always stands, and every operation of a client has an answer that the contract determines.

use serde::{Deserialize, Serialize};
use witness::aio::Call;

/// The number of a state machine or of a snapshot.
pub type Slot = u8;

/// The term and index of an entry.
pub type Place = (u64, u64);

/// An entry as it was read: where, and the value it writes.
pub type Record = (Place, Option<Vec<u8>>);

/// What an entry does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    /// Gives a key a value.
    Set(String, Vec<u8>),
    /// Removes a key.
    Delete(String),
    /// Nothing.
    Blank,
    /// Makes these nodes the voters.
    Voters(Vec<u64>),
}

/// What an operation was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// `Response::Ok`, or an empty success.
    Done,
    /// A value, or that there is none.
    Value(Option<Vec<u8>>),
    /// `Response::Error`.
    Error,
    /// `NotLeader` with the id of the node that leads.
    AskLeader,
    /// `NotLeader` without an id.
    AskSomebody,
    /// `NotLeader` with the id of a node that does not lead.
    AskWrongly,
    /// Any other error.
    Failed,
    /// Nothing, for many times the election timeout.
    Silent,
    /// There was no node to ask: no leader, no follower, nobody away.
    Nobody,
}

impl Reply {
    /// Whether it is a success.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Done | Self::Value(_) | Self::Error)
    }
}

/// The two ends of a log: what was purged last, and the last entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ends {
    /// The last purged entry.
    pub purged: Option<Place>,
    /// The last entry.
    pub last: Option<Place>,
}

/// How far a state machine is: the last entry's index, and the voters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The index of the last entry.
    pub index: Option<u64>,
    /// The voters, sorted.
    pub voters: Vec<u64>,
}

/// What became of a call of one node to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Called {
    /// The vote was given.
    Granted,
    /// It was not.
    Refused,
    /// There was no answer.
    Lost,
}

/// The roles of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// It follows.
    Follower,
    /// It asks for votes.
    Candidate,
    /// It leads.
    Leader,
}

/// What a node says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Its id.
    pub id: u64,
    /// Its role.
    pub role: Role,
    /// Its term.
    pub term: u64,
    /// The leader.
    pub leader: Option<u64>,
    /// The index of its last entry.
    pub last_log: u64,
    /// The index of the last entry it applied.
    pub last_applied: u64,
    /// The voters, sorted.
    pub voters: Vec<u64>,
    /// What `is_leader` says.
    pub is_leader: bool,
    /// What `current_leader` says.
    pub current_leader: Option<u64>,
}

/// A configuration that cannot work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Nonsense {
    /// The shortest election timeout is longer than the longest.
    Election,
    /// The heartbeat interval is longer than the election timeout.
    Heartbeat,
    /// No entry fits into a message.
    Payload,
}

/// What one of several concurrent tasks does, after a wait of so many milliseconds of virtual time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// The wait.
    pub wait: u16,
    /// The node from which the leader is learnt.
    pub via: u8,
    /// What is done then.
    pub deed: Deed,
}

/// A deed of a concurrent task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deed {
    /// Writes a key.
    Set(String, u8),
    /// Removes a key.
    Delete(String),
    /// Reads a key.
    Get(String),
    /// Cuts off the node, or the leader if it is 0, and ends an earlier isolation.
    Isolate(u8),
    /// Ends the isolation.
    Reconnect,
}

/// A deed and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// What was done.
    pub deed: Deed,
    /// What was answered; `None` if nobody can know whether it was done.
    pub reply: Option<Reply>,
}

/// Where entries are in a log that is written by scripts.
#[derive(Debug, Clone, Default)]
pub struct Track {
    purged: Option<Place>,
    places: Vec<Place>,
}

impl Track {
    fn last(&self) -> Place {
        self.places.last().copied().or(self.purged).unwrap_or((1, 0))
    }

    /// The places of so many new entries of a term, or of the last one's term if that is later.
    pub fn append(&mut self, term: u64, count: usize) -> Vec<Place> {
        let (last_term, last) = self.last();
        let new: Vec<Place> = (1..=count as u64)
            .map(|step| (term.max(last_term), last + step))
            .collect();
        self.places.extend(&new);
        new
    }

    /// The first of the last `count` entries, which are removed.
    pub fn truncate(&mut self, count: u8) -> Option<Place> {
        let kept = self.places.len().saturating_sub(usize::from(count));
        let first = self.places.get(kept).copied();
        self.places.truncate(kept);
        first
    }

    /// The last of the first `count` entries, which are purged.
    pub fn purge(&mut self, count: u8) -> Option<Place> {
        let count = usize::from(count).min(self.places.len());
        let last = self.places.drain(..count).next_back();
        self.purged = last.or(self.purged);
        last
    }
}

/// The voters of a cluster that a script names: node ids from 1 to 5, at least one.
pub fn voters(named: &[u8]) -> Vec<u64> {
    let mut voters: Vec<u64> = named.iter().map(|id| u64::from(id % 5) + 1).collect();
    voters.sort_unstable();
    voters.dedup();
    if voters.is_empty() {
        voters.push(1);
    }
    voters
}

witness::language! {
    /// A storage, state machines, a network, clusters.
    pub trait Node {
        /// Appends entries of the course's type that write these values.
        fn append_to_log(term: u64, values: Vec<Vec<u8>>) -> bool => "storage.append_to_log(entries({term}, {values:?})).await";
        /// Deletes the last `count` entries by the course's method.
        fn delete_conflict_logs(count: u8) -> bool => "storage.delete_conflict_logs(of_the_last({count})).await";
        /// The ends of the log by the course's method.
        fn get_log_state() -> Ends => "storage.get_log_state().await";
        /// Reads entries by the course's method.
        fn try_get_log_entries(from: u64, to: u64) -> Vec<Record> => "storage.try_get_log_entries({from}..{to}).await";
        /// Appends entries by the library's trait.
        fn append(term: u64, values: Vec<Vec<u8>>) -> bool => "RaftLogStorageExt::blocking_append(&mut storage, entries({term}, {values:?})).await";
        /// Removes the last `count` entries by the library's trait.
        fn truncate(count: u8) -> bool => "RaftLogStorage::truncate(&mut storage, of_the_last({count})).await";
        /// Purges the first `count` entries by the library's trait.
        fn purge(count: u8) -> bool => "RaftLogStorage::purge(&mut storage, of_the_first({count})).await";
        /// The ends of the log by the library's trait.
        fn ends() -> Ends => "RaftLogStorage::get_log_state(&mut storage).await";
        /// Reads entries by the library's trait.
        fn read(from: u64, to: u64) -> Vec<Record> => "RaftLogReader::try_get_log_entries(&mut storage, {from}..={to}).await";
        /// Reads entries through the reader that replication uses.
        fn read_apart(from: u64) -> Vec<Record> => "storage.get_log_reader().await.try_get_log_entries({from}..).await";
        /// Saves a vote.
        fn save_vote(term: u64, node: u64, committed: bool) -> bool => "storage.save_vote(&vote({term}, {node}, {committed})).await";
        /// The vote last saved.
        fn read_vote() -> Option<(u64, u64, bool)> => "storage.read_vote().await";

        /// Applies entries that follow those before.
        fn apply(m: Slot, ops: Vec<Op>) -> Vec<Reply> => "m{m}.apply(entries({ops:?})).await";
        /// Reads a key of a machine.
        fn value(m: Slot, key: String) -> Option<Vec<u8>> => "m{m}.get({key:?}).await";
        /// How far a machine is.
        fn applied_state(m: Slot) -> Progress => "m{m}.applied_state().await";
        /// Builds a snapshot.
        fn build_snapshot(m: Slot, s: Slot) -> Progress => "let s{s} = m{m}.get_snapshot_builder().await.build_snapshot().await;";
        /// Installs a snapshot that was built before, unless the machine is further.
        fn install_snapshot(m: Slot, s: Slot) -> bool => "m{m}.install_snapshot(&s{s}.meta, copy(&s{s})).await";
        /// The machine's last snapshot.
        fn current_snapshot(m: Slot) -> Option<Progress> => "m{m}.get_current_snapshot().await";
        /// Opens a machine again on its storage, and applies what its snapshot does not hold.
        fn reopen(m: Slot) -> Progress => "m{m} = KvStateMachine::open(&storage_of_m{m}).await; m{m}.apply(later entries)";

        /// Node `from` asks node `to` for its vote. Nodes 1 to 3 run, without a cluster.
        fn call(from: u8, to: u8, term: u64) -> Called => "router.connect({from}).new_client({to}, ..).await.vote(of_term({term}), ..).await";
        /// Cuts a node off.
        fn cut(n: u8) => "router.isolate({n});";
        /// Ends that.
        fn mend(n: u8) => "router.reconnect({n});";
        /// Stops a node.
        fn halt(n: u8) => "node{n}.shutdown().await;";

        /// Starts another cluster of nodes 1 to `size`, with a snapshot every so many entries, or none if 0. The voters.
        fn found(size: u8, every: u8) -> Vec<u64> => "let cluster = found({size}, snapshot_every({every})).await;";
        /// A cluster of one node, by `new`: what it says once it leads.
        fn lone(id: u64) -> Look => "let node = RaftNode::new({id}, Config::default()).await?; wait_for_leader(); node.metrics()";
        /// A request to a lone node, answered and read back.
        fn lone_write(key: String, value: Vec<u8>) -> Vec<Reply> => "[node.client_write(set({key:?}, {value:?})), node.client_read({key:?}), another_node.client_read({key:?})]";
        /// A node that belongs to no cluster: what it says after some seconds, and how it answers a request.
        fn unborn(id: u64) -> (Look, Reply) => "let node = RaftNode::start({id}, ..).await?; sleep(3 s); (node.metrics(), node.client_write(..))";
        /// Whether a configuration that cannot work is accepted.
        fn misconfigure(how: Nonsense) -> bool => "RaftNode::new(1, {how:?}).await.is_ok()";
        /// What a node that was shut down answers to a write and to a read.
        fn ask_stopped() -> Vec<Reply> => "node.shutdown().await?; [node.client_write(..), node.client_read(..)]";

        /// A client writes, at the leader.
        fn set(key: String, value: Vec<u8>) -> Reply => "leader.client_write(set({key:?}, {value:?})).await";
        /// A client deletes, at the leader.
        fn delete(key: String) -> Reply => "leader.client_write(delete({key:?})).await";
        /// A client reads, at the leader.
        fn get(key: String) -> Reply => "leader.client_read({key:?}).await";
        /// Writes keys of a set of ten, one after another. How many writes were acknowledged.
        fn fill(count: u8) -> u8 => "for n in 0..{count} {{ leader.client_write(set(n % 10, n)).await }}";
        /// Cuts a node off, the leader if it is 0, and waits until the others have a leader.
        fn isolate(n: u8) -> bool => "isolate({n});";
        /// Stops a node, the leader if it is 0, and waits until the others have a leader.
        fn stop(n: u8) -> bool => "stop({n});";
        /// Brings the node that is away back and waits until it follows.
        fn comeback() -> bool => "bring_back();";
        /// Stops all nodes and starts them again on their storages.
        fn reboot() -> bool => "for node in cluster {{ shutdown(node); start(node, its_storage) }}";
        /// A read at the isolated node.
        fn get_isolated(key: String) -> Reply => "isolated.client_read({key:?}).await";
        /// A write at the isolated node.
        fn set_isolated(key: String, value: Vec<u8>) -> Reply => "isolated.client_write(set({key:?}, {value:?})).await";
        /// A write at a node that follows.
        fn set_at_follower(key: String, value: Vec<u8>) -> Reply => "follower.client_write(set({key:?}, {value:?})).await";
        /// A read at a node that follows.
        fn get_at_follower(key: String) -> Reply => "follower.client_read({key:?}).await";
        /// Changes the voters, to those that the numbers name. What was answered, and the voters afterwards.
        fn change(named: Vec<u8>) -> (Reply, Vec<u64>) => { format!("leader.change_membership(vec!{:?}).await", voters(named)) };
        /// Asks a node that follows to change the voters to the nodes there are.
        fn change_at_follower() -> Reply => "follower.change_membership(members).await";
        /// Asks for no voters at all.
        fn change_to_nobody() -> bool => "leader.change_membership(vec![]).await.is_ok()";
        /// Initializes the cluster once more.
        fn initialize_again() -> bool => "leader.initialize(members).await.is_ok()";
        /// Whether each node's log was purged.
        fn purged() -> Vec<bool> => "for storage in cluster {{ storage.get_log_state().await?.last_purged_log_id.is_some() }}";
        /// Whether each node's storage holds a vote of the term that the node tells.
        fn votes_kept() -> Vec<bool> => "for node in cluster {{ storage.read_vote().await?.term == node.metrics().current_term }}";
        /// What the nodes that are not away say of themselves, once all is quiet.
        fn look() -> Vec<Look> => "for node in cluster {{ node.metrics() }}";
        /// Runs tasks at the same time, in a cluster of three of their own.
        fn together(programs: Vec<Vec<Act>>) -> Vec<Call<Answered>> => "run_at_the_same_time({programs:?});";
    }
}
