//! What could be timed: writes to an available system. No budget uses it: the exercise is about guarantees.

use ex11::{CapClassification, CapSimulator};
use witness::Work;

witness::workloads! { write }

/// Writes a key to a system of three nodes, `size` times; the acknowledgements.
fn write(size: usize) -> Work {
    witness::work(move || {
        witness::block_on(async {
            let mut sim = CapSimulator::new(3, CapClassification::AP);
            let mut acks = 0;
            for _ in 0..size {
                acks += sim.write("key", vec![1]).await.map_or(0, |done| u64::from(done.acks));
            }
            acks
        })
    })
}
