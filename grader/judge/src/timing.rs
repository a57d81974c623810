//! Budgets, measured from outside: the cpu clocks of two processes around batches of the same work.
//!
//! A batch costs the work and a fixed part: the wake-up, and caches that another process took in between. The fixed part is the same for both
//! processes and pulls a ratio towards 1. So batches are long enough for it not to matter: the reference's takes at least [`BATCH`].
//! Batches alternate A B B A, so that a machine that slows down slows both; the decision is on an interval for the median of the pairs' ratios,
//! and it is asked for only while it is open.

use std::io;
use std::time::{Duration, Instant};

use witness::wire::{WorkOutcome, WorkReply, WorkRequest};

use crate::process::{Process, Quiet};
use crate::remote::Patience;
use crate::stats::{self, Interval, Z};
use crate::subject::Ending;
use crate::wire::{Bound, Budget, Event, Figures, Verdict};

/// Cpu time of one batch of the faster side.
const BATCH: Duration = Duration::from_millis(2);
/// A batch of the submission is not made longer than this by a slow operation.
const LONGEST: Duration = Duration::from_millis(60);
/// Pairs before the first decision, and at the most.
const PAIRS: (usize, usize) = (14, 150);
/// Cpu time of measured batches after which a budget stays open.
const EFFORT: Duration = Duration::from_millis(1500);

/// Measures budgets one after another, telling each.
pub(crate) fn measure(
    candidate: &[String],
    twin: &[String],
    budgets: &[Budget],
    patience: Patience,
    tell: &mut dyn FnMut(&Event) -> io::Result<()>,
) -> io::Result<()> {
    let mut bench = Bench {
        twin: Side::new(twin, patience),
        candidate: Side::new(candidate, patience),
    };
    for budget in budgets {
        let (started, cpu) = (Instant::now(), bench.candidate.cpu());
        let (verdict, detail, figures) = match bench.measure(budget) {
            Ok(outcome) => outcome,
            Err(Trouble::Ours(error)) => return Err(error),
            Err(Trouble::Theirs(verdict, detail)) => (verdict, detail, None),
        };
        let cpu_ms = bench.candidate.cpu().saturating_sub(cpu).as_secs_f64() * 1e3;
        let wall_ms = started.elapsed().as_secs_f64() * 1e3;
        tell(&Event::Budget {
            name: budget.id.clone(),
            verdict,
            detail,
            figures,
            cpu_ms,
            wall_ms,
        })?;
    }
    Ok(())
}

type Outcome = (Verdict, String, Option<Figures>);

/// What keeps a budget from being measured.
enum Trouble {
    /// The twin or the machine.
    Ours(io::Error),
    /// The submission.
    Theirs(Verdict, String),
}

/// One batch: what it cost and what it gave.
struct Batch {
    cpu: Duration,
    checksum: u64,
    allocations: u64,
}

/// A process that runs workloads.
struct Side {
    launcher: Vec<String>,
    patience: Patience,
    process: Option<Process>,
    spent: Duration,
}

impl Side {
    fn new(launcher: &[String], patience: Patience) -> Self {
        Self {
            launcher: launcher.to_vec(),
            patience,
            process: None,
            spent: Duration::ZERO,
        }
    }

    fn cpu(&self) -> Duration {
        self.spent + self.process.as_ref().map(Process::cpu).unwrap_or_default()
    }

    fn ask(&mut self, request: &WorkRequest) -> Result<WorkOutcome, Trouble> {
        if self.process.is_none() {
            self.process = Some(Process::start(&self.launcher, "work").map_err(Trouble::Ours)?);
        }
        let Some(process) = &mut self.process else {
            return Err(Trouble::Ours(io::Error::other("no process")));
        };
        process.send(request);
        let (verdict, detail) = match process.receive::<WorkReply>(self.patience) {
            Ok(reply) if reply.nonce == process.nonce() => match reply.outcome {
                WorkOutcome::Panicked(message) => {
                    return Err(Trouble::Theirs(Verdict::Failed, format!("panicked: {message}")));
                }
                WorkOutcome::Unavailable(message) => return Err(Trouble::Theirs(Verdict::NotCompiled, message)),
                outcome => return Ok(outcome),
            },
            Ok(_) | Err(Quiet::Nonsense) => (Verdict::Crashed, Ending::Garbled.to_string()),
            Err(Quiet::Silent) => (Verdict::TimedOut, "no answer in time".to_owned()),
            Err(Quiet::Ended) => match process.ending() {
                Ending::OutOfMemory => (Verdict::OutOfMemory, Ending::OutOfMemory.to_string()),
                ending => (Verdict::Crashed, ending.to_string()),
            },
        };
        if let Some(process) = self.process.take() {
            self.spent += process.cpu();
        }
        Err(Trouble::Theirs(verdict, detail))
    }

    fn prepare(&mut self, workload: &str, size: u64) -> Result<(), Trouble> {
        self.ask(&WorkRequest::Prepare {
            workload: workload.to_owned(),
            size,
        })
        .map(drop)
    }

    fn run(&mut self, iterations: u64) -> Result<Batch, Trouble> {
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
}

struct Bench {
    candidate: Side,
    twin: Side,
}

impl Bench {
    fn measure(&mut self, budget: &Budget) -> Result<Outcome, Trouble> {
        match &budget.bound {
            Bound::Time { size, limit } => self.time(&budget.workload, *size, *limit),
            Bound::Growth { sizes, limit } => self.growth(&budget.workload, sizes, *limit),
            Bound::Allocations { size, limit } => self.allocations(&budget.workload, *size, *limit),
        }
    }

    /// Whatever goes wrong on the twin's side is ours.
    fn twin_prepare(&mut self, workload: &str, size: u64) -> Result<(), Trouble> {
        self.twin.prepare(workload, size).map_err(ours)
    }

    fn twin_run(&mut self, iterations: u64) -> Result<Batch, Trouble> {
        self.twin.run(iterations).map_err(ours)
    }

    /// Both sides once over the same iterations: they must give the same numbers.
    fn agree(&mut self, iterations: u64) -> Result<(Batch, Batch), Trouble> {
        let (twin, candidate) = (self.twin_run(iterations)?, self.candidate.run(iterations)?);
        if twin.checksum != candidate.checksum {
            let text = "the workload's results differ from the reference's: a budget counts for correct work only";
            return Err(Trouble::Theirs(Verdict::Failed, text.to_owned()));
        }
        Ok((twin, candidate))
    }

    fn time(&mut self, workload: &str, size: u64, limit: f64) -> Result<Outcome, Trouble> {
        self.twin_prepare(workload, size)?;
        self.candidate.prepare(workload, size)?;
        let mut iterations = 1;
        loop {
            let (twin, candidate) = self.agree(iterations)?;
            if twin.cpu >= BATCH || candidate.cpu >= LONGEST {
                break;
            }
            let missing = BATCH.as_secs_f64() / twin.cpu.as_secs_f64().max(1e-6);
            iterations = (iterations as f64 * missing.clamp(1.5, 8.0)).ceil() as u64;
        }
        let (mut ratios, mut effort) = (Vec::new(), Duration::ZERO);
        while ratios.len() < PAIRS.1 && effort < EFFORT {
            for twin_first in [true, false] {
                let (twin, candidate) = if twin_first {
                    let twin = self.twin_run(iterations)?;
                    (twin, self.candidate.run(iterations)?)
                } else {
                    let candidate = self.candidate.run(iterations)?;
                    (self.twin_run(iterations)?, candidate)
                };
                effort += twin.cpu + candidate.cpu;
                ratios.push(candidate.cpu.as_secs_f64() / twin.cpu.as_secs_f64().max(1e-9));
            }
            if ratios.len() >= PAIRS.0
                && let Some(interval) = stats::median_interval(&ratios, Z)
                && let Some(verdict) = decide(interval, limit)
            {
                return Ok(outcome(
                    verdict,
                    interval,
                    limit,
                    ratios.len(),
                    "times the reference's cpu time",
                ));
            }
        }
        Ok(open(&ratios, limit, "times the reference's cpu time"))
    }

    fn growth(&mut self, workload: &str, sizes: &[u64], limit: f64) -> Result<Outcome, Trouble> {
        let mut iterations = Vec::new();
        for size in sizes {
            self.twin_prepare(workload, *size)?;
            self.candidate.prepare(workload, *size)?;
            self.agree(2)?;
            let mut count = 2_u64;
            loop {
                let batch = self.candidate.run(count)?;
                if batch.cpu >= BATCH / 2 {
                    break;
                }
                count = (count as f64 * ((BATCH / 2).as_secs_f64() / batch.cpu.as_secs_f64().max(1e-6)).clamp(1.5, 8.0))
                    .ceil() as u64;
            }
            iterations.push(count);
        }
        let (mut slopes, mut effort) = (Vec::new(), Duration::ZERO);
        while slopes.len() < PAIRS.1 && effort < EFFORT * 2 {
            let mut points = Vec::new();
            for (size, count) in sizes.iter().zip(&iterations) {
                self.candidate.prepare(workload, *size)?;
                // The first call after setting up finds cold caches.
                self.candidate.run(1)?;
                let batch = self.candidate.run(*count)?;
                effort += batch.cpu;
                points.push((*size as f64, batch.cpu.as_secs_f64() / *count as f64));
            }
            slopes.push(stats::log_log_slope(&points));
            if slopes.len() >= PAIRS.0
                && let Some(interval) = stats::median_interval(&slopes, Z)
                && let Some(verdict) = decide(interval, limit)
            {
                return Ok(outcome(
                    verdict,
                    interval,
                    limit,
                    slopes.len(),
                    "is the exponent by which cost grows with size",
                ));
            }
        }
        Ok(open(&slopes, limit, "is the exponent by which cost grows with size"))
    }

    fn allocations(&mut self, workload: &str, size: u64, limit: f64) -> Result<Outcome, Trouble> {
        self.twin_prepare(workload, size)?;
        self.candidate.prepare(workload, size)?;
        self.agree(2)?;
        let calls = 8;
        let batch = self.candidate.run(calls)?;
        let each = batch.allocations as f64 / calls as f64;
        let interval = Interval {
            median: each,
            low: each,
            high: each,
        };
        let verdict = if each <= limit {
            Verdict::Passed
        } else {
            Verdict::Failed
        };
        Ok(outcome(
            verdict,
            interval,
            limit,
            calls as usize,
            "allocations an operation",
        ))
    }
}

/// A decision, once the interval lies wholly on one side of the limit.
fn decide(interval: Interval, limit: f64) -> Option<Verdict> {
    if interval.high < limit {
        Some(Verdict::Passed)
    } else if interval.low > limit {
        Some(Verdict::Failed)
    } else {
        None
    }
}

fn open(samples: &[f64], limit: f64, what: &str) -> Outcome {
    match stats::median_interval(samples, Z) {
        Some(interval) => outcome(Verdict::Inconclusive, interval, limit, samples.len(), what),
        None => (Verdict::Inconclusive, "too few samples".to_owned(), None),
    }
}

fn outcome(verdict: Verdict, interval: Interval, limit: f64, samples: usize, what: &str) -> Outcome {
    let detail = match verdict {
        Verdict::Passed => String::new(),
        // The figures vary from run to run and stand apart; what a verdict says must not.
        Verdict::Failed => format!("over the limit: at most {limit} {what}"),
        _ => format!("too close to the limit to tell: at most {limit} {what}"),
    };
    let figures = Figures {
        value: interval.median,
        low: interval.low,
        high: interval.high,
        samples: samples as u32,
    };
    (verdict, detail, Some(figures))
}

fn ours(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Theirs(verdict, detail) => Trouble::Ours(io::Error::other(format!(
            "the reference's workload did not run: {verdict:?}, {detail}"
        ))),
        ours @ Trouble::Ours(_) => ours,
    }
}
