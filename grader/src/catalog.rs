//! The exercises of a course, read and cross-checked: every mistake in the course's files is found here, before anything is graded.

use std::collections::BTreeMap;

use crate::course::Course;
use crate::kit::Kit;
use crate::model::check::CheckInfo;
use crate::model::exercise::Exercise;
use crate::model::ids::{CheckId, CheckKind, ExerciseId};
use crate::stages::specs::{self, Problem, SpecFile};

/// One exercise with all that examining a submission needs.
#[derive(Debug, Clone)]
pub struct Package {
    /// What exercise.toml says.
    pub exercise: Exercise,
    /// Its checks: public ones, hidden ones, budgets, each in the order of its file.
    pub checks: Vec<CheckInfo>,
    /// The public checks, ready to be called by name.
    pub specs: SpecFile,
    /// The text of driver.rs.
    pub driver: String,
    /// The text of workload.rs, if the exercise has budgets.
    pub workload: Option<String>,
    /// A digest of everything that its verdicts depend on.
    pub key: String,
}

/// All exercises.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// By id.
    pub packages: BTreeMap<ExerciseId, Package>,
}

/// Everything that is wrong with a course's files.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(|problem| format!("{}:{}: {}", problem.file, problem.line, problem.message)).collect::<Vec<_>>().join("\n"))]
pub struct Invalid(pub Vec<Problem>);

impl Catalog {
    /// Reads the exercises of a course, all of them or those that are wanted.
    pub fn read(course: &Course, wanted: &[ExerciseId]) -> Result<Self, Invalid> {
        let mut problems = Vec::new();
        let mut packages = BTreeMap::new();
        let names = course.entries("exercises");
        for name in &names {
            let Ok(id) = name.parse::<ExerciseId>() else {
                problems.push(about(&format!("exercises/{name}"), "it is no exercise: folders here are named `ex00` to `ex99`; move it elsewhere"));
                continue;
            };
            if !wanted.is_empty() && !wanted.contains(&id) {
                continue;
            }
            match package(course, &id) {
                Ok(package) => drop(packages.insert(id, package)),
                Err(mut found) => problems.append(&mut found),
            }
        }
        if problems.is_empty() { Ok(Self { packages }) } else { Err(Invalid(problems)) }
    }

    /// The exercises alone.
    pub fn exercises(&self) -> BTreeMap<ExerciseId, Exercise> {
        self.packages.iter().map(|(id, package)| (id.clone(), package.exercise.clone())).collect()
    }
}

fn about(file: &str, message: &str) -> Problem {
    Problem { file: file.to_owned(), line: 0, message: message.to_owned() }
}

fn package(course: &Course, id: &ExerciseId) -> Result<Package, Vec<Problem>> {
    let path = |name: &str| format!("exercises/{id}/{name}");
    let text = |name: &str| {
        let missing = || vec![about(&path(name), "the file is missing; see CONTRIBUTING.md for what an exercise holds")];
        course.text(&path(name)).map(std::borrow::Cow::into_owned).ok_or_else(missing)
    };
    let exercise: Exercise = toml::from_str(&text("exercise.toml")?).map_err(|error| vec![about(&path("exercise.toml"), &error.to_string())])?;
    let specs = specs::discover(&path("spec.rs"), &text("spec.rs")?)?;
    let module = |file: &str| course.text(file).map(std::borrow::Cow::into_owned);
    let hidden = specs::hidden_checks(&path("judge.rs"), &text("judge.rs")?, &module)?;
    let info = |kind, name: &str, header: &specs::Header| CheckInfo { id: CheckId::new(kind, name), requirements: header.requirements.clone(), summary: header.summary.clone() };
    let mut checks: Vec<CheckInfo> = specs.specs.iter().map(|spec| info(CheckKind::Spec, &spec.name, &spec.header)).collect();
    checks.extend(hidden.iter().map(|check| info(CheckKind::Hidden, &check.name, &check.header)));
    checks.extend(exercise.budgets.iter().map(|budget| CheckInfo {
        id: CheckId::new(CheckKind::Budget, budget.id.clone()),
        requirements: vec![budget.requirement.clone()],
        summary: String::new(),
    }));
    let workload = if exercise.budgets.is_empty() { None } else { Some(text("workload.rs")?) };
    let key = Kit::exercise_key(course, id);
    Ok(Package { exercise, checks, specs, driver: text("driver.rs")?, workload, key })
}
