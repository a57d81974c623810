//! What is timed: what chaos costs where there is none.

use ex10::{FailpointAction, FailpointRegistry, NetworkConfig, NetworkSimulator};
use std::time::Duration;
use witness::Work;
use witness::aio::{Flavor, Runtime};

witness::workloads! { failpoint_off, plain_send }

/// Operations in one: starting to wait for a future costs as much as some of them.
const BATCH: usize = 256;

/// Hits a disabled failpoint among `size` others.
fn failpoint_off(size: usize) -> Work {
    let runtime = Runtime::new(Flavor::CurrentThread);
    let registry = FailpointRegistry::new();
    runtime.block_on(async {
        for number in 0..size {
            registry
                .set(&format!("point::{number}"), FailpointAction::Return("error".to_owned()))
                .await;
        }
        registry
            .set("point::off", FailpointAction::Return("error".to_owned()))
            .await;
        registry.disable("point::off").await;
    });
    witness::work(move || {
        runtime.block_on(async {
            let mut passed = 0;
            for _ in 0..BATCH {
                passed += u64::from(registry.maybe_fail("point::off").await.is_ok());
            }
            passed
        })
    })
}

/// Sends `size` bytes over a network without latency, losses or rules.
fn plain_send(size: usize) -> Work {
    let runtime = Runtime::new(Flavor::CurrentThread);
    let config = NetworkConfig {
        base_latency: Duration::ZERO,
        jitter: Duration::ZERO,
        base_drop_rate: 0.0,
        bandwidth: None,
    };
    let network = NetworkSimulator::new(config, Some(1));
    let (from, to) = ("a".to_owned(), "b".to_owned());
    let message = std::sync::Arc::new(vec![1_u8; size]);
    witness::work(move || {
        runtime.block_on(async {
            let mut arrived = 0;
            for _ in 0..BATCH {
                if let Ok(message) = network.send(&from, &to, std::sync::Arc::clone(&message)).await {
                    arrived += message.len() as u64;
                }
            }
            arrived
        })
    })
}
