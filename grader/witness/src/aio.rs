//! Async code of a submission, run through one entry whose types are erased: nothing of the runtime is compiled per submission.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A future without its type.
pub type Boxed<'a, T = ()> = Pin<Box<dyn Future<Output = T> + 'a>>;
/// One that may move between threads.
pub type BoxedSend<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What kind of runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavor {
    /// One thread, the clock of the machine.
    CurrentThread,
    /// One thread, time that stands still until nothing else can happen.
    Paused,
    /// So many threads.
    MultiThread(usize),
}

/// A tokio runtime, for a `World` to own. Tasks of one without threads of its own run only while something is blocked on.
pub struct Runtime {
    /// Present until it is dropped.
    inner: Option<tokio::runtime::Runtime>,
}

/// How long tasks that block may hold up the end of a runtime. They are left behind then.
const FAREWELL: Duration = Duration::from_millis(200);

impl Runtime {
    /// Starts one.
    ///
    /// # Panics
    /// If the machine gives no thread or no descriptor.
    #[must_use]
    pub fn new(flavor: Flavor) -> Self {
        let mut builder = match flavor {
            Flavor::CurrentThread | Flavor::Paused => tokio::runtime::Builder::new_current_thread(),
            Flavor::MultiThread(_) => tokio::runtime::Builder::new_multi_thread(),
        };
        if let Flavor::MultiThread(threads) = flavor {
            builder.worker_threads(threads.max(1));
        }
        builder.enable_all().start_paused(flavor == Flavor::Paused);
        Self {
            inner: Some(builder.build().expect("a runtime starts")),
        }
    }

    /// Runs a future to its end.
    ///
    /// # Panics
    /// If the future does.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        let mut output = None;
        self.drive(Box::pin(async { output = Some(future.await) }));
        output.expect("a future that ended has an output")
    }

    /// Lets time pass: at once if the clock is paused.
    pub fn advance(&self, time: Duration) {
        self.block_on(async { tokio::time::sleep(time).await });
    }

    /// The one call of tokio's `block_on`, compiled here for all futures there are.
    fn drive(&self, future: Boxed<'_>) {
        self.inner().block_on(future);
    }

    fn inner(&self) -> &tokio::runtime::Runtime {
        self.inner.as_ref().expect("it is taken by drop alone")
    }

    /// Runs programs at the same time, each a list of operations one after another, and tells when each operation was called and returned.
    ///
    /// Programs start together. The clock counts calls and returns of all of them: an operation that returned before another was called has the
    /// smaller number.
    ///
    /// # Panics
    /// If an operation does.
    pub fn together<T: Send + 'static>(&self, programs: Vec<Vec<Operation<T>>>) -> Vec<Call<T>> {
        let clock = Arc::new(AtomicU64::new(0));
        let barrier = Arc::new(tokio::sync::Barrier::new(programs.len()));
        let tasks = programs.into_iter().enumerate().map(|(program, operations)| {
            let (clock, barrier) = (Arc::clone(&clock), Arc::clone(&barrier));
            let task: BoxedSend<Vec<Call<T>>> = Box::pin(async move {
                barrier.wait().await;
                let mut calls = Vec::with_capacity(operations.len());
                for operation in operations {
                    let called = clock.fetch_add(1, SeqCst);
                    let value = operation().await;
                    calls.push(Call {
                        program,
                        value,
                        called,
                        returned: clock.fetch_add(1, SeqCst),
                    });
                    tokio::task::yield_now().await;
                }
                calls
            });
            task
        });
        let tasks: Vec<_> = tasks.map(|task| self.inner().spawn(task)).collect();
        self.block_on(async {
            let mut calls = Vec::new();
            for task in tasks {
                match task.await {
                    Ok(some) => calls.extend(some),
                    Err(error) => match error.try_into_panic() {
                        Ok(payload) => std::panic::resume_unwind(payload),
                        Err(error) => panic!("a program was cancelled: {error}"),
                    },
                }
            }
            calls
        })
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        if let Some(runtime) = self.inner.take() {
            runtime.shutdown_timeout(FAREWELL);
        }
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Runtime")
    }
}

/// One operation of a program, started when its turn comes.
pub type Operation<T> = Box<dyn FnOnce() -> BoxedSend<T> + Send>;

/// An operation that was run beside others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call<T> {
    /// The number of its program.
    pub program: usize,
    /// What it returned.
    pub value: T,
    /// When it was called.
    pub called: u64,
    /// When it returned.
    pub returned: u64,
}

/// Runs a future to its end on a runtime of its own, one thread.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    Runtime::new(Flavor::CurrentThread).block_on(future)
}

/// Runs an async public check.
pub fn spec(flavor: Flavor, check: Boxed<'static>) {
    Runtime::new(flavor).drive(check);
}

/// A public check under `#[tokio::test]`.
pub fn current_thread(check: impl Future<Output = ()>) {
    Runtime::new(Flavor::CurrentThread).block_on(check);
}

/// A public check under `#[tokio::test(start_paused = true)]`.
pub fn paused(check: impl Future<Output = ()>) {
    Runtime::new(Flavor::Paused).block_on(check);
}

/// A public check under `#[tokio::test(flavor = "multi_thread", worker_threads = ..)]`.
pub fn multi_thread(workers: usize, check: impl Future<Output = ()>) {
    Runtime::new(Flavor::MultiThread(workers)).block_on(check);
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_future_may_borrow_and_spawn() {
        let text = String::from("text");
        let length = block_on(async { text.len() + tokio::spawn(async { 1 }).await.unwrap() });
        assert_eq!(length, 5);
    }

    #[test]
    fn paused_time_passes_at_once() {
        let started = Instant::now();
        Runtime::new(Flavor::Paused).advance(Duration::from_secs(3600));
        paused(async { tokio::time::sleep(Duration::from_secs(3600)).await });
        assert!(started.elapsed() < Duration::from_secs(60));
    }

    #[test]
    fn programs_run_together_and_are_recorded() {
        let register = Arc::new(Mutex::new(0));
        let write = |value: u32| -> Operation<u32> {
            let register = Arc::clone(&register);
            Box::new(move || Box::pin(async move { std::mem::replace(&mut *register.lock().unwrap(), value) }))
        };
        let programs = vec![vec![write(1), write(2), write(3)], vec![write(4), write(5)]];
        let calls = Runtime::new(Flavor::MultiThread(4)).together(programs);
        let mut times: Vec<u64> = calls.iter().flat_map(|call| [call.called, call.returned]).collect();
        times.sort_unstable();
        assert_eq!(times, (0..10).collect::<Vec<u64>>());
        assert!(calls.iter().all(|call| call.called < call.returned));
    }

    #[test]
    fn a_task_that_blocks_does_not_hold_up_the_end() {
        let started = Instant::now();
        multi_thread(2, async {
            tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_secs(30)));
        });
        assert!(started.elapsed() < Duration::from_secs(20));
    }
}
