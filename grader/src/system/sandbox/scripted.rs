//! A sandbox that runs nothing.

use std::ffi::OsString;
use std::fmt;
use std::time::Duration;

use super::{Ending, Job, Launcher, Layer, Outcome, Sandbox, SandboxError};

/// What a scripted sandbox answers with.
type Script = dyn Fn(&Job) -> Result<Outcome, SandboxError> + Send + Sync;

/// Answers every job from a closure, for tests of the stages.
pub struct ScriptedSandbox {
    script: Box<Script>,
}

impl ScriptedSandbox {
    /// A sandbox that answers with `script`.
    pub fn new(script: impl Fn(&Job) -> Result<Outcome, SandboxError> + Send + Sync + 'static) -> Self {
        Self {
            script: Box::new(script),
        }
    }
}

impl fmt::Debug for ScriptedSandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedSandbox").finish_non_exhaustive()
    }
}

impl Sandbox for ScriptedSandbox {
    fn run(&self, job: &Job) -> Result<Outcome, SandboxError> {
        (self.script)(job)
    }

    fn launcher(&self, job: &Job) -> Result<Launcher, SandboxError> {
        let program = OsString::from(&job.program);
        Ok(Launcher::new(
            [program].into_iter().chain(job.args.iter().cloned()).collect(),
        ))
    }

    fn layers(&self) -> &[Layer] {
        &[]
    }

    fn has_loopback(&self) -> bool {
        true
    }
}

impl Outcome {
    /// A job that ended so and said nothing: where scripts of tests start from.
    pub fn silent(ending: Ending) -> Self {
        Self {
            ending,
            stdout: Vec::new(),
            stderr: Vec::new(),
            truncated: false,
            cpu: Duration::ZERO,
            wall: Duration::ZERO,
            max_rss: 0,
            channel: Vec::new(),
        }
    }
}
