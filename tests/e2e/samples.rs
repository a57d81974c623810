//! Sample submissions get the verdicts and points of their expected.toml, by way of the command line.
//!
//! `moulinette verify` looks at all of them from within; here it is some of each exercise.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::{env, fs};

use moulinette::verify::samples::Expected;
use serde_json::Value;

use crate::support::{Sample, each, exercises_below, names, repository};

/// How many samples are graded in an ordinary run, about: a longer course takes no longer.
const GRADED: usize = 48;

#[test]
fn samples_get_their_verdicts_and_points() {
    let samples = chosen(samples());
    assert!(samples.len() >= 4, "{samples:?}");
    let found: String = each(&samples, |sample| {
        let differences = differences(sample);
        if differences.is_empty() {
            String::new()
        } else {
            format!("{}/{}:\n{differences}", sample.exercise, sample.name)
        }
    })
    .concat();
    assert!(found.is_empty(), "expected.toml says otherwise\n{found}");
}

/// The samples, in order.
fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    for exercise in exercises_below("tests/submissions") {
        for name in names(&repository().join("tests/submissions").join(&exercise)) {
            let sample = Sample::named(&exercise, &name);
            if sample.directory().join("expected.toml").is_file() {
                samples.push(sample);
            }
        }
    }
    samples
}

/// What is graded: every so many samples, to end in time; `MOULINETTE_TESTS_SAMPLES` names others by a part of their path, and `/` is
/// part of all.
fn chosen(all: Vec<Sample>) -> Vec<Sample> {
    if let Ok(part) = env::var("MOULINETTE_TESTS_SAMPLES") {
        let named = |sample: &Sample| format!("{}/{}", sample.exercise, sample.name).contains(&part);
        return all.into_iter().filter(named).collect();
    }
    let step = all.len().div_ceil(GRADED).max(1);
    all.into_iter().step_by(step).collect()
}

/// Where the card of a sample differs from what is expected of it, a line each.
fn differences(sample: &Sample) -> String {
    let text = fs::read_to_string(sample.directory().join("expected.toml")).expect("it is there");
    let expected: Expected = toml::from_str(&text).unwrap_or_else(|error| panic!("{sample:?}: {error}"));
    let card = sample.card();
    let exercise = card["exercises"]
        .as_array()
        .expect("a card has exercises")
        .iter()
        .find(|exercise| exercise["id"] == sample.exercise.as_str())
        .unwrap_or_else(|| panic!("{sample:?} is not on its card"));
    let checks: BTreeMap<&str, &Value> = exercise["checks"]
        .as_array()
        .expect("an exercise has checks")
        .iter()
        .map(|check| (check["id"].as_str().expect("a check has a name"), check))
        .collect();
    let mut found = String::new();
    let mut undecided = 0.0;
    for (id, check) in &checks {
        let wanted = expected
            .verdicts
            .get(*id)
            .or_else(|| expected.verdicts.get("default"))
            .map_or("passed", |verdict| verdict.as_str());
        let verdict = check["verdict"].as_str().expect("a check has a verdict");
        // A machine too busy to measure on decides nothing, three times over; that is no mistake of the sample.
        if verdict == "inconclusive" && id.starts_with("budget/") {
            undecided += check["worth"]["possible"].as_f64().unwrap_or_default();
        } else if verdict != wanted {
            let _ = writeln!(found, "  {id} is {verdict} instead of {wanted}: {}", check["detail"]);
        }
    }
    for id in expected
        .verdicts
        .keys()
        .filter(|id| *id != "default" && !checks.contains_key(id.as_str()))
    {
        let _ = writeln!(found, "  {id} is no check of the exercise");
    }
    let points = exercise["percentage"].as_f64().expect("an exercise has a mark");
    if points < expected.points.min || points > expected.points.max + undecided {
        let (min, max) = (expected.points.min, expected.points.max);
        let _ = writeln!(found, "  it gets {points} points instead of {min} to {max}");
    }
    found
}
