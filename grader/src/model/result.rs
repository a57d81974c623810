//! What scoring is given: the exercises with what was observed of each, and the circumstances of the run.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::check::CheckInfo;
use super::evidence::Evidence;
use super::exercise::Exercise;
use super::rubric::Rubric;
use super::scorecard::{Digests, ExerciseDigests, SandboxReport};

/// One exercise, its marking scheme and what was observed of it.
#[derive(Debug, Clone)]
pub struct ExerciseResult<'a> {
    /// The exercise.
    pub exercise: &'a Exercise,
    /// How it is marked.
    pub rubric: &'a Rubric,
    /// All of its checks, in the order in which they are shown.
    pub checks: &'a [CheckInfo],
    /// The name of its folder in the submission, if it has one of its own.
    pub folder: String,
    /// What was observed.
    pub evidence: Evidence,
    /// What the mark depends on.
    pub digests: ExerciseDigests,
    /// How long examining took, milliseconds.
    pub wall_ms: f64,
    /// Whether the evidence came from the cache.
    pub cached: bool,
}

/// The run that made the evidence.
#[derive(Debug, Clone)]
pub struct Session {
    /// Of the whole submission and the whole course.
    pub digests: Digests,
    /// The compiler, one line.
    pub toolchain: String,
    /// The seed of generated scripts.
    pub seed: u64,
    /// What confined the submission.
    pub sandbox: SandboxReport,
    /// When it was handed in, if that was said.
    pub submitted_at: Option<Timestamp>,
    /// Folders of the submission that belong to no exercise.
    pub ignored: Vec<String>,
    /// When grading started.
    pub started_at: Timestamp,
    /// How long grading took, milliseconds.
    pub wall_ms: f64,
    /// How many exercises were examined at once.
    pub jobs: u32,
    /// Further durations worth keeping, milliseconds: `kit`, `intake`.
    pub stages_ms: BTreeMap<String, f64>,
}
