//! What could be timed: messages on a network without losses or latency. No budget uses it: the exercise is about what goes
//! wrong, and what a message takes its time for is the timer's.

use ex20::NetworkSimulator;
use witness::Work;
use witness::aio::{Flavor, Runtime};

witness::workloads! { send }

/// Sends `size` messages, one after another, and adds up what arrives.
fn send(size: usize) -> Work {
    let runtime = Runtime::new(Flavor::Paused);
    let network = NetworkSimulator::reliable();
    witness::work(move || {
        runtime.block_on(async {
            let mut sum = 0;
            for number in 0..size as u64 {
                sum += network.send_message(number).await.unwrap_or(0);
            }
            sum
        })
    })
}
