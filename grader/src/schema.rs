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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_is_json_that_names_its_keys() {
        for (kind, key) in [
            (Kind::Scorecard, "timing"),
            (Kind::Rubric, "criterion"),
            (Kind::Exercise, "requirement"),
        ] {
            let schema: serde_json::Value = serde_json::from_str(&schema(kind)).expect("JSON");
            assert!(
                schema["$schema"].is_string() && schema["properties"][key].is_object(),
                "{kind:?}"
            );
        }
    }

    #[test]
    fn files_of_the_course_take_no_unknown_keys() {
        for kind in [Kind::Rubric, Kind::Exercise] {
            let schema: serde_json::Value = serde_json::from_str(&schema(kind)).expect("JSON");
            assert_eq!(
                schema["additionalProperties"],
                serde_json::Value::Bool(false),
                "{kind:?}"
            );
        }
    }

    #[test]
    fn a_scorecard_names_its_version() {
        assert!(schema(Kind::Scorecard).contains("moulinette.scorecard/1"));
    }
}
