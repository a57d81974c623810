//! Every exit status, and the message that comes with it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{grade, snapshot};
use crate::support::{Outcome, Sample, command, command_with_cache, finish, moulinette, scratch};

#[test]
fn a_mark_at_or_above_the_bar_is_0_and_one_below_is_1() {
    let sample = Sample::named("ex00", "does-not-compile");
    grade(&sample, ["--fail-under", "0"]).expect(0);
    let below = grade(&sample, ["--fail-under", "0.01"]).expect(1);
    assert!(!below.stdout.is_empty(), "the report is shown all the same");
    grade(&sample, ["--quiet"]).expect(0);
}

#[test]
fn a_call_that_cannot_be_understood_is_2() {
    let sample = Sample::named("ex00", "perfect").directory();
    let dir = sample.to_str().expect("a plain path");
    let empty = scratch();
    let nowhere = empty.path().join("nowhere");
    let file = empty.path().join("file");
    fs::create_dir(empty.path().join("notes")).expect("a folder can be made");
    fs::write(&file, "").expect("a file can be written");
    let unwritable = format!("{}/card.json", nowhere.display());
    let (empty_dir, nowhere, file) = (
        empty.path().to_str().expect("plain"),
        nowhere.to_str().expect("plain"),
        file.to_str().expect("plain"),
    );
    let calls: &[(&str, &[&str])] = &[
        ("unknown-exercise", &["grade", dir, "--exercise", "ex99"]),
        ("no-exercise-id", &["grade", dir, "--exercise", "vector-clock"]),
        ("unknown-option", &["grade", dir, "--exercize", "ex00"]),
        ("unknown-command", &["grad", dir]),
        ("unknown-format", &["grade", dir, "--format", "pdf"]),
        ("bar-above-100", &["grade", dir, "--fail-under", "101"]),
        ("not-a-time", &["grade", dir, "--submitted-at", "yesterday"]),
        ("no-such-directory", &["grade", nowhere]),
        ("a-file", &["grade", file]),
        ("no-exercises", &["grade", empty_dir]),
        (
            "several-exercises-in-one-folder",
            &["grade", dir, "--exercise", "ex00", "--exercise", "ex01"],
        ),
        (
            "no-output-folder",
            &["grade", dir, "--exercise", "ex00", "--output", &unwritable],
        ),
        (
            "output-is-a-folder",
            &["grade", dir, "--exercise", "ex00", "--output", empty_dir],
        ),
        ("no-course", &["list", "--course", empty_dir]),
        ("no-rubrics", &["list", "--rubrics", nowhere]),
        ("show-unknown", &["show", "ex99"]),
        ("init-unknown", &["init", nowhere, "ex99"]),
        ("verify-unknown", &["verify", "ex99"]),
        ("schema-unknown", &["schema", "sandwich"]),
    ];
    for (name, arguments) in calls {
        let outcome = moulinette(*arguments);
        assert_eq!(outcome.code, 2, "{name}: {}", outcome.stderr);
        assert_eq!(outcome.stdout, "", "{name}: nothing was graded, nothing is reported");
        snapshot(
            &format!("usage-{name}"),
            &outcome,
            &[(empty.path(), "[temporary]"), (&sample, "[sample]")],
        );
    }
}

#[test]
fn a_harness_that_cannot_work_is_70_and_gives_no_mark() {
    let sample = Sample::named("ex00", "perfect").directory();
    let place = scratch();
    let file = place.path().join("file");
    fs::write(&file, "").expect("a file can be written");
    let failed = |name: &str, outcome: Outcome| {
        assert_eq!(outcome.code, 70, "{name}: {}", outcome.stderr);
        assert_eq!(outcome.stdout, "", "{name}");
        snapshot(
            &format!("failed-{name}"),
            &outcome,
            &[(place.path(), "[temporary]"), (&sample, "[sample]")],
        );
    };
    let run = |change: &dyn for<'c> Fn(&'c mut Command) -> &'c mut Command, cache: Option<&Path>| {
        let mut command = cache.map_or_else(command, command_with_cache);
        command.args(["grade", "--quiet", "--exercise", "ex00"]).arg(&sample);
        change(&mut command);
        finish(command)
    };
    failed(
        "no-compiler",
        run(&|command| command.env("RUSTC", "/nonexistent/rustc"), None),
    );
    failed("no-cache", run(&|command| command, Some(&file.join("below"))));
}

#[test]
fn a_report_that_cannot_be_written_is_70_and_a_reader_that_leaves_is_no_fault() {
    let run = |stdout: Stdio| {
        let mut command = command();
        let mut child = command
            .arg("list")
            .stdout(stdout)
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        child.wait().expect("it ends").code()
    };
    let full = fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    assert_eq!(run(full.into()), Some(70));
    let (reader, writer) = std::io::pipe().expect("a pipe can be made");
    drop(reader);
    assert_eq!(run(writer.into()), Some(0));
}
