//! Reads what the compiler says, from its `--error-format=json` lines, and trims it for a person.
//!
//! The text comes from a process that compiled a submission, so it is hostile: everything is bounded, a line that makes no
//! sense is skipped, and nothing that is shown carries a control character.

use std::ops::Range;

mod excerpt;
mod present;
mod wire;

pub use present::{errors, findings};

/// How many messages are kept.
const MESSAGES: usize = 2000;

/// How many spans of one message are kept, and how long the chain of expansions behind one of them may be.
const SPANS: usize = 64;

/// The longest text of a message or a label, in characters.
const TEXT: usize = 1000;

/// One message of the compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// How bad it is.
    pub level: Level,
    /// `E0599` for an error, the name of the lint for a warning, or empty.
    pub code: String,
    /// The first line, free of control characters.
    pub text: String,
    /// The whole message with its excerpts, as the compiler prints it on a terminal without colours. Not escaped.
    pub rendered: String,
    /// Where: primary spans and labelled ones, in the compiler's order.
    pub spans: Vec<Span>,
    /// Spans of the notes below the message.
    pub related: Vec<Span>,
    /// The texts of its `help:` lines.
    pub help: Vec<String>,
}

/// How bad a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// An error; also a crash of the compiler.
    Error,
    /// A warning.
    Warning,
    /// Anything else.
    Note,
}

/// A place in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The file, as the compiler names it.
    pub file: String,
    /// From and to which byte of the file.
    pub bytes: Range<usize>,
    /// The first line, from 1.
    pub line: u32,
    /// The first column, in characters, from 1.
    pub column: u32,
    /// Whether the message is about this place, or only mentions it.
    pub primary: bool,
    /// What the compiler writes beside it, or empty.
    pub label: String,
    /// If the place is inside a macro: where the macro is called, from the innermost call outwards.
    pub expanded_at: Vec<Place>,
}

/// Where a macro is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as the compiler names it.
    pub file: String,
    /// From and to which byte of the file.
    pub bytes: Range<usize>,
    /// The first line, from 1.
    pub line: u32,
}

impl Message {
    /// Whether this stops the build.
    pub fn is_error(&self) -> bool {
        self.level == Level::Error
    }

    /// The spans that say where it is, best first: primary ones, then those it mentions, then those of its notes.
    pub fn spans_by_weight(&self) -> [Vec<&Span>; 3] {
        let (primary, mentioned) = self.spans.iter().partition(|span| span.primary);
        [primary, mentioned, self.related.iter().collect()]
    }
}

impl Span {
    /// The places where this is written, from the inside out: the span itself, then the calls of macros around it.
    pub fn places(&self) -> impl Iterator<Item = (&str, Range<usize>, u32)> {
        let own = std::iter::once((self.file.as_str(), self.bytes.clone(), self.line));
        own.chain(
            self.expanded_at
                .iter()
                .map(|place| (place.file.as_str(), place.bytes.clone(), place.line)),
        )
    }
}

/// The messages in what a compiler printed. Lines that are none are skipped, and so are the closing ones that only count.
pub fn read(printed: &[u8]) -> Vec<Message> {
    printed
        .split(|byte| *byte == b'\n')
        .filter(|line| line.first() == Some(&b'{'))
        .filter_map(wire::message)
        .filter(|message| !(message.spans.is_empty() && counts_only(&message.text)))
        .take(MESSAGES)
        .collect()
}

/// Whether a message only says how many others there were.
fn counts_only(text: &str) -> bool {
    text.starts_with("aborting due to") || text.ends_with("warning emitted") || text.ends_with("warnings emitted")
}

/// A text on one line, bounded, with everything escaped that could move a cursor or turn the direction of a text.
pub(crate) fn plain(text: &str, limit: usize) -> String {
    let mut out = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == limit {
            out.push('…');
            break;
        }
        match c {
            '\n' | '\t' => out.push(' '),
            c if is_unsafe_to_show(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// Control characters, and those that reorder or hide the text around them.
fn is_unsafe_to_show(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests;
