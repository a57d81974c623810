//! The marking scheme of one exercise.
//!
//! A rubric cannot be wrong once it exists: [`Rubric::new`] is the only way to one, and refuses every contradiction at once.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ids::{CheckId, CriterionId, ExerciseId};
use super::points::{Points, Weight};

/// What rubrics/exNN.toml means.
#[derive(Debug, Clone, PartialEq)]
pub struct Rubric {
    exercise: ExerciseId,
    criteria: Vec<Criterion>,
    penalties: Penalties,
}

/// One marked line of a rubric.
#[derive(Debug, Clone, PartialEq)]
pub struct Criterion {
    /// Its name.
    pub id: CriterionId,
    /// What is marked, as the student reads it.
    pub title: String,
    /// What all of its checks together earn.
    pub points: Points,
    /// The most that counts, if less than `points`: a few checks may then fail without loss.
    pub cap: Option<Points>,
    /// Whether it is on top of the hundred.
    pub bonus: bool,
    /// Who sees its points.
    pub visibility: Visibility,
    /// How passed checks become points.
    pub rule: Rule,
    /// Its checks and how much each counts, in the order of the file.
    pub checks: Vec<(CheckId, Weight)>,
}

/// How passed checks become points.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Each check earns its part, by weight.
    #[default]
    Proportional,
    /// All points if every check holds, else none.
    AllOrNothing,
}

/// Who sees what a criterion is worth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everybody.
    #[default]
    Public,
    /// Instructors only.
    Hidden,
}

/// What findings cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Penalties {
    /// Warnings of the compiler.
    pub warning: Penalty,
    /// Public items without documentation.
    pub missing_docs: Penalty,
    /// Violations of the policy that did not stop the build.
    pub policy: Penalty,
}

/// What one kind of finding costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Penalty {
    /// Points lost for each.
    pub each: Points,
    /// The most that all of them take.
    pub cap: Points,
}

/// A contradiction in a rubric. Criteria are named by their place, from 0.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RubricError {
    /// The criteria do not sum to a hundred.
    #[error("the criteria award {0} points, and must award 100")]
    Sum(Points),
    /// Two criteria with one name.
    #[error("`{id}` is the name of an earlier criterion")]
    DuplicateCriterion {
        /// The second one.
        criterion: usize,
        /// The name.
        id: CriterionId,
    },
    /// A criterion without checks could never be earned.
    #[error("it owns no check, so its points can never be earned")]
    NoChecks {
        /// Which.
        criterion: usize,
    },
    /// A criterion worth nothing.
    #[error("it is worth nothing")]
    NoPoints {
        /// Which.
        criterion: usize,
    },
    /// All weights of a criterion are zero.
    #[error("its weights sum to zero")]
    NoWeight {
        /// Which.
        criterion: usize,
    },
    /// A cap that does not bound.
    #[error("a cap of {cap} does not bound {points} points")]
    Cap {
        /// Which.
        criterion: usize,
        /// The cap.
        cap: Points,
        /// Its points.
        points: Points,
    },
    /// A check of two criteria, or twice of one.
    #[error("`{check}` already belongs to criterion `{owner}`")]
    OwnedTwice {
        /// The second criterion.
        criterion: usize,
        /// Which check of it, from 0.
        at: usize,
        /// The check.
        check: CheckId,
        /// The first criterion.
        owner: CriterionId,
    },
}

impl Criterion {
    /// The most that the criterion can earn.
    pub fn possible(&self) -> Points {
        self.cap.unwrap_or(self.points)
    }
}

impl Rubric {
    /// A rubric, or everything that is contradictory in it.
    pub fn new(exercise: ExerciseId, criteria: Vec<Criterion>, penalties: Penalties) -> Result<Self, Vec<RubricError>> {
        let mut errors = Vec::new();
        let mut owners: BTreeMap<&CheckId, &CriterionId> = BTreeMap::new();
        for (place, criterion) in criteria.iter().enumerate() {
            errors.extend(alone(place, criterion));
            if criteria[..place].iter().any(|earlier| earlier.id == criterion.id) {
                errors.push(RubricError::DuplicateCriterion {
                    criterion: place,
                    id: criterion.id.clone(),
                });
            }
            for (at, (check, _)) in criterion.checks.iter().enumerate() {
                if let Some(owner) = owners.insert(check, &criterion.id) {
                    let (check, owner) = (check.clone(), owner.clone());
                    errors.push(RubricError::OwnedTwice {
                        criterion: place,
                        at,
                        check,
                        owner,
                    });
                }
            }
        }
        let sum: Points = criteria
            .iter()
            .filter(|criterion| !criterion.bonus)
            .map(Criterion::possible)
            .sum();
        if sum != Points::FULL {
            errors.push(RubricError::Sum(sum));
        }
        if errors.is_empty() {
            Ok(Self {
                exercise,
                criteria,
                penalties,
            })
        } else {
            Err(errors)
        }
    }

    /// The exercise it marks.
    pub fn exercise(&self) -> &ExerciseId {
        &self.exercise
    }

    /// Its criteria, in the order of the file.
    pub fn criteria(&self) -> &[Criterion] {
        &self.criteria
    }

    /// What findings cost.
    pub fn penalties(&self) -> &Penalties {
        &self.penalties
    }

    /// The points on top of the hundred.
    pub fn bonus(&self) -> Points {
        self.criteria
            .iter()
            .filter(|criterion| criterion.bonus)
            .map(Criterion::possible)
            .sum()
    }
}

/// What is wrong with one criterion taken alone.
fn alone(place: usize, criterion: &Criterion) -> Vec<RubricError> {
    let mut errors = Vec::new();
    if criterion.points == Points::ZERO {
        errors.push(RubricError::NoPoints { criterion: place });
    }
    match criterion.cap {
        Some(cap) if cap == Points::ZERO || cap > criterion.points => {
            errors.push(RubricError::Cap {
                criterion: place,
                cap,
                points: criterion.points,
            });
        }
        _ => {}
    }
    if criterion.checks.is_empty() {
        errors.push(RubricError::NoChecks { criterion: place });
    } else if criterion.checks.iter().all(|(_, weight)| weight.number() == 0.0) {
        errors.push(RubricError::NoWeight { criterion: place });
    }
    errors
}
