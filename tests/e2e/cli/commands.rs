//! Each command does what it says.

use std::process::Command;
use std::{env, fs};

use super::{grade, snapshot};
use crate::schema;
use crate::support::{Sample, command, exercises_below, finish, moulinette, names, reachable, repository, scratch};

#[test]
fn every_command_explains_itself() {
    let commands: &[&[&str]] = &[
        &[],
        &["grade"],
        &["verify"],
        &["list"],
        &["show"],
        &["policy"],
        &["init"],
        &["kit"],
        &["kit", "build"],
        &["schema"],
        &["doctor"],
    ];
    for command in commands {
        let outcome = moulinette(command.iter().copied().chain(["--help"])).expect(0);
        snapshot(
            &format!(
                "help-{}",
                if command.is_empty() {
                    "all".to_owned()
                } else {
                    command.join("-")
                }
            ),
            &outcome,
            &[],
        );
    }
    snapshot("version", &moulinette(["--version"]).expect(0), &[]);
}

#[test]
fn list_names_every_exercise_with_its_concepts() {
    let listed = moulinette(["list"]).expect(0).stdout;
    let exercises = exercises_below("exercises");
    let heads: Vec<&str> = listed
        .lines()
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(heads, exercises);
    assert_eq!(
        listed
            .lines()
            .filter(|line| line.trim_start().starts_with("concepts 5."))
            .count(),
        exercises.len(),
        "{listed}"
    );
}

#[test]
fn show_gives_the_statement_and_the_checks_of_each_requirement() {
    for id in exercises_below("exercises") {
        let shown = moulinette(["show", &id]).expect(0).stdout;
        let statement = fs::read_to_string(repository().join(format!("exercises/{id}/statement.md")))
            .expect("an exercise has a statement");
        assert!(shown.starts_with(statement.trim_end()), "{shown}");
        let checks = &shown[statement.trim_end().len()..];
        for part in ["\nR1 (5.", "  spec/", "  hidden/"] {
            assert!(checks.contains(part), "{id}: {checks}");
        }
    }
}

#[test]
fn schemas_are_schemas() {
    for kind in ["scorecard", "rubric", "exercise"] {
        let schema = moulinette(["schema", kind]).expect(0).json();
        assert!(
            schema["$schema"]
                .as_str()
                .is_some_and(|text| text.contains("json-schema.org")),
            "{kind}: {schema}"
        );
        assert!(
            schema["properties"].as_object().is_some_and(|all| !all.is_empty()),
            "{kind}: {schema}"
        );
    }
}

#[test]
fn the_files_of_the_course_match_their_schemas() {
    let schema = |kind| moulinette(["schema", kind]).expect(0).json();
    let (exercise, rubric) = (schema("exercise"), schema("rubric"));
    for id in exercises_below("exercises") {
        for (schema, path) in [
            (&exercise, format!("exercises/{id}/exercise.toml")),
            (&rubric, format!("rubrics/{id}.toml")),
        ] {
            let text = fs::read_to_string(repository().join(&path)).expect("an exercise has it");
            let value: serde_json::Value = toml::from_str(&text).expect("it is TOML");
            assert_eq!(schema::mismatches(schema, &value), [""; 0], "{path}");
        }
    }
}

#[test]
fn doctor_says_what_the_machine_has() {
    let told = moulinette(["doctor"]).expect(0).stdout;
    for part in ["toolchain", "linker", "cache", "sandbox"] {
        assert!(told.lines().any(|line| line.starts_with(part)), "{told}");
    }
    assert!(told.contains("active"), "{told}");
}

#[test]
fn kit_status_says_what_is_built() {
    let built = moulinette(["kit", "build", "ex00"]).expect(0);
    let status = moulinette(["kit", "status"]).expect(0).stdout;
    assert!(status.lines().any(|line| line == "ex00  complete"), "{status}");
    let directory = status
        .lines()
        .find_map(|line| line.strip_prefix("directory "))
        .expect("it says where");
    assert!(built.stdout.contains(directory), "{}", built.stdout);
    assert_eq!(
        status.lines().filter(|line| line.starts_with("ex")).count(),
        exercises_below("exercises").len()
    );
}

#[test]
fn starter_crates_are_written_once_and_earn_next_to_nothing() {
    let place = scratch();
    let target = place.path().join("work");
    let call = |exercises: &[&str]| {
        let mut command = command();
        command.arg("init").arg(&target).args(exercises);
        finish(command).expect(0)
    };
    snapshot("init", &call(&["ex00"]), &[(&target, "[work]")]);
    assert_eq!(names(&target), ["ex00"]);
    assert!(target.join("ex00/STATEMENT.md").is_file());
    fs::write(target.join("ex00/src/lib.rs"), "// my work\n").expect("it can be written");
    snapshot("init-again", &call(&["ex00"]), &[(&target, "[work]")]);
    assert_eq!(
        fs::read_to_string(target.join("ex00/src/lib.rs")).expect("it is there"),
        "// my work\n",
        "work is kept"
    );
    fs::remove_file(target.join("ex00/src/lib.rs")).expect("it is there");
    call(&[]);
    assert_eq!(
        names(&target),
        exercises_below("exercises"),
        "all of them without names"
    );

    let mut grade = command();
    grade
        .args(["grade", "--exercise", "ex00", "--format", "json"])
        .arg(&target);
    let card = finish(grade).expect(0).json();
    assert_eq!(card["exercises"][0]["state"], "examined", "a starter crate compiles");
    assert!(
        card["mark"].as_f64().is_some_and(|mark| mark < 10.0),
        "{}",
        card["mark"]
    );
}

#[test]
fn a_kept_package_reproduces_a_failing_public_check() {
    let place = scratch();
    let kept = place.path().join("kept");
    let sample = Sample::named("ex00", "merge-forgets-local-tick");
    grade(&sample, ["--keep".as_ref(), kept.as_os_str()]).expect(0);
    fs::copy(repository().join("Cargo.lock"), kept.join("Cargo.lock")).expect("it can be copied");
    let mut test = Command::new(env!("CARGO"));
    test.args(["test", "--offline", "--test", "spec", "--", "--color", "never"])
        .current_dir(&kept)
        .env("CARGO_TARGET_DIR", reachable().join("kept-target"))
        .env_remove("RUSTFLAGS");
    let outcome = finish(test).expect(101);
    assert!(
        outcome.stdout.contains("test test_merge ... FAILED"),
        "{}\n{}",
        outcome.stdout,
        outcome.stderr
    );
    assert!(
        outcome.stdout.contains("test test_basic_tick ... ok"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn the_card_is_also_written_to_a_file() {
    let place = scratch();
    let file = place.path().join("card.json");
    let sample = Sample::named("ex00", "does-not-compile");
    let outcome = grade(&sample, ["--output".as_ref(), file.as_os_str()]).expect(0);
    assert!(
        !outcome.stdout.trim_start().starts_with('{'),
        "what is shown is for a person"
    );
    let card: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&file).expect("it was written")).expect("it is JSON");
    assert_eq!(card["exercises"][0]["id"], "ex00");
    let shown = grade(&sample, ["--format", "json"]).expect(0).json();
    assert_eq!(card["exercises"], shown["exercises"]);
}
