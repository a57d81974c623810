//! What was observed of one exercise of a submission; scoring decides what it is worth.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ids::CheckId;
use super::verdict::{Finding, Resource, Verdict};

/// Everything observed of one exercise. An enum, so that impossible mixtures do not exist.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Evidence {
    /// The submission has no such exercise.
    Missing,
    /// Grading was interrupted before this exercise was examined.
    Unfinished,
    /// There, but not gradable: no entry file, too large, a policy violation that forbids building.
    Refused {
        /// Why.
        findings: Vec<Finding>,
    },
    /// The submission itself does not compile.
    Unbuildable {
        /// The compiler's errors in the student's own files, trimmed.
        errors: Vec<CompileError>,
        /// Findings that did not stop it.
        findings: Vec<Finding>,
    },
    /// Built, at least in part, and checked.
    Examined {
        /// One record per check of the exercise, in the exercise's order.
        checks: Vec<CheckRecord>,
        /// Findings that did not stop it.
        findings: Vec<Finding>,
    },
}

impl Evidence {
    /// Whether another run would find the same: no check was left undecided.
    pub fn is_decided(&self) -> bool {
        match self {
            Self::Examined { checks, .. } => checks.iter().all(|check| check.verdict != Verdict::Inconclusive),
            Self::Unfinished => false,
            Self::Missing | Self::Refused { .. } | Self::Unbuildable { .. } => true,
        }
    }
}

/// One error of the compiler, for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CompileError {
    /// The file, relative to the exercise's folder.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// `E0599`, or empty.
    pub code: String,
    /// The compiler's first line.
    pub message: String,
    /// The rendered excerpt, bounded and free of control characters.
    pub rendered: String,
}

/// One check and its outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckRecord {
    /// Which check.
    pub id: CheckId,
    /// Its outcome.
    pub verdict: Verdict,
    /// One line for the student: the panic message, the objection, the compiler's message.
    pub detail: String,
    /// The steps that show it, for hidden checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub story: Option<Story>,
    /// What ran out, when the verdict is `exhausted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Resource>,
    /// The figures of a budget. They vary from run to run, so a scorecard keeps them in its timing block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measurement: Option<Measurement>,
    /// Wall time spent, milliseconds; kept in the timing block.
    pub wall_ms: f64,
    /// Cpu time spent by the submission's process, milliseconds; kept in the timing block.
    pub cpu_ms: f64,
}

/// The shortest script found on which a submission does not do what it should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Story {
    /// The steps, in order; the last one is where it shows.
    pub lines: Vec<StoryLine>,
    /// What the check says of it.
    pub objection: String,
    /// How many scripts the check had run when it found the first failing one.
    pub found_after: u32,
}

/// One step of a story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoryLine {
    /// The line of Rust that does it.
    pub call: String,
    /// What the submission answered; empty for a step that returns nothing.
    pub actual: String,
    /// What was expected, where the reference's answer differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
}

/// The figures behind the verdict of a budget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measurement {
    /// What the figures count: `ratio`, `exponent`, `allocations`.
    pub unit: String,
    /// The estimate.
    pub value: f64,
    /// The lower end of its confidence interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The limit.
    pub limit: f64,
    /// How many samples.
    pub samples: u32,
}
