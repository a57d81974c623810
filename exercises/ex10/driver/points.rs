//! Failpoints.

use super::{World, millis};
use ex10::{Failpoint, FailpointAction, FailpointCondition, FailpointError, FailpointRegistry};
use ex10_protocol::{Action, Condition, Outcome, Window};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::time::timeout;
use witness::aio::{Flavor, Runtime};

pub(super) fn action(calls: &Arc<AtomicU64>, action: Action) -> FailpointAction {
    let inner = |inner: Box<Action>| Box::new(self::action(calls, *inner));
    match action {
        Action::Off => FailpointAction::Off,
        Action::Return(message) => FailpointAction::Return(message),
        Action::Panic(message) => FailpointAction::Panic(message),
        Action::Sleep(time) => FailpointAction::Sleep(Duration::from_millis(u64::from(time))),
        Action::Probability(percent, action) => FailpointAction::Probability {
            percent,
            action: inner(action),
        },
        Action::Counted(remaining, action) => FailpointAction::CountedAction {
            remaining: u32::from(remaining),
            action: inner(action),
        },
        Action::Sequence(actions) => {
            FailpointAction::Sequence(actions.into_iter().map(|one| self::action(calls, one)).collect())
        }
        Action::Callback(fails) => callback(Arc::clone(calls), u64::from(fails)),
    }
}

fn callback(calls: Arc<AtomicU64>, fails: u64) -> FailpointAction {
    let own = AtomicU64::new(0);
    FailpointAction::Callback(Arc::new(move || {
        calls.fetch_add(1, Ordering::Relaxed);
        if own.fetch_add(1, Ordering::Relaxed) < fails {
            Err("called".to_owned())
        } else {
            Ok(())
        }
    }))
}

fn condition(condition: Condition) -> FailpointCondition {
    let hour = Duration::from_secs(3600);
    let moment = Duration::from_millis(50);
    let now = Instant::now();
    let past = now.checked_sub(moment).unwrap_or(now);
    match condition {
        Condition::Always => FailpointCondition::Always,
        Condition::Thread(this) => {
            let name = std::thread::current().name().unwrap_or("none").to_owned();
            FailpointCondition::OnThread(if this { name } else { format!("not {name}") })
        }
        Condition::Probability(percent) => FailpointCondition::WithProbability(f64::from(percent) / 100.0),
        Condition::After(count) => FailpointCondition::AfterCount(u32::from(count)),
        Condition::Before(count) => FailpointCondition::BeforeCount(u32::from(count)),
        Condition::Window(Window::Past) => FailpointCondition::TimeWindow { start: past, end: now },
        Condition::Window(Window::Present) => FailpointCondition::TimeWindow {
            start: past,
            end: now + hour,
        },
        Condition::Window(Window::Future) => FailpointCondition::TimeWindow {
            start: now + hour,
            end: now + hour * 2,
        },
    }
}

pub(super) fn outcome(answer: Result<(), FailpointError>) -> Outcome {
    match answer {
        Ok(()) => Outcome::Passed,
        Err(FailpointError::Triggered(message)) => Outcome::Triggered(message),
        Err(FailpointError::Panic(message)) => Outcome::Panicked(message),
    }
}

pub(super) fn register(world: &World, name: String, what: Action, when: Option<Condition>, count: Option<u8>) {
    let failpoint = Failpoint {
        name,
        action: action(&world.calls, what),
        condition: when.map(condition),
        count: count.map(u32::from),
    };
    world.runtime.block_on(world.registry.register(failpoint));
}

pub(super) fn time_check(world: &World, name: &str, most: u32) -> Option<u64> {
    world.runtime.block_on(async {
        let started = tokio::time::Instant::now();
        let most = Duration::from_millis(u64::from(most));
        let _ = timeout(most, world.registry.check(name)).await.ok()?;
        Some(millis(started.elapsed()))
    })
}

pub(super) fn check_beside(world: &World, sleeper: String, name: &str) -> Option<Outcome> {
    let registry = Arc::clone(&world.registry);
    world.runtime.block_on(async {
        let asleep = tokio::spawn(async move { registry.check(&sleeper).await.is_ok() });
        tokio::task::yield_now().await;
        let answer = timeout(Duration::from_secs(1), world.registry.check(name)).await;
        asleep.abort();
        Some(outcome(answer.ok()?))
    })
}

pub(super) fn failures(world: &World, name: &str, times: u16) -> u32 {
    world.runtime.block_on(async {
        let mut failures = 0;
        for _ in 0..times {
            failures += u32::from(world.registry.maybe_fail(name).await.is_err());
        }
        failures
    })
}

pub(super) fn storm(tasks: u8, times: u8, allowed: u8) -> (u64, u32) {
    let runtime = Runtime::new(Flavor::MultiThread(4));
    runtime.block_on(async {
        let registry = Arc::new(FailpointRegistry::new());
        let failpoint = Failpoint {
            name: "storm".to_owned(),
            action: FailpointAction::Return("hit".to_owned()),
            condition: None,
            count: Some(u32::from(allowed)),
        };
        registry.register(failpoint).await;
        let mut running = Vec::new();
        for _ in 0..tasks {
            let registry = Arc::clone(&registry);
            running.push(tokio::spawn(async move {
                let mut errors = 0;
                for _ in 0..times {
                    errors += u32::from(registry.check("storm").await.is_err());
                }
                errors
            }));
        }
        let mut errors = 0;
        for task in running {
            errors += task.await.unwrap_or(u32::MAX / 256);
        }
        (registry.hit_count("storm").await, errors)
    })
}
