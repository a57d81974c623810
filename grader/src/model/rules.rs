//! The rules of the course: what rubrics/course.toml means.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ids::ExerciseId;
use super::points::{Points, Weight};

/// How marks of exercises become the mark of a submission.
#[derive(Debug, Clone, PartialEq)]
pub struct CourseRules {
    /// The mark from which a submission passes.
    pub pass_mark: Points,
    /// The letters, from the best to the one for zero.
    pub letters: Letters,
    /// What lateness costs.
    pub late: LatePolicy,
    /// How much exercises count in the mean, where it is not 1. None is zero.
    pub weights: BTreeMap<ExerciseId, Weight>,
}

/// A letter scale: never empty, falling, the last letter from zero, so every mark has a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letters(Vec<Letter>);

/// A letter and the mark from which it is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    /// `A`.
    pub letter: String,
    /// The lowest mark that has it.
    pub from: Points,
}

/// What is wrong with a letter scale. Letters are named by their place, from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LettersError {
    /// Two of one name.
    #[error("`{letter}` is given twice")]
    Duplicate {
        /// The second one.
        at: usize,
        /// The name.
        letter: String,
    },
    /// It starts no lower than the one before it.
    #[error("it does not start below the letter before it")]
    NotFalling {
        /// Which.
        at: usize,
    },
    /// Low marks have no letter.
    #[error("marks near zero have no letter: the last letter must be given from 0")]
    NoLast,
}

/// What lateness costs.
///
/// A submission is late once the time since its due date is more than the grace; it then keeps, of each late exercise's mark,
/// `100 - percent_per_day` times the started days since the due date, in percent, but not less than `floor`.
/// After `max_days` nothing is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct LatePolicy {
    /// Minutes after the due date that are not late.
    pub grace_minutes: u32,
    /// Percent of the mark lost for each started day, 0 to 100.
    pub percent_per_day: f64,
    /// The last day on which a submission is taken.
    pub max_days: u32,
    /// Percent of the mark that is kept up to the last day, 0 to 100.
    pub floor: f64,
    /// When exercises are due, if nothing is said of one by itself; without a due date nothing is late.
    pub due: Option<Timestamp>,
    /// When single exercises are due.
    pub exercises: BTreeMap<ExerciseId, Timestamp>,
}

impl CourseRules {
    /// How much an exercise counts.
    pub fn weight(&self, exercise: &ExerciseId) -> Weight {
        self.weights.get(exercise).copied().unwrap_or(Weight::ONE)
    }
}

impl Default for CourseRules {
    /// Plain rules: pass at 50, two letters, nothing is late.
    fn default() -> Self {
        let letter = |letter: &str, from| Letter {
            letter: letter.to_owned(),
            from: Points::rounded(from),
        };
        Self {
            pass_mark: Points::rounded(50.0),
            letters: Letters(vec![letter("P", 50.0), letter("F", 0.0)]),
            late: LatePolicy::none(),
            weights: BTreeMap::new(),
        }
    }
}

impl LatePolicy {
    /// Nothing is ever late.
    pub fn none() -> Self {
        Self {
            grace_minutes: 0,
            percent_per_day: 0.0,
            max_days: 0,
            floor: 0.0,
            due: None,
            exercises: BTreeMap::new(),
        }
    }

    /// When an exercise is due.
    pub fn due(&self, exercise: &ExerciseId) -> Option<Timestamp> {
        self.exercises.get(exercise).copied().or(self.due)
    }
}

impl Letters {
    /// A scale, or everything that is wrong with it.
    pub fn new(letters: Vec<Letter>) -> Result<Self, Vec<LettersError>> {
        let mut errors = Vec::new();
        for (at, letter) in letters.iter().enumerate() {
            if letters[..at].iter().any(|earlier| earlier.letter == letter.letter) {
                errors.push(LettersError::Duplicate {
                    at,
                    letter: letter.letter.clone(),
                });
            }
            if at > 0 && letters[at - 1].from <= letter.from {
                errors.push(LettersError::NotFalling { at });
            }
        }
        if letters.last().is_none_or(|last| last.from > Points::ZERO) {
            errors.push(LettersError::NoLast);
        }
        if errors.is_empty() {
            Ok(Self(letters))
        } else {
            Err(errors)
        }
    }

    /// The letter of a mark.
    pub fn of(&self, mark: Points) -> &str {
        let letter = self.0.iter().find(|letter| mark >= letter.from);
        &letter.expect("the last letter is given from zero").letter
    }
}
