//! Decides whether sources may be built, and reports what they ask for that the exercise does not give.
//!
//! The scan is for clear messages. What untrusted code can *do* is the sandbox's business; that unsafe code is refused is the compiler's.

use toml::{Table, Value};

use super::intake::Sources;
use crate::model::exercise::Exercise;
use crate::model::verdict::{Finding, FindingKind};

/// Sources that were scanned. There is no other way to make one: unscanned code cannot be scaffolded, because it does not type-check.
#[derive(Debug, Clone)]
pub struct Admitted {
    sources: Sources,
}

impl Admitted {
    /// The sources.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// All findings so far, intake's first.
    pub fn findings(&self) -> &[Finding] {
        &self.sources.findings
    }
}

/// Scans the sources of one exercise.
pub fn scan(mut sources: Sources, exercise: &Exercise) -> Admitted {
    if let Some(text) = &sources.manifest {
        let mut found = dependencies(text, exercise);
        sources.findings.append(&mut found);
    }
    Admitted { sources }
}

/// Dependencies of the submission's own manifest that the exercise does not allow.
fn dependencies(manifest: &str, exercise: &Exercise) -> Vec<Finding> {
    let table: Table = match manifest.parse() {
        Ok(table) => table,
        Err(error) => {
            let error: toml::de::Error = error;
            let line = error.span().map_or(0, |span| line_of(manifest, span.start));
            let text = format!(
                "it is not valid TOML ({}); its dependencies were not read",
                error.message()
            );
            return vec![finding("manifest-invalid", line, text)];
        }
    };
    let Some(dependencies) = table.get("dependencies").and_then(Value::as_table) else {
        return Vec::new();
    };
    let allowed = if exercise.crates.is_empty() {
        "no crate".to_owned()
    } else {
        exercise.crates.join(", ")
    };
    dependencies
        .iter()
        .map(|(name, value)| value.get("package").and_then(Value::as_str).unwrap_or(name))
        .filter(|package| {
            !exercise
                .crates
                .iter()
                .any(|allowed| allowed.replace('_', "-") == package.replace('_', "-"))
        })
        .map(|package| {
            let line = manifest
                .lines()
                .position(|line| line.trim_start().starts_with(package))
                .map_or(0, |at| at + 1);
            let text = format!(
                "`{package}` is not available in {}: it may use {allowed}; remove the dependency and what needs it",
                exercise.id
            );
            finding("dependency-not-allowed", line, text)
        })
        .collect()
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

fn finding(rule: &str, line: usize, message: String) -> Finding {
    Finding {
        kind: FindingKind::Policy,
        rule: rule.to_owned(),
        file: "Cargo.toml".to_owned(),
        line: u32::try_from(line).unwrap_or(0),
        message,
    }
}
