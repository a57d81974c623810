//! The shape of a rubric's file, for its published schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::ids::{CheckId, CriterionId, ExerciseId};
use crate::model::points::{Points, Weight};
use crate::model::rubric::{Penalties, Rule, Visibility};

/// rubrics/exNN.toml: how one exercise is marked.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields describe the file; `rubric` reads it")]
pub struct RubricFile {
    /// Which exercise.
    exercise: ExerciseId,
    /// Its criteria. What those without `bonus` can earn sums to 100.
    #[serde(rename = "criterion")]
    criteria: Vec<CriterionTable>,
    /// What findings cost.
    #[serde(default)]
    penalties: Penalties,
}

/// One marked line.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields describe the file; `rubric` reads it")]
struct CriterionTable {
    /// Its name.
    id: CriterionId,
    /// What is marked, as the student reads it.
    title: String,
    /// What all of its checks together earn, at most two decimals.
    points: Points,
    /// The checks and budgets that it owns; no other criterion owns them.
    checks: Vec<CheckId>,
    /// How passed checks become points.
    #[serde(default)]
    rule: Rule,
    /// How much single checks count, if not 1.
    #[serde(default)]
    weights: BTreeMap<CheckId, Weight>,
    /// The most that it can earn, if less than `points`.
    cap: Option<Points>,
    /// Whether it is on top of the hundred.
    #[serde(default)]
    bonus: bool,
    /// Who sees its points.
    #[serde(default)]
    visibility: Visibility,
}
