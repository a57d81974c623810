//! What the grader asks of a judge program and what it hears: one JSON document in, JSON lines out. Both sides are trusted.

use serde::{Deserialize, Serialize};

use crate::story::Story;

/// What a judge program is asked, on its standard input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Judge hidden checks.
    Check {
        /// The command line that starts a witness, its script channel on standard input and output.
        launcher: Vec<String>,
        /// The checks, by name, in the order to run them.
        checks: Vec<String>,
        /// The seed of generated scripts.
        seed: u64,
        /// How long to wait for an answer.
        patience: crate::Patience,
    },
    /// Measure budgets.
    Measure {
        /// Starts the submission's bench.
        candidate: Vec<String>,
        /// Starts the reference's bench, compiled with the same flags.
        twin: Vec<String>,
        /// The budgets.
        budgets: Vec<Budget>,
        /// How long to wait for an answer.
        patience: crate::Patience,
    },
}

/// One budget to measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// Its name.
    pub id: String,
    /// The workload.
    pub workload: String,
    /// What is bounded.
    pub bound: Bound,
}

/// What a budget bounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Cpu time as a multiple of the reference's.
    Time {
        /// At this size.
        size: u64,
        /// The largest ratio.
        limit: f64,
    },
    /// The exponent k of a cost that grows as size to the k.
    Growth {
        /// Over these sizes, rising.
        sizes: Vec<u64>,
        /// The largest exponent.
        limit: f64,
    },
    /// Allocations of one operation.
    Allocations {
        /// At this size.
        size: u64,
        /// The most of them.
        limit: f64,
    },
}

/// What a judge program says, a line each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A check is judged.
    Check {
        /// Its name.
        name: String,
        /// The verdict.
        verdict: Verdict,
        /// Why, one line.
        detail: String,
        /// The steps that show it.
        story: Option<Story>,
        /// Scripts that the submission ran.
        runs: u32,
        /// How many times a process of the submission had to be started again.
        restarts: u32,
        /// Cpu time of the submission's processes, milliseconds.
        cpu_ms: f64,
        /// Time on the wall, milliseconds.
        wall_ms: f64,
    },
    /// A budget is measured.
    Budget {
        /// Its name.
        name: String,
        /// The verdict.
        verdict: Verdict,
        /// Why, one line.
        detail: String,
        /// The figures, if it came to figures.
        figures: Option<Figures>,
        /// Cpu time of the submission's process, milliseconds.
        cpu_ms: f64,
        /// Time on the wall, milliseconds.
        wall_ms: f64,
    },
    /// Nothing follows.
    Done,
}

/// An estimate with a confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// The estimate.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// How many samples.
    pub samples: u32,
}

/// The outcome of a check or a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds.
    Passed,
    /// It does not.
    Failed,
    /// The submission did not answer in time.
    TimedOut,
    /// The submission's process died.
    Crashed,
    /// The submission took all memory.
    OutOfMemory,
    /// The submission lacks what is needed.
    NotCompiled,
    /// It cannot be told.
    Inconclusive,
}
