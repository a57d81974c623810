//! Rubric and evidence to scorecard. Pure: the same input gives the same card.
//!
//! - An exercise earns, for each criterion, the points of the checks that hold; less penalties, never below zero; less lateness.
//! - The mark is the weighted mean over all exercises that were asked for, missing ones included.
//! - A check that could not be decided counts as held, and the card says that it is provisional. Taking the check out instead would
//!   raise what the others are worth, and cost points whenever the undecided check would have held and another one did not.
//!   Counting it as held is the only rule under which our doubt never costs a point and one more passed check never lowers a mark.
//! - A check without a record is `not_run`; of several records for one check the worst counts. Silence and duplicates never become a pass.
//! - All sums are of whole hundredths of points, so the card adds up exactly as it is shown.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::model::points::{Points, Weight};
use crate::model::result::{ExerciseResult, Session};
use crate::model::rules::CourseRules;
use crate::model::scorecard::{Audience, ConceptScore, ExerciseScore, Lateness, Schema, Scorecard, State, Timing};
use crate::model::verdict::Verdict;

mod criteria;
mod exercise;
mod late;
mod timing;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tests;

/// The scorecard of a submission, as an instructor sees it. The order of the results does not matter.
pub fn score(results: &[ExerciseResult<'_>], rules: &CourseRules, session: &Session) -> Scorecard {
    let mut results: Vec<&ExerciseResult<'_>> = results.iter().collect();
    results.sort_by_key(|result| &result.exercise.id);
    let exercises: Vec<ExerciseScore> = results
        .iter()
        .map(|result| mark(result, rules, session.submitted_at))
        .collect();
    let interrupted = exercises.iter().any(|exercise| exercise.state == State::Unfinished);
    let mark = mean(exercises.iter().map(|exercise| (exercise.percentage, exercise.weight)));
    Scorecard {
        schema: Schema::V1,
        audience: Audience::Instructor,
        mark: (!interrupted).then_some(mark),
        letter: (!interrupted).then(|| rules.letters.of(mark).to_owned()),
        pass_mark: rules.pass_mark,
        passed: !interrupted && mark >= rules.pass_mark,
        interrupted,
        provisional: exercises.iter().any(|exercise| exercise.provisional),
        submitted_at: session.submitted_at.map(|time| time.to_string()),
        late: exercises
            .iter()
            .filter(|exercise| exercise.late.is_some())
            .map(|exercise| exercise.id.clone())
            .collect(),
        ignored: session
            .ignored
            .iter()
            .cloned()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
        concepts: concepts(&exercises),
        exercises,
        digests: session.digests.clone(),
        toolchain: session.toolchain.clone(),
        grader: env!("CARGO_PKG_VERSION").to_owned(),
        seed: session.seed,
        sandbox: session.sandbox.clone(),
        timing: Timing {
            started_at: session.started_at.to_string(),
            wall_ms: timing::rounded(session.wall_ms),
            jobs: session.jobs,
            stages_ms: session
                .stages_ms
                .iter()
                .map(|(stage, ms)| (stage.clone(), timing::rounded(*ms)))
                .collect(),
            exercises: results
                .iter()
                .map(|result| (result.exercise.id.clone(), timing::of(result)))
                .collect(),
        },
    }
}

/// One exercise: what it earned, weighted and on time or not.
fn mark(result: &ExerciseResult<'_>, rules: &CourseRules, submitted_at: Option<Timestamp>) -> ExerciseScore {
    let mut score = exercise::score(result);
    score.weight = rules.weight(&score.id);
    if let Some(kept) = submitted_at.and_then(|time| late::kept(&rules.late, &score.id, time)) {
        let percentage = score.percentage.share(kept.percent / 100.0);
        score.late = Some(Lateness {
            due: kept.due.to_string(),
            days: kept.days,
            kept_percent: kept.percent,
            lost: score.percentage.less(percentage),
        });
        score.percentage = percentage;
    }
    score
}

/// The weighted mean; of nothing, zero.
fn mean(marks: impl Iterator<Item = (Points, Weight)>) -> Points {
    let (sum, weights) = marks.fold((0.0, 0.0), |(sum, weights), (mark, weight)| {
        (sum + mark.number() * weight.number(), weights + weight.number())
    });
    if weights > 0.0 {
        Points::rounded(sum / weights)
    } else {
        Points::ZERO
    }
}

/// For each concept, how many checks of a requirement about it hold.
fn concepts(exercises: &[ExerciseScore]) -> BTreeMap<String, ConceptScore> {
    let mut table: BTreeMap<String, ConceptScore> = BTreeMap::new();
    for exercise in exercises {
        for check in &exercise.checks {
            let asked = exercise
                .requirements
                .iter()
                .filter(|requirement| check.requirements.contains(&requirement.id));
            let about: BTreeSet<&String> = asked.flat_map(|requirement| &requirement.concepts).collect();
            for concept in about {
                let entry = table.entry(concept.clone()).or_default();
                entry.total += 1;
                entry.passed += u32::from(check.verdict == Verdict::Passed);
            }
        }
    }
    table
}
