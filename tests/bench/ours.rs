//! Our side: the program as its users run it, and an examination without budgets, measured from within.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use clap::Args;
use moulinette::catalog::{Catalog, Package};
use moulinette::course::Course;
use moulinette::examine::{Examiner, Scope};
use moulinette::kit::Kit;
use moulinette::model::evidence::Evidence;
use moulinette::model::ids::{CheckKind, ExerciseId};
use moulinette::model::verdict::Verdict;
use moulinette::progress::Silent;
use moulinette::stages::intake::{self, Intake, IntakeLimits, Submission};
use moulinette::system::cores::Cores;
use moulinette::system::sandbox::{ProcessSandbox, SandboxMode};
use moulinette::system::toolchain::Toolchain;

use crate::Result;
use crate::clock::{self, Used};
use crate::stage::Stage;
use crate::trace::{Split, Traced};

/// How many exercises are examined at once where all are.
const JOBS: &str = "2";

/// The program and where it keeps things.
pub struct Ours<'a> {
    stage: &'a Stage,
    program: PathBuf,
    cache: PathBuf,
}

impl<'a> Ours<'a> {
    /// Builds the program, optimised, into the directory that this one was built into.
    pub fn build(stage: &'a Stage) -> Result<Self> {
        let own = env::current_exe()?;
        let target = own
            .parent()
            .and_then(Path::parent)
            .ok_or("this program is in a target directory")?;
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .args(["build", "--release", "-p", "moulinette", "--target-dir"])
            .arg(target);
        cargo.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        if !cargo.status()?.success() {
            return Err("the program could not be built".into());
        }
        Ok(Self {
            stage,
            program: target.join("release/moulinette"),
            cache: stage.work.join("cache"),
        })
    }

    /// Builds kit and twins, and fills the cache.
    pub fn warm_up(&self) -> Result<()> {
        self.functional(None)?;
        self.graded(None)?;
        self.again()?;
        Ok(())
    }

    /// `moulinette --help`.
    pub fn help(&self) -> Result<Used> {
        Ok(clock::run(Command::new(&self.program).arg("--help"))?.0)
    }

    /// `moulinette grade --no-cache` of one exercise, or of all, two at a time.
    pub fn graded(&self, exercise: Option<usize>) -> Result<Used> {
        self.grade(&["--no-cache"], exercise)
    }

    /// `moulinette grade` of all exercises, whose evidence is in the cache after the first time.
    pub fn again(&self) -> Result<Used> {
        self.grade(&[], None)
    }

    fn grade(&self, options: &[&str], exercise: Option<usize>) -> Result<Used> {
        let mut command = self.program(&["grade", "--quiet", "--fail-under", "99"]);
        command
            .args(options)
            .arg(self.stage.submission())
            .args(["--jobs", JOBS]);
        self.choose(&mut command, exercise);
        Ok(clock::run(&mut command)?.0)
    }

    /// Public and hidden checks alone, of one exercise or of all, two things at a time: an examination that this program does.
    pub fn functional(&self, exercise: Option<usize>) -> Result<Used> {
        self.examine(exercise, JOBS)
    }

    /// The same of one exercise, one thing at a time: what is neither compiling nor running can be told by subtraction.
    pub fn one_by_one(&self, exercise: usize) -> Result<Used> {
        self.examine(Some(exercise), "1")
    }

    fn examine(&self, exercise: Option<usize>, jobs: &str) -> Result<Used> {
        let mut command = Command::new(env::current_exe()?);
        command
            .arg("examine")
            .arg("--program")
            .arg(&self.program)
            .arg("--cache")
            .arg(&self.cache);
        command.arg(self.stage.submission()).args(["--jobs", jobs]);
        self.choose(&mut command, exercise);
        let (mut used, answer) = clock::run(&mut command)?;
        used.split = Some(serde_json::from_slice(&answer)?);
        Ok(used)
    }

    /// `moulinette verify` of one exercise, without generated mutants.
    pub fn verify(&self, exercise: &str) -> Result<Used> {
        Ok(clock::run(self.program(&["verify", "--quiet"]).arg(exercise))?.0)
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).arg("--cache-dir").arg(&self.cache);
        command
    }

    fn choose(&self, command: &mut Command, exercise: Option<usize>) {
        let exercises = &self.stage.exercises;
        for id in exercise.map_or(exercises.as_slice(), |at| std::slice::from_ref(&exercises[at])) {
            command.args(["--exercise", id]);
        }
    }
}

/// The arguments of an examination from within.
#[derive(Debug, Args)]
pub struct Examine {
    /// The program, which is the jail.
    #[arg(long)]
    program: PathBuf,
    /// Where the kit is.
    #[arg(long)]
    cache: PathBuf,
    /// How many exercises at once.
    #[arg(long)]
    jobs: usize,
    /// Which exercises.
    #[arg(long = "exercise")]
    exercises: Vec<ExerciseId>,
    /// The submission.
    submission: PathBuf,
}

impl Examine {
    /// Examines, and prints where the time went.
    pub fn run(&self) -> Result<()> {
        let started = Instant::now();
        let course = Course::embedded();
        let catalog = Catalog::read(&course, &self.exercises)?;
        let submission = intake::read(
            &self.submission,
            &catalog.exercises(),
            &self.exercises,
            &IntakeLimits::default(),
        )?;
        let toolchain = Toolchain::locate(OsStr::new("rustc"), &self.cache)?;
        let kit = Kit::locate(&self.cache, &course, &toolchain);
        let sandbox = Traced::new(ProcessSandbox::new(self.program.clone(), SandboxMode::Auto)?);
        let examiner = Examiner {
            course: &course,
            kit: &kit,
            toolchain: &toolchain,
            sandbox: &sandbox,
            scratch: &env::temp_dir(),
            seed: 0,
            parallel: self.jobs > 1 && catalog.packages.len() == 1,
            cores: &Cores::of(&self.cache),
            observer: &Silent,
        };
        let startup = started.elapsed().as_secs_f64();
        // In the order in which the program begins them.
        let mut packages: Vec<&Package> = catalog.packages.values().collect();
        packages.sort_by_key(|package| std::cmp::Reverse(package.checks.len()));
        let packages = Mutex::new(packages.into_iter());
        thread::scope(|scope| {
            let work = || -> Result<(), String> {
                while let Some(package) = next(&packages) {
                    functional(&examiner, package, &submission).map_err(|error| error.to_string())?;
                }
                Ok(())
            };
            let workers: Vec<_> = (0..self.jobs).map(|_| scope.spawn(work)).collect();
            workers
                .into_iter()
                .try_for_each(|worker| worker.join().unwrap_or_else(|_| Err("a worker panicked".to_owned())))
        })?;
        let split = Split {
            whole: started.elapsed().as_secs_f64(),
            startup,
            ..sandbox.split()
        };
        print(&serde_json::to_string(&split)?)
    }
}

fn next<'a>(packages: &Mutex<impl Iterator<Item = &'a Package>>) -> Option<&'a Package> {
    packages
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .next()
}

/// Runs the public and hidden checks of one exercise. Anything but passes would make the time mean nothing.
fn functional(examiner: &Examiner<'_>, package: &Package, submission: &Submission) -> Result<()> {
    let id = &package.exercise.id;
    let Some(Intake::Received(sources)) = submission.exercises.get(id) else {
        return Err(format!("{id} is not in the submission").into());
    };
    let scope = package
        .checks
        .iter()
        .map(|check| &check.id)
        .filter(|id| id.kind() != CheckKind::Budget);
    let evidence = examiner.examine(package, sources.clone(), &Scope::Only(scope.cloned().collect()))?;
    match evidence {
        Evidence::Examined { checks, .. } => match checks.iter().find(|check| check.verdict != Verdict::Passed) {
            None => Ok(()),
            Some(check) => Err(format!("{id}: {} {:?}: {}", check.id, check.verdict, check.detail).into()),
        },
        other => Err(format!("{id} was not examined: {other:?}").into()),
    }
}

fn print(text: &str) -> Result<()> {
    use std::io::Write as _;
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}
