//! The course that the corpus is graded with: ex00 with few checks and little time.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::support::{copy, repository, scratch};

/// The public checks that stay.
const SPECS: [&str; 3] = ["test_basic_tick", "test_merge", "test_bad_bytes_are_an_error"];

/// The hidden checks that stay, by path.
const HIDDEN: [&str; 6] = [
    "ticks_count_each_node_alone",
    "merge_takes_the_maximum_then_ticks",
    "nodes_are_those_that_ticked",
    "bytes::a_clock_survives_transport",
    "events::an_event_survives_json",
    "order::equality_agrees_with_the_counters",
];

/// The budgets that stay, in the course that measures.
const BUDGETS: [&str; 2] = ["merge-time", "compare-allocations"];

/// What processes may use. Everything that hangs is found out sooner than in the real course, and nothing else differs.
const LIMITS: &str = "[limits]\ncpu_ms = 250\nmemory_mib = 128\noutput_kib = 64\nthreads = 8\ncompile_cpu_ms = 4000\n";

/// The course, with budgets or without.
pub fn made(budgets: bool) -> TempDir {
    let course = scratch();
    for file in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(repository().join(file), course.path().join(file)).expect("a file can be copied");
    }
    for folder in [
        "exercises/ex00",
        "reference/ex00",
        "templates/ex00",
        "grader/witness",
        "grader/judge",
    ] {
        copy(&repository().join(folder), &course.path().join(folder));
    }
    fs::create_dir(course.path().join("rubrics")).expect("a folder can be made");
    let rules = "rubrics/course.toml";
    fs::copy(repository().join(rules), course.path().join(rules)).expect("a file can be copied");
    fs::write(course.path().join("rubrics/ex00.toml"), rubric(budgets)).expect("written");
    let exercise = course.path().join("exercises/ex00");
    rewrite(&exercise.join("exercise.toml"), |text| settings(text, budgets));
    rewrite(&exercise.join("spec.rs"), specs);
    rewrite(&exercise.join("judge.rs"), judge);
    course
}

fn rewrite(path: &Path, edit: impl Fn(&str) -> String) {
    let text = fs::read_to_string(path).expect("the course has it");
    fs::write(path, edit(&text)).expect("written");
}

fn settings(text: &str, budgets: bool) -> String {
    let (head, rest) = text.split_once("[[budget]]").expect("it has budgets");
    let measured = rest
        .split("[[budget]]")
        .filter(|budget| budgets && BUDGETS.iter().any(|id| budget.contains(&format!("id = \"{id}\""))));
    let measured: String = measured.map(|budget| format!("[[budget]]{budget}\n")).collect();
    format!("{head}{measured}\n{LIMITS}")
}

fn specs(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let named = |next: &&str| SPECS.iter().any(|name| next.contains(&format!("fn {name}(")));
        if line != "#[test]" || lines.peek().is_some_and(named) {
            kept += &format!("{line}\n");
        }
    }
    kept
}

fn judge(text: &str) -> String {
    let start = text.find("judge::checks! {").expect("it lists its checks");
    let end = start + text[start..].find("\n}").expect("the list ends") + 2;
    format!(
        "#![allow(dead_code, unused_imports)]\n{}judge::checks! {{\n    driver::World;\n    {}\n}}{}",
        &text[..start],
        HIDDEN.join(",\n    "),
        &text[end..]
    )
}

fn rubric(budgets: bool) -> String {
    let specs = SPECS.iter().map(|name| format!("\"spec/{name}\""));
    let hidden = HIDDEN
        .iter()
        .map(|path| format!("\"hidden/{}\"", path.rsplit("::").next().unwrap_or(path)));
    let budgets = BUDGETS
        .iter()
        .filter(|_| budgets)
        .map(|name| format!("\"budget/{name}\""));
    let checks: Vec<String> = specs.chain(hidden).chain(budgets).collect();
    format!(
        "exercise = \"ex00\"\n\n[[criterion]]\nid = \"all\"\ntitle = \"Tout\"\npoints = 100\nchecks = [{}]\n",
        checks.join(", ")
    )
}
