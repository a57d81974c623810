//! What is known of a check before it is run.

use super::ids::CheckId;

/// A check as it is known from the exercise's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckInfo {
    /// Which.
    pub id: CheckId,
    /// The requirements it checks.
    pub requirements: Vec<String>,
    /// What it checks, one sentence; may be empty.
    pub summary: String,
}
