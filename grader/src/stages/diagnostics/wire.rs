//! The compiler's JSON, field by field, turned into bounded messages.

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};

use super::{Level, Message, Place, SPANS, Span, TEXT, plain};

/// The longest line that is looked at, in bytes.
const LINE: usize = 1 << 20;

/// How much of the rendered text is kept, in bytes.
const RENDERED: usize = 64 << 10;

/// How many texts of help are kept.
const HELPS: usize = 8;

/// The message on one line, if there is one.
pub(super) fn message(line: &[u8]) -> Option<Message> {
    if line.len() > LINE {
        return None;
    }
    let line = String::from_utf8_lossy(line);
    let raw = serde_json::from_str::<RawMessage<RawExpansion>>(&line).map(RawMessage::build);
    // A macro that calls itself makes a chain of expansions that the parser refuses to follow: do without it.
    raw.or_else(|_| serde_json::from_str::<RawMessage<Skipped>>(&line).map(RawMessage::build))
        .ok()
        .flatten()
}

#[derive(Deserialize)]
#[serde(bound = "E: Deserialize<'de>")]
struct RawMessage<E> {
    message: String,
    level: String,
    code: Option<RawCode>,
    rendered: Option<String>,
    #[serde(default = "Vec::new")]
    spans: Vec<RawSpan<E>>,
    #[serde(default = "Vec::new")]
    children: Vec<RawChild<E>>,
}

#[derive(Deserialize)]
struct RawCode {
    code: String,
}

#[derive(Deserialize)]
#[serde(bound = "E: Deserialize<'de>")]
struct RawChild<E> {
    message: String,
    level: String,
    #[serde(default = "Vec::new")]
    spans: Vec<RawSpan<E>>,
}

#[derive(Deserialize)]
#[serde(bound = "E: Deserialize<'de>")]
struct RawSpan<E> {
    file_name: String,
    byte_start: usize,
    byte_end: usize,
    line_start: u32,
    column_start: u32,
    is_primary: bool,
    label: Option<String>,
    expansion: Option<E>,
}

#[derive(Deserialize)]
struct RawExpansion {
    span: Box<RawSpan<RawExpansion>>,
}

/// Stands for a chain of expansions that is not read. Skipping takes no stack, whatever the depth.
struct Skipped;

impl<'de> Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(from).map(|_| Self)
    }
}

/// What is known of the calls of macros around a span.
trait Expansion: Sized {
    /// The calls, from the inside out.
    fn places(self) -> Vec<Place>;
}

impl Expansion for Skipped {
    fn places(self) -> Vec<Place> {
        Vec::new()
    }
}

impl Expansion for RawExpansion {
    fn places(self) -> Vec<Place> {
        let mut places = Vec::new();
        let mut next = Some(self);
        while let Some(RawExpansion { span }) = next {
            if places.len() == SPANS {
                break;
            }
            places.push(Place {
                file: plain(&span.file_name, TEXT),
                bytes: span.byte_start..span.byte_end.max(span.byte_start),
                line: span.line_start,
            });
            next = span.expansion;
        }
        places
    }
}

impl<E: Expansion> RawMessage<E> {
    fn build(self) -> Option<Message> {
        // Says how to learn more about the codes above.
        if self.level == "failure-note" {
            return None;
        }
        let (mut related, mut help) = (Vec::new(), Vec::new());
        for child in self.children {
            if child.level == "help" && help.len() < HELPS {
                help.push(plain(&child.message, TEXT));
            }
            related.extend(child.spans.into_iter().take(SPANS - related.len()).map(RawSpan::build));
        }
        Some(Message {
            level: match self.level.as_str() {
                "warning" => Level::Warning,
                level if level.starts_with("error") => Level::Error,
                _ => Level::Note,
            },
            code: self.code.map(|code| plain(&code.code, TEXT)).unwrap_or_default(),
            text: plain(&self.message, TEXT),
            rendered: cut(self.rendered.unwrap_or_default(), RENDERED),
            spans: self.spans.into_iter().take(SPANS).map(RawSpan::build).collect(),
            related,
            help,
        })
    }
}

impl<E: Expansion> RawSpan<E> {
    fn build(self) -> Span {
        Span {
            file: plain(&self.file_name, TEXT),
            bytes: self.byte_start..self.byte_end.max(self.byte_start),
            line: self.line_start,
            column: self.column_start,
            primary: self.is_primary,
            label: self.label.map(|label| plain(&label, TEXT)).unwrap_or_default(),
            expanded_at: self.expansion.map(Expansion::places).unwrap_or_default(),
        }
    }
}

/// At most `limit` bytes of a text, cut between two characters.
fn cut(mut text: String, limit: usize) -> String {
    if text.len() > limit {
        text.truncate(text.floor_char_boundary(limit));
    }
    text
}
