//! The files of an exercise: none missing, none stray, and what they say fits together.

use std::collections::BTreeSet;

use super::Complaint;
use crate::catalog::Package;
use crate::course::Course;
use crate::model::ids::CheckKind;
use crate::stages::specs;

/// Files that every exercise has.
const NEEDED: &[&str] = &[
    "Cargo.toml",
    "exercise.toml",
    "statement.md",
    "spec.rs",
    "protocol.rs",
    "driver.rs",
    "judge.rs",
    "mutants.toml",
];
/// Files that it may have besides; so may a folder `judge/`.
const ALLOWED: &[&str] = &["workload.rs", "inside.rs", "notes.md"];

/// What is wrong with the files of an exercise.
pub(super) fn complaints(course: &Course, package: &Package) -> Vec<Complaint> {
    let id = &package.exercise.id;
    let mut found = Vec::new();
    let mut complain = |place: String, message: String| {
        found.push(Complaint {
            exercise: id.clone(),
            place,
            message,
        })
    };
    let folder = format!("exercises/{id}");
    let there = course.entries(&folder);
    for needed in NEEDED.iter().filter(|needed| !there.iter().any(|name| name == *needed)) {
        complain(format!("{folder}/{needed}"), "is missing".to_owned());
    }
    for stray in there.iter().filter(|name| {
        !NEEDED.contains(&name.as_str()) && !ALLOWED.contains(&name.as_str()) && *name != "judge" && *name != "driver"
    }) {
        complain(
            format!("{folder}/{stray}"),
            "does not belong to an exercise; remove it".to_owned(),
        );
    }
    for other in [
        format!("reference/{id}/{}", package.exercise.entry),
        format!("templates/{id}/Cargo.toml"),
        format!("rubrics/{id}.toml"),
    ] {
        if course.bytes(&other).is_none() {
            complain(other, "is missing".to_owned());
        }
    }
    let samples = course.entries(&format!("tests/submissions/{id}"));
    for needed in ["perfect", "half-finished", "does-not-compile"] {
        if !samples.iter().any(|name| name == needed) {
            complain(
                format!("tests/submissions/{id}/{needed}"),
                "is missing: every exercise has this sample".to_owned(),
            );
        }
    }
    requirements(package, &mut complain);
    steps(course, package, &mut complain);
    items(course, package, &mut complain);
    found
}

/// Every check names requirements that exist, every requirement has a check, and the statement has them all.
fn requirements(package: &Package, complain: &mut impl FnMut(String, String)) {
    let id = &package.exercise.id;
    let known: BTreeSet<&str> = package
        .exercise
        .requirements
        .iter()
        .map(|requirement| requirement.id.as_str())
        .collect();
    let mut checked = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for check in &package.checks {
        if !seen.insert(&check.id) {
            complain(
                format!("exercises/{id}"),
                format!("the check `{}` stands twice; rename one", check.id),
            );
        }
        if check.requirements.is_empty() {
            complain(
                format!("exercises/{id}"),
                format!(
                    "`{}` names no requirement; begin its doc comment with one, as in `/// R3: ...`",
                    check.id
                ),
            );
        }
        for requirement in &check.requirements {
            if !known.contains(requirement.as_str()) {
                complain(
                    format!("exercises/{id}"),
                    format!(
                        "`{}` is for `{requirement}`, which exercise.toml does not have",
                        check.id
                    ),
                );
            }
            checked.insert(requirement.as_str());
        }
    }
    for requirement in known.difference(&checked) {
        complain(
            format!("exercises/{id}/exercise.toml"),
            format!("no check is for `{requirement}`; write one, or drop the requirement"),
        );
    }
    for requirement in package
        .exercise
        .requirements
        .iter()
        .filter(|requirement| requirement.concepts.is_empty())
    {
        complain(
            format!("exercises/{id}/exercise.toml"),
            format!("`{}` names no concept of the course", requirement.id),
        );
    }
}

/// Every step of the language is carried out by the driver, and used by a judge.
fn steps(course: &Course, package: &Package, complain: &mut impl FnMut(String, String)) {
    let id = &package.exercise.id;
    let place = format!("exercises/{id}/protocol.rs");
    let Some(text) = course.text(&place) else { return };
    let names = match specs::language_steps(&place, &text) {
        Ok(names) => names,
        Err(problem) => return complain(place, problem.message),
    };
    let judges: Vec<_> = course
        .below(&format!("exercises/{id}"))
        .filter(|(path, _)| path.ends_with("judge.rs") || path.contains("/judge/"))
        .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
        .collect();
    for name in names {
        let mentioned = |text: &String| {
            text.split(|c: char| !c.is_alphanumeric() && c != '_')
                .any(|word| word == name)
        };
        if !judges.iter().any(mentioned) {
            complain(
                place.clone(),
                format!("no judge uses the step `{name}`; use it in a check, or drop it"),
            );
        }
    }
    let hidden = package
        .checks
        .iter()
        .filter(|check| check.id.kind() == CheckKind::Hidden)
        .count();
    if hidden == 0 {
        complain(format!("exercises/{id}/judge.rs"), "has no hidden check".to_owned());
    }
}

/// Every public item of the reference is used by a public check, a step or a workload.
fn items(course: &Course, package: &Package, complain: &mut impl FnMut(String, String)) {
    let id = &package.exercise.id;
    let below = |folder: &str| -> Vec<String> {
        let rust = course.below(folder).filter(|(path, _)| path.ends_with(".rs"));
        rust.map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
            .collect()
    };
    let reference = below(&format!("reference/{id}/src"));
    let mut checks: Vec<String> = package.driver.iter().map(|(_, text)| text.clone()).collect();
    checks.push(package.specs.text.clone());
    checks.extend(package.workload.clone());
    for name in super::api::unused(reference.iter().map(String::as_str), &checks) {
        let message = format!(
            "no public check, step or workload uses `{name}` of the contract; use it in one, or make it private"
        );
        complain(format!("reference/{id}"), message);
    }
}
