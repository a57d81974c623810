//! The JSON Schemas of the formats that others read and write.

use schemars::schema_for;

use crate::model::exercise::Exercise;
use crate::model::scorecard::Scorecard;
use crate::toml_source::RubricFile;

/// A format with a published schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// What `grade --format json` writes.
    Scorecard,
    /// rubrics/exNN.toml
    Rubric,
    /// exercises/exNN/exercise.toml
    Exercise,
}

/// The JSON Schema of a format, as text that ends with a line break.
pub fn schema(kind: Kind) -> String {
    let schema = match kind {
        Kind::Scorecard => schema_for!(Scorecard),
        Kind::Rubric => schema_for!(RubricFile),
        Kind::Exercise => schema_for!(Exercise),
    };
    let text = serde_json::to_string_pretty(&schema).expect("a schema is plain JSON");
    text + "\n"
}
