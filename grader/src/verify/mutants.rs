//! Curated mutants: wrong versions of the reference that named checks must see.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Trial;
use crate::catalog::Package;
use crate::course::Course;
use crate::examine::Scope;
use crate::model::evidence::Evidence;
use crate::model::ids::{CheckId, ExerciseId};
use crate::stages::intake::Sources;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    mutant: Vec<Mutant>,
    #[serde(default)]
    survivor: Vec<Survivor>,
}

/// A generated mutant that no check can see, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Survivor {
    /// The end of its name as cargo-mutants gives it: `replace f -> u64 with 0`.
    mutant: String,
    reason: String,
}

/// Why generated mutants survive, by their names.
pub(super) fn reasons(course: &Course, exercise: &ExerciseId) -> BTreeMap<String, String> {
    let text = course
        .text(&format!("exercises/{exercise}/mutants.toml"))
        .unwrap_or_default();
    let file: Result<File, _> = toml::from_str(&text);
    file.map(|file| {
        file.survivor
            .into_iter()
            .map(|survivor| (survivor.mutant, survivor.reason))
            .collect()
    })
    .unwrap_or_default()
}

/// One wrong version.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutant {
    name: String,
    mistake: String,
    file: String,
    find: String,
    replace: String,
    seen_by: Vec<CheckId>,
}

/// Each exercise has at least so many.
const FEWEST: usize = 6;

/// The mutants of an exercise as trials, or what is wrong with its mutants.toml.
pub(super) fn trials<'p>(
    course: &Course,
    package: &'p Package,
    reference: &Sources,
) -> Result<Vec<Trial<'p>>, Vec<(String, String)>> {
    let place = format!("exercises/{}/mutants.toml", package.exercise.id);
    let text = course.text(&place).unwrap_or_default();
    let file: File = toml::from_str(&text).map_err(|error| vec![(place.clone(), error.to_string())])?;
    let mut problems = Vec::new();
    if file.mutant.len() < FEWEST {
        problems.push((
            place.clone(),
            format!(
                "has {} mutants; write at least {FEWEST}, the mistakes that students make",
                file.mutant.len()
            ),
        ));
    }
    let mut trials = Vec::new();
    for mutant in file.mutant {
        let mut complain =
            |message: String| problems.push((place.clone(), format!("mutant `{}`: {message}", mutant.name)));
        let Some(original) = reference.files.get(&mutant.file) else {
            complain(format!("the reference has no file `{}`", mutant.file));
            continue;
        };
        match original.matches(&mutant.find).count() {
            1 => {}
            count => {
                complain(format!(
                    "`find` occurs {count} times in `{}`; it must occur once",
                    mutant.file
                ));
                continue;
            }
        }
        let unknown: Vec<_> = mutant
            .seen_by
            .iter()
            .filter(|id| !package.checks.iter().any(|check| check.id == **id))
            .collect();
        if mutant.seen_by.is_empty() || !unknown.is_empty() {
            complain(format!(
                "`seen_by` names {unknown:?}, which the exercise does not have; name the checks that must fail"
            ));
            continue;
        }
        let mut sources = reference.clone();
        sources
            .files
            .insert(mutant.file.clone(), original.replacen(&mutant.find, &mutant.replace, 1));
        let seen_by = mutant.seen_by.clone();
        let judge = move |evidence: &Evidence| seen(evidence, &seen_by, &mutant.mistake);
        trials.push(Trial {
            place: format!("{place}: mutant `{}`", mutant.name),
            sources,
            scope: Scope::Only(mutant.seen_by),
            judge: Box::new(judge),
        });
    }
    if problems.is_empty() { Ok(trials) } else { Err(problems) }
}

fn seen(evidence: &Evidence, seen_by: &[CheckId], mistake: &str) -> Vec<String> {
    match evidence {
        Evidence::Examined { checks, .. } => {
            let passes = |id: &&CheckId| {
                checks.iter().any(|check| {
                    check.id == **id
                        && (check.verdict.earns() || check.verdict == crate::model::verdict::Verdict::Inconclusive)
                })
            };
            let blind: Vec<_> = seen_by.iter().filter(passes).collect();
            blind
                .into_iter()
                .map(|id| format!("`{id}` does not see it ({mistake})"))
                .collect()
        }
        Evidence::Unbuildable { errors, .. } => {
            let first = errors
                .first()
                .map(|error| format!("{}:{}: {}", error.file, error.line, error.message))
                .unwrap_or_default();
            vec![format!("it does not compile, so it proves nothing: {first}")]
        }
        Evidence::Refused { .. } | Evidence::Missing | Evidence::Unfinished => vec!["it was not examined".to_owned()],
    }
}
