//! The hostile corpus: submissions that attack their grader. None gets a point that its code does not earn, none gets out, nothing of them
//! is left, and grading ends in time with a card.
//!
//! A case says in `tests/submissions/hostile` what it does, what must come of it and what has to be isolated for that. Where the machine
//! does not isolate that, an attack that succeeds is listed as such; what can be forged, left behind or made to fail is held against the
//! grader everywhere. `HOSTILE=<part of a name>` picks cases.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde_json::Value;

use crate::support::{each, moulinette, reachable};

mod case; // a case as its file describes it
pub mod course; // the course that cases are graded with
mod host; // what cases aim at
mod outcome; // what a case came to, held against what was expected
mod place; // the submission of a case on disk
mod run; // the program at work on it

use case::Case;
use outcome::{Outcome, Setting};

/// The corpus is graded in one mode at a time: each keeps the machine busy.
static TURN: Mutex<()> = Mutex::new(());

#[test]
fn hostile_submissions_are_contained_and_forge_nothing() {
    corpus("as this machine is", &[], |_| true);
}

/// As on a host that lets nobody make namespaces and gives no control group: what is left to an ordinary user there. Cases that need no
/// isolation get what they got above.
#[test]
fn so_they_are_without_namespaces_and_control_groups() {
    let without = ["--sandbox-without", "namespaces,cgroup"];
    if moulinette([&["doctor"], &without[..]].concat()).code == 2 {
        println!("this program has no namespaces and no control groups to leave out");
        return;
    }
    let matters = |case: &Case| {
        let subject = case.name.split('/').next().unwrap_or_default();
        !case.needs.is_empty() || ["processes", "resources", "writing"].contains(&subject)
    };
    corpus("without namespaces and control groups", &without, matters);
}

/// Grades all cases two at a time, prints the table, and fails if a case is not as it should be.
fn corpus(mode: &str, options: &[&str], wanted: impl Fn(&Case) -> bool) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let started = Instant::now();
    let courses = [course::made(false), course::made(true)];
    let place = tempfile::Builder::new()
        .prefix("hostile-")
        .permissions(fs::Permissions::from_mode(0o755))
        .tempdir_in(reachable())
        .expect("a directory can be made");
    let mut cases = case::all();
    cases.retain(wanted);
    for case in &cases {
        let unknown: Vec<_> = case.needs.iter().filter(|need| !host::is_known(need)).collect();
        assert!(
            unknown.is_empty() && !case.about.is_empty(),
            "{}: {unknown:?}",
            case.name
        );
    }
    // Long ones first, so that nobody waits for them in the end.
    cases.sort_by_key(|case| std::cmp::Reverse(case.within));
    let card = warmed_up(&courses.each_ref().map(tempfile::TempDir::path), place.path(), options);
    let setting = Setting {
        isolated: host::isolated(&card),
        courses: courses.each_ref().map(tempfile::TempDir::path),
        place: place.path(),
        options,
    };
    let kit = outcome::kit();
    let mut wrong: Vec<String> = Vec::new();
    println!("hostile submissions, {mode}; in force: {:?}", setting.isolated);
    let outcomes = each(&cases, |case| {
        let outcome = Outcome::of(case, &setting);
        println!("{outcome}");
        outcome
    });
    for outcome in &outcomes {
        wrong.extend(outcome.wrong.iter().map(|what| format!("{}: {what}", outcome.name)));
    }
    let open = outcomes.iter().filter(|outcome| !outcome.open.is_empty()).count();
    println!(
        "{} cases in {:.0} s: {} contained, {open} not contained here",
        outcomes.len(),
        started.elapsed().as_secs_f64(),
        outcomes.len() - open
    );
    let now = outcome::kit();
    wrong.extend(
        kit.iter()
            .filter(|file| !now.contains(file))
            .map(|(path, _)| format!("{path} of the cache was changed")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Grades honest code, so that kits and twins are there before the clocks of cases run, and says what the sandbox is.
fn warmed_up(courses: &[&Path; 2], place: &Path, options: &[&str]) -> Value {
    let honest = crate::support::Sample::named("ex00", "dense-vectors").directory();
    let options = [options, &["--no-cache", "--format", "json"]].concat();
    let cards = courses.map(|course| {
        let place = place.join(if course == courses[0] { "warm" } else { "warm-measured" });
        fs::create_dir(&place).expect("a folder can be made");
        let run = run::grade(&honest, course, &place, &options, 1800);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        serde_json::from_str::<Value>(&run.stdout).expect("a card is JSON")
    });
    let checks = cards[0]["exercises"][0]["checks"].as_array().expect("a list");
    assert!(checks.iter().all(|check| check["verdict"] == "passed"), "{checks:?}");
    let [card, _] = cards;
    card
}

impl<'s> Setting<'s> {
    /// The course of a case.
    fn course(&self, case: &Case) -> &'s Path {
        self.courses[usize::from(case.budgets)]
    }
}
