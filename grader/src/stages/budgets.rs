//! Measures the budgets of one exercise: the judge compares the submission's bench with the twin's.

use std::path::Path;

use judge::wire::{self, Bound, Event, Request};

use super::build::Program;
use super::checks::{patience, record};
use super::judging::{self, JudgeError};
use crate::model::evidence::{CheckRecord, Measurement};
use crate::model::exercise::{Budget, BudgetUnit, Network};
use crate::model::ids::{CheckId, CheckKind};
use crate::model::limits::Limits;
use crate::model::verdict::Verdict;
use crate::system::sandbox::{Job, Profile, Sandbox};

/// Where and against what the budgets of an exercise are measured.
pub struct Measuring<'a> {
    /// The submission's bench.
    pub candidate: &'a Program,
    /// The reference's bench, built with the same flags.
    pub twin: &'a Path,
    /// The judge.
    pub judge: &'a Path,
    /// Where untrusted processes run.
    pub sandbox: &'a dyn Sandbox,
    /// The scratch directories of the submission's bench, of the twin and of the judge.
    pub scratch: [&'a Path; 3],
    /// What each process may use.
    pub limits: Limits,
    /// What network they have.
    pub network: Network,
}

impl Measuring<'_> {
    /// Measures budgets, and gives a record for each in their order.
    pub fn measure(&self, budgets: &[Budget]) -> Result<Vec<CheckRecord>, JudgeError> {
        let lost = |budget: &Budget| self.candidate.lost("workload.rs", &budget.workload);
        let wanted: Vec<wire::Budget> = budgets
            .iter()
            .filter(|budget| lost(budget).is_none())
            .map(ask)
            .collect();
        let mut measured = if wanted.is_empty() {
            Vec::new()
        } else {
            self.ask(wanted)?
        }
        .into_iter();
        budgets
            .iter()
            .map(|budget| {
                let id = CheckId::new(CheckKind::Budget, budget.id.clone());
                match lost(budget) {
                    Some(loss) => Ok(record(id, Verdict::NotCompiled, &loss.message)),
                    None => measured
                        .next()
                        .filter(|record| record.id == id)
                        .ok_or_else(|| JudgeError::Incomplete(self.judge.to_owned())),
                }
                .map(|record| with_limit(record, budget))
            })
            .collect()
    }

    fn ask(&self, budgets: Vec<wire::Budget>) -> Result<Vec<CheckRecord>, JudgeError> {
        let mut limits = self.limits;
        limits.cpu *= 60;
        limits.wall = limits.cpu * 4;
        let bench = |program: &Path, scratch| {
            let mut job = Job::new(program, scratch, limits, Profile::Run);
            job.network = self.network;
            self.sandbox.launcher(&job)
        };
        let candidate = bench(&self.candidate.path, self.scratch[0])?;
        let twin = bench(self.twin, self.scratch[1])?;
        let request = Request::Measure {
            candidate: judging::argv(&candidate)?,
            twin: judging::argv(&twin)?,
            budgets,
            patience: patience(&self.limits),
        };
        let events = judging::ask(self.sandbox, self.judge, self.scratch[2], &request)?;
        Ok(events.into_iter().filter_map(taken).collect())
    }
}

fn ask(budget: &Budget) -> wire::Budget {
    let size = budget.size.unwrap_or_default();
    let bound = match budget.kind {
        BudgetUnit::Time => Bound::Time {
            size,
            limit: budget.limit,
        },
        BudgetUnit::Growth => Bound::Growth {
            sizes: budget.sizes.clone(),
            limit: budget.limit,
        },
        BudgetUnit::Allocations => Bound::Allocations {
            size,
            limit: budget.limit,
        },
    };
    wire::Budget {
        id: budget.id.clone(),
        workload: budget.workload.clone(),
        bound,
    }
}

fn taken(event: Event) -> Option<CheckRecord> {
    let Event::Budget {
        name,
        verdict,
        detail,
        figures,
        cpu_ms,
        wall_ms,
    } = event
    else {
        return None;
    };
    let (verdict, resource) = judging::verdict(verdict);
    let measurement = figures.map(|figures| Measurement {
        unit: String::new(),
        value: figures.value,
        low: figures.low,
        high: figures.high,
        limit: 0.0,
        samples: figures.samples,
    });
    let record = record(CheckId::new(CheckKind::Budget, name), verdict, &detail);
    Some(CheckRecord {
        resource,
        measurement,
        wall_ms,
        cpu_ms,
        ..record
    })
}

/// The judge knows figures; what they count and their limit are the exercise's.
fn with_limit(mut record: CheckRecord, budget: &Budget) -> CheckRecord {
    if let Some(measurement) = &mut record.measurement {
        measurement.limit = budget.limit;
        measurement.unit = unit(budget.kind).to_owned();
    }
    record
}

/// What the figures of a budget count.
fn unit(kind: BudgetUnit) -> &'static str {
    match kind {
        BudgetUnit::Time => "ratio",
        BudgetUnit::Growth => "exponent",
        BudgetUnit::Allocations => "allocations",
    }
}
