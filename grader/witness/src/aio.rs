//! Async code of a submission, run through one entry whose types are erased: nothing of the runtime is compiled per submission.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

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

/// A tokio runtime.
pub struct Runtime {
    inner: tokio::runtime::Runtime,
}

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
        Self { inner: builder.build().expect("a runtime starts") }
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

    fn drive(&self, future: Boxed<'_>) {
        self.inner.block_on(future);
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
                    calls.push(Call { program, value, called, returned: clock.fetch_add(1, SeqCst) });
                    tokio::task::yield_now().await;
                }
                calls
            });
            task
        });
        let tasks: Vec<_> = tasks.map(|task| self.inner.spawn(task)).collect();
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
