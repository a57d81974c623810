//! What could be timed: comparing vector clocks. No budget rests on it.

use ex26::{VectorClock, VectorComparison};
use witness::Work;

witness::workloads! { compare }

/// Compares clocks that know `size` nodes; 1 if they are equal.
fn compare(size: usize) -> Work {
    let mut clock = VectorClock::new(0);
    let heard = (0..size as u32).map(|node| (node, u64::from(node) + 1)).collect();
    clock.receive(&heard);
    let same = clock.clone();
    witness::work(move || u64::from(clock.compare(&same) == VectorComparison::Equal))
}
