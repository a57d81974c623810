//! A process that runs workloads, asked for batches of work and timed by its cpu clock.

use std::io;
use std::time::Duration;

use witness::wire::{WorkOutcome, WorkReply, WorkRequest};

use crate::process::{Process, Quiet};
use crate::remote::Patience;
use crate::story::plain;
use crate::subject::Ending;
use crate::wire::Verdict;

/// What keeps a budget from being measured.
#[derive(Debug)]
pub enum Trouble {
    /// The twin or the machine.
    Ours(io::Error),
    /// The submission: the verdict and why.
    Theirs(Verdict, String),
}

impl Trouble {
    /// Whatever goes wrong on the twin's side is ours.
    pub(crate) fn ours(self) -> Self {
        match self {
            Self::Theirs(verdict, detail) => Self::Ours(io::Error::other(format!(
                "the reference's workload did not run: {verdict:?}, {detail}"
            ))),
            ours @ Self::Ours(_) => ours,
        }
    }
}

/// One batch: what it cost and what it gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Batch {
    /// Cpu time of the process, of all its threads.
    pub cpu: Duration,
    /// All numbers that the work returned, made one.
    pub checksum: u64,
    /// As counted inside.
    pub allocations: u64,
}

/// A process that runs workloads, started when it is needed.
pub(crate) struct Side {
    launcher: Vec<String>,
    patience: Patience,
    process: Option<Process>,
    /// Cpu time of the processes that are gone.
    spent: Duration,
}

impl Side {
    pub(crate) fn new(launcher: &[String], patience: Patience) -> Self {
        Self {
            launcher: launcher.to_vec(),
            patience,
            process: None,
            spent: Duration::ZERO,
        }
    }

    /// Another process of the same kind.
    pub(crate) fn another(&self) -> Self {
        Self::new(&self.launcher, self.patience)
    }

    /// Ends another process; the time that it used counts as this one's.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.spent += other.cpu();
    }

    /// Cpu time used so far.
    pub(crate) fn cpu(&self) -> Duration {
        self.spent + self.process.as_ref().map(Process::cpu).unwrap_or_default()
    }

    /// Sets a workload up, instead of the one before.
    pub(crate) fn prepare(&mut self, workload: &str, size: u64) -> Result<(), Trouble> {
        self.ask(&WorkRequest::Prepare {
            workload: workload.to_owned(),
            size,
        })
        .map(drop)
    }

    /// Does the work so many times, after a share of it that is not timed.
    pub(crate) fn run_warm(&mut self, iterations: u64, warm_up: f64) -> Result<Batch, Trouble> {
        let unmeasured = (iterations as f64 * warm_up) as u64;
        if unmeasured > 0 {
            self.run(unmeasured)?;
        }
        self.run(iterations)
    }

    /// Does the work so many times.
    pub(crate) fn run(&mut self, iterations: u64) -> Result<Batch, Trouble> {
        let before = self.cpu();
        match self.ask(&WorkRequest::Run { iterations })? {
            WorkOutcome::Done {
                checksum, allocations, ..
            } => Ok(Batch {
                cpu: self.cpu().saturating_sub(before),
                checksum,
                allocations,
            }),
            _ => Err(Trouble::Theirs(Verdict::Crashed, Ending::Garbled.to_string())),
        }
    }

    fn ask(&mut self, request: &WorkRequest) -> Result<WorkOutcome, Trouble> {
        let mut process = match self.process.take() {
            Some(process) => process,
            None => Process::start(&self.launcher, "work").map_err(Trouble::Ours)?,
        };
        process.send(request);
        let answer = match process.receive::<WorkReply>(self.patience) {
            Ok(reply) if reply.nonce == process.nonce() => Ok(reply.outcome),
            Ok(_) | Err(Quiet::Nonsense) => Err(Ending::Garbled),
            Err(Quiet::Unstarted) => Err(process.unstarted().map_err(Trouble::Ours)?),
            Err(Quiet::Silent) => Err(Ending::Hung),
            Err(Quiet::Ended) => Err(process.ending()),
        };
        let ending = match answer {
            Ok(outcome) => {
                self.process = Some(process);
                return match outcome {
                    WorkOutcome::Panicked(message) => {
                        Err(Trouble::Theirs(Verdict::Failed, plain(&format!("panicked: {message}"))))
                    }
                    WorkOutcome::Unavailable(message) => Err(Trouble::Theirs(Verdict::NotCompiled, plain(&message))),
                    outcome => Ok(outcome),
                };
            }
            Err(ending) => ending,
        };
        self.spent += process.cpu();
        let verdict = match ending {
            Ending::Hung => Verdict::TimedOut,
            Ending::OutOfMemory => Verdict::OutOfMemory,
            _ => Verdict::Crashed,
        };
        Err(Trouble::Theirs(verdict, ending.to_string()))
    }
}
