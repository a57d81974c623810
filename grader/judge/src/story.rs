//! What a student reads: the steps of a short script and where it goes wrong.

use std::fmt;

use serde::{Deserialize, Serialize};
use witness::Language;
use witness::wire::Answer;

use crate::subject::Transcript;

/// A line is cut here.
const WIDEST: usize = 400;
/// Steps shown; of a longer story the first ones are left out.
const LONGEST: usize = 60;

/// The shortest failing script that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// Its steps.
    pub lines: Vec<Line>,
    /// What is wrong at the last one.
    pub objection: String,
    /// How many scripts were run until one failed.
    pub found_after: u32,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The line of Rust that does it.
    pub call: String,
    /// What it answered.
    pub actual: String,
    /// What was expected, if that is known and differs.
    pub expected: Option<String>,
}

impl Story {
    pub(crate) fn tell<L: Language>(script: &[L::Step], transcript: &Transcript<L::Seen>, expected: Option<&[Answer<L::Seen>]>, objection: &str, found_after: u32) -> Self {
        let mut lines: Vec<Line> = Vec::new();
        for (at, step) in script.iter().enumerate() {
            let actual = match transcript.answers.get(at) {
                Some(answer) => show::<L>(answer),
                None => transcript.ending.map(|ending| ending.to_string()).unwrap_or_default(),
            };
            let reference = expected.and_then(|answers| answers.get(at)).map(show::<L>).filter(|shown| *shown != actual);
            lines.push(Line { call: plain(&step.to_string()), actual: plain(&actual), expected: reference.as_deref().map(plain) });
        }
        if lines.len() > LONGEST {
            let left_out = lines.len() - LONGEST;
            lines.drain(..left_out);
            lines.insert(0, Line { call: format!("// {left_out} earlier steps are left out"), actual: String::new(), expected: None });
        }
        Self { lines, objection: plain(objection), found_after }
    }
}

fn show<L: Language>(answer: &Answer<L::Seen>) -> String {
    match answer {
        Answer::Saw(seen) => L::show(seen),
        Answer::Panicked(message) => format!("panicked: {message}"),
        Answer::Unavailable(message) => format!("unavailable: {message}"),
    }
}

/// Text that a terminal or a page can show: no control characters, bounded.
fn plain(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        if shown.len() >= WIDEST {
            shown.push_str("...");
            break;
        }
        if c.is_control() { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            match &line.expected {
                Some(expected) => writeln!(f, "    {}  // expected {expected}, got {}", line.call, line.actual)?,
                None if line.actual.is_empty() => writeln!(f, "    {}", line.call)?,
                None => writeln!(f, "    {}  // {}", line.call, line.actual)?,
            }
        }
        write!(f, "{}", self.objection)
    }
}
