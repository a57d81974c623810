//! The command line: arguments, dispatch, the table of exit codes.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::model::ids::ExerciseId;
use crate::system::interrupt;
use crate::system::sandbox::{LayerName, SandboxMode};

mod catalogue;
mod doctor;
mod grade;
mod init;
mod keep;
mod kit;
mod output;
mod progress;
mod session;
mod verify;

/// What a call of the program came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what it was asked; a graded submission is at or above `--fail-under`.
    Done,
    /// A submission was graded and is below `--fail-under`, or `verify` found the course wanting.
    Below,
    /// The call cannot be understood, or names what does not exist.
    Usage,
    /// The course or a rubric is invalid; nothing was graded.
    Invalid,
    /// The harness failed and no mark was given.
    Failed,
}

impl Exit {
    /// The exit status.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Below => 1,
            Self::Usage => 2,
            Self::Invalid => 3,
            Self::Failed => 70,
        }
    }
}

/// Grades Rust submissions of a course on distributed systems.
///
/// Exit status: 0 graded (and at or above --fail-under), 1 graded but below, 2 usage, 3 course or rubric invalid,
/// 70 the harness failed and no mark was given.
#[derive(Debug, Parser)]
#[command(name = "moulinette", version, max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: Common,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Common {
    /// Use an edited course: a directory laid out as the repository [default: the one in the program]
    #[arg(long, global = true, value_name = "DIR")]
    course: Option<PathBuf>,
    /// Take the rubrics from another directory
    #[arg(long, global = true, value_name = "DIR")]
    rubrics: Option<PathBuf>,
    /// Where the kit and earlier results are kept [default: the user's cache directory]
    #[arg(long, global = true, value_name = "DIR", env = "MOULINETTE_CACHE")]
    cache_dir: Option<PathBuf>,
    /// Leave out layers of the sandbox, to test what the others hold; reports and `doctor` show them as off
    #[arg(
        long,
        global = true,
        hide = true,
        value_name = "LAYER,...",
        value_delimiter = ',',
        env = "MOULINETTE_SANDBOX_WITHOUT",
        hide_env = true
    )]
    sandbox_without: Vec<LayerName>,
    /// Colours: `auto` uses them on a terminal unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: Color,
    /// Say nothing on standard error but errors
    #[arg(long, short, global = true)]
    quiet: bool,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Grade a submission: a directory with ex00/, ex01/ ..., or one exercise
    Grade(grade::GradeArgs),
    /// Prove the course sound: references, templates, mutants and samples get what they must
    Verify(verify::VerifyArgs),
    /// List the exercises and their concepts
    List,
    /// Show an exercise: statement, requirements, checks
    Show {
        /// Which, as in ex07
        exercise: ExerciseId,
    },
    /// Print what submissions may not use, and why
    Policy,
    /// Write starter crates into a directory
    Init {
        /// Where
        dir: PathBuf,
        /// Which exercises [default: all]
        exercises: Vec<ExerciseId>,
    },
    /// The kit: crates, judges and reference twins compiled once
    Kit {
        #[command(subcommand)]
        action: kit::KitAction,
    },
    /// Print the JSON Schema of a file format
    Schema {
        /// Of which
        kind: crate::schema::Kind,
    },
    /// Say what this machine has: toolchain, sandbox layers, cache
    Doctor,
}

/// How much protection is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SandboxArg {
    /// Use every layer that the machine has.
    Auto,
    /// Refuse to grade below memory, process, network and file isolation.
    Strict,
    /// No isolation; every report says so.
    Off,
}

impl From<SandboxArg> for SandboxMode {
    fn from(arg: SandboxArg) -> Self {
        match arg {
            SandboxArg::Auto => Self::Auto,
            SandboxArg::Strict => Self::Strict,
            SandboxArg::Off => Self::Off,
        }
    }
}

/// Why a command ended without doing its work; each kind has its exit code.
#[derive(Debug)]
pub enum CliError {
    /// The call names what does not exist or cannot be.
    Usage(String),
    /// The course or a rubric is invalid.
    Invalid(String),
    /// The harness failed.
    Failed(String),
}

impl CliError {
    fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Invalid(_) => Exit::Invalid,
            Self::Failed(_) => Exit::Failed,
        }
    }

    fn message(&self) -> &str {
        match self {
            Self::Usage(text) | Self::Invalid(text) | Self::Failed(text) => text,
        }
    }
}

/// Parses the arguments, runs the command, gives the exit status.
pub fn main() -> ExitCode {
    let Cli { command, common } = Cli::parse();
    if let Err(error) = interrupt::listen() {
        output::complain(&format!("cannot listen for signals: {error}"));
        return ExitCode::from(Exit::Failed.code());
    }
    let done = match command {
        Command::Grade(args) => grade::run(&args, &common),
        Command::Verify(args) => verify::run(&args, &common),
        Command::List => catalogue::list(&common),
        Command::Show { exercise } => catalogue::show(&exercise, &common),
        Command::Policy => output::print(&crate::stages::policy::guide()).map(|()| Exit::Done),
        Command::Init { dir, exercises } => init::run(&dir, &exercises, &common),
        Command::Kit { action } => kit::run(&action, &common),
        Command::Schema { kind } => output::print(&crate::schema::schema(kind)).map(|()| Exit::Done),
        Command::Doctor => doctor::run(&common),
    };
    let exit = done.unwrap_or_else(|error| {
        match interrupt::signal() {
            Some(signal) => output::complain(&format!("interrupted by {signal}; no mark is given")),
            None => output::complain(error.message()),
        }
        error.exit()
    });
    ExitCode::from(exit.code())
}
