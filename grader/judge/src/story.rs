//! What a student reads: the steps of a short script and where it goes wrong.

use std::fmt;

use serde::{Deserialize, Serialize};
use witness::Language;
use witness::wire::Answer;

use crate::subject::Transcript;

/// A text is cut after so many characters.
const WIDEST: usize = 400;
/// Lines shown; of a longer story the first ones are left out.
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

/// What the reference answered, and from which step on a difference means something.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expectation<'a, V> {
    pub answers: &'a [Answer<V>],
    pub from: usize,
}

impl Story {
    /// Tells a script and what came of it.
    pub(crate) fn tell<L: Language>(
        script: &[L::Step],
        transcript: &Transcript<L::Seen>,
        expectation: Expectation<'_, L::Seen>,
        objection: &str,
        found_after: u32,
    ) -> Self {
        let mut lines: Vec<Line> = Vec::new();
        for (at, step) in script.iter().enumerate() {
            let actual = match transcript.answers.get(at) {
                Some(answer) => show::<L>(answer),
                None if at == transcript.answers.len() => {
                    transcript.ending.map(|ending| ending.to_string()).unwrap_or_default()
                }
                None => break,
            };
            let expected = expectation
                .answers
                .get(at)
                .filter(|_| expectation.from <= at)
                .map(show::<L>);
            let expected = expected
                .filter(|expected| *expected != actual)
                .map(|expected| plain(&expected));
            lines.push(Line {
                call: plain(&step.to_string()),
                actual: plain(&actual),
                expected,
            });
        }
        if lines.len() > LONGEST {
            let left_out = lines.len() - (LONGEST - 1);
            let note = Line {
                call: format!("// {left_out} steps before these are left out"),
                actual: String::new(),
                expected: None,
            };
            lines.splice(..left_out, [note]);
        }
        Self {
            lines,
            objection: plain(objection),
            found_after,
        }
    }

    /// A story without steps.
    pub(crate) fn untold(objection: &str) -> Self {
        Self {
            lines: Vec::new(),
            objection: plain(objection),
            found_after: 0,
        }
    }

    /// Equal for stories that tell the same, whichever check found them and when.
    #[must_use]
    pub fn digest(&self) -> String {
        let texts = self
            .lines
            .iter()
            .flat_map(|line| [Some(&line.call), Some(&line.actual), line.expected.as_ref()]);
        let hash = texts
            .chain([Some(&self.objection)])
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, text| {
                // FNV-1a; a byte that no text holds keeps neighbours apart.
                let bytes = text.map_or(&[0xfe][..], |text| text.as_bytes());
                bytes.iter().chain(&[0xff]).fold(hash, |hash, byte| {
                    (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
                })
            });
        format!("{hash:016x}")
    }
}

fn show<L: Language>(answer: &Answer<L::Seen>) -> String {
    match answer {
        Answer::Saw(seen) => L::show(seen),
        Answer::Panicked(message) => format!("panicked: {message}"),
        Answer::Unavailable(message) => format!("unavailable: {message}"),
    }
}

/// Text that a terminal or a page can show: nothing that controls it or reorders it, bounded.
pub(crate) fn plain(text: &str) -> String {
    let mut shown = String::new();
    for (at, c) in text.chars().enumerate() {
        if at >= WIDEST {
            shown.push_str("...");
            break;
        }
        if c.is_control() || is_invisible(c) {
            shown.extend(c.escape_default())
        } else {
            shown.push(c)
        }
    }
    shown
}

/// Marks of direction, joiners and the like, which make a line read as what it is not.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_that_controls_it() {
        assert_eq!(plain("a\u{1b}[31m\n\u{202e}é\0"), "a\\u{1b}[31m\\n\\u{202e}é\\u{0}");
        assert_eq!(plain(&"é".repeat(1000)).chars().count(), WIDEST + 3);
    }

    #[test]
    fn a_digest_tells_stories_apart_by_what_they_tell() {
        let line = |call: &str, expected: Option<&str>| Line {
            call: call.into(),
            actual: "1".into(),
            expected: expected.map(Into::into),
        };
        let story = |lines, found_after| Story {
            lines,
            objection: "wrong".into(),
            found_after,
        };
        let one = story(vec![line("a", None), line("b", Some("2"))], 7);
        assert_eq!(one.digest(), story(one.lines.clone(), 9).digest());
        assert_ne!(one.digest(), story(vec![line("a", None), line("b", None)], 7).digest());
        assert_ne!(
            one.digest(),
            story(vec![line("ab", None), line("", Some("2"))], 7).digest()
        );
    }
}
