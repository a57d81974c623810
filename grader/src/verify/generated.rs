//! Generated mutants of a reference: how many of those that compile are caught.
//!
//! The cargo-mutants program makes the list and the diffs; each is examined as a submission against the unmutated reference. Budgets are left
//! out: what is slower is not wrong.

use std::collections::BTreeMap;
use std::fmt;
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::Trial;
use crate::catalog::Package;
use crate::examine::{ExamineError, Examiner, Scope};
use crate::model::evidence::Evidence;
use crate::model::ids::{CheckKind, ExerciseId};
use crate::stages::intake::Sources;

/// The share of mutants that must be caught, of those that compile and that mutants.toml does not explain as permitted.
const ENOUGH: f64 = 0.9;

/// What came of the generated mutants of one exercise.
#[derive(Debug, Clone, PartialEq)]
pub struct Generated {
    /// Whose reference.
    pub exercise: ExerciseId,
    /// Mutants that some check sees.
    pub caught: usize,
    /// Mutants that do not compile: they say nothing.
    pub unviable: usize,
    /// Mutants that no check sees, and why that is right where mutants.toml says so.
    pub survivors: Vec<(String, Option<String>)>,
}

/// One mutant as cargo-mutants lists it.
#[derive(Debug, Deserialize)]
struct Listed {
    name: String,
    file: String,
    diff: String,
}

/// Why generated mutants could not be examined.
#[derive(Debug, thiserror::Error)]
pub enum GeneratedError {
    /// The program is missing or failed.
    #[error("cannot list mutants with cargo-mutants: {0}; install it with `cargo install --locked cargo-mutants`")]
    List(String),
    /// Examining failed.
    #[error(transparent)]
    Examine(#[from] ExamineError),
}

impl Generated {
    /// Whether enough of them are caught. A survivor that does what the statement permits is no mistake to be caught: it counts only if
    /// nobody has said why it may survive.
    pub fn is_enough(&self) -> bool {
        let wrong = self.caught + self.survivors.len() - self.permitted();
        wrong == 0 || self.caught as f64 >= ENOUGH * wrong as f64
    }

    fn permitted(&self) -> usize {
        self.survivors.iter().filter(|(_, reason)| reason.is_some()).count()
    }
}

impl fmt::Display for Generated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let viable = self.caught + self.survivors.len();
        let share = if viable == 0 {
            100.0
        } else {
            100.0 * self.caught as f64 / viable as f64
        };
        let judgement = if self.is_enough() { "" } else { ": TOO FEW" };
        write!(
            f,
            "{} generated mutants: {} of {viable} caught ({share:.1} %), {} survive with a reason, {} do not compile{judgement}",
            self.exercise,
            self.caught,
            self.permitted(),
            self.unviable
        )?;
        for (name, reason) in &self.survivors {
            write!(
                f,
                "\n  survives: {name}\n    {}",
                reason.as_deref().unwrap_or("no reason is given in mutants.toml")
            )?;
        }
        Ok(())
    }
}

/// Lists, examines and counts the generated mutants of one exercise.
pub fn run(examiner: &Examiner<'_>, package: &Package, jobs: usize) -> Result<Generated, GeneratedError> {
    examiner
        .kit
        .prepare(
            examiner.course,
            &package.exercise,
            examiner.toolchain,
            examiner.observer,
        )
        .map_err(ExamineError::from)?;
    let reference = crate::twin::reference(examiner, package);
    let reasons = super::mutants::reasons(examiner.course, &package.exercise.id);
    let functional: Vec<_> = package
        .checks
        .iter()
        .filter(|check| check.id.kind() != CheckKind::Budget)
        .map(|check| check.id.clone())
        .collect();
    let listed = list(examiner, package)?;
    let mut trials = Vec::new();
    for mutant in &listed {
        let sources = mutate(&reference, package, mutant)?;
        let judge = |evidence: &Evidence| match evidence {
            Evidence::Examined { checks, .. } if checks.iter().all(|check| check.verdict.earns()) => {
                vec!["survives".to_owned()]
            }
            Evidence::Unbuildable { .. } => vec!["unviable".to_owned()],
            _ => Vec::new(),
        };
        trials.push(Trial {
            place: mutant.name.clone(),
            sources,
            scope: Scope::UntilLost(functional.clone()),
            judge: Box::new(judge),
        });
    }
    let outcomes = super::run(examiner, package, &trials, jobs)?;
    let mut generated = Generated {
        exercise: package.exercise.id.clone(),
        caught: 0,
        unviable: 0,
        survivors: Vec::new(),
    };
    for (mutant, outcome) in listed.into_iter().zip(outcomes) {
        match outcome.first().map(String::as_str) {
            None => generated.caught += 1,
            Some("unviable") => generated.unviable += 1,
            Some(_) => {
                let reason = find_reason(&reasons, &mutant.name);
                generated.survivors.push((mutant.name, reason));
            }
        }
    }
    Ok(generated)
}

/// A reason is given for a mutant without its place in the file, which moves.
fn find_reason(reasons: &BTreeMap<String, String>, name: &str) -> Option<String> {
    reasons
        .iter()
        .find(|(mutant, _)| name.ends_with(mutant.as_str()))
        .map(|(_, reason)| reason.clone())
}

fn list(examiner: &Examiner<'_>, package: &Package) -> Result<Vec<Listed>, GeneratedError> {
    let folder = examiner.kit.folder(examiner.course, &package.exercise.id);
    let failed = |text: &dyn fmt::Display| GeneratedError::List(text.to_string());
    let output = Command::new("cargo")
        .args([
            "mutants",
            "--list",
            "--json",
            "--diff",
            "--no-config",
            "--package",
            package.exercise.id.as_str(),
            "--dir",
        ])
        .arg(&folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(&error))?;
    if !output.status.success() {
        return Err(failed(&String::from_utf8_lossy(&output.stderr).trim()));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| failed(&error))
}

fn mutate(reference: &Sources, package: &Package, mutant: &Listed) -> Result<Sources, GeneratedError> {
    let root = format!("reference/{}/", package.exercise.id);
    let file = mutant.file.strip_prefix(&root).unwrap_or(&mutant.file);
    let wrong = |text: String| GeneratedError::List(format!("{}: {text}", mutant.name));
    let original = reference
        .files
        .get(file)
        .ok_or_else(|| wrong(format!("the reference has no `{file}`")))?;
    // The header names the mutant where a file name belongs, and a quote in it is no file name.
    let hunks = mutant.diff.find("@@").map_or("", |at| &mutant.diff[at..]);
    let diff = format!("--- reference\n+++ mutant\n{hunks}");
    let patch = diffy::Patch::from_str(&diff).map_err(|error| wrong(error.to_string()))?;
    let mutated = diffy::apply(original, &patch).map_err(|error| wrong(error.to_string()))?;
    let mut sources = reference.clone();
    sources.files.insert(file.to_owned(), mutated);
    Ok(sources)
}
