//! The readers of exercise.toml and of rubrics.

use std::collections::BTreeSet;

use moulinette::diagnostic::Diagnostic;
use moulinette::model::exercise::{Exercise, Module};
use moulinette::model::ids::{CheckId, ExerciseId};
use moulinette::model::points::Points;
use moulinette::toml_source::{exercise, rubric};
use proptest::prelude::*;

use super::{cases, damaged};

const EXERCISE: &str = "id = \"ex07\"\ntitle = \"Tracing\"\nsummary = \"Traces réparties\"\nentry = \"src/lib.rs\"\n\
crates = [\"serde\", \"tokio\"]\nnetwork = \"loopback\"\nallows = [\"std::fs\"]\n[limits]\ncpu_ms = 4000\nthreads = 16\n\
[[requirement]]\nid = \"R1\"\ntext = \"Un identifiant est non nul.\"\nconcepts = [\"5.4.7.a\"]\n\
[[budget]]\nid = \"parse\"\nrequirement = \"R1\"\nworkload = \"parse\"\nkind = \"growth\"\nsizes = [64, 256, 1024]\nlimit = 1.5\n";

const RUBRIC: &str = "exercise = \"ex07\"\n[[criterion]]\nid = \"ids\"\ntitle = \"Identifiants\"\npoints = 60.5\n\
checks = [\"spec/a\", \"hidden/b\"]\nweights = { \"hidden/b\" = 2.0 }\nrule = \"all-or-nothing\"\n\
[[criterion]]\nid = \"cost\"\ntitle = \"Coût\"\npoints = 45\ncap = 39.5\nchecks = [\"budget/c\"]\n\
[penalties]\npolicy = { each = 5, cap = 20 }\n";

const PIECES: &[&str] = &[
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    "\"",
    "'",
    "'''",
    "\"\"\"",
    "\n",
    "\r",
    "#",
    ",",
    ".",
    "-",
    "nan",
    "inf",
    "1e309",
    "0x",
    "99999999999999999999",
    "true",
    "\\u0000",
    "\u{1b}",
    "\u{202e}",
    "é",
    "points = -1",
    "limit = 0",
    "id = \"R1\"\n",
    "[[requirement]]\n",
    "[[budget]]\n",
    "kind = \"time\"\n",
    "[[criterion]]\n",
    "1979-05-27",
    "\"std::net\"",
    "\u{0}",
];

fn id() -> ExerciseId {
    "ex07".parse().unwrap()
}

fn read_exercise(text: &str) -> Result<Exercise, Vec<Diagnostic>> {
    let crates: BTreeSet<String> = ["serde", "tokio"].map(str::to_owned).into();
    exercise("exercise.toml", text, &id(), &crates)
}

fn checks() -> Vec<CheckId> {
    ["spec/a", "hidden/b", "budget/c"]
        .map(|check| check.parse().unwrap())
        .to_vec()
}

/// Each problem has a place within the text, can be shown, and shows nothing that could fool a terminal.
fn sensible(text: &str, problems: &[Diagnostic]) -> Result<(), TestCaseError> {
    prop_assert!(!problems.is_empty(), "refused without a reason");
    for problem in problems {
        prop_assert!(problem.line() <= text.split('\n').count(), "{:?}", problem);
        prop_assert!(!problem.to_string().is_empty() && !problem.remedy.is_empty());
    }
    Ok(())
}

fn check_exercise(text: &str) -> Result<(), TestCaseError> {
    match read_exercise(text) {
        Ok(read) => {
            // What was read can be written, and reads the same.
            let written = toml::to_string(&read).unwrap();
            prop_assert_eq!(
                read_exercise(&written).map_err(|problems| format!("{problems:?} in {written}")),
                Ok(read.clone())
            );
            prop_assert_eq!(toml::from_str::<Exercise>(text).unwrap(), read);
        }
        Err(problems) => sensible(text, &problems)?,
    }
    Ok(())
}

fn check_rubric(text: &str) -> Result<(), TestCaseError> {
    match rubric("rubric.toml", text, &id(), &checks()) {
        Ok(read) => {
            let sum: Points = read.criteria().iter().filter(|c| !c.bonus).map(|c| c.possible()).sum();
            prop_assert_eq!(sum, Points::FULL);
            let owned: BTreeSet<_> = read
                .criteria()
                .iter()
                .flat_map(|c| &c.checks)
                .map(|(check, _)| check)
                .collect();
            prop_assert_eq!(owned.len(), checks().len());
        }
        Err(problems) => sensible(text, &problems)?,
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn any_text_is_read_or_refused_with_a_reason(text in any::<String>()) {
        check_exercise(&text)?;
        check_rubric(&text)?;
    }

    #[test]
    fn damaged_exercises_are_read_or_refused_with_a_reason(text in damaged(EXERCISE, PIECES)) {
        check_exercise(&text)?;
    }

    #[test]
    fn damaged_rubrics_are_read_or_refused_with_a_reason(text in damaged(RUBRIC, PIECES)) {
        check_rubric(&text)?;
    }

    #[test]
    fn exercises_that_are_written_are_read_again(
        title in "\\PC{1,20}", allows in prop::sample::subsequence(Module::NAMED.to_vec(), 0..8), cpu_ms in 10..60_000_u64, limit in 0.1..1e6_f64
    ) {
        let mut sound = read_exercise(EXERCISE).unwrap();
        sound.title = format!("T{title}");
        sound.allows = allows.into_iter().map(|(_, module)| module).collect();
        sound.limits.cpu_ms = cpu_ms;
        sound.budgets[0].limit = limit;
        let written = toml::to_string(&sound).unwrap();
        prop_assert_eq!(read_exercise(&written), Ok(sound));
    }
}

#[test]
fn bombs_are_refused_in_time() {
    let started = std::time::Instant::now();
    for text in [
        format!("x = {}", "[".repeat(200_000)),
        format!("x = {}{}", "{a=".repeat(50_000), "}".repeat(50_000)),
        format!("[{}b]", "a.".repeat(100_000)),
        "[[requirement]]\n".repeat(20_000),
        "a = 1\n".repeat(20_000),
        (0..20_000).map(|n| format!("k{n} = 1\n")).collect(),
    ] {
        assert!(read_exercise(&text).is_err());
        assert!(rubric("rubric.toml", &text, &id(), &checks()).is_err());
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
