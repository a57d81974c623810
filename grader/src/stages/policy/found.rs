//! Collects what rules find: one finding for each thing in each file, with every line where it is.

use std::collections::BTreeMap;

use proc_macro2::Span;

use super::rules::{Rule, Severity};
use crate::model::verdict::{Finding, FindingKind};
use crate::stages::diagnostics::plain;

/// How many findings are kept.
const FINDINGS: usize = 60;

/// How many further lines a finding names.
const LINES: usize = 4;

/// The longest name in a message, in characters.
const NAME: usize = 60;

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    things: BTreeMap<(String, &'static str, String), Thing>,
    refused: bool,
    more: bool,
}

#[derive(Debug)]
struct Thing {
    rule: Rule,
    place: (u32, u32),
    others: Vec<u32>,
    more: bool,
}

impl Found {
    /// Takes note of a thing that breaks a rule. `subject` is code, and shown as such.
    pub(super) fn add(&mut self, rule: Rule, file: &str, span: Span, subject: &str) {
        let start = span.start();
        let number = |number| u32::try_from(number).unwrap_or(u32::MAX);
        self.add_at(
            rule,
            file,
            (number(start.line), number(start.column.saturating_add(1))),
            &format!("`{}`", plain(subject, NAME)),
        );
    }

    /// Takes note of a thing at a line and a column. `subject` is shown as it is.
    pub(super) fn add_at(&mut self, rule: Rule, file: &str, place: (u32, u32), subject: &str) {
        self.refused |= rule.severity == Severity::Refusal;
        let key = (file.to_owned(), rule.id, subject.to_owned());
        if let Some(thing) = self.things.get_mut(&key) {
            if thing.others.len() == LINES {
                thing.more = true;
            } else if thing.place.0 != place.0 && !thing.others.contains(&place.0) {
                thing.others.push(place.0);
            }
            return;
        }
        // Refusals are always kept: there are few kinds of them, and each must be shown.
        if self.things.len() >= FINDINGS && rule.severity == Severity::Penalty {
            self.more = true;
            return;
        }
        if self.things.len() >= 2 * FINDINGS {
            return;
        }
        let thing = Thing {
            rule,
            place,
            others: Vec::new(),
            more: false,
        };
        self.things.insert(key, thing);
    }

    /// Whether something forbids building.
    pub(super) fn refuses(&self) -> bool {
        self.refused
    }

    /// The findings in the order of the files.
    pub(super) fn into_findings(self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self
            .things
            .into_iter()
            .map(|((file, _, subject), thing)| thing.finding(file, &subject))
            .collect();
        findings.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        if self.more {
            findings.push(Finding {
                kind: FindingKind::Intake,
                rule: "more-findings".to_owned(),
                file: String::new(),
                line: 0,
                column: 0,
                message: "there is more of the kind; correct what is shown first".to_owned(),
            });
        }
        findings
    }
}

impl Thing {
    fn finding(self, file: String, subject: &str) -> Finding {
        let Rule { id, why, instead, .. } = self.rule;
        let mut message = format!("{subject}: {why}; {instead}");
        if !self.others.is_empty() {
            let lines: Vec<String> = self.others.iter().map(u32::to_string).collect();
            let (word, end) = (
                if lines.len() == 1 { "line" } else { "lines" },
                if self.more { " ..." } else { "" },
            );
            message += &format!(" (also on {word} {}{end})", lines.join(", "));
        }
        Finding {
            kind: FindingKind::Policy,
            rule: id.to_owned(),
            file,
            line: self.place.0,
            column: self.place.1,
            message,
        }
    }
}
