//! What is timed: the merge of two large sets that have much in common, and of two small ones with a long past.

use ex17::{Orswot, StateCrdt};
use witness::Work;

witness::workloads! { merge_sets, merge_after_removals }

/// A replica merges the state of another. Each has added `size` values, half of them in both; each has heard of the other
/// before, and removed something since.
fn merge_sets(size: usize) -> Work {
    let mut receiver = Orswot::new();
    for value in 0..size {
        receiver.add(value, 1);
    }
    let mut sender = Orswot::new();
    sender.merge(&receiver);
    for value in 0..size / 2 {
        match value % 4 {
            0 => receiver.remove(&value),
            1 => sender.remove(&value),
            _ => {}
        }
    }
    for value in size / 2..size * 3 / 2 {
        sender.add(value, 2);
    }
    let asked = [0, 1, 2, size / 2, size, size * 3 / 2 - 1];
    witness::work(move || {
        let mut receiver = receiver.clone();
        receiver.merge(&sender);
        asked.iter().map(|value| u64::from(receiver.contains(value))).sum()
    })
}

/// A replica merges the state of another. Each of `size` values was added and removed again, which both have heard of; sixteen
/// are left.
fn merge_after_removals(size: usize) -> Work {
    let mut receiver = Orswot::new();
    for value in 0..size {
        receiver.add(value, 1);
        receiver.remove(&value);
    }
    for value in size..size + 16 {
        receiver.add(value, 1);
    }
    let mut sender = receiver.clone();
    sender.add(size, 2);
    let asked = [0, size / 2, size, size + 15];
    witness::work(move || {
        let mut receiver = receiver.clone();
        receiver.merge(&sender);
        asked.iter().map(|value| u64::from(receiver.contains(value))).sum()
    })
}
