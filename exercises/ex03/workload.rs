//! What is timed: the merge of two large sets that have much in common, and of two counters of many replicas.

use ex03::{CRDT, GCounter, ORSet};
use witness::Work;

witness::workloads! { merge_sets, merge_counters }

/// A replica merges the state of another. Each has inserted `size` values, half of them in both; each has heard of the
/// other before, and removed something since.
fn merge_sets(size: usize) -> Work {
    let mut receiver = ORSet::new("receiver".to_owned());
    let mut sender = ORSet::new("sender".to_owned());
    for value in 0..size {
        receiver.insert(value);
    }
    sender.merge(&receiver);
    for value in 0..size / 2 {
        match value % 4 {
            0 => receiver.remove(&value),
            1 => sender.remove(&value),
            _ => false,
        };
    }
    for value in size / 2..size * 3 / 2 {
        sender.insert(value);
    }
    let asked = [0, 1, 2, size / 2, size, size * 3 / 2 - 1];
    witness::work(move || {
        let mut receiver = receiver.clone();
        receiver.merge(&sender);
        asked.iter().map(|value| u64::from(receiver.contains(value))).sum()
    })
}

/// A counter merges another; each knows two thirds of `size` replicas.
fn merge_counters(size: usize) -> Work {
    let names: Vec<String> = (0..size).map(|number| format!("replica-{number}")).collect();
    let (mut receiver, mut sender) = (GCounter::new(), GCounter::new());
    names[..size * 2 / 3].iter().for_each(|name| receiver.increment(name));
    names[size / 3..].iter().for_each(|name| sender.increment_by(name, 2));
    witness::work(move || {
        let mut receiver = receiver.clone();
        receiver.merge(&sender);
        receiver.value()
    })
}
