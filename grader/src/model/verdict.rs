//! The outcome of a check, and findings about a submission.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a process may run out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// Memory.
    Memory,
    /// Bytes printed.
    Output,
    /// Processes and threads.
    Processes,
    /// Bytes on disk.
    Disk,
}

/// The outcome of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Held.
    Passed,
    /// Ran and did not hold.
    Failed,
    /// Used up its cpu or wall time.
    TimedOut,
    /// The process that ran the submission died: a signal, an early exit, nonsense on its channel.
    Crashed,
    /// Used up memory, output, processes or disk.
    Exhausted,
    /// The part of the submission that the check needs is missing or does not compile.
    NotCompiled,
    /// Not attempted; the detail says why.
    NotRun,
    /// We could not tell. Never costs a point, makes the card provisional.
    Inconclusive,
}

impl Verdict {
    /// Whether the check counts as held.
    pub fn earns(self) -> bool {
        self == Self::Passed
    }

    /// The name used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Crashed => "crashed",
            Self::Exhausted => "exhausted",
            Self::NotCompiled => "not_compiled",
            Self::NotRun => "not_run",
            Self::Inconclusive => "inconclusive",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a finding is about; rubrics price some of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// The layout or the files of the submission.
    Intake,
    /// Something that a submission may not use.
    Policy,
    /// A warning of the compiler.
    Warning,
    /// A public item without documentation.
    MissingDocs,
}

/// Something about a submission that its author should know: where, what, what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// What it is about.
    pub kind: FindingKind,
    /// A short stable name, `dependency-not-allowed`.
    pub rule: String,
    /// The file, relative to the exercise's folder; empty when it is about the whole.
    pub file: String,
    /// The line, from 1; 0 when it is about the whole file.
    pub line: u32,
    /// The column in characters, from 1; 0 when it is about the whole line.
    #[serde(default)]
    pub column: u32,
    /// What was found and what to do about it.
    pub message: String,
}
