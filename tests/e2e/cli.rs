//! The command line: what it prints where, and how it ends.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::support::{Outcome, Sample, cache, command, copy, finish, repository, scratch};

mod broken; // courses with mistakes
mod colours; // terminals, pipes, colours
mod commands; // each command does what it says
mod status; // every exit status and its message

/// What differs from machine to machine in messages, and what stands for it.
fn filters(places: &[(&Path, &'static str)]) -> Vec<(String, &'static str)> {
    let literal = |path: &Path| {
        let escape = |character: char| {
            if character.is_alphanumeric() || character == '/' {
                character.to_string()
            } else {
                format!("\\{character}")
            }
        };
        path.to_string_lossy().chars().map(escape).collect::<String>()
    };
    let mut filters: Vec<(String, &'static str)> = places.iter().map(|(path, name)| (literal(path), *name)).collect();
    filters.push((literal(cache()), "[cache]"));
    filters.push((literal(repository()), "[repository]"));
    filters.push((r"\b\d+(\.\d+)? ?(ms|s)\b".to_owned(), "[duration]"));
    filters.push((r"rustc \d+\.\d+\.\d+\S*( \([^)]*\))?".to_owned(), "rustc [version]"));
    filters.push((r"moulinette \d+\.\d+\.\d+".to_owned(), "moulinette [version]"));
    filters.push((r"\b[0-9a-f]{16,64}\b".to_owned(), "[digest]"));
    // Which exercises there are is no business of a message's snapshot.
    filters.push((r"ex00(, ex\d\d)+".to_owned(), "[all exercises]"));
    filters
}

/// Compares an outcome with its snapshot.
fn snapshot(name: &str, outcome: &Outcome, places: &[(&Path, &'static str)]) {
    let text = format!(
        "exit status {}\n--- standard output\n{}--- standard error\n{}",
        outcome.code, outcome.stdout, outcome.stderr
    );
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("snapshots");
    let filters = filters(places);
    settings.set_filters(filters.iter().map(|(pattern, name)| (pattern.as_str(), *name)));
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Grades a sample with some options; it may come from the cache.
fn grade<A: AsRef<OsStr>>(sample: &Sample, options: impl IntoIterator<Item = A>) -> Outcome {
    let mut command = command();
    command
        .args(["grade", "--exercise", &sample.exercise])
        .arg(sample.directory())
        .args(options);
    finish(command)
}

/// A copy of the course in the repository with one exercise, to be broken.
fn small_course(exercise: &str) -> TempDir {
    let course = scratch();
    for file in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(repository().join(file), course.path().join(file)).expect("a file can be copied");
    }
    let folders = ["exercises", "reference", "templates"].map(|folder| format!("{folder}/{exercise}"));
    let runtimes = ["grader/witness", "grader/judge"].map(str::to_owned);
    for folder in folders.iter().chain(&runtimes) {
        copy(&repository().join(folder), &course.path().join(folder));
    }
    fs::create_dir(course.path().join("rubrics")).expect("a folder can be made");
    for rubric in ["course.toml", &format!("{exercise}.toml")] {
        let path = Path::new("rubrics").join(rubric);
        fs::copy(repository().join(&path), course.path().join(&path)).expect("a file can be copied");
    }
    course
}
