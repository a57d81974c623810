//! What a scorecard holds, and that the same submission, course and seed give the same card.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::schema;
use crate::support::{Outcome, Sample, command, copy, exercises_below, finish, moulinette, scratch};

/// Grades a submission for instructors, as JSON.
fn grade<A: AsRef<OsStr>>(directory: &Path, options: impl IntoIterator<Item = A>) -> Outcome {
    let mut command = command();
    command
        .args(["grade", "--format", "json", "--audience", "instructor"])
        .arg(directory)
        .args(options);
    finish(command).expect(0)
}

/// A card as text, without what may differ between two gradings, and that on its own.
fn split(outcome: &Outcome) -> (String, Value) {
    let mut card = outcome.json();
    let timing = card
        .as_object_mut()
        .and_then(|card| card.remove("timing"))
        .expect("a card says how long it took");
    (serde_json::to_string_pretty(&card).expect("it was JSON"), timing)
}

fn exercise<'c>(card: &'c Value, id: &str) -> &'c Value {
    let all = card["exercises"].as_array().expect("a card has exercises");
    all.iter()
        .find(|exercise| exercise["id"] == id)
        .unwrap_or_else(|| panic!("{id} is not on the card"))
}

#[test]
fn the_same_submission_gets_the_same_card() {
    // Whether a busy machine can decide a budget may differ from run to run; such cards say so and are not compared.
    let cards = (0..4)
        .find_map(|_| four_cards())
        .expect("the budgets are decided in one of four attempts");
    let [first, second, kept, recalled] = cards.map(|outcome| split(&outcome));
    assert_eq!(first.0, second.0, "two gradings of the same differ outside `timing`");
    assert_eq!(first.0, kept.0, "a grading that is kept differs");
    assert_eq!(first.0, recalled.0, "a card from the cache differs");
    let exercise = |timing: &Value| timing["exercises"]["ex00"].clone();
    assert_eq!(exercise(&kept.1)["cached"], false);
    assert_eq!(exercise(&recalled.1)["cached"], true);
    let figures = |timing: &Value| exercise(timing)["checks"].clone();
    assert_eq!(
        figures(&kept.1),
        figures(&recalled.1),
        "the figures are those of the run that made them"
    );
}

/// The same submission graded twice anew, then kept, then recalled. None if a budget was not decided.
fn four_cards() -> Option<[Outcome; 4]> {
    let submission = scratch();
    copy(
        &Sample::named("ex00", "merge-forgets-local-tick").directory(),
        submission.path(),
    );
    // No earlier run of these tests has left anything about it in the cache.
    let unique = submission.path().display().to_string();
    let entry = submission.path().join("src/lib.rs");
    let text = fs::read_to_string(&entry).expect("a sample has an entry file");
    fs::write(&entry, format!("{text}\n// {unique}\n")).expect("it can be written");
    let cached = ["--exercise", "ex00", "--seed", "7"];
    let anew = ["--exercise", "ex00", "--seed", "7", "--no-cache"];
    let mut cards = Vec::new();
    for options in [&anew[..], &anew, &cached, &cached] {
        let card = grade(submission.path(), options);
        if card.json()["provisional"] == true {
            return None;
        }
        cards.push(card);
    }
    cards.try_into().ok()
}

#[test]
fn another_seed_is_on_the_card_and_changes_no_verdict() {
    let sample = Sample::named("ex00", "perfect");
    let (usual, other) = (
        sample.card(),
        grade(
            &sample.directory(),
            ["--exercise", "ex00", "--seed", "99", "--no-cache"],
        )
        .json(),
    );
    assert_eq!((usual["seed"].clone(), other["seed"].clone()), (0.into(), 99.into()));
    let verdicts = |card: &Value| -> Vec<(Value, Value)> {
        let checks = exercise(card, "ex00")["checks"]
            .as_array()
            .expect("an exercise has checks")
            .clone();
        let functional = checks
            .into_iter()
            .filter(|check| !check["id"].as_str().is_some_and(|id| id.starts_with("budget/")));
        functional
            .map(|check| (check["id"].clone(), check["verdict"].clone()))
            .collect()
    };
    assert_eq!(verdicts(&usual), verdicts(&other));
}

#[test]
fn a_card_is_valid_and_can_be_reproduced_from_what_it_says() {
    let schema = moulinette(["schema", "scorecard"]).expect(0).json();
    for name in [
        "perfect",
        "merge-forgets-local-tick",
        "half-finished",
        "does-not-compile",
    ] {
        let card = Sample::named("ex00", name).card();
        assert_eq!(schema::mismatches(&schema, &card), [""; 0], "{name}");
        let digests = [&card["digests"]["submission"], &card["digests"]["course"]];
        let of_exercise = &exercise(&card, "ex00")["digests"];
        for digest in digests.into_iter().chain([
            &of_exercise["submission"],
            &of_exercise["checks"],
            &of_exercise["rubric"],
        ]) {
            let text = digest.as_str().unwrap_or_default();
            assert!(
                text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{name}: {digest}"
            );
        }
        assert!(
            card["toolchain"]
                .as_str()
                .is_some_and(|text| text.starts_with("rustc 1.")),
            "{}",
            card["toolchain"]
        );
        assert!(card["grader"].as_str().is_some_and(|text| !text.is_empty()));
        assert_eq!(card["sandbox"]["mode"], "auto");
        assert!(
            card["sandbox"]["layers"]
                .as_array()
                .is_some_and(|layers| !layers.is_empty()),
            "{}",
            card["sandbox"]
        );
    }
}

#[test]
fn what_was_not_handed_in_is_missing_and_strangers_are_ignored() {
    let submission = scratch();
    let sample = Sample::named("ex00", "does-not-compile").directory();
    copy(&sample, &submission.path().join("EX00-vector-clock"));
    for stranger in ["notes", "ex98"] {
        fs::create_dir(submission.path().join(stranger)).expect("a folder can be made");
    }
    let nothing: [&str; 0] = [];
    let card = grade(submission.path(), nothing).json();
    assert_eq!(card["ignored"], serde_json::json!(["ex98", "notes"]));
    assert_eq!(exercise(&card, "ex00")["state"], "unbuildable");
    let others: Vec<String> = exercises_below("exercises")
        .into_iter()
        .filter(|id| id != "ex00")
        .collect();
    assert!(!others.is_empty());
    for id in others {
        let missing = exercise(&card, &id);
        assert_eq!(missing["state"], "missing", "{id}");
        assert_eq!(missing["percentage"].as_f64(), Some(0.0), "{id}");
        let checks = missing["checks"].as_array().expect("an exercise has checks");
        assert!(
            checks.iter().all(|check| check["verdict"] == "not_run"),
            "{id}: {checks:?}"
        );
    }
    assert_eq!(card["mark"].as_f64(), Some(0.0));
    assert_eq!(card["passed"], false);
}

#[test]
fn a_student_does_not_see_what_hidden_checks_are_worth() {
    let sample = Sample::named("ex00", "does-not-compile").directory();
    let card = |audience: &str| {
        let mut command = command();
        command
            .args([
                "grade",
                "--exercise",
                "ex00",
                "--format",
                "json",
                "--audience",
                audience,
            ])
            .arg(&sample);
        finish(command).expect(0).json()
    };
    let hidden = |card: &Value| -> Vec<Value> {
        let checks = exercise(card, "ex00")["checks"]
            .as_array()
            .expect("an exercise has checks")
            .clone();
        checks
            .into_iter()
            .filter(|check| check["id"].as_str().is_some_and(|id| id.starts_with("hidden/")))
            .collect()
    };
    let (student, instructor) = (card("student"), card("instructor"));
    assert!(hidden(&instructor).iter().all(|check| check.get("worth").is_some()));
    assert!(hidden(&student).iter().all(|check| check.get("worth").is_none()));
    assert!(!hidden(&student).is_empty(), "a student sees that they exist");
    assert_eq!(student["mark"], instructor["mark"]);
    assert_eq!(
        schema::mismatches(&moulinette(["schema", "scorecard"]).expect(0).json(), &student),
        [""; 0]
    );
}
