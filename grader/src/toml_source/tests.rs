//! The diagnostics of every file of the course, as they are shown.

use std::collections::BTreeSet;

use insta::assert_snapshot;

use super::{RubricFile, course, exercise, rubric};
use crate::diagnostic::Diagnostic;
use crate::model::exercise::{Exercise, Network};
use crate::model::ids::{CheckId, ExerciseId};
use crate::model::points::Points;
use crate::model::rubric::{Rubric, Rule, Visibility};

const EXERCISE: &str = r#"id = "ex07"
title = "Tracing"
summary = "Traces réparties"
entry = "src/lib.rs"
crates = ["serde", "tokio"]
network = "loopback"

[limits]
cpu_ms = 4000
memory_mib = 256
output_kib = 64
threads = 16

[[requirement]]
id = "R1"
text = "Un identifiant est non nul."
concepts = ["5.4.7.a", "5.4.7.ab"]

[[budget]]
id = "parse-growth"
requirement = "R1"
workload = "parse"
kind = "growth"
sizes = [64, 256, 1024]
limit = 1.5

[[budget]]
id = "parse-time"
requirement = "R1"
workload = "parse"
kind = "time"
size = 1024
limit = 2
"#;

const RUBRIC: &str = r#"exercise = "ex07"

[[criterion]]
id = "ids"
title = "Identifiants"
points = 60.5
checks = ["spec/test_ids", "hidden/ids_are_not_zero"]
weights = { "hidden/ids_are_not_zero" = 2.0 }
rule = "all-or-nothing"

[[criterion]]
id = "cost"
title = "Coût"
points = 45
cap = 39.5
checks = ["budget/parse-growth"]

[[criterion]]
id = "extra"
title = "Extra"
points = 5
checks = ["budget/parse-time"]
bonus = true
visibility = "hidden"

[penalties]
warning = { each = 0.5, cap = 3 }
missing_docs = { each = 0.5, cap = 5 }
policy = { each = 5, cap = 20 }
"#;

const COURSE: &str = include_str!("../../../rubrics/course.toml");

fn id() -> ExerciseId {
    "ex07".parse().expect("an id")
}

fn read_exercise(text: &str) -> Result<Exercise, Vec<Diagnostic>> {
    let crates: BTreeSet<String> = ["serde", "serde_json", "tokio"].map(str::to_owned).into();
    exercise("exercises/ex07/exercise.toml", text, &id(), &crates)
}

fn read_rubric(text: &str) -> Result<Rubric, Vec<Diagnostic>> {
    let checks = [
        "spec/test_ids",
        "hidden/ids_are_not_zero",
        "budget/parse-growth",
        "budget/parse-time",
    ];
    let checks: Vec<CheckId> = checks.iter().map(|check| check.parse().expect("an id")).collect();
    rubric("rubrics/ex07.toml", text, &id(), &checks)
}

/// What is wrong with a text in which some parts are replaced; each must occur.
fn wrong<T>(text: &str, edits: &[(&str, &str)], read: impl Fn(&str) -> Result<T, Vec<Diagnostic>>) -> String {
    let edited = edits.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    let Err(problems) = read(&edited) else {
        panic!("nothing is wrong with:\n{edited}")
    };
    problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n\n")
}

#[test]
fn an_exercise_is_read_as_it_is_written() {
    let read = read_exercise(EXERCISE).expect("sound");
    assert_eq!(read.network, Network::Loopback);
    assert!(!read.generated);
    let generating = EXERCISE.replacen("[limits]", "generated = true\n\n[limits]", 1);
    assert!(read_exercise(&generating).expect("sound").generated);
    assert_eq!(read.limits.threads, 16);
    assert_eq!(read.requirements[0].concepts, ["5.4.7.a", "5.4.7.ab"]);
    assert_eq!(
        (read.budgets[0].sizes.len(), read.budgets[1].size, read.budgets[1].limit),
        (3, Some(1024), 2.0)
    );
    // The published schema describes this very file.
    assert_eq!(toml::from_str::<Exercise>(EXERCISE).expect("the schema's shape"), read);
}

#[test]
fn a_rubric_is_read_as_it_is_written() {
    let read = read_rubric(RUBRIC).expect("sound");
    let [ids, cost, extra] = read.criteria() else {
        panic!("three criteria")
    };
    assert_eq!((ids.rule, ids.checks[1].1.number()), (Rule::AllOrNothing, 2.0));
    assert_eq!(cost.possible(), Points::rounded(39.5));
    assert_eq!(
        (extra.bonus, extra.visibility, read.bonus()),
        (true, Visibility::Hidden, Points::rounded(5.0))
    );
    assert_eq!(read.penalties().policy.cap, Points::rounded(20.0));
    toml::from_str::<RubricFile>(RUBRIC).expect("the schema's shape");
}

#[test]
fn the_rules_of_this_course_are_sound() {
    let rules = course("rubrics/course.toml", COURSE).unwrap_or_else(|problems| panic!("{}", problems[0]));
    assert_eq!(rules.letters.of(Points::rounded(89.99)), "B");
    assert_eq!(rules.letters.of(Points::ZERO), "F");
    assert_eq!(rules.late.due(&id()), None);
}

#[test]
fn broken_toml() {
    assert_snapshot!(wrong(
        EXERCISE,
        &[("title = \"Tracing\"", "title = Tracing"), ("[limits]", "[limits")],
        read_exercise
    ));
    assert_snapshot!(wrong(EXERCISE, &[("network", "title")], read_exercise));
}

#[test]
fn keys_that_are_missing_unknown_or_of_another_type() {
    let edits = [
        ("title = \"Tracing\"\n", ""),
        ("summary", "sumary"),
        ("entry = \"src/lib.rs\"", "entry = 3"),
        ("crates = [\"serde\", \"tokio\"]", "crates = \"serde\""),
        ("threads = 16", "threads = \"16\"\nfiles = 3"),
        ("memory_mib = 256", "memory_mib = 1.5"),
        ("[[requirement]]\nid = \"R1\"\n", "[[requirement]]\n"),
    ];
    assert_snapshot!(wrong(EXERCISE, &edits, read_exercise));
}

#[test]
fn values_of_an_exercise_that_mean_nothing() {
    let edits = [
        ("id = \"ex07\"", "id = \"ex08\""),
        ("title = \"Tracing\"", "title = \"\""),
        ("src/lib.rs", "../lib.rs"),
        (
            "[\"serde\", \"tokio\"]",
            "[\"serde\", \"serde-json\", \"rand\", \"serde\"]",
        ),
        ("loopback", "internet"),
        ("cpu_ms = 4000", "cpu_ms = -1"),
        ("memory_mib = 256", "memory_mib = 99999999"),
        ("id = \"R1\"", "id = \"1\""),
        ("[\"5.4.7.a\", \"5.4.7.ab\"]", "[\"5.4.a\", \"5.4.7.b\", \"5.4.7.b\"]"),
        ("limit = 1.5", "limit = nan"),
    ];
    assert_snapshot!(wrong(EXERCISE, &edits, read_exercise));
    assert_snapshot!(wrong(
        EXERCISE,
        &[
            ("id = \"ex07\"", "id = \"seven\""),
            ("concepts = [\"5.4.7.a\", \"5.4.7.ab\"]", "concepts = []")
        ],
        read_exercise
    ));
    let bare = &EXERCISE[..EXERCISE.find("[[requirement]]").expect("there")];
    assert_snapshot!(wrong(bare, &[], read_exercise));
}

#[test]
fn budgets_that_bound_nothing() {
    let edits = [
        ("requirement = \"R1\"", "requirement = \"R9\""),
        ("sizes = [64, 256, 1024]", "sizes = [64, 64, 1024]"),
        ("id = \"parse-time\"", "id = \"parse-growth\""),
        ("size = 1024", "size = 0"),
        ("limit = 2", "limit = inf"),
    ];
    assert_snapshot!(wrong(EXERCISE, &edits, read_exercise));
    let edits = [
        ("kind = \"growth\"", "kind = \"time\""),
        ("size = 1024", ""),
        ("parse-time", "parse time"),
    ];
    assert_snapshot!(wrong(EXERCISE, &edits, read_exercise));
    assert_snapshot!(wrong(
        EXERCISE,
        &[
            ("sizes = [64, 256, 1024]", "size = 64"),
            ("kind = \"time\"", "kind = \"memory\"")
        ],
        read_exercise
    ));
}

#[test]
fn points_must_sum_to_a_hundred() {
    assert_snapshot!(wrong(RUBRIC, &[("60.5", "55.5")], read_rubric));
    assert_snapshot!(wrong("exercise = \"ex07\"\n", &[], read_rubric));
}

#[test]
fn numbers_of_a_rubric_that_are_none() {
    let edits = [
        ("60.5", "-60.5"),
        ("2.0", "nan"),
        ("points = 45", "points = inf"),
        ("39.5", "1e300"),
        ("points = 5", "points = 33.333"),
        ("each = 0.5, cap = 3", "each = -0.5, cap = nan"),
    ];
    assert_snapshot!(wrong(RUBRIC, &edits, read_rubric));
    assert_snapshot!(wrong(
        RUBRIC,
        &[
            ("2.0", "1e9"),
            (
                "[\"budget/parse-time\"]",
                "[\"budget/parse-time\"]\nweights = { \"budget/parse-time\" = 0 }"
            )
        ],
        read_rubric
    ));
}

#[test]
fn criteria_that_contradict_themselves_or_each_other() {
    let edits = [
        ("id = \"cost\"", "id = \"ids\""),
        ("cap = 39.5", "cap = 46"),
        ("[\"budget/parse-growth\"]", "[\"spec/test_ids\"]"),
        ("[\"budget/parse-time\"]", "[]"),
        ("points = 5", "points = 0"),
        (
            "{ \"hidden/ids_are_not_zero\" = 2.0 }",
            "{ \"hidden/ids_are_not_zero\" = 0, \"spec/test_ids\" = 0 }",
        ),
    ];
    assert_snapshot!(wrong(RUBRIC, &edits, read_rubric));
}

#[test]
fn each_check_is_known_and_has_one_owner() {
    assert_snapshot!(wrong(RUBRIC, &[("[\"spec/test_ids\", ", "[")], read_rubric));
    let edits = [
        (
            "[\"spec/test_ids\", ",
            "[\"spec/test_id\", \"tests/x\", \"hidden/gone\", ",
        ),
        (
            "{ \"hidden/ids_are_not_zero\"",
            "{ \"budget/parse-growth\" = 1, \"hidden/ids_are_not_zero\"",
        ),
        ("exercise = \"ex07\"", "exercise = \"ex08\""),
        ("id = \"extra\"", "id = \"Extra marks\""),
        ("visibility = \"hidden\"", "visibility = \"secret\"\nweight = 3"),
    ];
    assert_snapshot!(wrong(RUBRIC, &edits, read_rubric));
}

#[test]
fn rules_of_a_course_that_decide_nothing() {
    let edits = [
        ("pass_mark = 50", "pass_mark = 101"),
        ("percent_per_day = 10", "percent_per_day = nan"),
        ("max_days = 7", "max_days = \"7\""),
        ("# due = 2027-01-31T23:59:00+01:00", "due = 2027-01-31"),
        (
            "# [late.exercises]\n# ex00 = 2026-12-13T23:59:00+01:00",
            "[late.exercises]\nex0 = 2026-12-13T23:59:00+01:00\nex01 = \"soon\"",
        ),
        ("# [weights]\n# ex02 = 2", "[weights]\nex02 = 0\nex03 = -1"),
    ];
    assert_snapshot!(wrong(COURSE, &edits, |text| course("rubrics/course.toml", text)));
    let edits = [
        ("letter = \"B\"", "letter = \"A\""),
        ("from = 70", "from = 85"),
        ("from = 0", "from = 10"),
    ];
    assert_snapshot!(wrong(COURSE, &edits, |text| course("rubrics/course.toml", text)));
    assert_snapshot!(wrong("pass_mark = 50\n", &[], |text| course(
        "rubrics/course.toml",
        text
    )));
}
