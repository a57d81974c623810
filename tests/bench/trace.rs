//! Where the time of an examination goes: a sandbox that keeps a record of what it ran.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use moulinette::system::sandbox::{Job, Launcher, Layer, Outcome, Profile, Sandbox, SandboxError};
use serde::{Deserialize, Serialize};

/// Runs jobs in another sandbox and adds up what they took.
pub struct Traced<S> {
    inner: S,
    split: Mutex<Split>,
}

/// What the jobs of an examination took, seconds.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Split {
    /// Compilers, the linkers they started included.
    pub compile: Share,
    /// Public checks.
    pub public: Share,
    /// Judges with the witnesses they talked to.
    pub judge: Share,
    /// Starting, watching and ending the processes of jobs: the time that callers waited beyond what jobs took.
    pub sandbox: f64,
    /// The examination as a whole.
    pub whole: f64,
    /// Until it could begin: course, catalogue, toolchain.
    pub startup: f64,
}

/// The jobs of one kind.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Share {
    /// How many.
    pub jobs: u32,
    /// From start to end, added up.
    pub wall: f64,
    /// Their cpu time.
    pub cpu: f64,
}

impl Split {
    /// What is neither compiling nor running: wall time, if one thing was done at a time.
    pub fn overhead(&self) -> f64 {
        self.whole - self.compile.wall - self.public.wall - self.judge.wall
    }
}

impl<S> Traced<S> {
    /// Around another sandbox.
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            split: Mutex::default(),
        }
    }

    /// What was recorded.
    pub fn split(&self) -> Split {
        *self.split.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl<S: Sandbox> Sandbox for Traced<S> {
    fn run(&self, job: &Job) -> Result<Outcome, SandboxError> {
        let started = Instant::now();
        let outcome = self.inner.run(job)?;
        let waited: Duration = started.elapsed();
        let mut split = self.split.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        split.sandbox += waited.saturating_sub(outcome.wall).as_secs_f64();
        let share = match job.profile {
            Profile::Compile => &mut split.compile,
            Profile::Run => &mut split.public,
            Profile::Trusted => &mut split.judge,
        };
        share.jobs += 1;
        share.wall += outcome.wall.as_secs_f64();
        share.cpu += outcome.cpu.as_secs_f64();
        Ok(outcome)
    }

    fn launcher(&self, job: &Job) -> Result<Launcher, SandboxError> {
        let started = Instant::now();
        let launcher = self.inner.launcher(job);
        self.split
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .sandbox += started.elapsed().as_secs_f64();
        launcher
    }

    fn has_loopback(&self) -> bool {
        self.inner.has_loopback()
    }

    fn layers(&self) -> &[Layer] {
        self.inner.layers()
    }
}
