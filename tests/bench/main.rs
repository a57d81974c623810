//! Measures the speed of moulinette against what an ordinary cargo package would take, and its own costs.
//!
//! ```text
//! cargo run --release -p moulinette-tests --bin bench -- speed [--runs 5] [--exercise exNN]...
//! cargo run --release -p moulinette-tests --bin bench -- sandbox [--runs 60]
//! cargo run --release -p moulinette-tests --bin bench -- load [--runs 20] [--exercise exNN]...
//! ```
//!
//! Everything is measured in one run, in turns, in an order that is reversed every round: a machine that is busy with other
//! things changes the times, but hardly their ratios. Each figure is a median. The table at the end says which targets are met.

use std::process::ExitCode;
use std::{env, fs, io};

use clap::{Args, Parser, Subcommand};

mod baseline;
mod clock;
mod load;
mod ours;
mod sandbox;
mod stage;
mod table;
mod trace;

use baseline::{Baseline, Profile};
use clock::Used;
use ours::Ours;
use stage::Stage;
use table::Figures;

/// Whatever went wrong, as a sentence: this program has one user, who reads it.
type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

#[derive(Parser)]
#[command(name = "bench", about = "Measures moulinette", max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compare with `cargo test`, and say which targets of speed are met
    Speed(Speed),
    /// What confinement costs a process
    Sandbox(sandbox::SandboxCost),
    /// Whether verdicts depend on load: every sample graded quietly, then with all cores busy
    Load(load::UnderLoad),
    /// One examination without a report, measured from within; started by `speed`
    #[command(hide = true)]
    Examine(ours::Examine),
}

#[derive(Args)]
struct Speed {
    /// How often each thing is measured, after one warm-up
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Which exercises [default: all that have a submission `perfect`]
    #[arg(long = "exercise", value_name = "exNN")]
    exercises: Vec<String>,
    /// Leave `verify` out: it takes the longest
    #[arg(long)]
    no_verify: bool,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Speed(speed) => measure(&speed),
        Command::Sandbox(cost) => cost.run(),
        Command::Load(cost) => cost.run(),
        Command::Examine(examine) => examine.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(speed: &Speed) -> Result<()> {
    // Not below the user's cache, which other users cannot enter, and not named as the grader's own temporary directories.
    let work = env::temp_dir().join("bench-of-moulinette");
    fs::create_dir_all(&work)?;
    let stage = Stage::write(&work, &speed.exercises)?;
    let ours = Ours::build(&stage)?;
    let baselines = stage.exercises.iter().map(|exercise| Baseline::write(&stage, exercise));
    let baselines = baselines.collect::<Result<Vec<_>>>()?;
    eprintln!("warming up: dependencies of both sides, once");
    for baseline in &baselines {
        for profile in Profile::ALL {
            baseline.run(profile)?;
        }
    }
    ours.warm_up()?;
    let mut figures = Figures::new(&stage.exercises);
    for round in 0..speed.runs {
        eprintln!("round {} of {}, load {}", round + 1, speed.runs, busy());
        let mut tasks = tasks(stage.exercises.len());
        if round % 2 == 1 {
            tasks.reverse();
        }
        for task in tasks {
            figures.add(task, run(task, &baselines, &ours)?);
        }
    }
    if !speed.no_verify {
        figures.verify = Some(ours.verify(&stage.exercises[0])?);
    }
    print_table(&figures.table())?;
    Ok(())
}

/// One thing that is measured; the number is the exercise's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Task {
    /// `cargo test`.
    Cargo(usize, Profile),
    /// Public and hidden checks, without budgets.
    Functional(usize),
    /// The same, one thing at a time.
    OneByOne(usize),
    /// `moulinette grade --no-cache`.
    Graded(usize),
    /// Public and hidden checks of all exercises, two at a time.
    FunctionalTogether,
    /// `moulinette grade --no-cache` of all exercises, two at a time.
    GradedTogether,
    /// `moulinette grade` of all exercises, unchanged since the last time.
    Again,
    /// `moulinette --help`.
    Help,
}

fn tasks(exercises: usize) -> Vec<Task> {
    let each = |at| {
        Profile::ALL.map(|profile| Task::Cargo(at, profile)).into_iter().chain([
            Task::Functional(at),
            Task::OneByOne(at),
            Task::Graded(at),
        ])
    };
    (0..exercises)
        .flat_map(each)
        .chain([Task::FunctionalTogether, Task::GradedTogether, Task::Again, Task::Help])
        .collect()
}

fn run(task: Task, baselines: &[Baseline<'_>], ours: &Ours<'_>) -> Result<Used> {
    match task {
        Task::Cargo(at, profile) => baselines[at].run(profile),
        Task::Functional(at) => ours.functional(Some(at)),
        Task::OneByOne(at) => ours.one_by_one(at),
        Task::FunctionalTogether => ours.functional(None),
        Task::Graded(at) => ours.graded(Some(at)),
        Task::GradedTogether => ours.graded(None),
        Task::Again => ours.again(),
        Task::Help => ours.help(),
    }
}

/// How busy the machine is.
fn busy() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("unknown").to_owned()
}

fn print_table(text: &str) -> io::Result<()> {
    use io::Write as _;
    io::stdout().lock().write_all(text.as_bytes())
}
