//! The one way to start a process that is not trusted: limits, confinement, supervision, and nothing left behind.
//!
//! A [`Job`] says what to run, a [`Sandbox`] runs it and says how it ended. Whatever a submission can cause is an [`Ending`];
//! a [`SandboxError`] is always ours or the machine's. [`ProcessSandbox`] is the real implementation, [`ScriptedSandbox`]
//! answers from a closure, for tests.
//!
//! Confinement comes in layers. Each reports whether it is in force, because hosts differ and a scorecard must say what stood
//! between a submission and its grader.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;
use std::{fmt, io};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::exercise::Network;
use crate::model::limits::Limits;
use crate::model::verdict::Resource;

mod cgroups;
mod classify;
mod host;
mod layers;
mod process;
mod pump;
mod scripted;
mod slots;

pub use layers::{LayerName, Without};
pub use process::ProcessSandbox;
pub use scripted::ScriptedSandbox;
pub use slots::Lease;

/// Runs jobs. There are two implementations: processes, and a script for tests.
pub trait Sandbox: Send + Sync {
    /// Runs a job to its end. When this returns, no process of the job is alive.
    fn run(&self, job: &Job) -> Result<Outcome, SandboxError>;

    /// A command line that starts a job's program under the same limits, for a judge that talks to it step by step.
    ///
    /// The job's `stdin` and `channel` are not used. Whoever runs the command gives it the script channel as standard input and
    /// output: the program finds them on descriptors 3 and 4, `/dev/null` on 0 and 1, and standard error as it was given. The
    /// program replaces the launched process, so that its process id is the launched one, and leads a process group of its own.
    /// It is killed when the *thread* that started it ends: start it from a thread that outlives it.
    fn launcher(&self, job: &Job) -> Result<Launcher, SandboxError>;

    /// What confines the jobs of this sandbox.
    fn layers(&self) -> &[Layer];

    /// Whether a job can have a loopback that is its own. Without that, one that talks to itself could talk to the machine.
    fn has_loopback(&self) -> bool;
}

/// One process to run.
#[derive(Debug, Clone)]
pub struct Job {
    /// The program, an absolute path.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Its working directory, home and temporary directory: the one place that belongs to it. Must exist. A job may find
    /// there what earlier jobs of the same directory left; two jobs must not share a directory at the same time.
    pub dir: PathBuf,
    /// Its whole environment, but for `HOME` and `TMPDIR`, which are `dir` unless given here.
    pub env: Vec<(OsString, OsString)>,
    /// What it may use.
    pub limits: Limits,
    /// What kind of program it is.
    pub profile: Profile,
    /// What it may read besides itself and the system's libraries: files, and directories with all that is below. A compile job may
    /// also use the system's linker.
    pub reads: Vec<PathBuf>,
    /// What network it has, where the sandbox can give one.
    pub network: Network,
    /// What it reads from standard input.
    pub stdin: Vec<u8>,
    /// What it reads from descriptor 3; what it writes to descriptor 4 is in the outcome. Without it, both are closed.
    pub channel: Option<Vec<u8>>,
}

impl Job {
    /// A job without arguments, environment or input.
    pub fn new(program: impl Into<PathBuf>, dir: impl Into<PathBuf>, limits: Limits, profile: Profile) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            dir: dir.into(),
            env: Vec::new(),
            limits,
            profile,
            reads: Vec::new(),
            network: Network::None,
            stdin: Vec::new(),
            channel: None,
        }
    }
}

/// What kind of program a job runs, hence how it is confined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// The compiler and the linker it starts, on a submission's source.
    Compile,
    /// A program made from a submission.
    Run,
    /// A program of ours, a judge: supervised and limited in time and output, not confined. What it launches is supervised with
    /// it: the clocks count both, and both are gone when it ends.
    Trusted,
}

/// A command line that starts a witness, and what must be held while it may be used.
#[derive(Debug)]
#[must_use = "dropping it ends the processes that it started"]
pub struct Launcher {
    argv: Vec<OsString>,
    lease: Option<Lease>,
}

impl Launcher {
    /// A command line that needs nothing held.
    pub fn new(argv: Vec<OsString>) -> Self {
        Self { argv, lease: None }
    }

    fn leased(argv: Vec<OsString>, lease: Option<Lease>) -> Self {
        Self { argv, lease }
    }

    /// The program and its arguments.
    pub fn argv(&self) -> &[OsString] {
        &self.argv
    }

    /// The user that the witness runs as, if it is not the grader's.
    pub fn uid(&self) -> Option<u32> {
        self.lease.as_ref().and_then(Lease::uid)
    }
}

/// How a job ended and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// What it printed on standard output, cut at the limit.
    pub stdout: Vec<u8>,
    /// What it printed on standard error, cut at the limit.
    pub stderr: Vec<u8>,
    /// Whether output was cut.
    pub truncated: bool,
    /// The cpu time of all its processes.
    pub cpu: Duration,
    /// From start to end.
    pub wall: Duration,
    /// The largest resident size of one of its processes, bytes.
    pub max_rss: u64,
    /// What it wrote to descriptor 4.
    pub channel: Vec<u8>,
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// By itself, with this status.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
    /// It used up its time.
    TimedOut(Clock),
    /// It used up something else.
    Exhausted(Resource),
}

impl Ending {
    /// Whether the program ended by itself and reported success.
    pub fn success(self) -> bool {
        self == Self::Exited(0)
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(status) => write!(f, "exited with status {status}"),
            Self::Signalled(signal) => write!(f, "was killed by signal {signal}"),
            Self::TimedOut(Clock::Cpu) => f.write_str("used up its cpu time"),
            Self::TimedOut(Clock::Wall) => f.write_str("took too long"),
            Self::Exhausted(Resource::Memory) => f.write_str("ran out of memory"),
            Self::Exhausted(Resource::Output) => f.write_str("printed too much"),
            Self::Exhausted(Resource::Processes) => f.write_str("started too many processes or threads"),
            Self::Exhausted(Resource::Disk) => f.write_str("wrote too large a file"),
        }
    }
}

/// A clock that a job can run out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Clock {
    /// The cpu time of its processes.
    Cpu,
    /// The time on the wall.
    Wall,
}

/// One layer of confinement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Layer {
    /// A short stable name, `rlimits`.
    pub name: String,
    /// Whether it is in force.
    pub state: LayerState,
}

/// Whether a layer is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LayerState {
    /// In force.
    Active,
    /// Switched off by the caller.
    Off,
    /// This host does not have it; why.
    Unavailable(String),
}

impl fmt::Display for LayerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Active => f.write_str("active"),
            Self::Off => f.write_str("off"),
            Self::Unavailable(reason) => write!(f, "unavailable: {reason}"),
        }
    }
}

/// How much confinement is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SandboxMode {
    /// Every layer that the host has.
    #[default]
    Auto,
    /// The same, or no grading at all where memory, processes, network or files would not be isolated.
    Strict,
    /// Supervision, time and output limits only.
    Off,
}

/// Why a job could not be run: our fault or the machine's, never the submission's.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// `strict` was asked for and the host lacks something.
    #[error(
        "this host cannot confine submissions as `--sandbox strict` demands: {0}. `--sandbox auto` grades with what it has; `moulinette doctor` lists that"
    )]
    BelowStrict(String),
    /// A path that the job's user cannot reach.
    #[error(
        "`{path}` cannot be reached by the user that submissions run as ({blocked}); move it, or make that directory traversable"
    )]
    Unreachable {
        /// What the job needs.
        path: PathBuf,
        /// Where the way to it ends.
        blocked: PathBuf,
    },
    /// Every slot for jobs is in use.
    #[error("all {count} slots for confined jobs are in use; look for other graders: they hold the locks in `{}`", .directory.display())]
    NoSlot {
        /// How many there are.
        count: u32,
        /// Where they are handed out.
        directory: PathBuf,
    },
    /// The jail could not be set up in the new process.
    #[error("cannot confine `{}`: {message}", .program.display())]
    Jail {
        /// What was to run.
        program: PathBuf,
        /// What the jail said.
        message: String,
    },
    /// The supervising process disappeared.
    #[error("the process that supervised `{}` ended without a report: {status}", .program.display())]
    Lost {
        /// What was running.
        program: PathBuf,
        /// How the supervisor ended.
        status: String,
    },
    /// The grader was told to stop, and the job with it.
    #[error("interrupted")]
    Interrupted,
    /// The operating system refused.
    #[error("cannot {action}: {source}")]
    System {
        /// What was tried.
        action: String,
        /// Why it failed.
        source: io::Error,
    },
}

/// Names what was tried when the operating system refuses.
pub(crate) fn system<E: Into<io::Error>>(action: impl Into<String>) -> impl FnOnce(E) -> SandboxError {
    let action = action.into();
    move |error| SandboxError::System {
        action,
        source: error.into(),
    }
}
