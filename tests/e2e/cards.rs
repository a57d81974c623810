//! What a scorecard holds, and that the same submission, course and seed give the same card.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::schema;
use crate::support::{Outcome, Sample, command, exercises_below, finish, moulinette, scratch};

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
    let sample = Sample::named("ex00", "merge-forgets-local-tick").directory();
    let options = ["--exercise", "ex00", "--seed", "7"];
    // Whether a busy machine can decide a budget may differ from run to run; such cards say so and are not compared.
    let decided = |options: &[&str]| {
        let decides = |_: &u32| Some(grade(&sample, options)).filter(|outcome| outcome.json()["provisional"] == false);
        (0..4)
            .find_map(|attempt| decides(&attempt))
            .expect("the budgets are decided in one of four runs")
    };
    let anew: Vec<&str> = options.into_iter().chain(["--no-cache"]).collect();
    let (first, second) = (split(&decided(&anew)), split(&decided(&anew)));
    assert_eq!(first.0, second.0, "two gradings of the same differ outside `timing`");

    let (kept, recalled) = (split(&decided(&options)), split(&grade(&sample, options)));
    assert_eq!(first.0, kept.0, "a grading that is kept differs");
    assert_eq!(first.0, recalled.0, "a card from the cache differs");
    assert_eq!(
        recalled.1["exercises"]["ex00"]["cached"], true,
        "the last one came from the cache"
    );
    assert_eq!(
        kept.1["exercises"]["ex00"]["checks"], recalled.1["exercises"]["ex00"]["checks"],
        "its figures are those of the run that made it"
    );
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
    crate::support::copy(&sample, &submission.path().join("EX00-vector-clock"));
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
