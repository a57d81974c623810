//! Names that mean something: parsed once, compared cheaply.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An exercise, `ex00` to `ex99`: the name of its folder everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct ExerciseId(String);

/// What is wrong with a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not an exercise id.
    #[error("`{0}` is no exercise: write `ex` and two digits, as in `ex07`")]
    Exercise(String),
    /// Not a check id.
    #[error("`{0}` is no check: write `spec/name`, `hidden/name` or `budget/name`")]
    Check(String),
    /// Not a criterion id.
    #[error("`{0}` is no name of a criterion: write lower-case letters, digits and `-`, as in `causal-order`")]
    Criterion(String),
}

impl ExerciseId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The exercise that a folder of a submission holds: `ex07`, `EX07-tracing` and `ex07_tracing` are all `ex07`.
    pub fn from_folder(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let id = lower.get(..4)?.parse().ok()?;
        match lower.as_bytes().get(4) {
            None | Some(b'-' | b'_' | b' ' | b'.') => Some(id),
            Some(_) => None,
        }
    }
}

impl FromStr for ExerciseId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let lower = text.to_ascii_lowercase();
        match lower.as_bytes() {
            [b'e', b'x', tens, ones] if tens.is_ascii_digit() && ones.is_ascii_digit() => Ok(Self(lower)),
            _ => Err(IdError::Exercise(text.to_owned())),
        }
    }
}

impl TryFrom<String> for ExerciseId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<ExerciseId> for String {
    fn from(id: ExerciseId) -> Self {
        id.0
    }
}

impl fmt::Display for ExerciseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a check runs and who judges it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckKind {
    /// A public check: a test function that runs in the submission's process (honest-student trust).
    Spec,
    /// A hidden check: judged outside the submission's process.
    Hidden,
    /// A budget: time against the reference, growth, allocations.
    Budget,
}

impl CheckKind {
    /// The part of a check id before the slash.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spec => "spec",
            Self::Hidden => "hidden",
            Self::Budget => "budget",
        }
    }
}

/// One check of an exercise: `spec/test_basic_tick`, `hidden/compare_is_componentwise`, `budget/merge-time`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct CheckId {
    kind: CheckKind,
    name: String,
}

impl CheckId {
    /// The check `name` of a kind.
    pub fn new(kind: CheckKind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
        }
    }

    /// Where it runs.
    pub fn kind(&self) -> CheckKind {
        self.kind
    }

    /// Its name within its kind.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for CheckId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let kind = match text.split_once('/') {
            Some(("spec", _)) => CheckKind::Spec,
            Some(("hidden", _)) => CheckKind::Hidden,
            Some(("budget", _)) => CheckKind::Budget,
            _ => return Err(IdError::Check(text.to_owned())),
        };
        let name = &text[kind.as_str().len() + 1..];
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || !name.chars().all(plain) {
            return Err(IdError::Check(text.to_owned()));
        }
        Ok(Self::new(kind, name))
    }
}

impl TryFrom<String> for CheckId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<CheckId> for String {
    fn from(id: CheckId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.as_str(), self.name)
    }
}

/// One criterion of a rubric, `causal-order`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct CriterionId(String);

impl FromStr for CriterionId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if text.is_empty() || !text.chars().all(plain) {
            Err(IdError::Criterion(text.to_owned()))
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl TryFrom<String> for CriterionId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<CriterionId> for String {
    fn from(id: CriterionId) -> Self {
        id.0
    }
}

impl fmt::Display for CriterionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_a_submission_are_recognised_in_every_usual_spelling() {
        for name in [
            "ex07",
            "EX07",
            "ex07_tracing",
            "EX07-tracing",
            "Ex07 tracing",
            "ex07.old",
        ] {
            assert_eq!(
                ExerciseId::from_folder(name).map(String::from).as_deref(),
                Some("ex07"),
                "{name}"
            );
        }
        for name in ["ex7", "ex071", "exercise07", "x07", "é07", "ex0é"] {
            assert_eq!(ExerciseId::from_folder(name), None, "{name}");
        }
    }

    #[test]
    fn a_check_id_survives_its_text() {
        for text in ["spec/test_merge", "hidden/compare", "budget/merge-time"] {
            assert_eq!(text.parse::<CheckId>().expect("an id").to_string(), text);
        }
        for text in ["merge", "spec/", "other/x", "spec/a b", "hidden/a/b"] {
            assert!(text.parse::<CheckId>().is_err(), "{text}");
        }
    }
}
