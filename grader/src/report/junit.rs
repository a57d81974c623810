//! JUnit XML: a suite for each exercise, a case for each check.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::model::scorecard::{CheckScore, ExerciseScore, Scorecard};
use crate::model::verdict::Verdict;

use super::{escape, view};

/// The report as XML.
pub fn render(card: &Scorecard) -> String {
    let mut report = Report::new("moulinette");
    report.set_time(duration(card.timing.wall_ms));
    report.add_test_suites(card.exercises.iter().map(|exercise| suite(card, exercise)));
    if card.interrupted {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(view::INTERRUPTED);
        let mut suite = TestSuite::new("moulinette");
        suite.add_test_case(TestCase::new("interrupted", status));
        report.add_test_suite(suite);
    }
    report.to_string().expect("the text of a report is UTF-8")
}

fn suite(card: &Scorecard, exercise: &ExerciseScore) -> TestSuite {
    let mut suite = TestSuite::new(format!("{} {}", exercise.id, escape::line(&exercise.title)));
    suite.add_property(("percentage", exercise.percentage.to_string().as_str()));
    if let Some(warning) = &card.sandbox.warning {
        suite.set_system_err(format!("warning: {}", escape::line(warning)));
    }
    let timing = card.timing.exercises.get(&exercise.id);
    suite.set_time(duration(timing.map_or(0.0, |timing| timing.wall_ms)));
    suite.add_test_cases(exercise.checks.iter().map(|check| {
        let mut case = case(exercise, check);
        let spent = timing
            .and_then(|timing| timing.checks.get(&check.id))
            .map_or(0.0, |timing| timing.wall_ms);
        case.set_time(duration(spent));
        case
    }));
    suite
}

/// A check that was not run is a failure: silence is never a pass. An undecided one is skipped.
fn case(exercise: &ExerciseScore, check: &CheckScore) -> TestCase {
    let mut status = match check.verdict {
        Verdict::Passed => TestCaseStatus::success(),
        Verdict::Inconclusive => TestCaseStatus::skipped(),
        Verdict::Crashed => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Failed | Verdict::TimedOut | Verdict::Exhausted | Verdict::NotCompiled | Verdict::NotRun => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
    };
    if check.verdict != Verdict::Passed {
        let reason = check.story.as_ref().map_or(&check.detail, |story| &story.objection);
        status.set_message(escape::line(reason));
        status.set_type(check.verdict.as_str());
        status.set_description(description(exercise, check));
    }
    let mut case = TestCase::new(check.id.to_string(), status);
    case.set_classname(exercise.id.as_str());
    case
}

/// The requirements and the story.
fn description(exercise: &ExerciseScore, check: &CheckScore) -> String {
    let asked = exercise
        .requirements
        .iter()
        .filter(|requirement| check.requirements.contains(&requirement.id));
    let mut lines: Vec<String> = asked
        .map(|requirement| escape::line(&format!("{}: {}", requirement.id, requirement.text)))
        .collect();
    lines.extend(check.story.iter().flat_map(view::steps));
    lines.join("\n")
}

fn duration(ms: f64) -> Duration {
    Duration::try_from_secs_f64(ms / 1e3).unwrap_or_default()
}
