//! What is wrong with a file of the course, shown with its line and with what to do about it.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

/// One problem of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file, relative to the course's root.
    pub file: String,
    /// Where in it, unless the problem is what the file lacks.
    pub place: Option<Place>,
    /// What is wrong: a lower-case fragment, keys and values in backticks.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// A place in a file: its line, and the part of the line that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The line's number, from 1.
    pub line: usize,
    /// The line itself.
    pub text: String,
    /// The bytes of the line that are meant.
    pub span: Range<usize>,
}

impl Diagnostic {
    /// A problem of a whole file.
    pub fn about(file: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            place: None,
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    /// The line, or 0 for a problem of the whole file.
    pub fn line(&self) -> usize {
        self.place.as_ref().map_or(0, |place| place.line)
    }

    /// The problem as text, with colours or without.
    pub fn render(&self, renderer: &Renderer) -> String {
        let title = Level::ERROR.primary_title(&self.message);
        let report = match &self.place {
            Some(place) => title.element(
                Snippet::source(&place.text)
                    .path(&self.file)
                    .line_start(place.line)
                    .annotation(AnnotationKind::Primary.span(place.span.clone())),
            ),
            None => title.element(Origin::path(&self.file)),
        };
        renderer.render(&[report.element(Level::HELP.message(&self.remedy))])
    }
}

impl Place {
    /// The place of some bytes of a text. Of several lines, the first is meant.
    pub fn of(text: &str, bytes: Range<usize>) -> Self {
        let start = floor(text, bytes.start);
        let first = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let last = text[first..].find('\n').map_or(text.len(), |at| first + at);
        let line = text[first..last].trim_end_matches('\r');
        let from = (start - first).min(line.len());
        let to = floor(text, bytes.end.max(start)) - first;
        Self {
            line: text[..first].matches('\n').count() + 1,
            text: line.to_owned(),
            span: from..to.clamp(from, line.len()),
        }
    }
}

/// The last character boundary that is not after a byte.
fn floor(text: &str, byte: usize) -> usize {
    let byte = byte.min(text.len());
    (0..=byte).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(&Renderer::plain()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_one_line_of_its_text() {
        let text = "a = 1\r\nété = [\n  2,\n]\n";
        let at = text.find("été").expect("there");
        let place = Place::of(text, at..text.len());
        assert_eq!((place.line, place.text.as_str(), place.span), (2, "été = [", 0..9));
        let place = Place::of(text, 4..5);
        assert_eq!((place.line, place.text.as_str(), place.span), (1, "a = 1", 4..5));
    }

    #[test]
    fn any_range_has_a_place() {
        let text = "é\n";
        for start in 0..6 {
            for end in 0..6 {
                let place = Place::of(text, start..end);
                assert!(place.text.get(place.span).is_some(), "{start}..{end}");
            }
        }
    }
}
