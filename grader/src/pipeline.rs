//! Composes the stages, in order: the only place that knows it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use jiff::Timestamp;

use crate::catalog::{Catalog, Package};
use crate::examine::{ExamineError, Examiner, Scope};
use crate::model::evidence::Evidence;
use crate::model::ids::ExerciseId;
use crate::model::result::{ExerciseResult, Session};
use crate::model::scorecard::{Digests, ExerciseDigests, LackingLayer, SandboxReport, Scorecard};
use crate::progress::Event;
use crate::stages::intake::{Intake, Submission};
use crate::stages::memory::{Key, Memory};
use crate::stages::score;
use crate::system::interrupt;
use crate::system::sandbox::LayerState;

/// Grades submissions of a course.
pub struct Grader<'a> {
    /// Examines single exercises.
    pub examiner: Examiner<'a>,
    /// The exercises to grade.
    pub catalog: &'a Catalog,
    /// Earlier evidence, unless every exercise is to be examined anew.
    pub memory: Option<Memory>,
    /// How many exercises at once.
    pub jobs: usize,
    /// How the sandbox was asked for, `auto`.
    pub sandbox_mode: &'a str,
    /// When the submission was handed in, if that is known.
    pub submitted_at: Option<Timestamp>,
}

/// Evidence of one exercise and how it came about.
struct Examined {
    evidence: Evidence,
    digest: String,
    wall_ms: f64,
    cached: bool,
}

impl Examined {
    /// Of an exercise that was not examined before the signal came.
    fn unfinished() -> Self {
        Self {
            evidence: Evidence::Unfinished,
            digest: String::new(),
            wall_ms: 0.0,
            cached: false,
        }
    }
}

impl Grader<'_> {
    /// Grades a submission: every exercise of the catalogue has its place on the card, handed in or not. A signal ends it early, and the
    /// card then says which exercises were not examined.
    pub fn grade(&self, submission: &Submission) -> Result<Scorecard, ExamineError> {
        let (started_at, started) = (Timestamp::now(), Instant::now());
        let examined = self.examine_all(submission)?;
        let mut results = Vec::new();
        let mut digest = blake3::Hasher::new();
        for (package, examined) in self.catalog.packages.values().zip(examined) {
            digest.update(examined.digest.as_bytes());
            results.push(ExerciseResult {
                exercise: &package.exercise,
                rubric: &package.rubric,
                checks: &package.checks,
                folder: submission
                    .folders
                    .get(&package.exercise.id)
                    .cloned()
                    .unwrap_or_default(),
                evidence: examined.evidence,
                digests: ExerciseDigests {
                    submission: examined.digest,
                    checks: package.key.clone(),
                    rubric: package.rubric_digest.clone(),
                },
                wall_ms: examined.wall_ms,
                cached: examined.cached,
            });
        }
        let session = Session {
            digests: Digests {
                submission: short(&digest.finalize()),
                course: short(&self.examiner.course.digest(&[
                    "exercises",
                    "reference",
                    "rubrics",
                    "grader",
                    "Cargo.lock",
                    "Cargo.toml",
                ])),
            },
            toolchain: self
                .examiner
                .toolchain
                .version()
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned(),
            seed: self.examiner.seed,
            sandbox: self.sandbox_report(),
            submitted_at: self.submitted_at,
            ignored: submission.ignored.clone(),
            started_at,
            wall_ms: started.elapsed().as_secs_f64() * 1e3,
            jobs: u32::try_from(self.jobs).unwrap_or(u32::MAX),
            stages_ms: BTreeMap::new(),
        };
        Ok(score::score(&results, &self.catalog.rules, &session))
    }

    /// The names of the layers in force.
    fn layers(&self) -> Vec<String> {
        let active = self
            .examiner
            .sandbox
            .layers()
            .iter()
            .filter(|layer| layer.state == LayerState::Active);
        active.map(|layer| layer.name.clone()).collect()
    }

    fn sandbox_report(&self) -> SandboxReport {
        let layers = self.examiner.sandbox.layers().iter();
        let lacking: Vec<LackingLayer> = layers
            .filter(|layer| layer.state != LayerState::Active)
            .map(|layer| LackingLayer {
                name: layer.name.clone(),
                reason: layer.state.to_string(),
            })
            .collect();
        let warning = if self.sandbox_mode == "off" {
            Some(
                "graded without a sandbox: the submission could read, change and forge anything that the grader can"
                    .to_owned(),
            )
        } else if lacking.is_empty() {
            None
        } else {
            let lacking: Vec<String> = lacking
                .iter()
                .map(|layer| format!("{} ({})", layer.name, layer.reason))
                .collect();
            Some(format!("the sandbox was not complete: {}", lacking.join(", ")))
        };
        SandboxReport {
            mode: self.sandbox_mode.to_owned(),
            layers: self.layers(),
            lacking,
            warning,
        }
    }

    /// Examines the exercises, some at once, and gives them in the catalogue's order.
    fn examine_all(&self, submission: &Submission) -> Result<Vec<Examined>, ExamineError> {
        let packages: Vec<(&ExerciseId, &Package)> = self.catalog.packages.iter().collect();
        let order = longest_first(&packages);
        let next = AtomicUsize::new(0);
        let done = Mutex::new(BTreeMap::new());
        let work = || {
            loop {
                if interrupt::signal().is_some() {
                    return;
                }
                let Some(&at) = order.get(next.fetch_add(1, Ordering::Relaxed)) else {
                    return;
                };
                let (id, package) = packages[at];
                let examined = self.examine(package, submission.exercises.get(id));
                let failed = examined.is_err();
                if interrupt::signal().is_some() && failed {
                    // Whatever went wrong, it was ended by the signal. What was examined before that counts.
                    return;
                }
                done.lock().unwrap_or_else(PoisonError::into_inner).insert(at, examined);
                if failed {
                    // No mark can be given any more: the others need not begin.
                    next.store(packages.len(), Ordering::Relaxed);
                    return;
                }
            }
        };
        thread::scope(|scope| {
            // The kit's locks and the jail want long-lived threads; with one job this is still one.
            for _ in 0..self.jobs.clamp(1, packages.len().max(1)) {
                scope.spawn(work);
            }
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        if interrupt::signal().is_some() {
            for at in 0..packages.len() {
                done.entry(at).or_insert_with(|| Ok(Examined::unfinished()));
            }
        }
        done.into_values().collect()
    }

    fn examine(&self, package: &Package, intake: Option<&Intake>) -> Result<Examined, ExamineError> {
        let started = Instant::now();
        let known = |evidence, digest| Examined {
            evidence,
            digest,
            wall_ms: 0.0,
            cached: false,
        };
        let sources = match intake {
            None => return Ok(known(Evidence::Missing, String::new())),
            Some(Intake::Malformed(findings)) => {
                return Ok(known(
                    Evidence::Refused {
                        findings: findings.clone(),
                    },
                    String::new(),
                ));
            }
            Some(Intake::Received(sources)) => sources,
        };
        let digest = sources.digest();
        let sandbox = format!("{} {}", self.sandbox_mode, self.layers().join(" "));
        let key = Key {
            sources: digest,
            exercise: &package.key,
            kit: self.examiner.kit.key(),
            seed: self.examiner.seed,
            sandbox: &sandbox,
        };
        let remembered = self.memory.as_ref().and_then(|memory| memory.recall(&key));
        let cached = remembered.is_some();
        let evidence = match remembered {
            Some(evidence) => evidence,
            None => {
                let parallel = self.jobs > 1 && self.catalog.packages.len() == 1;
                let examiner = Examiner {
                    parallel,
                    ..self.examiner
                };
                let evidence = examiner.examine(package, sources.clone(), &Scope::All)?;
                if let Some(memory) = &self.memory {
                    memory.keep(&key, &evidence);
                }
                evidence
            }
        };
        self.examiner.observer.on(Event::Graded {
            exercise: package.exercise.id.clone(),
            cached,
        });
        Ok(Examined {
            evidence,
            digest: short(&digest),
            wall_ms: started.elapsed().as_secs_f64() * 1e3,
            cached,
        })
    }
}

/// The places of exercises in the order in which to begin them: those with most checks first, which take longest. What begins
/// last should be short, since nothing runs beside it when it is all that is left.
fn longest_first(packages: &[(&ExerciseId, &Package)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..packages.len()).collect();
    order.sort_by_key(|at| Reverse(packages[*at].1.checks.len()));
    order
}

/// A digest as cards show it.
fn short(digest: &blake3::Hash) -> String {
    digest.to_hex()[..32].to_owned()
}
