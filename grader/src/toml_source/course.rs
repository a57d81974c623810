//! rubrics/course.toml.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::reader::{Source, Spot, Table, Value};
use crate::diagnostic::Diagnostic;
use crate::model::ids::ExerciseId;
use crate::model::points::{NumberError, Points, Weight};
use crate::model::rules::{CourseRules, LatePolicy, Letter, Letters, LettersError};

/// Reads the rules of the course.
pub fn course(path: &str, text: &str) -> Result<CourseRules, Vec<Diagnostic>> {
    Source::read(path, text, read)
}

fn read(table: &Table<'_>) -> Option<CourseRules> {
    let pass_mark = table.required("pass_mark").and_then(|value| mark(&value));
    let letters = letters(table);
    let late = table
        .optional("late")
        .map_or_else(|| Some(LatePolicy::none()), |value| late(&value.table()?));
    let weights = table.optional("weights").map_or_else(
        || Some(BTreeMap::new()),
        |value| {
            by_exercise(&value.table()?, |value| {
                value.amount(positive, "write a weight above 0 and up to 1000; 1 is usual")
            })
        },
    );
    Some(CourseRules {
        pass_mark: pass_mark?,
        letters: letters?,
        late: late?,
        weights: weights?,
    })
}

fn mark(value: &Value<'_>) -> Option<Points> {
    value.within(0.0, 100.0)?;
    value.amount(Points::new, "write a mark from 0 to 100, with at most two decimals")
}

/// An exercise that weighs nothing could leave a submission without a mean.
fn positive(number: f64) -> Result<Weight, String> {
    match Weight::new(number).map_err(|error: NumberError| error.to_string())? {
        weight if weight.number() > 0.0 => Ok(weight),
        _ => Err("a weight of 0 would leave nothing to average".to_owned()),
    }
}

fn letters(table: &Table<'_>) -> Option<Letters> {
    let mut letters = Vec::new();
    let mut spots: Vec<(Spot<'_>, Spot<'_>)> = Vec::new();
    for entry in table.tables("letter") {
        let (name, from) = (entry.required("letter"), entry.required("from"));
        let letter = name.as_ref().and_then(Value::line);
        let lowest = from.as_ref().and_then(mark);
        entry.finish();
        if let (Some(letter), Some(lowest), Some(name), Some(from)) = (letter, lowest, name, from) {
            letters.push(Letter { letter, from: lowest });
            spots.push((name.spot, from.spot));
        }
    }
    if !table.sound() {
        return None;
    }
    let errors = match Letters::new(letters) {
        Ok(letters) => return Some(letters),
        Err(errors) => errors,
    };
    for error in errors {
        let message = error.to_string();
        match error {
            LettersError::Duplicate { at, .. } => spots[at].0.complain(&message, "give each letter once"),
            LettersError::NotFalling { at } => spots[at]
                .1
                .complain(&message, "order the letters from the highest mark down"),
            LettersError::NoLast => match spots.last() {
                Some((_, from)) => from.complain(&message, "add a `[[letter]]` with `from = 0`"),
                None => table.complain(
                    "no letter is given",
                    "add a `[[letter]]` for each letter, the last with `from = 0`",
                ),
            },
        }
    }
    None
}

fn late(table: &Table<'_>) -> Option<LatePolicy> {
    let whole = |key, most| {
        table
            .required(key)
            .and_then(|value| value.whole(0, most))
            .and_then(|n| u32::try_from(n).ok())
    };
    let percent = |key| table.required(key).and_then(|value| value.within(0.0, 100.0));
    let (grace_minutes, max_days) = (whole("grace_minutes", 60 * 24 * 7), whole("max_days", 3650));
    let (percent_per_day, floor) = (percent("percent_per_day"), percent("floor"));
    let due = table.optional("due").map_or(Some(None), |value| time(&value).map(Some));
    let exercises = table
        .optional("exercises")
        .map_or_else(|| Some(BTreeMap::new()), |value| by_exercise(&value.table()?, time));
    table.finish();
    Some(LatePolicy {
        grace_minutes: grace_minutes?,
        percent_per_day: percent_per_day?,
        max_days: max_days?,
        floor: floor?,
        due: due?,
        exercises: exercises?,
    })
}

/// A point in time: TOML's own form or a string, always with an offset.
fn time(value: &Value<'_>) -> Option<Timestamp> {
    let time = value.moment()?.parse();
    if time.is_err() {
        value.complain(
            "expected a date, a time and an offset from UTC",
            "write for example `2027-01-31T23:59:00+01:00`",
        );
    }
    time.ok()
}

/// A table with a value for single exercises.
fn by_exercise<T>(table: &Table<'_>, read: impl Fn(&Value<'_>) -> Option<T>) -> Option<BTreeMap<ExerciseId, T>> {
    let entries: Vec<Option<(ExerciseId, T)>> = table
        .entries()
        .iter()
        .map(|(key, spot, value)| spot.parse(key).zip(read(value)))
        .collect();
    entries.into_iter().collect()
}
