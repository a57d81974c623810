//! rubrics/exNN.toml.

use super::reader::{Source, Spot, Table, Value, nearest};
use crate::diagnostic::Diagnostic;
use crate::model::ids::{CheckId, ExerciseId};
use crate::model::points::{Points, Weight};
use crate::model::rubric::{Criterion, Penalties, Penalty, Rubric, RubricError, Rule, Visibility};

/// Reads a rubric. `exercise` is the name of its file; `checks` are all checks and budgets of the exercise, each of which one criterion
/// must own.
pub fn rubric(path: &str, text: &str, exercise: &ExerciseId, checks: &[CheckId]) -> Result<Rubric, Vec<Diagnostic>> {
    Source::read(path, text, |table| read(table, exercise, checks))
}

/// A criterion, and where its parts are in the file.
struct Placed<'s> {
    criterion: Criterion,
    id: Spot<'s>,
    points: Spot<'s>,
    cap: Option<Spot<'s>>,
    weights: Option<Spot<'s>>,
    list: Spot<'s>,
    checks: Vec<Spot<'s>>,
}

fn read(table: &Table<'_>, file: &ExerciseId, known: &[CheckId]) -> Option<Rubric> {
    let exercise = table.required("exercise").and_then(|value| {
        let id: ExerciseId = value.parsed()?;
        if id != *file {
            value.complain(
                &format!("`{id}` is not the file's name"),
                &format!("write `{file}`, or rename the file"),
            );
        }
        Some(id)
    });
    let placed: Vec<Placed<'_>> = table
        .tables("criterion")
        .iter()
        .filter_map(|entry| criterion(entry, known))
        .collect();
    let penalties = table
        .optional("penalties")
        .map_or_else(|| Some(Penalties::default()), |value| penalties(&value.table()?));
    // A criterion that could not be read would make every sum and every ownership look wrong as well.
    let complete = table.sound();
    let criteria = placed.iter().map(|placed| placed.criterion.clone()).collect();
    match Rubric::new(exercise?, criteria, penalties.unwrap_or_default()) {
        Ok(rubric) => {
            if complete {
                unowned(table, &rubric, known);
            }
            Some(rubric)
        }
        Err(errors) => {
            errors
                .iter()
                .filter(|error| complete || !matches!(error, RubricError::Sum(_)))
                .for_each(|error| locate(error, table, &placed));
            None
        }
    }
}

/// Reports an error of a rubric where the file causes it.
fn locate(error: &RubricError, table: &Table<'_>, placed: &[Placed<'_>]) {
    let message = error.to_string();
    match error {
        RubricError::Sum(_) => {
            let remedy = "adjust `points` so that the criteria without `bonus` sum to 100; where there is a `cap`, it counts instead";
            match placed.iter().rfind(|placed| !placed.criterion.bonus) {
                Some(last) => last.points.complain(&message, remedy),
                None => table.complain(
                    "no criterion is given",
                    "add a `[[criterion]]` for each line of the marking scheme",
                ),
            }
        }
        RubricError::DuplicateCriterion { criterion, .. } => placed[*criterion]
            .id
            .complain(&message, "give each criterion its own id"),
        RubricError::NoChecks { criterion } => placed[*criterion]
            .list
            .complain(&message, "list the checks that earn its points, or drop it"),
        RubricError::NoPoints { criterion } => placed[*criterion]
            .points
            .complain(&message, "give it points, or drop it and move its checks"),
        RubricError::NoWeight { criterion } => {
            let placed = &placed[*criterion];
            placed
                .weights
                .as_ref()
                .unwrap_or(&placed.list)
                .complain(&message, "give at least one of its checks a weight above 0");
        }
        RubricError::Cap { criterion, .. } => {
            let placed = &placed[*criterion];
            placed
                .cap
                .as_ref()
                .unwrap_or(&placed.points)
                .complain(&message, "write a cap above 0 and at most `points`, or drop it");
        }
        RubricError::OwnedTwice { criterion, at, .. } => {
            placed[*criterion].checks[*at].complain(&message, "list it once, in one criterion")
        }
    }
}

/// Reports the checks that no criterion owns.
fn unowned(table: &Table<'_>, rubric: &Rubric, known: &[CheckId]) {
    let owned = |id: &&CheckId| {
        rubric
            .criteria()
            .iter()
            .any(|criterion| criterion.checks.iter().any(|(check, _)| check == *id))
    };
    for id in known.iter().filter(|id| !owned(id)) {
        table.complain(&format!("no criterion owns `{id}`"), "add it to the `checks` of one");
    }
}

fn criterion<'s>(entry: &Table<'s>, known: &[CheckId]) -> Option<Placed<'s>> {
    let id = entry.required("id");
    let name = id.as_ref().and_then(Value::parsed);
    let title = entry.required("title").and_then(|value| value.line());
    let points = entry.required("points");
    let amount = points.as_ref().and_then(points_of);
    let cap = entry.optional("cap");
    let bound = cap.as_ref().map_or(Some(None), |value| points_of(value).map(Some));
    let bonus = entry.optional("bonus").map_or(Some(false), |value| value.flag());
    let visibilities = [("public", Visibility::Public), ("hidden", Visibility::Hidden)];
    let visibility = entry
        .optional("visibility")
        .map_or(Some(Visibility::Public), |value| value.choice(&visibilities));
    let rules = [
        ("proportional", Rule::Proportional),
        ("all-or-nothing", Rule::AllOrNothing),
    ];
    let rule = entry
        .optional("rule")
        .map_or(Some(Rule::Proportional), |value| value.choice(&rules));
    let list = entry.required("checks");
    let checks: Option<Vec<(CheckId, Spot<'s>)>> = list.as_ref().and_then(|value| {
        let checks = value.list()?;
        Some(
            checks
                .into_iter()
                .filter_map(|value| Some((check(&value, known)?, value.spot)))
                .collect(),
        )
    });
    let weights = entry.optional("weights");
    let weighted = weights.as_ref().map_or_else(
        || Some(Vec::new()),
        |value| weights_of(&value.table()?, checks.as_deref()),
    );
    entry.finish();
    let (checks, weighted) = (checks?, weighted?);
    let weight = |check: &CheckId| {
        weighted
            .iter()
            .find(|(id, _)| id == check)
            .map_or(Weight::ONE, |(_, weight)| *weight)
    };
    Some(Placed {
        criterion: Criterion {
            id: name?,
            title: title?,
            points: amount?,
            cap: bound?,
            bonus: bonus?,
            visibility: visibility?,
            rule: rule?,
            checks: checks.iter().map(|(check, _)| (check.clone(), weight(check))).collect(),
        },
        id: id?.spot,
        points: points?.spot,
        cap: cap.map(|value| value.spot),
        weights: weights.map(|value| value.spot),
        list: list?.spot,
        checks: checks.into_iter().map(|(_, spot)| spot).collect(),
    })
}

fn points_of(value: &Value<'_>) -> Option<Points> {
    value.amount(
        Points::new,
        "write a number of points from 0 to 10000, with at most two decimals",
    )
}

fn check(value: &Value<'_>, known: &[CheckId]) -> Option<CheckId> {
    let id: CheckId = value.parsed()?;
    if !known.contains(&id) {
        let names: Vec<String> = known.iter().map(ToString::to_string).collect();
        let remedy = match nearest(&id.to_string(), names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "remove it, or write the check".to_owned(),
        };
        value.complain(&format!("the exercise has no check `{id}`"), &remedy);
        return None;
    }
    Some(id)
}

/// The weights of a criterion; those of other checks are refused.
fn weights_of(table: &Table<'_>, checks: Option<&[(CheckId, Spot<'_>)]>) -> Option<Vec<(CheckId, Weight)>> {
    let mut weights = Vec::new();
    for (key, spot, value) in table.entries() {
        let id: Option<CheckId> = spot.parse(key);
        let weight = value.amount(Weight::new, "write a weight from 0 to 1000; 1 is usual");
        if let (Some(id), Some(checks)) = (&id, checks)
            && !checks.iter().any(|(check, _)| check == id)
        {
            spot.complain(
                "a weight for a check that the criterion does not own",
                "add it to `checks`, or drop the weight",
            );
        }
        weights.push(id.zip(weight));
    }
    weights.into_iter().collect()
}

fn penalties(table: &Table<'_>) -> Option<Penalties> {
    let price = |key| {
        table
            .optional(key)
            .map_or_else(|| Some(Penalty::default()), |value| penalty(&value.table()?))
    };
    let (warning, missing_docs, policy) = (price("warning"), price("missing_docs"), price("policy"));
    table.finish();
    Some(Penalties {
        warning: warning?,
        missing_docs: missing_docs?,
        policy: policy?,
    })
}

fn penalty(table: &Table<'_>) -> Option<Penalty> {
    let each = table.required("each").and_then(|value| points_of(&value));
    let cap = table.required("cap").and_then(|value| points_of(&value));
    table.finish();
    Some(Penalty { each: each?, cap: cap? })
}
