//! One exercise of a submission, from sources to evidence: the middle of the pipeline.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::{io, thread};

use crate::catalog::Package;
use crate::course::Course;
use crate::kit::{ExerciseKit, Kit, KitError};
use crate::model::evidence::{CheckRecord, CompileError, Evidence};
use crate::model::exercise::{Budget, Network};
use crate::model::ids::{CheckId, CheckKind};
use crate::model::verdict::Verdict;
use crate::progress::{Event, Observer};
use crate::stages::JudgeError;
use crate::stages::budgets::Measuring;
use crate::stages::build::{BuildError, Builder, Compiled, Flavour, Program};
use crate::stages::checks::{Checking, record};
use crate::stages::intake::Sources;
use crate::stages::policy::{self, Admission, Admitted};
use crate::stages::scaffold::{self, Scaffold};
use crate::system::cores::Cores;
use crate::system::sandbox::{Sandbox, SandboxError};
use crate::system::toolchain::Toolchain;
use crate::system::workdir::Workdir;
use crate::twin;

/// Why no mark can be given: our fault or the machine's.
#[derive(Debug, thiserror::Error)]
pub enum ExamineError {
    /// The kit.
    #[error(transparent)]
    Kit(#[from] KitError),
    /// The build.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The sandbox.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// A judge.
    #[error(transparent)]
    Judge(#[from] JudgeError),
    /// The working directory.
    #[error("cannot prepare a working directory below `{path}`: {source}; free some space or set TMPDIR")]
    Workdir {
        /// Below which directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Which checks to run. Grading runs all; proving a mutant caught needs only those that must see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    All,
    /// These.
    Only(Vec<CheckId>),
    /// These, until one of them is lost: enough to tell a wrong version from a right one.
    UntilLost(Vec<CheckId>),
}

impl Scope {
    fn has(&self, id: &CheckId) -> bool {
        match self {
            Self::All => true,
            Self::Only(ids) | Self::UntilLost(ids) => ids.contains(id),
        }
    }

    /// Whether these outcomes are all that is asked for.
    fn is_done(&self, checks: &[CheckRecord]) -> bool {
        matches!(self, Self::UntilLost(_)) && checks.iter().any(|check| !check.verdict.earns())
    }
}

/// What examining needs besides the submission.
#[derive(Clone, Copy)]
pub struct Examiner<'a> {
    /// The course.
    pub course: &'a Course,
    /// The kit.
    pub kit: &'a Kit,
    /// The compiler.
    pub toolchain: &'a Toolchain,
    /// Where untrusted processes run.
    pub sandbox: &'a dyn Sandbox,
    /// Where working directories are made.
    pub scratch: &'a Path,
    /// The seed of generated scripts.
    pub seed: u64,
    /// Whether a second process may run beside the first, if a core is free for it.
    pub parallel: bool,
    /// The machine's cores, shared with other graders.
    pub cores: &'a Cores,
    /// Who watches.
    pub observer: &'a dyn Observer,
}

impl Examiner<'_> {
    /// Examines the sources of one exercise.
    pub fn examine(&self, package: &Package, sources: Sources, scope: &Scope) -> Result<Evidence, ExamineError> {
        let admitted = match policy::scan(sources, &package.exercise) {
            Admission::Admitted(admitted) => admitted,
            Admission::Refused(findings) => return Ok(Evidence::Refused { findings }),
        };
        let kit = self
            .kit
            .prepare(self.course, &package.exercise, self.toolchain, self.observer)?;
        let workdir = Workdir::create(self.scratch).map_err(|source| ExamineError::Workdir {
            path: self.scratch.to_owned(),
            source,
        })?;
        let _core = self.cores.take();
        let beside = if self.parallel { self.cores.try_take() } else { None };
        let examiner = Examiner {
            parallel: beside.is_some(),
            ..*self
        };
        let exam = Exam {
            examiner: &examiner,
            package,
            kit: &kit,
            workdir: &workdir,
            admitted: &admitted,
            scope,
        };
        if examiner.parallel && exam.measures() {
            thread::scope(|scope| {
                let bench = scope.spawn(|| exam.bench());
                let functional = exam.functional();
                let bench = bench.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                exam.conclude(functional?, bench?)
            })
        } else {
            let functional = exam.functional()?;
            let bench = if matches!(functional, Functional::Checked { .. }) {
                exam.bench()?
            } else {
                Bench::NotWanted
            };
            exam.conclude(functional, bench)
        }
    }

    fn enter(&self, package: &Package, stage: &'static str) {
        self.observer.on(Event::Entered {
            exercise: package.exercise.id.clone(),
            stage,
        });
    }
}

/// How many hidden checks are judged at once where one that is lost ends the examination.
const FEW: usize = 6;

/// How many judges work at once on one exercise where a second process may run beside the first, by the ends of their directories'
/// names. Some checks wait, for a lease to end or for tasks to meet; others run meanwhile.
const LANES: [&str; 2] = ["", "-beside"];

/// Has judges run hidden checks, in as many lanes as there are, and gives the records in the order of the checks.
///
/// Lanes take checks in runs that grow shorter towards the end, so that one slow check does not leave the others waiting behind it. What
/// a check asks depends on its name and the seed alone: it does not matter which lane it runs in, nor after which others.
fn hidden_in_lanes(lanes: &[Checking<'_>], names: &[&str]) -> Result<Vec<CheckRecord>, JudgeError> {
    let taken = Mutex::new(0);
    let next = || {
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        let left = names.len() - *taken;
        // One lane takes all of them: a judge that runs on need not start its witness again.
        let share = if lanes.len() == 1 {
            left
        } else {
            left.div_ceil(2 * lanes.len())
        };
        let run = *taken..*taken + share;
        *taken = run.end;
        (!run.is_empty()).then_some(run)
    };
    let work = |lane: &Checking<'_>| {
        let mut judged = Vec::new();
        while let Some(run) = next() {
            judged.push((run.start, lane.hidden(&names[run])?));
        }
        Ok(judged)
    };
    let judged = thread::scope(|scope| {
        let judges: Vec<_> = lanes.iter().map(|lane| scope.spawn(|| work(lane))).collect();
        let ended = judges
            .into_iter()
            .map(|judge| judge.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        ended.collect::<Result<Vec<_>, JudgeError>>()
    })?;
    let mut judged: Vec<(usize, Vec<CheckRecord>)> = judged.into_iter().flatten().collect();
    judged.sort_by_key(|(start, _)| *start);
    Ok(judged.into_iter().flat_map(|(_, records)| records).collect())
}

/// What came of the unoptimised build and the checks.
enum Functional {
    Rejected(Evidence),
    Checked {
        checks: Vec<CheckRecord>,
        findings: Vec<crate::model::verdict::Finding>,
    },
}

/// What came of the optimised build.
enum Bench {
    /// There is nothing to measure.
    NotWanted,
    /// The submission, or the program made of it, does not compile; the compiler's first error.
    Unbuildable(String),
    /// There is a program to be measured.
    Built(Program),
}

impl Bench {
    fn unbuildable(errors: Vec<CompileError>) -> Self {
        let first = errors.into_iter().next().map(|error| error.message);
        Self::Unbuildable(first.unwrap_or_else(|| "the submission does not compile with optimisation".to_owned()))
    }
}

struct Exam<'a> {
    examiner: &'a Examiner<'a>,
    package: &'a Package,
    kit: &'a ExerciseKit,
    workdir: &'a Workdir,
    admitted: &'a Admitted,
    scope: &'a Scope,
}

impl Exam<'_> {
    /// Whether a budget is in scope.
    fn measures(&self) -> bool {
        self.package
            .exercise
            .budgets
            .iter()
            .any(|budget| self.scope.has(&CheckId::new(CheckKind::Budget, budget.id.clone())))
    }

    /// Whether this host can give the exercise the network that it asks for, and no more.
    fn has_network(&self) -> bool {
        self.package.exercise.network == Network::None || self.examiner.sandbox.has_loopback()
    }

    /// Checks that cannot be run here: nobody is at fault, so they cost nothing and the card is provisional.
    fn undecided(&self, kinds: &[CheckKind]) -> Vec<CheckRecord> {
        let why = "this machine cannot give a program a loopback network of its own (it takes network namespaces); grade it on one that can";
        let checks = self.package.checks.iter();
        checks
            .filter(|check| kinds.contains(&check.id.kind()) && self.scope.has(&check.id))
            .map(|check| record(check.id.clone(), Verdict::Inconclusive, why))
            .collect()
    }

    fn scratch(&self, name: &str) -> Result<PathBuf, ExamineError> {
        self.workdir.scratch(name).map_err(|source| ExamineError::Workdir {
            path: self.workdir.path().to_owned(),
            source,
        })
    }

    fn builder(&self) -> Builder<'_> {
        Builder {
            exercise: &self.package.exercise.id,
            toolchain: self.examiner.toolchain,
            kit: self.kit,
            sandbox: self.examiner.sandbox,
            directory: self.workdir.path(),
            limits: self.package.exercise.limits.compiling(),
            parallel: self.examiner.parallel,
        }
    }

    /// Builds the runner and runs public and hidden checks.
    fn functional(&self) -> Result<Functional, ExamineError> {
        let exercise = &self.package.exercise;
        self.examiner.enter(self.package, "build");
        self.scratch(Flavour::Checked.directory())?;
        let builder = self.builder();
        let mut findings = self.admitted.findings().to_vec();
        let library = match builder.submission(self.admitted, &exercise.entry, Flavour::Checked)? {
            Compiled::Rejected(errors) => return Ok(Functional::Rejected(Evidence::Unbuildable { errors, findings })),
            Compiled::Library {
                path,
                findings: mut more,
            } => {
                findings.append(&mut more);
                path
            }
        };
        if !self.has_network() {
            let checks = self.undecided(&[CheckKind::Spec, CheckKind::Hidden]);
            return Ok(Functional::Checked { checks, findings });
        }
        let in_scope = |kind| {
            self.package
                .checks
                .iter()
                .filter(move |check| check.id.kind() == kind && self.scope.has(&check.id))
        };
        let specs: Vec<&str> = in_scope(CheckKind::Spec).map(|check| check.id.name()).collect();
        let hidden: Vec<&str> = in_scope(CheckKind::Hidden).map(|check| check.id.name()).collect();
        if specs.is_empty() && hidden.is_empty() {
            return Ok(Functional::Checked {
                checks: Vec::new(),
                findings,
            });
        }
        // What no check in scope needs is not compiled.
        let public = (!specs.is_empty()).then_some(&self.package.specs);
        let plan = scaffold::runner(&exercise.id, &self.package.driver, public);
        let program = match builder.program(&plan, &library, Flavour::Checked) {
            Err(BuildError::Checks { errors, .. }) if self.reference_compiles(&plan, Flavour::Checked)? => {
                return Ok(Functional::Rejected(Evidence::Unbuildable { errors, findings }));
            }
            built => built?,
        };
        let used = if self.examiner.parallel { LANES.len() } else { 1 };
        let scratches = |name: &str| {
            let lanes = LANES[..used].iter();
            lanes
                .map(|lane| self.scratch(&format!("{name}{lane}")))
                .collect::<Result<Vec<_>, _>>()
        };
        let (runs, judges) = (scratches("run")?, scratches("judge")?);
        let lane = |(scratch, judge_scratch)| Checking {
            program: &program,
            kit: self.kit,
            sandbox: self.examiner.sandbox,
            scratch,
            judge_scratch,
            limits: exercise.limits.limits(),
            network: exercise.network,
            seed: self.examiner.seed,
        };
        let lanes: Vec<Checking<'_>> = runs
            .iter()
            .map(PathBuf::as_path)
            .zip(judges.iter().map(PathBuf::as_path))
            .map(lane)
            .collect();
        let mut checks = Vec::new();
        self.examiner.enter(self.package, "spec");
        for name in specs {
            checks.push(lanes[0].spec(name)?);
            if self.scope.is_done(&checks) {
                return Ok(Functional::Checked { checks, findings });
            }
        }
        self.examiner.enter(self.package, "hidden");
        let share = if matches!(self.scope, Scope::UntilLost(_)) {
            FEW
        } else {
            hidden.len()
        };
        for some in hidden.chunks(share.max(1)) {
            checks.extend(hidden_in_lanes(&lanes, some)?);
            if self.scope.is_done(&checks) {
                break;
            }
        }
        Ok(Functional::Checked { checks, findings })
    }

    /// Code that is generated only where the checks use it, and symbols that only the linker sees, can break a program although the
    /// submission compiles and has all that the checks need.
    fn reference_compiles(&self, checks: &Scaffold, flavour: Flavour) -> Result<bool, ExamineError> {
        twin::compiles(self.examiner, self.package, self.kit, checks, flavour)
    }

    /// Builds the bench, if the exercise has budgets.
    fn bench(&self) -> Result<Bench, ExamineError> {
        let workload = self.package.workload.as_ref();
        let Some(workload) = workload.filter(|_| self.measures() && self.has_network()) else {
            return Ok(Bench::NotWanted);
        };
        self.scratch(Flavour::Optimised.directory())?;
        let builder = self.builder();
        let library = match builder.submission(self.admitted, &self.package.exercise.entry, Flavour::Optimised)? {
            Compiled::Rejected(errors) => return Ok(Bench::unbuildable(errors)),
            Compiled::Library { path, .. } => path,
        };
        let plan = scaffold::bench(&self.package.exercise.id, workload);
        match builder.program(&plan, &library, Flavour::Optimised) {
            Err(BuildError::Checks { errors, .. }) if self.reference_compiles(&plan, Flavour::Optimised)? => {
                Ok(Bench::unbuildable(errors))
            }
            built => Ok(Bench::Built(built?)),
        }
    }

    /// The budgets in scope.
    fn budgets(&self) -> Vec<Budget> {
        let budgets = self.package.exercise.budgets.iter();
        budgets
            .filter(|budget| self.scope.has(&CheckId::new(CheckKind::Budget, budget.id.clone())))
            .cloned()
            .collect()
    }

    fn conclude(&self, functional: Functional, bench: Bench) -> Result<Evidence, ExamineError> {
        let (mut checks, findings) = match functional {
            Functional::Rejected(evidence) => return Ok(evidence),
            Functional::Checked { checks, findings } => (checks, findings),
        };
        if !self.has_network() {
            checks.extend(self.undecided(&[CheckKind::Budget]));
        }
        match bench {
            Bench::NotWanted => {}
            Bench::Unbuildable(message) => {
                let lost = |budget: Budget| {
                    let id = CheckId::new(CheckKind::Budget, budget.id);
                    record(id, Verdict::NotCompiled, &message)
                };
                checks.extend(self.budgets().into_iter().map(lost));
            }
            Bench::Built(bench) => checks.extend(self.measured(&bench)?),
        }
        Ok(Evidence::Examined { checks, findings })
    }

    /// Measures the budgets in scope.
    fn measured(&self, bench: &Program) -> Result<Vec<CheckRecord>, ExamineError> {
        self.examiner.enter(self.package, "budgets");
        let twin = twin::prepare(self.examiner, self.package, self.kit)?;
        let (own, other, judge) = (
            self.scratch("measure")?,
            self.scratch("measure-twin")?,
            self.scratch("measure-judge")?,
        );
        let measuring = Measuring {
            candidate: bench,
            twin: &twin,
            judge: &self.kit.judge,
            sandbox: self.examiner.sandbox,
            scratch: [&own, &other, &judge],
            limits: self.package.exercise.limits.limits(),
            network: self.package.exercise.network,
        };
        Ok(measuring.measure(&self.budgets())?)
    }
}
