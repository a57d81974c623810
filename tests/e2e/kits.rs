//! A kit whose build is interrupted is completed by the next ones, also when two of them start at once; versions of a course do not
//! meet in it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::time::SystemTime;

use crate::hostile::course;
use crate::support::{Outcome, Sample, command_with_cache, finish, moulinette, reachable, repository, scratch};

/// Lets cargo compile a few crates, then ends it and the program that called it, as a power cut would.
const INTERRUPTING: &str = r#"#!/bin/sh
if [ "$1" != build ]; then exec "$REAL_CARGO" "$@"; fi
"$REAL_CARGO" "$@" | head -n 6
kill -KILL "$PPID"
"#;

#[test]
fn an_interrupted_kit_is_completed_by_two_graders_at_once() {
    let cache = tempfile::Builder::new()
        .prefix("kits-")
        .permissions(fs::Permissions::from_mode(0o755))
        .tempdir_in(reachable());
    let cache = cache.expect("a cache can be made");
    let tools = scratch();
    let cargo = tools.path().join("cargo");
    fs::write(&cargo, INTERRUPTING).expect("a script can be written");
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).expect("it can be made executable");

    let mut interrupted = build(cache.path());
    interrupted.env("CARGO", &cargo).env("REAL_CARGO", env!("CARGO"));
    let status: ExitStatus = interrupted.output().expect("the program starts").status;
    assert_eq!(status.code(), None, "the program was killed: {status}");
    let before = compiled(cache.path());
    assert!(!before.is_empty(), "something was compiled before");

    let (one, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| finish(build(cache.path())));
        (finish(build(cache.path())), other.join().expect("no panic"))
    });
    let (one, other): (Outcome, Outcome) = (one.expect(0), other.expect(0));
    assert_eq!(one.stdout, other.stdout);
    let builders = [&one, &other]
        .iter()
        .filter(|outcome| outcome.stderr.contains("building the kit"))
        .count();
    assert_eq!(
        builders, 1,
        "one builds, the other waits:\n{}\n{}",
        one.stderr, other.stderr
    );
    let after = compiled(cache.path());
    let again: Vec<_> = before
        .iter()
        .filter(|(name, time)| after.get(*name) != Some(*time))
        .collect();
    assert!(again.is_empty(), "compiled twice: {again:?}");
    damage_is_found(cache.path());
}

/// A file of the kit that was changed afterwards is noticed, whatever its time says, and built anew.
fn damage_is_found(cache: &Path) {
    let grade = || {
        let mut command = command_with_cache(cache);
        command
            .args(["grade", "--no-cache", "--exercise", "ex00", "--format", "json"])
            .arg(Sample::named("ex00", "perfect").directory())
            .env("CARGO", env!("CARGO"));
        finish(command).expect(0)
    };
    let mark = |outcome: &Outcome| outcome.json()["mark"].clone();
    let sound = grade();
    let protocol = walkdir::WalkDir::new(cache.join("kit"))
        .into_iter()
        .filter_map(Result::ok)
        .find(|entry| {
            entry.file_name().to_string_lossy().starts_with("libex00_protocol")
                && entry.path().extension().is_some_and(|extension| extension == "rlib")
        });
    let protocol = protocol.expect("the kit has it").into_path();
    let made = fs::metadata(&protocol)
        .and_then(|metadata| metadata.modified())
        .expect("it has a time");
    let mut bytes = fs::read(&protocol).expect("it can be read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&protocol, bytes).expect("it can be written");
    fs::File::options()
        .write(true)
        .open(&protocol)
        .and_then(|file| file.set_modified(made))
        .expect("it keeps its time");
    let rebuilt = grade();
    assert!(
        rebuilt.stderr.contains("was changed since it was built"),
        "{}",
        rebuilt.stderr
    );
    assert_eq!(mark(&rebuilt), mark(&sound));
    assert!(!grade().stderr.contains("building"), "it is sound again");
}

/// Builds the kit of one exercise.
fn build(cache: &Path) -> Command {
    let mut command = command_with_cache(cache);
    command.args(["kit", "build", "ex00"]).env("CARGO", env!("CARGO"));
    command
}

/// The libraries of all kits of a cache, and when they were made.
fn compiled(cache: &Path) -> BTreeMap<String, SystemTime> {
    let files = walkdir::WalkDir::new(cache.join("kit"))
        .into_iter()
        .filter_map(Result::ok);
    let libraries = files.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rlib"));
    libraries
        .map(|entry| {
            let made = entry
                .metadata()
                .expect("it is there")
                .modified()
                .expect("the system keeps times");
            (entry.file_name().to_string_lossy().into_owned(), made)
        })
        .collect()
}

#[test]
fn versions_of_a_course_live_side_by_side() {
    let other = course::made(false);
    let perfect = Sample::named("ex00", "perfect").directory();
    let graded = |course: &Path| {
        let command = [
            "grade",
            "--no-cache",
            "--exercise",
            "ex00",
            "--format",
            "json",
            "--course",
        ]
        .map(AsRef::as_ref);
        let arguments: [&OsStr; 2] = [course.as_os_str(), perfect.as_os_str()];
        let card = moulinette(command.into_iter().chain(arguments)).expect(0).json();
        card["exercises"][0]["checks"].as_array().expect("there are some").len()
    };
    // Whichever was built last, each is judged by its own.
    let counts: Vec<usize> = [repository(), other.path(), repository(), other.path()]
        .into_iter()
        .map(graded)
        .collect();
    assert!(counts[0] > counts[1], "the other version has fewer checks: {counts:?}");
    assert_eq!(counts[..2], counts[2..]);
}
