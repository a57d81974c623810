//! What is timed: a log that is written from its beginning under one leader.

use ex12::{ConsensusResult, MultiPaxos, Value};
use witness::Work;

witness::workloads! { append }

/// Appends `size` entries to a new log, one by one; the sum of what was chosen.
fn append(size: usize) -> Work {
    let runtime = witness::aio::Runtime::new(witness::aio::Flavor::CurrentThread);
    witness::work(move || {
        runtime.block_on(async {
            let mut log = MultiPaxos::new(3);
            let mut sum = 0;
            for entry in 1..=size as u64 {
                sum += chosen(&log.append(0, Value(entry.to_le_bytes().to_vec())).await);
            }
            sum
        })
    })
}

/// The entry that was chosen.
fn chosen(result: &ConsensusResult) -> u64 {
    match result {
        ConsensusResult::Chosen(Value(bytes)) => bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
        ConsensusResult::NoQuorum | ConsensusResult::Conflict(_) => 0,
    }
}
