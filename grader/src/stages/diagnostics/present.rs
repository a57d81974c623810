//! Messages as what a student reads: the errors that stop a build, and warnings as findings.

use std::iter::repeat;
use std::path::Path;

use super::excerpt::{own_file, trim};
use super::{Level, Message, plain};
use crate::model::evidence::CompileError;
use crate::model::verdict::{Finding, FindingKind};

/// How many errors are shown: the first ones, since later ones often follow from them.
const ERRORS: usize = 8;

/// How many findings are made of warnings.
const FINDINGS: usize = 200;

/// The longest message of a finding, in characters.
const FINDING: usize = 400;

/// What to do about lints whose message does not say it.
const REMEDIES: &[(&str, &str)] = &[
    (
        "dead_code",
        "use it, make it public if the contract asks for it, or remove it",
    ),
    ("deprecated", "use what the note names instead"),
    (
        "missing_docs",
        "write a `///` comment above it that says what it is for",
    ),
    (
        "unreachable_code",
        "remove it, or let the code before it come to an end",
    ),
    (
        "unreachable_patterns",
        "remove the arm, or move it before the one that covers it",
    ),
    ("unused_assignments", "remove the assignment, or read the value"),
    ("unused_imports", "remove the import"),
    (
        "unused_must_use",
        "handle the value, or ignore it in writing with `let _ =`",
    ),
    ("unused_mut", "remove `mut`"),
    ("unused_variables", "use it, or let its name start with `_`"),
];

/// The errors in the student's own files, the first few, each with its excerpt. Files are relative to `directory`.
pub fn errors(messages: &[Message], directory: &Path) -> Vec<CompileError> {
    messages
        .iter()
        .filter(|message| message.is_error())
        .take(ERRORS)
        .map(|message| {
            let (file, line, _) = own_place(message, directory).unwrap_or_default();
            CompileError {
                file,
                line,
                code: message.code.clone(),
                message: message.text.clone(),
                rendered: trim(&message.rendered, directory),
            }
        })
        .collect()
}

/// The warnings about the student's own files. Files are relative to `directory`.
pub fn findings(messages: &[Message], directory: &Path) -> Vec<Finding> {
    let mut findings: Vec<_> = messages
        .iter()
        .filter(|message| message.level == Level::Warning)
        .filter_map(|message| finding(message, directory))
        .collect();
    findings.sort();
    findings.dedup();
    findings.truncate(FINDINGS);
    findings
}

fn finding(message: &Message, directory: &Path) -> Option<Finding> {
    let (file, line, column) = own_place(message, directory)?;
    let rule = if message.code.is_empty() {
        "warning"
    } else {
        &message.code
    };
    let kind = match rule {
        "missing_docs" => FindingKind::MissingDocs,
        _ => FindingKind::Warning,
    };
    let text = format!("{}: {}", message.text, remedy(message));
    Some(Finding {
        kind,
        rule: rule.to_owned(),
        file,
        line,
        column,
        message: plain(&text, FINDING),
    })
}

/// What to do: what this guide says of the lint, else what the compiler proposes.
fn remedy(message: &Message) -> String {
    let known = REMEDIES.iter().find(|(lint, _)| *lint == message.code);
    match (known, message.help.first()) {
        (Some((_, remedy)), _) => (*remedy).to_owned(),
        (None, Some(help)) => help.clone(),
        (None, None) if message.code.is_empty() => "change the code so that the compiler has nothing to say".to_owned(),
        (None, None) => format!("change the code so that the lint `{}` has nothing to say", message.code),
    }
}

/// The first place of a message in one of the student's files: file, line and, if it is not the call of a macro, column.
fn own_place(message: &Message, directory: &Path) -> Option<(String, u32, u32)> {
    let spans = message.spans_by_weight();
    spans
        .iter()
        .flatten()
        .flat_map(|span| span.places().zip([span.column].into_iter().chain(repeat(0))))
        .find_map(|((file, _, line), column)| {
            let file = own_file(file, directory)?;
            Some((file.to_owned(), line, column))
        })
}
