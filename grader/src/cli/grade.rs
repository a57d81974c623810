//! `moulinette grade`: one submission to a scorecard.

use std::env;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::{CliError, Common, Exit, SandboxArg, output, progress, session};
use crate::examine::Examiner;
use crate::model::ids::ExerciseId;
use crate::model::scorecard::Audience;
use crate::pipeline::Grader;
use crate::report::{self, Format};
use crate::stages::intake::{self, IntakeLimits};
use crate::stages::memory::Memory;

/// The arguments of `moulinette grade`.
#[derive(Debug, Args)]
pub struct GradeArgs {
    /// The submission: a directory with ex00/, ex01/ ..., or the folder of one exercise
    dir: PathBuf,
    /// Grade these exercises only [default: all of the course]
    #[arg(long = "exercise", short, value_name = "exNN")]
    exercises: Vec<ExerciseId>,
    /// How to show the scorecard on standard output
    #[arg(long, short, value_name = "FORMAT", default_value = "terminal")]
    format: Format,
    /// Write the scorecard as JSON to a file, besides what is shown
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Exit with status 1 if the mark is below this percentage
    #[arg(long, value_name = "PCT", value_parser = percentage)]
    fail_under: Option<f64>,
    /// For whom: a student does not see what hidden checks are worth
    #[arg(long, value_name = "WHO", default_value = "student")]
    audience: AudienceArg,
    /// The seed of generated scripts: the same seed gives the same scorecard
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How many exercises to examine at once [default: the number of cores]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// How submissions are confined
    #[arg(long, value_name = "MODE", default_value = "auto")]
    sandbox: SandboxArg,
    /// Examine every exercise anew, also unchanged ones
    #[arg(long)]
    no_cache: bool,
    /// Leave a cargo package per exercise in a directory, to reproduce the build by hand
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// When the submission was handed in, RFC 3339, for the late policy
    #[arg(long, value_name = "TIME")]
    submitted_at: Option<Timestamp>,
}

/// For whom a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AudienceArg {
    Student,
    Instructor,
}

fn percentage(text: &str) -> Result<f64, String> {
    let number: f64 = text
        .parse()
        .map_err(|_| "give a number from 0 to 100, as in `--fail-under 60`".to_owned())?;
    if (0.0..=100.0).contains(&number) {
        Ok(number)
    } else {
        Err("give a number from 0 to 100".to_owned())
    }
}

/// Grades a submission, shows the report, says by the exit status whether it is good enough.
pub(super) fn run(args: &GradeArgs, common: &Common) -> Result<Exit, CliError> {
    let course = session::course(common)?;
    let catalog = session::catalog(&course, &args.exercises)?;
    let submission = intake::read(
        &args.dir,
        &catalog.exercises(),
        &args.exercises,
        &IntakeLimits::default(),
    );
    let mut submission = submission.map_err(|error| CliError::Usage(error.to_string()))?;
    if submission.exercises.is_empty() {
        let known: Vec<_> = catalog.packages.keys().map(ToString::to_string).collect();
        let place = args.dir.display();
        return Err(CliError::Usage(format!(
            "`{place}` holds no exercise: expected folders like {}, or the folder of one with `--exercise`",
            known.join(", ")
        )));
    }
    // A folder of an exercise that was not asked for is not a stray one.
    submission.ignored.retain(|name| {
        ExerciseId::from_folder(name).is_none_or(|id| !course.entries("exercises").contains(&id.to_string()))
    });
    let destination = args.output.as_deref().map(output::Destination::open).transpose()?;
    let machine = session::Machine::new(common, args.sandbox.into())?;
    let kit = machine.kit(&course);
    let observer = progress::observer(common);
    if args.sandbox == SandboxArg::Off {
        output::warn("the sandbox is off: the submission runs with your rights", common);
    }
    if let Some(directory) = &args.keep {
        super::keep::packages(directory, &course, &catalog, &submission)?;
    }
    let grader = Grader {
        examiner: Examiner {
            course: &course,
            kit: &kit,
            toolchain: &machine.toolchain,
            sandbox: &machine.sandbox,
            scratch: &machine.scratch,
            seed: args.seed,
            parallel: false,
            cores: &machine.cores,
            observer: &*observer,
        },
        catalog: &catalog,
        memory: (!args.no_cache).then(|| Memory::new(&machine.cache)),
        jobs: session::jobs(args.jobs.map(usize::from)),
        sandbox_mode: mode(args.sandbox),
        submitted_at: args.submitted_at,
    };
    let card = grader
        .grade(&submission)
        .map_err(|error| CliError::Failed(error.to_string()))?;
    let mark = card.mark;
    let audience = match args.audience {
        AudienceArg::Student => Audience::Student,
        AudienceArg::Instructor => Audience::Instructor,
    };
    let card = card.for_audience(audience);
    if let Some(destination) = destination {
        destination.save(&report::render(&card, Format::Json, false))?;
    }
    let report = match args.format {
        Format::Github => report::annotations(&card, &in_repository(&args.dir)),
        format => report::render(&card, format, output::colours(common)),
    };
    output::print(&report)?;
    let Some(mark) = mark else {
        return Err(CliError::Failed("the submission is graded in part".to_owned()));
    };
    Ok(if args.fail_under.is_some_and(|least| mark.number() < least) {
        Exit::Below
    } else {
        Exit::Done
    })
}

/// Where a directory lies below the working directory, which in CI is the repository's root: empty for the root itself, and for what
/// lies elsewhere.
fn in_repository(directory: &Path) -> String {
    let inside = || {
        let root = env::current_dir().ok()?.canonicalize().ok()?;
        let directory = directory.canonicalize().ok()?;
        Some(directory.strip_prefix(root).ok()?.to_str()?.to_owned())
    };
    inside().unwrap_or_default()
}

fn mode(arg: SandboxArg) -> &'static str {
    match arg {
        SandboxArg::Auto => "auto",
        SandboxArg::Strict => "strict",
        SandboxArg::Off => "off",
    }
}
