//! Operations that are retried.

use super::World;
use super::wires::{self, millis};
use ex20::PartialFailureHandler;
use ex20_protocol::{Attempt, Fate, Tale, Tally};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// A call under way.
type Calling<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// When the operation was called, and when that call ended.
type Calls = Arc<Mutex<Vec<(u64, Option<u64>)>>>;

/// A retry is waited for so long beyond what its calls take: longer than the longest waits there may be.
const PATIENCE: Duration = Duration::from_secs(120);

fn handler(count: u8, base: u64) -> PartialFailureHandler {
    let mut handler = PartialFailureHandler::new();
    handler.retry_count = u32::from(count);
    handler.backoff_base_ms = base;
    handler
}

fn lock(calls: &Calls) -> MutexGuard<'_, Vec<(u64, Option<u64>)>> {
    calls.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An operation whose calls go as they are told, the last one for ever; without any, it succeeds with 0.
fn operation(attempts: Vec<Attempt>, calls: Calls, begun: Instant) -> impl FnMut() -> Calling<u32, u32> + Send {
    move || {
        let number = {
            let mut calls = lock(&calls);
            calls.push((millis(begun), None));
            calls.len() - 1
        };
        let none = Attempt {
            takes: 0,
            answer: Ok(0),
        };
        let attempt = *attempts.get(number).or(attempts.last()).unwrap_or(&none);
        let calls = Arc::clone(&calls);
        Box::pin(async move {
            if attempt.takes > 0 {
                sleep(Duration::from_millis(u64::from(attempt.takes))).await;
            }
            lock(&calls)[number].1 = Some(millis(begun));
            attempt.answer
        })
    }
}

fn patience(count: u8, attempts: &[Attempt]) -> Duration {
    let longest = attempts.iter().map(|attempt| attempt.takes).max().unwrap_or(0);
    (PATIENCE + Duration::from_millis(u64::from(longest))) * (u32::from(count) + 1)
}

fn tale(calls: &Calls, answer: Option<Result<u32, u32>>, begun: Instant) -> Tale {
    Tale {
        calls: lock(calls).clone(),
        answer,
        returned: millis(begun),
    }
}

pub(super) fn retry(world: &World, count: u8, base: u64, attempts: Vec<Attempt>) -> Tale {
    let handler = handler(count, base);
    world.runtime.block_on(async {
        let (calls, begun) = (Calls::default(), Instant::now());
        let patience = patience(count, &attempts);
        let operation = operation(attempts, Arc::clone(&calls), begun);
        let answer = timeout(patience, handler.with_retry(operation)).await;
        tale(&calls, answer.ok(), begun)
    })
}

pub(super) fn retry_in_a_task(world: &World, count: u8, base: u64, attempts: Vec<Attempt>) -> Tale {
    let handler = handler(count, base);
    world.runtime.block_on(async {
        let (calls, begun) = (Calls::default(), Instant::now());
        let patience = patience(count, &attempts);
        let operation = operation(attempts, Arc::clone(&calls), begun);
        let task = tokio::spawn(async move { handler.with_retry(operation).await });
        let answer = timeout(patience, task).await.ok().and_then(Result::ok);
        tale(&calls, answer, begun)
    })
}

pub(super) fn retry_messages(world: &World, times: u16, count: u8) -> Tally {
    let network = Arc::new(wires::network(world.settings));
    let handler = handler(count, 1);
    world.runtime.block_on(async {
        let mut tally = Tally::default();
        for number in 0..u32::from(times) {
            let network = Arc::clone(&network);
            let operation = move || -> Calling<u32, Fate> {
                let network = Arc::clone(&network);
                Box::pin(async move {
                    match network.send_message(number).await {
                        Ok(content) => Ok(content),
                        Err(error) => Err(wires::fate(Err(error))),
                    }
                })
            };
            let fate = handler
                .with_retry(operation)
                .await
                .map_or_else(|error| error, Fate::Arrived);
            wires::count(&mut tally, number, fate);
        }
        tally
    })
}
