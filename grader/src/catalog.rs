//! The exercises of a course, read and cross-checked: every mistake in the course's files is found here, before anything is graded.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::course::Course;
use crate::diagnostic::Diagnostic;
use crate::kit::Kit;
use crate::model::check::CheckInfo;
use crate::model::exercise::Exercise;
use crate::model::ids::{CheckId, CheckKind, ExerciseId};
use crate::model::rubric::Rubric;
use crate::model::rules::CourseRules;
use crate::stages::specs::{self, Problem, SpecFile};
use crate::toml_source;

/// One exercise with all that examining a submission needs.
#[derive(Debug, Clone)]
pub struct Package {
    /// What exercise.toml says.
    pub exercise: Exercise,
    /// Its checks: public ones, hidden ones, budgets, each in the order of its file.
    pub checks: Vec<CheckInfo>,
    /// The public checks, ready to be called by name.
    pub specs: SpecFile,
    /// driver.rs and the modules in `driver/`, by path.
    pub driver: Vec<(String, String)>,
    /// The text of workload.rs, if the exercise has budgets.
    pub workload: Option<String>,
    /// A digest of everything that its verdicts depend on.
    pub key: String,
    /// How it is marked.
    pub rubric: Rubric,
    /// A digest of the rubric's text.
    pub rubric_digest: String,
}

/// All exercises, and the rules of the course.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// By id.
    pub packages: BTreeMap<ExerciseId, Package>,
    /// Pass mark, letters, late policy.
    pub rules: CourseRules,
}

/// Everything that is wrong with a course's files.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n"))]
pub struct Invalid(pub Vec<Diagnostic>);

impl Catalog {
    /// Reads the exercises of a course, all of them or those that are wanted.
    pub fn read(course: &Course, wanted: &[ExerciseId]) -> Result<Self, Invalid> {
        let mut problems = Vec::new();
        let mut packages = BTreeMap::new();
        for name in course.entries("exercises") {
            let Ok(id) = name.parse::<ExerciseId>() else {
                let remedy = "folders here are named `ex00` to `ex99`; move it elsewhere";
                problems.push(Diagnostic::about(
                    format!("exercises/{name}"),
                    "it is no exercise",
                    remedy,
                ));
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
        let rules = "rubrics/course.toml";
        match text(course, rules).and_then(|text| toml_source::course(&course.label(rules), &text)) {
            Ok(rules) if problems.is_empty() => Ok(Self { packages, rules }),
            Ok(_) => Err(Invalid(problems)),
            Err(mut found) => {
                problems.append(&mut found);
                Err(Invalid(problems))
            }
        }
    }

    /// The exercises alone.
    pub fn exercises(&self) -> BTreeMap<ExerciseId, Exercise> {
        self.packages
            .iter()
            .map(|(id, package)| (id.clone(), package.exercise.clone()))
            .collect()
    }
}

fn text(course: &Course, path: &str) -> Result<String, Vec<Diagnostic>> {
    let missing = || {
        vec![Diagnostic::about(
            course.label(path),
            "the file is missing",
            "see CONTRIBUTING.md for what an exercise holds",
        )]
    };
    course.text(path).map(Cow::into_owned).ok_or_else(missing)
}

fn unparsed(problem: Problem) -> Diagnostic {
    let message = if problem.line == 0 {
        problem.message
    } else {
        format!("line {}: {}", problem.line, problem.message)
    };
    Diagnostic::about(
        problem.file,
        message,
        "the grader finds checks by reading this file; CONTRIBUTING.md says what it understands",
    )
}

fn package(course: &Course, id: &ExerciseId) -> Result<Package, Vec<Diagnostic>> {
    let path = |name: &str| format!("exercises/{id}/{name}");
    let file = |name: &str| text(course, &path(name));
    let unparsed = |problems: Vec<Problem>| problems.into_iter().map(unparsed).collect::<Vec<_>>();
    let exercise = toml_source::exercise(
        &course.label(&path("exercise.toml")),
        &file("exercise.toml")?,
        id,
        &crates(course),
    )?;
    let specs = specs::discover(&path("spec.rs"), &file("spec.rs")?).map_err(unparsed)?;
    let module = |file: &str| course.text(file).map(Cow::into_owned);
    let hidden = specs::hidden_checks(&path("judge.rs"), &file("judge.rs")?, &module).map_err(unparsed)?;
    let info = |kind, name: &str, header: &specs::Header| CheckInfo {
        id: CheckId::new(kind, name),
        requirements: header.requirements.clone(),
        summary: header.summary.clone(),
    };
    let mut checks: Vec<CheckInfo> = specs
        .specs
        .iter()
        .map(|spec| info(CheckKind::Spec, &spec.name, &spec.header))
        .collect();
    checks.extend(
        hidden
            .iter()
            .map(|check| info(CheckKind::Hidden, &check.name, &check.header)),
    );
    checks.extend(exercise.budgets.iter().map(|budget| CheckInfo {
        id: CheckId::new(CheckKind::Budget, budget.id.clone()),
        requirements: vec![budget.requirement.clone()],
        summary: String::new(),
    }));
    let rubric_path = format!("rubrics/{id}.toml");
    let rubric_text = text(course, &rubric_path)?;
    let ids: Vec<CheckId> = checks.iter().map(|check| check.id.clone()).collect();
    let rubric = toml_source::rubric(&course.label(&rubric_path), &rubric_text, id, &ids)?;
    let mut driver = vec![("driver.rs".to_owned(), file("driver.rs")?)];
    let folder = format!("exercises/{id}/");
    let modules = course
        .below(&format!("{folder}driver"))
        .map(|(path, bytes)| {
            (
                path[folder.len()..].to_owned(),
                String::from_utf8_lossy(bytes).into_owned(),
            )
        })
        .collect::<Vec<_>>();
    driver.extend(modules);
    let workload = if exercise.budgets.is_empty() {
        None
    } else {
        Some(file("workload.rs")?)
    };
    Ok(Package {
        exercise,
        checks,
        specs,
        driver,
        workload,
        key: Kit::exercise_key(course, id),
        rubric,
        rubric_digest: blake3::hash(rubric_text.as_bytes()).to_hex()[..32].to_owned(),
    })
}

/// The crates that exercises may allow: those of the course's table of versions.
fn crates(course: &Course) -> BTreeSet<String> {
    let table: toml::Table = course
        .text("Cargo.toml")
        .unwrap_or_default()
        .parse()
        .unwrap_or_default();
    let versions = table
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"))
        .and_then(toml::Value::as_table);
    versions
        .map(|versions| versions.keys().cloned().collect())
        .unwrap_or_default()
}
