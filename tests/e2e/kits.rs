//! A kit whose build is interrupted is completed by the next ones, also when two of them start at once.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::time::SystemTime;

use crate::support::{Outcome, command_with_cache, finish, reachable, scratch};

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
