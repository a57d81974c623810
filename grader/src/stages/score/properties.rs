//! What holds of every rubric and all evidence.

use proptest::prelude::*;

use super::score;
use super::support::{Subject, criterion, findings, record, session, subject};
use crate::model::evidence::{CheckRecord, Evidence, Measurement};
use crate::model::points::{Points, Weight};
use crate::model::rubric::{Criterion, Rule};
use crate::model::rules::{CourseRules, LatePolicy};
use crate::model::scorecard::{Scorecard, Timing};
use crate::model::verdict::{Finding, FindingKind, Verdict};

const VERDICTS: [Verdict; 8] = [
    Verdict::Passed,
    Verdict::Failed,
    Verdict::TimedOut,
    Verdict::Crashed,
    Verdict::Exhausted,
    Verdict::NotCompiled,
    Verdict::NotRun,
    Verdict::Inconclusive,
];

/// An exercise with one to five criteria of all kinds, and a bonus.
fn subjects() -> impl Strategy<Value = Subject> {
    let shape = (
        proptest::collection::vec(0.0..=10.0f64, 1..6),
        any::<bool>(),
        prop_oneof![Just(0), 1u64..500],
        1u64..5000,
    );
    (proptest::collection::vec(shape, 1..5), 1u64..900).prop_map(|(shapes, bonus)| {
        let mut left = Points::FULL.hundredths();
        let count = shapes.len();
        let mut criteria: Vec<Criterion> = Vec::new();
        for (at, (weights, all, over, part)) in shapes.into_iter().enumerate() {
            let possible = if at + 1 == count {
                left
            } else {
                part.min(left - (count - at - 1) as u64)
            };
            left -= possible;
            let names: Vec<String> = (0..weights.len()).map(|n| format!("hidden/c{at}_{n}")).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let mut made = criterion(&format!("c{at}"), 1.0, &names);
            made.points = Points::from_hundredths(possible + over);
            made.cap = (over > 0).then(|| Points::from_hundredths(possible));
            made.rule = if all { Rule::AllOrNothing } else { Rule::Proportional };
            for (check, weight) in made.checks.iter_mut().zip(weights) {
                check.1 = Weight::new(weight).expect("a weight");
            }
            made.checks[0].1 = Weight::ONE;
            criteria.push(made);
        }
        let extra = Criterion {
            points: Points::from_hundredths(bonus),
            bonus: true,
            ..criterion("extra", 1.0, &["spec/x", "spec/y"])
        };
        criteria.push(extra);
        subject("ex00", criteria)
    })
}

fn found() -> impl Strategy<Value = Vec<Finding>> {
    let kinds = prop_oneof![
        Just(FindingKind::Policy),
        Just(FindingKind::Warning),
        Just(FindingKind::MissingDocs),
        Just(FindingKind::Intake)
    ];
    proptest::collection::vec((kinds, 0u32..20), 0..4).prop_map(|kinds| {
        kinds
            .into_iter()
            .flat_map(|(kind, count)| findings(kind, count))
            .collect()
    })
}

/// An exercise, a verdict for each of its checks, findings.
fn examined() -> impl Strategy<Value = (Subject, Vec<Verdict>, Vec<Finding>)> {
    (subjects(), found()).prop_flat_map(|(subject, found)| {
        let verdicts = proptest::collection::vec(proptest::sample::select(&VERDICTS[..]), subject.checks.len());
        (Just(subject), verdicts, Just(found))
    })
}

fn records(subject: &Subject, verdicts: &[Verdict]) -> Vec<CheckRecord> {
    subject
        .checks
        .iter()
        .zip(verdicts)
        .map(|(info, verdict)| record(&info.id, *verdict))
        .collect()
}

type Shuffled = (Subject, Vec<CheckRecord>, Vec<CheckRecord>, Vec<Finding>, Vec<Finding>);

/// An exercise, and its evidence in two orders.
fn shuffled() -> impl Strategy<Value = Shuffled> {
    examined().prop_flat_map(|(subject, verdicts, found)| {
        let records = records(&subject, &verdicts);
        let again = Just(records.clone()).prop_shuffle();
        (
            Just(subject),
            Just(records),
            again,
            Just(found.clone()),
            Just(found).prop_shuffle(),
        )
    })
}

/// Three days late under a policy that bites.
fn graded(subject: &Subject, checks: Vec<CheckRecord>, findings: Vec<Finding>) -> Scorecard {
    let due = Some("2026-11-20T00:00:00Z".parse().expect("a time"));
    let late = LatePolicy {
        percent_per_day: 7.0,
        max_days: 9,
        due,
        ..LatePolicy::none()
    };
    let rules = CourseRules {
        late,
        ..CourseRules::default()
    };
    let mut session = session();
    session.submitted_at = Some("2026-11-22T08:00:00Z".parse().expect("a time"));
    score(
        &[subject.with(Evidence::Examined { checks, findings })],
        &rules,
        &session,
    )
}

proptest! {
    #[test]
    fn one_more_passed_check_never_lowers_a_mark((subject, verdicts, found) in examined(), at in any::<prop::sample::Index>()) {
        let before = graded(&subject, records(&subject, &verdicts), found.clone());
        let mut better = verdicts;
        let at = at.index(better.len());
        better[at] = Verdict::Passed;
        let after = graded(&subject, records(&subject, &better), found);
        prop_assert!(after.mark >= before.mark, "{:?} then {:?}", before.mark, after.mark);
        for (before, after) in before.exercises[0].criteria.iter().zip(&after.exercises[0].criteria) {
            prop_assert!(after.worth.earned >= before.worth.earned);
        }
    }

    #[test]
    fn doubt_of_ours_never_costs_a_point((subject, verdicts, found) in examined(), at in any::<prop::sample::Index>()) {
        let at = at.index(verdicts.len());
        let with = |verdict| {
            let mut verdicts = verdicts.clone();
            verdicts[at] = verdict;
            graded(&subject, records(&subject, &verdicts), found.clone())
        };
        let undecided = with(Verdict::Inconclusive);
        prop_assert!(undecided.provisional);
        prop_assert_eq!(undecided.mark, with(Verdict::Passed).mark);
        prop_assert!(undecided.mark >= with(Verdict::Failed).mark);
    }

    #[test]
    fn one_more_finding_never_raises_a_mark((subject, verdicts, found) in examined(), drop in any::<prop::sample::Index>()) {
        let all = graded(&subject, records(&subject, &verdicts), found.clone());
        let mut fewer = found;
        if !fewer.is_empty() {
            fewer.remove(drop.index(fewer.len()));
        }
        prop_assert!(graded(&subject, records(&subject, &verdicts), fewer).mark >= all.mark);
    }

    #[test]
    fn marks_stay_within_their_bounds_and_add_up((subject, verdicts, found) in examined()) {
        let card = graded(&subject, records(&subject, &verdicts), found);
        let exercise = &card.exercises[0];
        prop_assert!(exercise.percentage <= Points::FULL.plus(subject.rubric.bonus()));
        for criterion in &exercise.criteria {
            prop_assert!(criterion.worth.earned <= criterion.worth.possible);
            let parts = exercise.checks.iter().filter(|check| check.criterion.as_ref() == Some(&criterion.id));
            let worth: Vec<_> = parts.filter_map(|check| check.worth).collect();
            let earned: Points = worth.iter().map(|worth| worth.earned).sum();
            prop_assert_eq!(earned.min(criterion.worth.possible), criterion.worth.earned);
        }
        let earned: Points = exercise.criteria.iter().map(|criterion| criterion.worth.earned).sum();
        let lost: Points = exercise.penalties.iter().map(|penalty| penalty.lost).sum();
        let late = exercise.late.as_ref().map_or(Points::ZERO, |late| late.lost);
        prop_assert_eq!(earned.less(lost), exercise.percentage.plus(late));
    }

    #[test]
    fn everything_passed_is_full_marks(subject in subjects()) {
        let card = score(&[subject.examined(Verdict::Passed, &[], vec![])], &CourseRules::default(), &session());
        prop_assert_eq!(card.mark, Some(Points::FULL.plus(subject.rubric.bonus())));
    }

    #[test]
    fn the_order_of_evidence_leaves_no_trace((subject, records, shuffled, found, refound) in shuffled()) {
        let one = graded(&subject, records, found);
        let other = graded(&subject, shuffled, refound);
        prop_assert_eq!(serde_json::to_string(&one).ok(), serde_json::to_string(&other).ok());
    }

    #[test]
    fn the_order_of_exercises_leaves_no_trace((left, verdicts, found) in examined(), right in subjects()) {
        let right = Subject { exercise: crate::model::exercise::Exercise { id: super::support::exercise_id("ex01"), ..right.exercise }, ..right };
        let one = left.with(Evidence::Examined { checks: records(&left, &verdicts), findings: found });
        let other = right.with(Evidence::Missing);
        let rules = CourseRules::default();
        prop_assert_eq!(score(&[one.clone(), other.clone()], &rules, &session()), score(&[other, one], &rules, &session()));
    }

    #[test]
    fn measured_figures_stay_in_the_timing_block((subject, verdicts, found) in examined(), figures in proptest::array::uniform5(any::<f64>())) {
        let plain = graded(&subject, records(&subject, &verdicts), found.clone());
        let [value, low, high, wall_ms, cpu_ms] = figures;
        let mut measured = records(&subject, &verdicts);
        for record in &mut measured {
            let measurement = Measurement { unit: "ratio".to_owned(), value, low, high, limit: 2.0, samples: 9 };
            *record = CheckRecord { measurement: Some(measurement), wall_ms, cpu_ms, ..record.clone() };
        }
        let measured = graded(&subject, measured, found);
        let untimed = |card: &Scorecard| Scorecard { timing: Timing::default(), ..card.clone() };
        prop_assert_eq!(untimed(&plain), untimed(&measured));
        // Also with figures that JSON does not have, the card survives its text.
        let text = serde_json::to_string(&measured).expect("a card is JSON");
        prop_assert_eq!(serde_json::from_str::<Scorecard>(&text).expect("a card"), measured);
    }

    #[test]
    fn points_are_finite_bounded_and_of_two_decimals_or_refused(bits in any::<u64>()) {
        let number = f64::from_bits(bits);
        match Points::new(number) {
            Ok(points) => prop_assert!((points.number() - number).abs() < 1e-8 && number >= 0.0),
            Err(_) => prop_assert!(!(0.0..=10_000.0).contains(&number) || (number * 100.0).fract() != 0.0),
        }
    }

    #[test]
    fn points_survive_their_text(hundredths in 0u64..1_000_000) {
        let points = Points::from_hundredths(hundredths);
        let text = serde_json::to_string(&points).expect("a number");
        prop_assert_eq!(serde_json::from_str::<Points>(&text).expect("points"), points);
        prop_assert_eq!(Points::new(points.number()), Ok(points));
    }
}
