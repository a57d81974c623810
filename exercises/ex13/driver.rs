//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.
//!
//! Time is virtual: it stands still while anything can happen, and then leaps to the next timer. So elections take no
//! time of the machine, waiting for a condition is as good as being told, and how busy the machine is changes nothing.

#[path = "driver/cluster.rs"]
mod cluster;
#[path = "driver/log.rs"]
mod log;
#[path = "driver/machines.rs"]
mod machines;
#[path = "driver/network.rs"]
mod network;
#[path = "driver/single.rs"]
mod single;
#[path = "driver/together.rs"]
mod together;

use ex13::{MemStorage, RaftError, Response};
use ex13_protocol::{Act, Answered, Called, Ends, Look, Node, Nonsense, Op, Progress, Record, Reply, Slot, Track};
use std::time::Duration;
use tokio::time::timeout;
use witness::aio::{Call, Flavor, Runtime};

/// How long, in virtual time, somebody waits before an answer is no longer expected: some fifty election timeouts.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a script works with.
pub struct World {
    storage: MemStorage,
    track: Track,
    machines: machines::Machines,
    peers: network::Peers,
    cluster: Option<cluster::Cluster>,
    // The last: what is dropped before it may still need it.
    runtime: Runtime,
}

impl Default for World {
    fn default() -> Self {
        Self {
            storage: MemStorage::new(),
            track: Track::default(),
            machines: machines::Machines::default(),
            peers: network::Peers::default(),
            cluster: None,
            runtime: Runtime::new(Flavor::Paused),
        }
    }
}

/// An answer of the state machine.
fn answered(response: Response) -> Reply {
    match response {
        Response::Ok => Reply::Done,
        Response::Value(value) => Reply::Value(value),
        Response::Error(_) => Reply::Error,
    }
}

/// An error, if this node leads.
fn refused(error: &RaftError, leader: Option<u64>) -> Reply {
    match error {
        RaftError::NotLeader(None) => Reply::AskSomebody,
        RaftError::NotLeader(named) if *named == leader => Reply::AskLeader,
        RaftError::NotLeader(_) => Reply::AskWrongly,
        RaftError::Storage(_) | RaftError::Network(_) => Reply::Failed,
    }
}

/// What an operation came to, if it came to anything; `leader` leads.
async fn outcome<T>(
    operation: impl Future<Output = Result<T, RaftError>>,
    leader: Option<u64>,
    success: fn(T) -> Reply,
) -> Reply {
    match timeout(PATIENCE, operation).await {
        Ok(Ok(value)) => success(value),
        Ok(Err(error)) => refused(&error, leader),
        Err(_) => Reply::Silent,
    }
}

impl Node for World {
    fn append_to_log(&mut self, term: u64, values: Vec<Vec<u8>>) -> bool {
        log::append_to_log(self, term, values)
    }

    fn delete_conflict_logs(&mut self, count: u8) -> bool {
        log::delete_conflict_logs(self, count)
    }

    fn get_log_state(&mut self) -> Ends {
        log::get_log_state(self)
    }

    fn try_get_log_entries(&mut self, from: u64, to: u64) -> Vec<Record> {
        log::try_get_log_entries(self, from, to)
    }

    fn append(&mut self, term: u64, values: Vec<Vec<u8>>) -> bool {
        log::append(self, term, values)
    }

    fn truncate(&mut self, count: u8) -> bool {
        log::truncate(self, count)
    }

    fn purge(&mut self, count: u8) -> bool {
        log::purge(self, count)
    }

    fn ends(&mut self) -> Ends {
        log::ends(self)
    }

    fn read(&mut self, from: u64, to: u64) -> Vec<Record> {
        log::read(self, from, to)
    }

    fn read_apart(&mut self, from: u64) -> Vec<Record> {
        log::read_apart(self, from)
    }

    fn save_vote(&mut self, term: u64, node: u64, committed: bool) -> bool {
        log::save_vote(self, term, node, committed)
    }

    fn read_vote(&mut self) -> Option<(u64, u64, bool)> {
        log::read_vote(self)
    }

    fn apply(&mut self, m: Slot, ops: Vec<Op>) -> Vec<Reply> {
        machines::apply(self, m, ops)
    }

    fn value(&mut self, m: Slot, key: String) -> Option<Vec<u8>> {
        machines::value(self, m, &key)
    }

    fn applied_state(&mut self, m: Slot) -> Progress {
        machines::applied_state(self, m)
    }

    fn build_snapshot(&mut self, m: Slot, s: Slot) -> Progress {
        machines::build_snapshot(self, m, s)
    }

    fn install_snapshot(&mut self, m: Slot, s: Slot) -> bool {
        machines::install_snapshot(self, m, s)
    }

    fn current_snapshot(&mut self, m: Slot) -> Option<Progress> {
        machines::current_snapshot(self, m)
    }

    fn reopen(&mut self, m: Slot) -> Progress {
        machines::reopen(self, m)
    }

    fn call(&mut self, from: u8, to: u8, term: u64) -> Called {
        network::call(self, from, to, term)
    }

    fn cut(&mut self, n: u8) {
        network::cut(self, n);
    }

    fn mend(&mut self, n: u8) {
        network::mend(self, n);
    }

    fn halt(&mut self, n: u8) {
        network::halt(self, n);
    }

    fn found(&mut self, size: u8, every: u8) -> Vec<u64> {
        self.cluster = None;
        self.runtime.block_on(cluster::found(&mut self.cluster, size, every))
    }

    fn lone(&mut self, id: u64) -> Look {
        single::lone(self, id)
    }

    fn lone_write(&mut self, key: String, value: Vec<u8>) -> Vec<Reply> {
        single::lone_write(self, &key, value)
    }

    fn unborn(&mut self, id: u64) -> (Look, Reply) {
        single::unborn(self, id)
    }

    fn misconfigure(&mut self, how: Nonsense) -> bool {
        single::misconfigure(self, how)
    }

    fn ask_stopped(&mut self) -> Vec<Reply> {
        single::ask_stopped(self)
    }

    fn set(&mut self, key: String, value: Vec<u8>) -> Reply {
        self.runtime.block_on(cluster::set(&mut self.cluster, key, value))
    }

    fn delete(&mut self, key: String) -> Reply {
        self.runtime.block_on(cluster::delete(&mut self.cluster, key))
    }

    fn get(&mut self, key: String) -> Reply {
        self.runtime.block_on(cluster::get(&mut self.cluster, &key))
    }

    fn fill(&mut self, count: u8) -> u8 {
        self.runtime.block_on(cluster::fill(&mut self.cluster, count))
    }

    fn isolate(&mut self, n: u8) -> bool {
        self.runtime.block_on(cluster::isolate(&mut self.cluster, n))
    }

    fn stop(&mut self, n: u8) -> bool {
        self.runtime.block_on(cluster::stop(&mut self.cluster, n))
    }

    fn comeback(&mut self) -> bool {
        self.runtime.block_on(cluster::comeback(&mut self.cluster))
    }

    fn reboot(&mut self) -> bool {
        self.runtime.block_on(cluster::reboot(&mut self.cluster))
    }

    fn get_isolated(&mut self, key: String) -> Reply {
        self.runtime.block_on(cluster::get_isolated(&mut self.cluster, &key))
    }

    fn set_isolated(&mut self, key: String, value: Vec<u8>) -> Reply {
        self.runtime
            .block_on(cluster::set_isolated(&mut self.cluster, key, value))
    }

    fn set_at_follower(&mut self, key: String, value: Vec<u8>) -> Reply {
        self.runtime
            .block_on(cluster::set_at_follower(&mut self.cluster, key, value))
    }

    fn get_at_follower(&mut self, key: String) -> Reply {
        self.runtime.block_on(cluster::get_at_follower(&mut self.cluster, &key))
    }

    fn change(&mut self, named: Vec<u8>) -> (Reply, Vec<u64>) {
        self.runtime.block_on(cluster::change(&mut self.cluster, &named))
    }

    fn change_at_follower(&mut self) -> Reply {
        self.runtime.block_on(cluster::change_at_follower(&mut self.cluster))
    }

    fn change_to_nobody(&mut self) -> bool {
        self.runtime.block_on(cluster::change_to_nobody(&mut self.cluster))
    }

    fn initialize_again(&mut self) -> bool {
        self.runtime.block_on(cluster::initialize_again(&mut self.cluster))
    }

    fn purged(&mut self) -> Vec<bool> {
        self.runtime.block_on(cluster::purged(&mut self.cluster))
    }

    fn votes_kept(&mut self) -> Vec<bool> {
        self.runtime.block_on(cluster::votes_kept(&mut self.cluster))
    }

    fn look(&mut self) -> Vec<Look> {
        self.runtime.block_on(cluster::look(&mut self.cluster))
    }

    fn together(&mut self, programs: Vec<Vec<Act>>) -> Vec<Call<Answered>> {
        together::together(self, programs)
    }
}
