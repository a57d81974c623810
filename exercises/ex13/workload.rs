//! What could be timed: entries applied by a state machine. No budget uses it: the exercise is about promises, and what a
//! node takes its time for is the library's.

use ex13::{KvStateMachine, MemStorage, Request, Response, TypeConfig};
use openraft::storage::RaftStateMachine;
use openraft::{CommittedLeaderId, Entry, EntryPayload, LogId};
use witness::Work;
use witness::aio::{Flavor, Runtime};

witness::workloads! { apply }

/// Applies a batch of `size` entries, the next ones of the log.
fn apply(size: usize) -> Work {
    let runtime = Runtime::new(Flavor::CurrentThread);
    let opened = runtime.block_on(KvStateMachine::open(&MemStorage::new()));
    let mut machine = opened.expect("an empty storage can be opened");
    let mut index = 0;
    witness::work(move || {
        let next = |_| {
            index += 1;
            let request = Request::Set {
                key: format!("key {}", index % 64),
                value: vec![0; 16],
            };
            Entry {
                log_id: LogId::new(CommittedLeaderId::new(1, 1), index),
                payload: EntryPayload::Normal(request),
            }
        };
        let entries: Vec<Entry<TypeConfig>> = (0..size).map(next).collect();
        let responses = runtime.block_on(machine.apply(entries)).unwrap_or_default();
        responses
            .iter()
            .filter(|response| matches!(response, Response::Ok))
            .count() as u64
    })
}
