//! Courses with mistakes: nothing is graded, and the message names the file, the line and what to do.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{small_course, snapshot};
use crate::support::{Outcome, Sample, command, finish};

/// Grades a sample with a course in which one file was edited.
fn with_edited(file: &str, edit: impl Fn(&str) -> String) -> Outcome {
    let course = edited(file, edit);
    call(course.path())
}

/// A course in which one file was edited.
fn edited(file: &str, edit: impl Fn(&str) -> String) -> TempDir {
    let course = small_course("ex00");
    let path = course.path().join(file);
    let text = fs::read_to_string(&path).expect("the course has it");
    let edited = edit(&text);
    assert_ne!(edited, text, "the edit changes {file}");
    fs::write(&path, edited).expect("it can be written");
    course
}

/// Compares the message about an edited course with its snapshot.
fn snapshot_of(name: &str, course: &TempDir) {
    snapshot(name, &call(course.path()), &[(course.path(), "[course]")]);
}

fn call(course: &Path) -> Outcome {
    let mut command = command();
    command
        .args(["grade", "--exercise", "ex00", "--course"])
        .arg(course)
        .arg(Sample::named("ex00", "perfect").directory());
    let outcome = finish(command).expect(3);
    assert_eq!(outcome.stdout, "", "nothing was graded, nothing is reported");
    outcome
}

/// The number of the first line of a text that contains something, from 1, and the line.
fn line<'t>(text: &'t str, part: &str) -> (usize, &'t str) {
    let found = text.lines().enumerate().find(|(_, line)| line.contains(part));
    found
        .map(|(at, line)| (at + 1, line))
        .expect("the text has such a line")
}

#[test]
fn an_unknown_key_is_shown_with_its_line() {
    let course = edited("exercises/ex00/exercise.toml", |text| {
        format!("colour = \"red\"\n{text}")
    });
    snapshot_of("course-unknown-key", &course);
}

#[test]
fn a_file_that_is_no_toml_is_shown_where_it_breaks() {
    let course = edited("exercises/ex00/exercise.toml", |text| {
        format!("id = = \"ex00\"\n{text}")
    });
    snapshot_of("course-no-toml", &course);
}

#[test]
fn a_value_that_cannot_be_is_shown_with_its_line() {
    let outcome = with_edited("exercises/ex00/exercise.toml", |text| {
        text.replacen("network = \"none\"", "network = \"internet\"", 1)
    });
    assert!(
        outcome.stderr.contains("exercises/ex00/exercise.toml:"),
        "{}",
        outcome.stderr
    );
    assert!(outcome.stderr.contains("network = \"internet\""), "{}", outcome.stderr);
}

#[test]
fn a_rubric_that_awards_95_points_says_so() {
    let outcome = with_edited("rubrics/ex00.toml", |text| {
        let (_, points) = line(text, "points = ");
        let number: f64 = points
            .trim_start_matches("points = ")
            .trim()
            .parse()
            .expect("points are a number");
        text.replacen(points, &format!("points = {}", number - 5.0), 1)
    });
    for part in ["rubrics/ex00.toml", "95", "100", "help:"] {
        assert!(outcome.stderr.contains(part), "{part}: {}", outcome.stderr);
    }
}

#[test]
fn a_rubric_with_an_unknown_check_shows_the_line() {
    let original = fs::read_to_string(crate::support::repository().join("rubrics/ex00.toml")).expect("it is there");
    let (at, owner) = line(&original, "\"spec/");
    let renamed = owner.replacen("\"spec/", "\"spec/no_such_", 1);
    let outcome = with_edited("rubrics/ex00.toml", |text| text.replacen(owner, &renamed, 1));
    assert!(
        outcome.stderr.contains(&format!("rubrics/ex00.toml:{at}:")),
        "{}",
        outcome.stderr
    );
    assert!(outcome.stderr.contains(renamed.trim()), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("help:"), "{}", outcome.stderr);
}

#[test]
fn every_mistake_is_reported_at_once() {
    let course = small_course("ex00");
    for file in ["exercises/ex00/exercise.toml", "rubrics/course.toml"] {
        let path = course.path().join(file);
        let text = fs::read_to_string(&path).expect("the course has it");
        fs::write(&path, format!("shape = 1\n{text}")).expect("it can be written");
    }
    let outcome = call(course.path());
    for file in ["exercises/ex00/exercise.toml:1:", "rubrics/course.toml:1:"] {
        assert!(outcome.stderr.contains(file), "{}", outcome.stderr);
    }
}

#[test]
fn a_missing_file_is_named() {
    let course = small_course("ex00");
    fs::remove_file(course.path().join("exercises/ex00/driver.rs")).expect("it was there");
    snapshot_of("course-missing-file", &course);
}
