//! Worked examples of scoring.

use super::score;
use super::support::{check_id, criterion, exercise_id, findings, points, record, session, subject};
use crate::model::evidence::Evidence;
use crate::model::points::{Points, Weight};
use crate::model::result::ExerciseResult;
use crate::model::rubric::{Criterion, Penalties, Rubric, RubricError, Rule};
use crate::model::rules::{CourseRules, LatePolicy, Letter, Letters};
use crate::model::scorecard::{Audience, ExerciseScore, Scorecard, State};
use crate::model::verdict::{FindingKind, Verdict};

const FAILED: Verdict = Verdict::Failed;
const PASSED: Verdict = Verdict::Passed;

fn card(results: &[ExerciseResult<'_>]) -> Scorecard {
    score(results, &CourseRules::default(), &session())
}

fn single(result: ExerciseResult<'_>) -> ExerciseScore {
    card(&[result]).exercises.remove(0)
}

fn two_criteria() -> Vec<Criterion> {
    vec![
        criterion("merge", 30.0, &["spec/a", "spec/b", "hidden/c"]),
        criterion("order", 70.0, &["hidden/d", "budget/e"]),
    ]
}

#[test]
fn all_checks_earn_all_points_and_none_earn_none() {
    let subject = subject("ex00", two_criteria());
    assert_eq!(single(subject.examined(PASSED, &[], vec![])).percentage, Points::FULL);
    assert_eq!(single(subject.examined(FAILED, &[], vec![])).percentage, Points::ZERO);
}

#[test]
fn checks_share_the_points_of_their_criterion_by_weight() {
    let mut merge = criterion("merge", 30.0, &["spec/a", "hidden/c"]);
    merge.checks[1].1 = Weight::new(2.0).expect("a weight");
    let subject = subject("ex00", vec![merge, criterion("order", 70.0, &["hidden/d"])]);
    let score = single(subject.examined(PASSED, &[("spec/a", FAILED)], vec![]));
    assert_eq!(score.percentage, points(90.0));
    let worth = |name: &str| {
        score
            .checks
            .iter()
            .find(|check| check.id == check_id(name))
            .and_then(|check| check.worth)
    };
    assert_eq!(
        worth("spec/a").map(|worth| (worth.earned, worth.possible)),
        Some((Points::ZERO, points(10.0)))
    );
    assert_eq!(
        worth("hidden/c").map(|worth| (worth.earned, worth.possible)),
        Some((points(20.0), points(20.0)))
    );
}

#[test]
fn thirds_of_points_add_up_to_the_whole() {
    let subject = subject("ex00", vec![criterion("all", 100.0, &["spec/a", "spec/b", "spec/c"])]);
    let score = single(subject.examined(PASSED, &[], vec![]));
    let parts: Vec<String> = score
        .checks
        .iter()
        .map(|check| check.worth.expect("owned").possible.to_string())
        .collect();
    assert_eq!(parts, ["33.33", "33.34", "33.33"]);
    assert_eq!(score.percentage, Points::FULL);
    assert_eq!(
        single(subject.examined(PASSED, &[("spec/b", FAILED)], vec![])).percentage,
        points(66.66)
    );
}

#[test]
fn a_group_of_all_or_nothing_earns_nothing_if_one_check_fails() {
    let mut criteria = two_criteria();
    criteria[0].rule = Rule::AllOrNothing;
    let subject = subject("ex00", criteria);
    assert_eq!(
        single(subject.examined(PASSED, &[("spec/b", FAILED)], vec![])).percentage,
        points(70.0)
    );
    assert_eq!(single(subject.examined(PASSED, &[], vec![])).percentage, Points::FULL);
}

#[test]
fn a_cap_forgives_a_few_checks() {
    let mut merge = criterion("merge", 40.0, &["spec/a", "spec/b", "spec/c", "spec/d"]);
    merge.cap = Some(points(30.0));
    let subject = subject("ex00", vec![merge, criterion("order", 70.0, &["hidden/d"])]);
    assert_eq!(
        single(subject.examined(PASSED, &[("spec/b", FAILED)], vec![])).percentage,
        Points::FULL
    );
    let two = [("spec/b", FAILED), ("spec/c", FAILED)];
    assert_eq!(single(subject.examined(PASSED, &two, vec![])).percentage, points(90.0));
}

#[test]
fn a_bonus_is_on_top_of_the_hundred() {
    let mut criteria = two_criteria();
    criteria.push(Criterion {
        bonus: true,
        ..criterion("extra", 8.0, &["hidden/extra"])
    });
    let subject = subject("ex00", criteria);
    assert_eq!(single(subject.examined(PASSED, &[], vec![])).percentage, points(108.0));
    assert_eq!(
        single(subject.examined(PASSED, &[("hidden/extra", FAILED)], vec![])).percentage,
        Points::FULL
    );
}

#[test]
fn findings_cost_what_the_rubric_says_and_no_more_than_their_cap() {
    let subject = subject("ex00", two_criteria());
    let mut found = findings(FindingKind::Warning, 4);
    found.extend(findings(FindingKind::Policy, 9));
    found.extend(findings(FindingKind::Intake, 3));
    let score = single(subject.examined(PASSED, &[], found));
    let lost: Vec<(FindingKind, u32, Points, bool)> = score
        .penalties
        .iter()
        .map(|cost| (cost.kind, cost.count, cost.lost, cost.capped))
        .collect();
    assert_eq!(
        lost,
        [
            (FindingKind::Policy, 9, points(20.0), true),
            (FindingKind::Warning, 4, points(2.0), false)
        ]
    );
    assert_eq!(score.percentage, points(78.0));
    let nothing = single(subject.examined(FAILED, &[], findings(FindingKind::Policy, 2)));
    assert_eq!(nothing.percentage, Points::ZERO);
}

#[test]
fn one_finding_reported_twice_costs_once() {
    let subject = subject("ex00", two_criteria());
    let mut found = findings(FindingKind::Warning, 1);
    found.extend(findings(FindingKind::Warning, 1));
    assert_eq!(single(subject.examined(PASSED, &[], found)).percentage, points(99.5));
}

#[test]
fn an_undecided_check_costs_nothing_and_makes_the_card_provisional() {
    let subject = subject("ex00", two_criteria());
    let undecided = [("budget/e", Verdict::Inconclusive), ("hidden/d", FAILED)];
    let result = card(&[subject.examined(PASSED, &undecided, vec![])]);
    assert_eq!(result.exercises[0].percentage, points(65.0));
    assert!(result.provisional && result.exercises[0].provisional);
    // The card still says that it does not hold yet.
    let order = &result.exercises[0].criteria[1];
    assert_eq!((order.passed, order.total, order.worth.earned), (0, 2, points(35.0)));
    assert_eq!(result.concepts["5.4.4.a"].passed, 3);
}

#[test]
fn what_was_not_examined_is_worth_nothing_and_says_so() {
    let subject = subject("ex00", two_criteria());
    let refused = Evidence::Refused {
        findings: findings(FindingKind::Intake, 1),
    };
    let unbuildable = Evidence::Unbuildable {
        errors: vec![],
        findings: findings(FindingKind::Policy, 1),
    };
    let cases = [
        (Evidence::Missing, State::Missing, Verdict::NotRun, 0),
        (refused, State::Refused, Verdict::NotRun, 1),
        (unbuildable, State::Unbuildable, Verdict::NotCompiled, 1),
    ];
    for (evidence, state, verdict, found) in cases {
        let score = single(subject.with(evidence));
        assert_eq!(
            (score.state, score.percentage, score.findings.len()),
            (state, Points::ZERO, found)
        );
        assert!(
            score
                .checks
                .iter()
                .all(|check| check.verdict == verdict && !check.detail.is_empty())
        );
        assert!(score.penalties.is_empty() && !score.provisional);
    }
}

#[test]
fn silence_duplicates_and_strangers_never_become_a_pass() {
    let subject = subject("ex00", vec![criterion("all", 100.0, &["spec/a", "spec/b"])]);
    let (a, b) = (check_id("spec/a"), check_id("spec/b"));
    let evidence = |checks| Evidence::Examined {
        checks,
        findings: vec![],
    };
    let silent = single(subject.with(evidence(vec![record(&a, PASSED)])));
    assert_eq!(
        (silent.percentage, silent.checks[1].verdict),
        (points(50.0), Verdict::NotRun)
    );
    let twice = vec![
        record(&a, PASSED),
        record(&b, PASSED),
        record(&b, FAILED),
        record(&b, PASSED),
    ];
    assert_eq!(single(subject.with(evidence(twice))).percentage, points(50.0));
    let doubtful = vec![
        record(&a, PASSED),
        record(&b, PASSED),
        record(&b, Verdict::Inconclusive),
    ];
    assert!(single(subject.with(evidence(doubtful))).provisional);
    let strange = vec![record(&check_id("spec/z"), PASSED)];
    let strange = single(subject.with(evidence(strange)));
    assert_eq!((strange.percentage, strange.checks.len()), (Points::ZERO, 2));
}

#[test]
fn the_mark_is_the_weighted_mean_over_all_exercises() {
    let (first, second) = (subject("ex00", two_criteria()), subject("ex01", two_criteria()));
    let results = [second.with(Evidence::Missing), first.examined(PASSED, &[], vec![])];
    let even = card(&results);
    assert_eq!(
        (even.mark, even.letter.as_deref(), even.passed),
        (Some(points(50.0)), Some("P"), true)
    );
    assert_eq!(even.exercises[0].id, exercise_id("ex00"));
    let weights = [(exercise_id("ex01"), Weight::new(3.0).expect("a weight"))].into();
    let rules = CourseRules {
        weights,
        ..CourseRules::default()
    };
    let uneven = score(&results, &rules, &session());
    assert_eq!(
        (uneven.mark, uneven.letter.as_deref(), uneven.passed),
        (Some(points(25.0)), Some("F"), false)
    );
    assert_eq!(card(&[]).mark, Some(Points::ZERO));
}

#[test]
fn part_of_a_submission_has_no_mark() {
    let (first, second) = (subject("ex00", two_criteria()), subject("ex01", two_criteria()));
    let card = card(&[first.examined(PASSED, &[], vec![]), second.with(Evidence::Unfinished)]);
    assert_eq!((card.mark, card.letter, card.passed), (None, None, false));
    assert!(card.interrupted);
    let states = card
        .exercises
        .iter()
        .map(|exercise| (exercise.state, exercise.percentage));
    assert_eq!(
        states.collect::<Vec<_>>(),
        [(State::Examined, Points::FULL), (State::Unfinished, Points::ZERO)]
    );
}

#[test]
fn lateness_is_counted_in_started_days_after_a_grace() {
    let subject = subject("ex00", two_criteria());
    let due = Some("2026-11-20T12:00:00Z".parse().expect("a time"));
    let late = LatePolicy {
        grace_minutes: 30,
        percent_per_day: 10.0,
        max_days: 5,
        floor: 65.0,
        due,
        ..LatePolicy::none()
    };
    let rules = CourseRules {
        late,
        ..CourseRules::default()
    };
    let at = |time: &str| {
        let mut session = session();
        session.submitted_at = Some(time.parse().expect("a time"));
        let result = subject.examined(PASSED, &[("hidden/d", FAILED), ("budget/e", PASSED)], vec![]);
        let card = score(&[result], &rules, &session);
        (
            card.exercises[0].late.as_ref().map(|late| (late.days, late.lost)),
            card.mark.expect("nothing interrupts"),
        )
    };
    assert_eq!(at("2026-11-01T00:00:00Z"), (None, points(65.0)));
    assert_eq!(at("2026-11-20T12:30:00Z"), (None, points(65.0)));
    assert_eq!(at("2026-11-20T12:30:00.001Z"), (Some((1, points(6.5))), points(58.5)));
    assert_eq!(at("2026-11-21T12:00:00Z"), (Some((1, points(6.5))), points(58.5)));
    assert_eq!(at("2026-11-21T12:00:01Z"), (Some((2, points(13.0))), points(52.0)));
    // The floor keeps 65 percent until the last day, and nothing after it.
    assert_eq!(at("2026-11-25T12:00:00Z"), (Some((5, points(22.75))), points(42.25)));
    assert_eq!(at("2026-11-25T12:00:01Z"), (Some((6, points(65.0))), Points::ZERO));
}

#[test]
fn each_exercise_may_have_its_own_due_date() {
    let (first, second) = (subject("ex00", two_criteria()), subject("ex01", two_criteria()));
    let time = |text: &str| text.parse().expect("a time");
    let exercises = [(exercise_id("ex01"), time("2026-12-01T00:00:00Z"))].into();
    let late = LatePolicy {
        percent_per_day: 50.0,
        max_days: 9,
        due: Some(time("2026-11-01T00:00:00Z")),
        exercises,
        ..LatePolicy::none()
    };
    let rules = CourseRules {
        late,
        ..CourseRules::default()
    };
    let mut session = session();
    session.submitted_at = Some(time("2026-11-01T06:00:00Z"));
    let card = score(
        &[
            first.examined(PASSED, &[], vec![]),
            second.examined(PASSED, &[], vec![]),
        ],
        &rules,
        &session,
    );
    assert_eq!(card.late, [exercise_id("ex00")]);
    assert_eq!(
        (card.exercises[0].percentage, card.exercises[1].percentage),
        (points(50.0), Points::FULL)
    );
}

#[test]
fn letters_start_at_their_mark() {
    let letter = |letter: &str, from| Letter {
        letter: letter.to_owned(),
        from: points(from),
    };
    let letters = Letters::new(vec![letter("A", 90.0), letter("B", 50.0), letter("F", 0.0)]).expect("a scale");
    let given: Vec<&str> = [108.0, 90.0, 89.99, 50.0, 49.99, 0.0]
        .map(|mark| letters.of(points(mark)))
        .into();
    assert_eq!(given, ["A", "A", "B", "B", "F", "F"]);
}

#[test]
fn contradictory_rubrics_are_refused() {
    let refused = |criteria| Rubric::new(exercise_id("ex00"), criteria, Penalties::default()).expect_err("refused");
    assert_eq!(refused(vec![]), [RubricError::Sum(Points::ZERO)]);
    assert_eq!(
        refused(vec![criterion("a", 95.0, &["spec/a"])]),
        [RubricError::Sum(points(95.0))]
    );
    let bonus = Criterion {
        bonus: true,
        ..criterion("b", 5.0, &["spec/b"])
    };
    assert_eq!(
        refused(vec![criterion("a", 95.0, &["spec/a"]), bonus]),
        [RubricError::Sum(points(95.0))]
    );
    let mut weightless = criterion("a", 100.0, &["spec/a"]);
    weightless.checks[0].1 = Weight::new(0.0).expect("a weight");
    assert_eq!(refused(vec![weightless]), [RubricError::NoWeight { criterion: 0 }]);
    let (first, second) = (
        criterion("a", 50.0, &["spec/a"]),
        criterion("b", 50.0, &["spec/b", "spec/a"]),
    );
    let owner = first.id.clone();
    let twice = RubricError::OwnedTwice {
        criterion: 1,
        at: 1,
        check: check_id("spec/a"),
        owner,
    };
    assert_eq!(refused(vec![first, second]), [twice]);
}

#[test]
fn a_student_does_not_see_what_hidden_checks_are_worth() {
    let mut criteria = two_criteria();
    criteria[1].visibility = crate::model::rubric::Visibility::Hidden;
    let subject = subject("ex00", criteria);
    let card = card(&[subject.examined(PASSED, &[("hidden/d", FAILED)], vec![])]);
    let seen = card.clone().for_audience(Audience::Student);
    let exercise = &seen.exercises[0];
    assert_eq!(exercise.criteria.len(), 1);
    let shown: Vec<(String, bool, bool)> = exercise
        .checks
        .iter()
        .map(|check| (check.id.to_string(), check.criterion.is_some(), check.worth.is_some()))
        .collect();
    let expected = [
        ("spec/a", true, true),
        ("spec/b", true, true),
        ("hidden/c", true, false),
        ("hidden/d", false, false),
        ("budget/e", false, false),
    ];
    assert_eq!(
        shown,
        expected.map(|(id, criterion, worth)| (id.to_owned(), criterion, worth))
    );
    assert_eq!(
        (exercise.percentage, exercise.checks[3].verdict),
        (points(65.0), FAILED)
    );
    // An instructor sees everything, and a student's card does not become an instructor's.
    assert_eq!(card.clone().for_audience(Audience::Instructor), card);
    assert_eq!(seen.clone().for_audience(Audience::Instructor), seen);
}
