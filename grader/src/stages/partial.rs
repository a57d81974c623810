//! Partial credit when only part compiles: takes out of a check's source what the submission lacks, and says what was lost by it.
//!
//! The compiler's errors are mapped to parts of the source: a function's body becomes a call of `witness::unavailable`, a helper
//! that cannot be declared is removed, a field's type becomes `()`, an import disappears. What used the part fails in the next round,
//! and is taken out then. Lines keep their numbers. The *first* message travels along: later ones are about our own edits.
//!
//! | the error lies in | what happens |
//! |---|---|
//! | the body of a function | it becomes `{ witness::unavailable("message [E0599]") }` |
//! | the signature of a step | the same: signatures of steps hold plain data only |
//! | the signature of a helper; a constant, an alias, a type, an `impl` | it is removed |
//! | a method that the submission's trait does not have | the method is removed |
//! | the type of a field | it becomes `()` |
//! | a leaf of a `use` | it is removed, and in the same round whatever mentions it is taken out, if it is spelled like a type |
//!
//! What must stay: the world that runs scripts, its language, public functions (they are called by name), and what a macro lists.

use std::collections::BTreeMap;
use std::ops::Range;

use super::diagnostics::{Message, Span, plain};

mod imports;
mod names;
mod outline;
mod round;
pub(in crate::stages) mod text;

use outline::Outline;
use round::{Hit, Round};

/// The longest message of a loss, in characters.
const MESSAGE: usize = 300;

/// Edits one source of an exercise's checks, round by round.
#[derive(Debug, Clone)]
pub struct Editor {
    /// The folder of all our sources.
    folder: String,
    /// This one, in it.
    file: String,
    text: String,
    lost: BTreeMap<String, Loss>,
    /// What is not there any more, by the name that other code calls it.
    causes: BTreeMap<String, Loss>,
}

/// Why a part of a source was taken out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loss {
    /// What the compiler said first.
    pub message: String,
    /// `E0599`, or empty.
    pub code: String,
}

/// What a round of editing did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The text has changed.
    Edited,
    /// No error lies in this source.
    Nothing,
    /// These errors lie in this source, and nothing can be taken out for them.
    Stuck(Vec<Message>),
}

/// A source that is not Rust, which no submission can cause.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: is not valid Rust: {message}")]
pub struct Unreadable {
    /// Which.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What the parser says.
    pub message: String,
}

impl Editor {
    /// Edits `text`, the source `file` of `folder`; what the compiler calls it ends in both.
    pub fn new(folder: &str, file: &str, text: &str) -> Result<Self, Unreadable> {
        Outline::of(text).map_err(|error| Unreadable {
            file: file.to_owned(),
            line: error.span().start().line,
            message: error.to_string(),
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            file: file.to_owned(),
            text: text.to_owned(),
            lost: BTreeMap::new(),
            causes: BTreeMap::new(),
        })
    }

    /// The text as it is now.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What was taken out so far: a function by its name, a method or a field by its owner's and its own, `Clocks::tick`.
    pub fn lost(&self) -> &BTreeMap<String, Loss> {
        &self.lost
    }

    /// What is not there any more, by name, and why.
    pub fn causes(&self) -> &BTreeMap<String, Loss> {
        &self.causes
    }

    /// Takes note of what is gone from a source that this one imports from: what fails here for want of it gets the first reason.
    pub fn learn(&mut self, causes: &BTreeMap<String, Loss>) {
        for (name, loss) in causes {
            self.causes.entry(name.clone()).or_insert_with(|| loss.clone());
        }
    }

    /// Whether a message is about this source.
    pub fn concerns(&self, message: &Message) -> bool {
        !self.hit(message).places.is_empty()
    }

    /// Takes out what the errors of one round of compilation are about.
    pub fn apply(&mut self, messages: &[Message]) -> Progress {
        self.edit(messages, |round| round.cascade())
    }

    /// Takes out everything that can be, when rounds do not come to an end: only what must be declared stays.
    pub fn take_out_everything(&mut self, messages: &[Message]) -> Progress {
        self.edit(messages, |round| round.everything())
    }

    fn edit(&mut self, messages: &[Message], finish: impl FnOnce(&mut Round<'_>)) -> Progress {
        let hits = messages
            .iter()
            .filter(|message| message.is_error())
            .map(|message| self.hit(message));
        let hits: Vec<_> = hits.filter(|hit| !hit.places.is_empty()).collect();
        if hits.is_empty() {
            return Progress::Nothing;
        }
        let everything = || hits.iter().map(|hit| hit.message.clone()).collect();
        let Ok(mut outline) = Outline::of(&self.text) else {
            return Progress::Stuck(everything());
        };
        let mut round = Round::new(&self.text, &mut outline, &self.causes);
        let stuck: Vec<_> = hits.iter().filter(|hit| !round.hit(hit)).collect();
        finish(&mut round);
        let edited = round.finish();
        // An edit that would break what it was to repair is not made.
        if edited.text == self.text || lines(&edited.text) != lines(&self.text) || Outline::of(&edited.text).is_err() {
            let stuck: Vec<_> = stuck.into_iter().map(|hit| hit.message.clone()).collect();
            return Progress::Stuck(if stuck.is_empty() { everything() } else { stuck });
        }
        self.text = edited.text;
        for (key, loss) in edited.lost {
            self.lost.entry(key).or_insert(loss);
        }
        for (name, loss) in edited.causes {
            self.causes.entry(name).or_insert(loss);
        }
        Progress::Edited
    }

    /// A message with the places in this source that it points to: primary ones if any lies here, else those it mentions, else those
    /// of its notes. A message about another of our sources (they share a folder, or lie in folders of it) may mention this one: that is no reason to edit it.
    fn hit<'m>(&self, message: &'m Message) -> Hit<'m> {
        let place = |span: &Span| {
            let mut places = span.places();
            places.find_map(|(file, bytes, _)| {
                let root = self.root(file)?;
                (bytes.end <= self.text.len()).then(|| (root.to_owned(), bytes))
            })
        };
        let spans = message.spans_by_weight();
        let beside = |root: &str| {
            let mut places = spans[0].iter().flat_map(|span| span.places());
            places.any(|(file, ..)| file.starts_with(root))
        };
        let found = |spans: &[&Span]| spans.iter().filter_map(|span| place(span)).collect::<Vec<_>>();
        let bytes =
            |places: Vec<(String, Range<usize>)>| places.into_iter().map(|(_, bytes)| bytes).collect::<Vec<_>>();
        let [primary, mentioned, related] = [found(&spans[0]), found(&spans[1]), found(&spans[2])];
        let elsewhere = |places: &Vec<(String, Range<usize>)>| !places.iter().any(|(root, _)| beside(root));
        let places = match (primary.is_empty(), mentioned.is_empty()) {
            (false, _) => primary,
            (true, false) => Some(mentioned.clone()).filter(elsewhere).unwrap_or_default(),
            (true, true) => Some(related).filter(elsewhere).unwrap_or_default(),
        };
        Hit {
            message,
            places: bytes(places),
            mentioned: bytes(mentioned),
        }
    }

    /// The folder of all our sources as the name of a file spells it, if it is the name of this source.
    fn root<'f>(&self, file: &'f str) -> Option<&'f str> {
        let root = file.strip_suffix(&self.file)?;
        let before = root.strip_suffix('/')?.strip_suffix(&self.folder)?;
        (before.is_empty() || before.ends_with('/')).then_some(root)
    }
}

fn lines(text: &str) -> usize {
    text.matches('\n').count()
}

impl Loss {
    /// The loss that a message is the reason of.
    fn of(message: &Message) -> Self {
        let labels = message
            .spans
            .iter()
            .filter(|span| span.primary)
            .map(|span| span.label.as_str());
        let label = labels.into_iter().find(|label| !label.is_empty());
        // `mismatched types` says nothing without `expected u64, found u32`.
        let text = match label {
            Some(label) if !message.text.contains('`') => format!("{}: {label}", message.text),
            _ => message.text.clone(),
        };
        Self {
            message: plain(&text, MESSAGE),
            code: message.code.clone(),
        }
    }
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.code.as_str() {
            "" => f.write_str(&self.message),
            code => write!(f, "{} [{code}]", self.message),
        }
    }
}

#[cfg(test)]
mod tests;
