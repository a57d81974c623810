//! Whether verdicts depend on load: the samples of an exercise, graded on a machine with nothing else to do and then again and again
//! with every core kept busy.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{fs, hint, thread};

use clap::Args;
use serde_json::Value;

use crate::clock::{self, Used};
use crate::{Result, busy, print_table};

/// Threads that spin, for each core: what is graded gets a third of the machine.
const SPINNERS: usize = 2;

/// The verdict that says that nothing could be told.
const UNDECIDED: &str = "inconclusive";

#[derive(Args)]
pub struct UnderLoad {
    /// Which exercises [default: all that have samples]
    #[arg(long = "exercise", value_name = "exNN")]
    exercises: Vec<String>,
    /// How many gradings under load each exercise gets, its samples in turn
    #[arg(long, default_value_t = 20)]
    runs: usize,
    /// The moulinette program [default: the one beside this program]
    #[arg(long)]
    program: Option<PathBuf>,
}

/// One grading: each check's verdict, and what it took.
struct Graded {
    verdicts: BTreeMap<String, String>,
    used: Used,
}

/// What came of the gradings of one exercise.
#[derive(Default)]
struct Row {
    /// Verdicts that differ from the quiet ones, as `sample: check: quiet, loaded`.
    changed: Vec<String>,
    /// Verdicts that could not be told under load.
    undecided: usize,
    verdicts: usize,
    quiet: Vec<f64>,
    loaded: Vec<f64>,
}

impl UnderLoad {
    /// Grades and prints. Changed verdicts are an error.
    pub fn run(&self) -> Result<()> {
        let program = match &self.program {
            Some(program) => program.canonicalize()?,
            None => std::env::current_exe()?.with_file_name("moulinette-under-test"),
        };
        let samples = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/submissions"));
        let mut exercises = self.exercises.clone();
        if exercises.is_empty() {
            exercises = names(samples)?;
            exercises.retain(|name| name.strip_prefix("ex").is_some_and(|rest| rest.parse::<u8>().is_ok()));
        }
        let mut text = format!(
            "{:<8} {:>8} {:>9} {:>8} {:>10} {:>9} {:>9}\n",
            "exercise", "gradings", "verdicts", "changed", "undecided", "quiet, s", "loaded, s"
        );
        let mut changed = Vec::new();
        for exercise in &exercises {
            let row = self.exercise(&program, exercise, &samples.join(exercise))?;
            text += &format!(
                "{exercise:<8} {:>8} {:>9} {:>8} {:>10} {:>9.1} {:>9.1}\n",
                row.loaded.len(),
                row.verdicts,
                row.changed.len(),
                row.undecided,
                mean(&row.quiet),
                mean(&row.loaded)
            );
            changed.extend(row.changed.into_iter().map(|change| format!("{exercise}/{change}")));
        }
        print_table(&text)?;
        if changed.is_empty() {
            Ok(())
        } else {
            Err(format!("verdicts changed under load:\n{}", changed.join("\n")).into())
        }
    }

    fn exercise(&self, program: &Path, exercise: &str, folder: &Path) -> Result<Row> {
        let samples = names(folder)?;
        eprintln!("{exercise}: {} samples, load {}", samples.len(), busy());
        let mut row = Row::default();
        let mut quiet = BTreeMap::new();
        for sample in &samples {
            let graded = grade(program, exercise, &folder.join(sample))?;
            row.quiet.push(graded.used.wall);
            quiet.insert(sample, graded.verdicts);
        }
        let busy = Busy::start(SPINNERS);
        for sample in samples.iter().cycle().take(self.runs) {
            let graded = grade(program, exercise, &folder.join(sample))?;
            row.loaded.push(graded.used.wall);
            row.compare(sample, &quiet[sample], &graded.verdicts);
        }
        drop(busy);
        Ok(row)
    }
}

impl Row {
    fn compare(&mut self, sample: &str, quiet: &BTreeMap<String, String>, loaded: &BTreeMap<String, String>) {
        for (check, before) in quiet {
            let now = loaded.get(check).map_or("missing", String::as_str);
            self.verdicts += 1;
            if now == UNDECIDED || before == UNDECIDED {
                self.undecided += 1;
            } else if now != before {
                self.changed
                    .push(format!("{sample}: {check}: {before}, under load {now}"));
            }
        }
    }
}

fn grade(program: &Path, exercise: &str, submission: &Path) -> Result<Graded> {
    let mut command = Command::new(program);
    command.args(["grade", "--no-cache", "--quiet", "--exercise", exercise]);
    command
        .args(["--format", "json", "--audience", "instructor"])
        .arg(submission);
    let (used, answer) = clock::run(&mut command)?;
    let card: Value = serde_json::from_slice(&answer)?;
    let checks = card["exercises"][0]["checks"].as_array().ok_or("a card has checks")?;
    let text = |check: &Value, key: &str| check[key].as_str().unwrap_or_default().to_owned();
    let verdicts = checks.iter().map(|check| (text(check, "id"), text(check, "verdict")));
    Ok(Graded {
        verdicts: verdicts.collect(),
        used,
    })
}

/// The folders in a folder, in order.
fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Threads that keep every core busy until this is dropped.
struct Busy {
    over: Arc<AtomicBool>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Busy {
    fn start(for_each_core: usize) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let spin = |over: Arc<AtomicBool>| {
            move || {
                while !over.load(Ordering::Relaxed) {
                    hint::spin_loop();
                }
            }
        };
        let threads = (0..cores * for_each_core).map(|_| thread::spawn(spin(over.clone())));
        Self {
            threads: threads.collect(),
            over,
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // A spinning thread cannot panic.
            let _ = thread.join();
        }
    }
}
