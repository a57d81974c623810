//! Budgets, measured from outside: the cpu clocks of two processes around batches of the same work.
//!
//! What could turn a verdict, and what is done about it:
//!
//! - *Cold caches.* By turns, each process finds what the other left in the caches, and the price of that is the same for both: it
//!   pulls their ratio towards 1, far enough to let a submission that is three times too slow pass as one that is not twice. So each
//!   batch is long ([`Settings::batch`]), and begins with work that is not timed ([`Settings::warm_up`]).
//! - *A batch that was called long by mistake.* One look under load may find ten times the cost, and a batch chosen by it is a tenth
//!   of what it should be. So the least of several looks counts, and a measurement whose batches turn out short begins again.
//! - *Two processes on two cores*, one of them with a busy neighbour, for as long as the measurement lasts: no number of samples
//!   shows it. So both run on the same core, by turns. They never run at the same time anyway.
//! - *A machine that slows down.* Batches alternate A B B A.
//! - *Chance.* The decision is on a distribution-free interval of the median; while the limit lies within it, more samples are
//!   taken, up to an effort after which the budget stays open.

use std::io;
use std::time::{Duration, Instant};

use crate::affinity;
use crate::bench::{Batch, Side, Trouble};
use crate::remote::Patience;
use crate::sampling::{Sampling, told};
use crate::stats::{self, Interval};
use crate::wire::{Bound, Budget, Event, Verdict};

pub use crate::sampling::Outcome;

/// How measurements are made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Cpu time of one batch of the reference, at least.
    pub batch: Duration,
    /// Iterations before each batch, as a share of it, in which the process gets its caches back; they are not timed.
    pub warm_up: f64,
    /// A batch of the submission is not made longer than this by a slow operation.
    pub longest: Duration,
    /// Looks at the cost of a batch before it is believed.
    pub looks: usize,
    /// Samples before the first decision.
    pub fewest: usize,
    /// Samples after which a budget stays open.
    pub most: usize,
    /// Cpu time of batches after which a budget stays open.
    pub effort: Duration,
    /// Whether both processes run on one core.
    pub one_core: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            batch: Duration::from_millis(1),
            warm_up: 0.5,
            longest: Duration::from_millis(40),
            looks: 3,
            fewest: 14,
            most: 120,
            effort: Duration::from_millis(1000),
            one_core: true,
        }
    }
}

impl Settings {
    /// Whether a look at the cost of a batch need not be confirmed: it is too short, or so long that no mistake makes it short.
    fn is_settled(&self, length: Duration) -> bool {
        length < self.batch || length > self.batch * 8
    }

    /// How long a batch is: the reference's time, or more if the submission is so slow that its own time is long enough.
    fn length(&self, twin: Duration, candidate: Duration) -> Duration {
        twin.max(candidate.mul_f64(self.batch.as_secs_f64() / self.longest.as_secs_f64()))
    }
}

/// Measures budgets one after another, telling each.
pub(crate) fn measure(
    candidate: &[String],
    twin: &[String],
    budgets: &[Budget],
    patience: Patience,
    tell: &mut dyn FnMut(&Event) -> io::Result<()>,
) -> io::Result<()> {
    let mut bench = Bench::new(candidate, twin, patience, Settings::default());
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

/// The two processes.
pub struct Bench {
    candidate: Side,
    twin: Side,
    settings: Settings,
}

impl Bench {
    /// Processes that are started when they are needed.
    pub fn new(candidate: &[String], twin: &[String], patience: Patience, settings: Settings) -> Self {
        if settings.one_core {
            // Processes started from here inherit it.
            affinity::stay_on_one_core();
        }
        Self {
            candidate: Side::new(candidate, patience),
            twin: Side::new(twin, patience),
            settings,
        }
    }

    /// Measures one budget.
    pub fn measure(&mut self, budget: &Budget) -> Result<Outcome, Trouble> {
        match &budget.bound {
            Bound::Time { size, limit } => self.time(&budget.workload, *size, *limit),
            Bound::Growth { sizes, limit } => self.growth(&budget.workload, sizes, *limit),
            Bound::Allocations { size, limit } => self.allocations(&budget.workload, *size, *limit),
        }
    }

    /// Sets both sides up.
    fn prepare(&mut self, workload: &str, size: u64) -> Result<(), Trouble> {
        self.twin.prepare(workload, size).map_err(Trouble::ours)?;
        self.candidate.prepare(workload, size)
    }

    /// Both sides do the same work, and must give the same numbers.
    fn pair(&mut self, iterations: u64, twin_first: bool) -> Result<(Batch, Batch), Trouble> {
        let warm_up = self.settings.warm_up;
        let (twin, candidate) = if twin_first {
            let twin = self.twin.run_warm(iterations, warm_up).map_err(Trouble::ours)?;
            (twin, self.candidate.run_warm(iterations, warm_up)?)
        } else {
            let candidate = self.candidate.run_warm(iterations, warm_up)?;
            (
                self.twin.run_warm(iterations, warm_up).map_err(Trouble::ours)?,
                candidate,
            )
        };
        if twin.checksum == candidate.checksum {
            return Ok((twin, candidate));
        }
        let text = "the workload's results differ from the reference's; a budget counts for correct work only";
        Err(Trouble::Theirs(Verdict::Failed, text.to_owned()))
    }

    fn time(&mut self, workload: &str, size: u64, limit: f64) -> Result<Outcome, Trouble> {
        self.prepare(workload, size)?;
        let mut sampling = Sampling::new(self.settings, limit, limit * 0.25, "times the reference's cpu time");
        let mut iterations = 1;
        loop {
            iterations = self.iterations(iterations)?;
            let mut batches = Vec::new();
            while sampling.is_open() {
                for twin_first in [true, false] {
                    let (twin, candidate) = self.pair(iterations, twin_first)?;
                    batches.push(self.settings.length(twin.cpu, candidate.cpu));
                    sampling.add(
                        candidate.cpu.as_secs_f64() / twin.cpu.as_secs_f64().max(1e-9),
                        twin.cpu + candidate.cpu,
                    );
                }
            }
            batches.sort_unstable();
            let is_short = batches
                .get(batches.len() / 2)
                .is_some_and(|batch| *batch < self.settings.batch / 2);
            if !is_short || sampling.is_spent() {
                return Ok(sampling.outcome());
            }
            iterations *= 2;
            sampling.forget();
        }
    }

    /// How many iterations make a batch, and at least so many.
    fn iterations(&mut self, least: u64) -> Result<u64, Trouble> {
        let Settings { batch, looks, .. } = self.settings;
        let mut iterations = least;
        loop {
            let (mut twin, mut candidate) = (Duration::MAX, Duration::MAX);
            for look in 0..looks.max(1) {
                let (one, other) = self.pair(iterations, look % 2 == 0)?;
                (twin, candidate) = (twin.min(one.cpu), candidate.min(other.cpu));
                if self.settings.is_settled(self.settings.length(twin, candidate)) {
                    break;
                }
            }
            let length = self.settings.length(twin, candidate);
            if length >= batch {
                return Ok(iterations);
            }
            iterations = more(iterations, length, batch);
        }
    }

    fn growth(&mut self, workload: &str, sizes: &[u64], limit: f64) -> Result<Outcome, Trouble> {
        let mut places = Vec::new();
        for size in sizes {
            self.prepare(workload, *size)?;
            self.pair(2, true)?;
            // A process of its own for each size: they are set up once, and asked by turns.
            let mut side = self.candidate.another();
            side.prepare(workload, *size)?;
            let iterations = self.lone_iterations(&mut side)?;
            places.push((*size as f64, iterations, side));
        }
        let mut sampling = Sampling::new(
            self.settings,
            limit,
            0.2,
            "as the exponent by which cost grows with size",
        );
        while sampling.is_open() {
            let (mut points, mut effort) = (Vec::new(), Duration::ZERO);
            for (size, iterations, side) in &mut places {
                let batch = side.run_warm(*iterations, self.settings.warm_up)?;
                effort += batch.cpu;
                points.push((*size, batch.cpu.as_secs_f64() / *iterations as f64));
            }
            sampling.add(stats::log_log_slope(&points), effort);
        }
        for (_, _, side) in places {
            self.candidate.absorb(side);
        }
        Ok(sampling.outcome())
    }

    /// How many iterations make a batch of a process alone.
    fn lone_iterations(&self, side: &mut Side) -> Result<u64, Trouble> {
        let Settings { batch, looks, .. } = self.settings;
        let mut iterations = 1;
        loop {
            let mut least = Duration::MAX;
            for _ in 0..looks.max(1) {
                least = least.min(side.run_warm(iterations, self.settings.warm_up)?.cpu);
                if self.settings.is_settled(least) {
                    break;
                }
            }
            if least >= batch {
                return Ok(iterations);
            }
            iterations = more(iterations, least, batch);
        }
    }

    fn allocations(&mut self, workload: &str, size: u64, limit: f64) -> Result<Outcome, Trouble> {
        const CALLS: u64 = 8;
        self.prepare(workload, size)?;
        self.pair(2, true)?;
        let (_, batch) = self.pair(CALLS, true)?;
        let each = batch.allocations as f64 / CALLS as f64;
        let verdict = if each <= limit {
            Verdict::Passed
        } else {
            Verdict::Failed
        };
        let interval = Interval {
            median: each,
            low: each,
            high: each,
        };
        Ok(told(
            verdict,
            interval,
            limit,
            CALLS as usize,
            "allocations an operation",
        ))
    }
}

/// Iterations that should make a batch, if so many cost so much. Not many more: the cost may grow faster.
fn more(iterations: u64, cost: Duration, batch: Duration) -> u64 {
    let factor = 1.2 * batch.as_secs_f64() / cost.as_secs_f64().max(1e-7);
    (iterations as f64 * factor.clamp(1.5, 10.0)).ceil() as u64
}
