//! What the evidence is worth, with all that is needed to explain it and to reproduce it.
//!
//! Everything outside [`Scorecard::timing`] depends on the submission, the course, the seed and the machine's sandbox alone: two gradings
//! of the same differ in that block only. Maps are ordered, and points are whole hundredths.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evidence::{CompileError, Measurement, Story};
use super::exercise::{Network, ProcessLimits};
use super::ids::{CheckId, CriterionId, ExerciseId};
use super::points::{Points, Weight};
use super::rubric::{Rule, Visibility};
use super::verdict::{Finding, FindingKind, Resource, Verdict};

/// The version of this format. A reader refuses any other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Schema {
    /// The first.
    #[default]
    #[serde(rename = "moulinette.scorecard/1")]
    V1,
}

/// The outcome of grading one submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scorecard {
    /// Which format this is.
    pub schema: Schema,
    /// For whom it was written: a student's card leaves out what only instructors see.
    pub audience: Audience,
    /// The mark: the weighted mean of the exercises' percentages. None if grading was interrupted: part of a submission has no mark.
    pub mark: Option<Points>,
    /// Its letter, where there is a mark.
    pub letter: Option<String>,
    /// The mark from which a submission passes.
    pub pass_mark: Points,
    /// Whether the mark reaches it.
    pub passed: bool,
    /// Whether some check could not be decided: the mark is then the highest that it can be.
    pub provisional: bool,
    /// Whether grading was interrupted: the exercises of state `unfinished` were not examined, and nobody may take this for a result.
    pub interrupted: bool,
    /// When it was handed in, RFC 3339, if that was said.
    pub submitted_at: Option<String>,
    /// The exercises that came late.
    pub late: Vec<ExerciseId>,
    /// Folders of the submission that belong to no exercise and were ignored.
    pub ignored: Vec<String>,
    /// The exercises, by id.
    pub exercises: Vec<ExerciseScore>,
    /// The concepts of the course that the exercises check, by code, `5.4.4.k`.
    pub concepts: BTreeMap<String, ConceptScore>,
    /// Digests of what was graded and by what.
    pub digests: Digests,
    /// The compiler.
    pub toolchain: String,
    /// The version of the program that graded.
    pub grader: String,
    /// The seed of generated scripts.
    pub seed: u64,
    /// What confined the submission.
    pub sandbox: SandboxReport,
    /// All that may differ between two gradings of the same.
    pub timing: Timing,
}

/// For whom a card or a report is.
///
/// A student does not see what a hidden check or a criterion of visibility `hidden` is worth, nor the name of such a criterion.
/// Everything else is for both: the requirement, the verdict, the detail and the story of every check, findings, and what was lost for them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// The author of the submission.
    #[default]
    Student,
    /// Who marks it.
    Instructor,
}

/// Points earned of points possible.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Worth {
    /// Earned.
    pub earned: Points,
    /// The most that could be.
    pub possible: Points,
}

/// What one exercise is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExerciseScore {
    /// Which.
    pub id: ExerciseId,
    /// Its name.
    pub title: String,
    /// Its folder in the submission; empty if it was not handed in, or if the submission is this exercise alone.
    pub folder: String,
    /// The file of the submission that holds its public items.
    pub entry: String,
    /// How far grading came.
    pub state: State,
    /// The mark of the exercise, 0 to 100 and its bonus above: criteria, less penalties, less lateness.
    pub percentage: Points,
    /// How much it counts in the mean.
    pub weight: Weight,
    /// Whether some check could not be decided.
    pub provisional: bool,
    /// The criteria, in the rubric's order.
    pub criteria: Vec<CriterionScore>,
    /// On whose word its points rest, if the reader may know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust: Option<TrustScore>,
    /// What findings cost, where any did.
    pub penalties: Vec<PenaltyScore>,
    /// What lateness cost, if it was late.
    pub late: Option<Lateness>,
    /// The requirements of the statement.
    pub requirements: Vec<RequirementScore>,
    /// The checks: public, hidden, budgets.
    pub checks: Vec<CheckScore>,
    /// Why it does not compile, if it does not.
    pub errors: Vec<CompileError>,
    /// What its author should know, sorted.
    pub findings: Vec<Finding>,
    /// What each process could use.
    pub limits: ProcessLimits,
    /// What network they had.
    pub network: Network,
    /// Digests of what this mark depends on.
    pub digests: ExerciseDigests,
}

/// How far grading came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not handed in.
    Missing,
    /// Not examined, because grading was interrupted.
    Unfinished,
    /// Not gradable: the findings say why.
    Refused,
    /// It does not compile: the errors say why.
    Unbuildable,
    /// Built, at least in part, and checked.
    Examined,
}

/// One criterion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CriterionScore {
    /// Its name.
    pub id: CriterionId,
    /// What is marked.
    pub title: String,
    /// How passed checks become points.
    pub rule: Rule,
    /// Whether it is on top of the hundred.
    pub bonus: bool,
    /// Who sees its points.
    pub visibility: Visibility,
    /// How many of its checks hold.
    pub passed: u32,
    /// How many it has.
    pub total: u32,
    /// What it earned.
    pub worth: Worth,
}

/// Who vouches for the outcome of a check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// The process that runs the submission: public checks, counts of allocations. It takes an honest student, as no secret is safe
    /// from code in the same process.
    #[default]
    Inside,
    /// Another process, which believes nothing: hidden checks, cpu time. Forging it means to implement the contract.
    Outside,
}

/// The points of an exercise by who vouches for them, caps and penalties apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrustScore {
    /// Those that rest on what the submission's process says.
    pub inside: Worth,
    /// Those that do not.
    pub outside: Worth,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckScore {
    /// Which.
    pub id: CheckId,
    /// The requirements it checks.
    pub requirements: Vec<String>,
    /// What it checks, one sentence; may be empty.
    pub summary: String,
    /// Who vouches for the outcome.
    #[serde(default)]
    pub trust: Trust,
    /// Its outcome.
    pub verdict: Verdict,
    /// One line for the student.
    pub detail: String,
    /// The steps that show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub story: Option<Story>,
    /// What ran out, when the verdict is `exhausted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Resource>,
    /// The criterion that owns it, if the reader may know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criterion: Option<CriterionId>,
    /// What it earned, if the reader may know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worth: Option<Worth>,
}

/// One requirement of the statement and whether its checks hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RequirementScore {
    /// `R1`.
    pub id: String,
    /// What it asks for.
    pub text: String,
    /// The concepts of the course that it is about.
    pub concepts: Vec<String>,
    /// How many of its checks hold.
    pub passed: u32,
    /// How many it has.
    pub total: u32,
}

/// One concept of the course.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConceptScore {
    /// How many checks about it hold.
    pub passed: u32,
    /// How many there are.
    pub total: u32,
}

/// What the findings of one kind cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PenaltyScore {
    /// Of which kind.
    pub kind: FindingKind,
    /// How many.
    pub count: u32,
    /// What they cost together.
    pub lost: Points,
    /// Whether more of them would cost no more.
    pub capped: bool,
}

/// What lateness cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Lateness {
    /// When it was due, RFC 3339.
    pub due: String,
    /// Started days since then.
    pub days: u32,
    /// Percent of the mark that are kept.
    pub kept_percent: f64,
    /// Points that are not.
    pub lost: Points,
}

/// What was graded, and by which course.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Digests {
    /// Of the submission's files that were taken.
    pub submission: String,
    /// Of the course: exercises, references, rubrics, runtimes.
    pub course: String,
}

/// What the mark of one exercise depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExerciseDigests {
    /// Of the exercise's files in the submission; empty if there are none.
    pub submission: String,
    /// Of the exercise, its reference and the runtimes.
    pub checks: String,
    /// Of its rubric.
    pub rubric: String,
}

/// What confined the submission.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SandboxReport {
    /// What was asked for: `auto`, `strict`, `off`.
    pub mode: String,
    /// The layers that were in force.
    pub layers: Vec<String>,
    /// The layers that were not, and why.
    #[serde(default)]
    pub lacking: Vec<LackingLayer>,
    /// What a reader of the card must know about it.
    #[serde(default)]
    pub warning: Option<String>,
}

/// A layer of confinement that was not in force.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LackingLayer {
    /// Its name.
    pub name: String,
    /// `off`, or what the host lacks.
    pub reason: String,
}

/// All that may differ between two gradings of the same submission.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Timing {
    /// When grading started, RFC 3339.
    pub started_at: String,
    /// How long it took, milliseconds.
    pub wall_ms: f64,
    /// How many exercises were examined at once.
    pub jobs: u32,
    /// Durations of single stages, milliseconds.
    pub stages_ms: BTreeMap<String, f64>,
    /// The exercises.
    pub exercises: BTreeMap<ExerciseId, ExerciseTiming>,
}

/// How long one exercise took.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExerciseTiming {
    /// Milliseconds.
    pub wall_ms: f64,
    /// Whether the evidence came from the cache; the figures are then those of the run that made it.
    pub cached: bool,
    /// Its checks.
    pub checks: BTreeMap<CheckId, CheckTiming>,
}

/// How long one check took, and what was measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckTiming {
    /// Wall time, milliseconds.
    pub wall_ms: f64,
    /// Cpu time of the submission's processes, milliseconds.
    pub cpu_ms: f64,
    /// The figures of a budget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measurement: Option<Measurement>,
}

impl Scorecard {
    /// The card without what its reader may not know. A card for instructors holds everything; a student's card stays a student's.
    pub fn for_audience(mut self, audience: Audience) -> Self {
        if audience == Audience::Student && self.audience == Audience::Instructor {
            self.audience = Audience::Student;
            self.exercises.iter_mut().for_each(ExerciseScore::redact);
        }
        self
    }

    /// The score of one exercise.
    pub fn exercise(&self, id: &ExerciseId) -> Option<&ExerciseScore> {
        self.exercises.iter().find(|exercise| exercise.id == *id)
    }
}

impl ExerciseScore {
    /// The checks that do not hold, those that could not be decided included.
    pub fn open(&self) -> impl Iterator<Item = &CheckScore> {
        self.checks.iter().filter(|check| check.verdict != Verdict::Passed)
    }

    /// How many checks hold.
    pub fn passed(&self) -> usize {
        self.checks
            .iter()
            .filter(|check| check.verdict == Verdict::Passed)
            .count()
    }

    fn redact(&mut self) {
        // It would say what the hidden checks are worth together.
        self.trust = None;
        self.criteria
            .retain(|criterion| criterion.visibility == Visibility::Public);
        for check in &mut self.checks {
            let named = check
                .criterion
                .as_ref()
                .is_some_and(|id| self.criteria.iter().any(|criterion| criterion.id == *id));
            if !named {
                check.criterion = None;
            }
            if !named || check.id.kind() == super::ids::CheckKind::Hidden {
                check.worth = None;
            }
        }
    }
}
