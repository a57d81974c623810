//! What could be timed: a saga that runs to its end. No budget rests on it; this exercise is about who hears what.

use ex25::SagaOrchestrator;
use witness::Work;

witness::workloads! { saga }

/// Runs a saga of `size` steps; 1 if it came to its end.
fn saga(size: usize) -> Work {
    let mut saga = SagaOrchestrator::new();
    for step in 0..size {
        saga.add_step(&format!("step-{step}"), || Ok(()), || Ok(()));
    }
    witness::work(move || u64::from(witness::block_on(saga.execute()).is_ok()))
}
