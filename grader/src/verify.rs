//! Proves a course sound: references, templates, mutants and samples get what they must.
//!
//! Verification uses the same stages as grading. What it finds is a list of complaints, each naming a file and what to do; a course without
//! complaints is sound.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fmt, thread};

use jiff::Timestamp;

use crate::catalog::Package;
use crate::examine::{ExamineError, Examiner, Scope};
use crate::model::evidence::Evidence;
use crate::model::ids::{CheckId, ExerciseId};
use crate::model::result::{ExerciseResult, Session};
use crate::model::rules::CourseRules;
use crate::model::scorecard::{Digests, ExerciseDigests, SandboxReport};
use crate::model::verdict::Verdict;
use crate::stages::intake::Sources;
use crate::stages::score;

mod api;
pub mod files;
pub mod generated;
pub mod mutants;
pub mod samples;

/// Something that must change before a course is sound.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Complaint {
    /// The exercise.
    pub exercise: ExerciseId,
    /// The file or folder, relative to the course.
    pub place: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// What verifying one exercise came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// What is wrong.
    pub complaints: Vec<Complaint>,
    /// Curated mutants: how many there are, how many were seen by what they name.
    pub mutants: (usize, usize),
    /// Samples: how many there are, how many got their verdicts.
    pub samples: (usize, usize),
}

/// Says what is wrong with some evidence; nothing if it is as it must be.
pub(crate) type Opinion<'p> = Box<dyn Fn(&Evidence) -> Vec<String> + Send + Sync + 'p>;

/// One thing to examine and what must come of it.
pub(crate) struct Trial<'p> {
    /// Where it is from, for complaints.
    pub place: String,
    /// Its sources; findings instead if intake refuses it.
    pub sources: Sources,
    /// What to run.
    pub scope: Scope,
    /// Judges the evidence: complaints, none if all is well.
    pub judge: Opinion<'p>,
}

/// Verifies one exercise, some trials at a time.
pub fn exercise(
    examiner: &Examiner<'_>,
    package: &Package,
    rules: &CourseRules,
    jobs: usize,
) -> Result<Proof, ExamineError> {
    let mut proof = Proof {
        complaints: files::complaints(examiner.course, package),
        ..Proof::default()
    };
    examiner.kit.prepare(
        examiner.course,
        &package.exercise,
        examiner.toolchain,
        examiner.observer,
    )?;
    let complain = |place: &str, message: String| Complaint {
        exercise: package.exercise.id.clone(),
        place: place.to_owned(),
        message,
    };

    let mut trials = vec![reference(examiner, package, rules)];
    trials.extend(template(examiner, package));
    let fixed = trials.len();
    match mutants::trials(examiner.course, package, &crate::twin::reference(examiner, package)) {
        Ok(more) => trials.extend(more),
        Err(problems) => proof
            .complaints
            .extend(problems.into_iter().map(|(place, message)| complain(&place, message))),
    }
    let curated = trials.len() - fixed;
    match samples::trials(examiner.course, package, rules) {
        Ok(more) => trials.extend(more),
        Err(problems) => proof
            .complaints
            .extend(problems.into_iter().map(|(place, message)| complain(&place, message))),
    }
    let outcomes = run(examiner, package, &trials, jobs)?;
    let seen = |range: &[Vec<String>]| range.iter().filter(|found| found.is_empty()).count();
    proof.mutants = (curated, seen(&outcomes[fixed..fixed + curated]));
    proof.samples = (trials.len() - fixed - curated, seen(&outcomes[fixed + curated..]));
    for (trial, found) in trials.iter().zip(outcomes) {
        proof
            .complaints
            .extend(found.into_iter().map(|message| complain(&trial.place, message)));
    }
    Ok(proof)
}

/// Examines trials, `jobs` at a time, and judges each.
fn run(
    examiner: &Examiner<'_>,
    package: &Package,
    trials: &[Trial<'_>],
    jobs: usize,
) -> Result<Vec<Vec<String>>, ExamineError> {
    // What runs everything takes longest and begins first, so that no core is idle at the end.
    let mut order: Vec<usize> = (0..trials.len()).collect();
    order.sort_by_key(|&at| matches!(trials[at].scope, Scope::Only(_)));
    let next = AtomicUsize::new(0);
    let done = Mutex::new(BTreeMap::new());
    let alone = Examiner {
        parallel: false,
        ..*examiner
    };
    thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                while let Some(&at) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let trial = &trials[at];
                    let found = alone
                        .examine(package, trial.sources.clone(), &trial.scope)
                        .map(|evidence| (trial.judge)(&evidence));
                    done.lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner)
                        .insert(at, found);
                }
            });
        }
    });
    done.into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .into_values()
        .collect()
}

/// The reference earns everything.
fn reference<'p>(examiner: &Examiner<'_>, package: &'p Package, rules: &'p CourseRules) -> Trial<'p> {
    let judge = |evidence: &Evidence| {
        let wanted = package
            .checks
            .iter()
            .map(|check| (check.id.clone(), Verdict::Passed))
            .collect();
        let mut found = differences(evidence, &wanted, "the reference must pass everything");
        let mark = mark(package, rules, evidence);
        if mark < 100.0 {
            found.push(format!(
                "the reference gets {mark} points; it must get all: look at its findings, and at the rubric"
            ));
        }
        found
    };
    Trial {
        place: format!("reference/{}", package.exercise.id),
        sources: crate::twin::reference(examiner, package),
        scope: Scope::All,
        judge: Box::new(judge),
    }
}

/// The template compiles and earns next to nothing.
fn template<'p>(examiner: &Examiner<'_>, package: &'p Package) -> Option<Trial<'p>> {
    let root = format!("templates/{}/", package.exercise.id);
    let sources = samples::sources(examiner.course, &root);
    if sources.files.is_empty() {
        return None;
    }
    let judge = move |evidence: &Evidence| match evidence {
        Evidence::Examined { checks, .. } => {
            let passed: Vec<_> = checks
                .iter()
                .filter(|check| check.verdict.earns())
                .map(|check| check.id.to_string())
                .collect();
            // What needs no work (a derived trait, a constant) may pass; a template that passes more has a solution in it, or a check that cannot fail.
            if passed.len() * 10 > checks.len() {
                vec![format!(
                    "the template passes {}: {}; leave the work to the student, or make the checks bite",
                    passed.len(),
                    passed.join(", ")
                )]
            } else {
                Vec::new()
            }
        }
        Evidence::Unbuildable { errors, .. } => {
            let first = errors
                .first()
                .map(|error| format!("{}:{}: {}", error.file, error.line, error.message))
                .unwrap_or_default();
            vec![format!("the template does not compile: {first}")]
        }
        Evidence::Refused { findings } => vec![format!("the template is refused: {findings:?}")],
        Evidence::Missing | Evidence::Unfinished => vec!["the template is missing".to_owned()],
    };
    Some(Trial {
        place: root,
        sources,
        scope: Scope::All,
        judge: Box::new(judge),
    })
}

/// The percentage that some evidence of an exercise is worth.
pub(crate) fn mark(package: &Package, rules: &CourseRules, evidence: &Evidence) -> f64 {
    let result = ExerciseResult {
        exercise: &package.exercise,
        rubric: &package.rubric,
        checks: &package.checks,
        folder: String::new(),
        evidence: evidence.clone(),
        digests: ExerciseDigests::default(),
        wall_ms: 0.0,
        cached: false,
    };
    let session = Session {
        digests: Digests::default(),
        toolchain: String::new(),
        seed: 0,
        sandbox: SandboxReport::default(),
        submitted_at: None,
        ignored: Vec::new(),
        started_at: Timestamp::UNIX_EPOCH,
        wall_ms: 0.0,
        jobs: 1,
        stages_ms: BTreeMap::new(),
    };
    let card = score::score(&[result], rules, &session);
    card.exercises
        .first()
        .map_or(0.0, |exercise| exercise.percentage.number())
}

/// Where the verdicts of some evidence differ from what was expected.
pub(crate) fn differences(evidence: &Evidence, wanted: &BTreeMap<CheckId, Verdict>, rule: &str) -> Vec<String> {
    let Evidence::Examined { checks, .. } = evidence else {
        return match evidence {
            Evidence::Unbuildable { errors, .. } => {
                if wanted.values().all(|verdict| *verdict == Verdict::NotCompiled) {
                    return Vec::new();
                }
                let first = errors
                    .first()
                    .map(|error| format!("{}:{}: {}", error.file, error.line, error.message))
                    .unwrap_or_default();
                vec![format!("{rule}, but it does not compile: {first}")]
            }
            other => vec![format!("{rule}, but nothing was checked: {other:?}")],
        };
    };
    let mut found = Vec::new();
    for check in checks {
        let expected = wanted.get(&check.id).copied().unwrap_or(Verdict::Passed);
        if check.verdict != expected {
            let story = check
                .story
                .iter()
                .flat_map(|story| &story.lines)
                .map(|line| format!("\n        {}  // {}", line.call, line.actual));
            found.push(format!(
                "{rule}: `{}` is {} instead of {expected}: {}{}",
                check.id,
                check.verdict,
                check.detail,
                story.collect::<String>()
            ));
        }
    }
    found
}
