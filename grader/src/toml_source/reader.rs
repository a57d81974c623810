//! Reads TOML so that every problem of a file is found in one go.
//!
//! Deserialising into structs ends at the first unknown key or wrong type. Here a file is walked as a tree instead: each value that is not
//! what it should be is reported and read as absent, and a table reports the keys that nobody asked for.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Diagnostic, Place};

/// How many problems of a file are reported.
const PROBLEMS: usize = 100;

/// A file and the problems found in it so far.
pub struct Source<'a> {
    path: &'a str,
    text: &'a str,
    problems: RefCell<Vec<(usize, Diagnostic)>>,
}

/// A table, and the keys that it was asked for.
pub struct Table<'s> {
    source: &'s Source<'s>,
    entries: &'s DeTable<'s>,
    /// Where it starts; the file's own table starts nowhere.
    span: Option<Range<usize>>,
    path: String,
    asked: RefCell<Vec<&'static str>>,
}

/// A place of the file: what complaints are about.
#[derive(Clone)]
pub struct Spot<'s> {
    source: &'s Source<'s>,
    span: Range<usize>,
    path: String,
}

/// A value and where it is.
#[derive(Clone)]
pub struct Value<'s> {
    /// Where.
    pub spot: Spot<'s>,
    value: &'s DeValue<'s>,
}

impl<'a> Source<'a> {
    /// Parses a file and reads its table. Gives what was read, or everything that is wrong.
    pub fn read<T>(
        path: &'a str,
        text: &'a str,
        read: impl FnOnce(&Table<'_>) -> Option<T>,
    ) -> Result<T, Vec<Diagnostic>> {
        let source = Source {
            path,
            text,
            problems: RefCell::default(),
        };
        let (entries, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let message = error.message().lines().next().unwrap_or_default().to_owned();
            source.report(
                error.span(),
                message,
                "correct the TOML; strings are quoted, and each key is given once",
            );
        }
        // What the parser made of a broken file is not worth a second complaint.
        if !errors.is_empty() {
            return Err(source.into_problems());
        }
        let root = Table {
            source: &source,
            entries: entries.get_ref(),
            span: None,
            path: String::new(),
            asked: RefCell::default(),
        };
        let read = read(&root);
        root.finish();
        drop(root);
        match read {
            Some(read) if source.problems.borrow().is_empty() => Ok(read),
            _ => Err(source.into_problems()),
        }
    }

    /// Whether enough problems are known. To find the line of each takes a look at the whole file.
    fn full(&self) -> bool {
        self.problems.borrow().len() >= PROBLEMS
    }

    fn report(&self, span: Option<Range<usize>>, message: impl Into<String>, remedy: impl Into<String>) {
        if self.full() {
            return;
        }
        let at = span.as_ref().map_or(usize::MAX, |span| span.start);
        let place = span.map(|span| Place::of(self.text, span));
        let diagnostic = Diagnostic {
            file: self.path.to_owned(),
            place,
            message: message.into(),
            remedy: remedy.into(),
        };
        self.problems.borrow_mut().push((at, diagnostic));
    }

    /// The problems in the order of the file, those of the whole file last.
    fn into_problems(self) -> Vec<Diagnostic> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|(at, _)| *at);
        problems.into_iter().map(|(_, problem)| problem).collect()
    }
}

impl<'s> Table<'s> {
    /// The value of a key that must be there.
    pub fn required(&self, key: &'static str) -> Option<Value<'s>> {
        let value = self.optional(key);
        if value.is_none() {
            let key = join(&self.path, key);
            self.complain(
                &format!("`{key}` is missing"),
                "add the key; see the other files of the course for its form",
            );
        }
        value
    }

    /// The value of a key that may be absent.
    pub fn optional(&self, key: &'static str) -> Option<Value<'s>> {
        self.asked.borrow_mut().push(key);
        let value = self.entries.get(key)?;
        Some(Value {
            spot: self.spot(key, value.span()),
            value: value.get_ref(),
        })
    }

    /// The tables of an array of tables that may be absent.
    pub fn tables(&self, key: &'static str) -> Vec<Table<'s>> {
        let Some(value) = self.optional(key) else {
            return Vec::new();
        };
        value
            .list()
            .into_iter()
            .flatten()
            .filter_map(|value| value.table())
            .collect()
    }

    /// All keys, with their places, and values, in the order of the file: for a table whose keys are data.
    pub fn entries(&self) -> Vec<(&'s str, Spot<'s>, Value<'s>)> {
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let entry = |(key, value): (&'s Spanned<_>, &'s Spanned<DeValue<'s>>)| {
            let name: &'s Cow<'s, str> = key.get_ref();
            let value = Value {
                spot: self.spot(name, value.span()),
                value: value.get_ref(),
            };
            (name.as_ref(), self.spot(name, key.span()), value)
        };
        entries.into_iter().map(entry).collect()
    }

    fn spot(&self, key: &str, span: Range<usize>) -> Spot<'s> {
        Spot {
            source: self.source,
            span,
            path: join(&self.path, key),
        }
    }

    /// Reports a problem of the table as a whole.
    pub fn complain(&self, message: &str, remedy: &str) {
        self.source.report(self.span.clone(), message, remedy);
    }

    /// Whether nothing is wrong with the file so far.
    pub fn sound(&self) -> bool {
        self.source.problems.borrow().is_empty()
    }

    /// Reports the keys that nobody asked for.
    pub fn finish(&self) {
        let asked = self.asked.borrow();
        for key in self
            .entries
            .keys()
            .filter(|key| !asked.contains(&key.get_ref().as_ref()))
            .take_while(|_| !self.source.full())
        {
            let name = join(&self.path, key.get_ref());
            let remedy = match nearest(key.get_ref(), asked.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("remove it; known here: {}", listed(asked.iter().copied())),
            };
            self.source
                .report(Some(key.span()), format!("`{name}` is no key of this file"), remedy);
        }
    }
}

impl Spot<'_> {
    /// Reports a problem of this place.
    pub fn complain(&self, message: &str, remedy: &str) {
        let message = format!("`{}`: {message}", self.path);
        self.source.report(Some(self.span.clone()), message, remedy);
    }

    /// Some text of this place, parsed.
    pub fn parse<T: FromStr<Err: Display>>(&self, text: &str) -> Option<T> {
        text.parse()
            .map_err(|error: T::Err| self.complain(&error.to_string(), "correct the name"))
            .ok()
    }
}

impl<'s> Value<'s> {
    /// Reports a problem of this value.
    pub fn complain(&self, message: &str, remedy: &str) {
        self.spot.complain(message, remedy);
    }

    fn wrong(&self, wanted: &str, remedy: &str) {
        self.complain(&format!("expected {wanted}, found {}", self.value.type_str()), remedy);
    }

    /// A string.
    pub fn text(&self) -> Option<String> {
        let text = self.value.as_str();
        if text.is_none() {
            self.wrong("a string", "put it in quotes");
        }
        text.map(str::to_owned)
    }

    /// A string that is one line and not empty.
    pub fn line(&self) -> Option<String> {
        let text = self.text()?;
        if text.trim().is_empty() || text.contains(char::is_control) {
            self.complain("expected one line of text", "say it in one line");
            return None;
        }
        Some(text)
    }

    /// A string that parses.
    pub fn parsed<T: FromStr<Err: Display>>(&self) -> Option<T> {
        self.spot.parse(&self.text()?)
    }

    /// One of some words.
    pub fn choice<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        let chosen = words.iter().find(|(word, _)| *word == text);
        if chosen.is_none() {
            let known = listed(words.iter().map(|(word, _)| *word));
            self.complain(&format!("`{text}` is not known here"), &format!("write one of {known}"));
        }
        chosen.map(|(_, value)| *value)
    }

    /// A number, whole or not; also `nan` and `inf`, which TOML has.
    pub fn number(&self) -> Option<f64> {
        let digits = match self.value {
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
            DeValue::Float(float) => float.as_str(),
            _ => {
                self.wrong("a number", "write digits, without quotes");
                return None;
            }
        };
        let number = digits.parse().ok();
        if number.is_none() {
            self.complain("expected a number", "write digits, without quotes");
        }
        number
    }

    /// A number that becomes something else, or is refused.
    pub fn amount<T, E: Display>(&self, make: impl FnOnce(f64) -> Result<T, E>, remedy: &str) -> Option<T> {
        make(self.number()?)
            .map_err(|error| self.complain(&error.to_string(), remedy))
            .ok()
    }

    /// A number within bounds, its ends included.
    pub fn within(&self, least: f64, most: f64) -> Option<f64> {
        let number = self.number()?;
        if !(least..=most).contains(&number) {
            self.complain(
                &format!("`{number}` is out of bounds"),
                &format!("write a number from {least} to {most}"),
            );
            return None;
        }
        Some(number)
    }

    /// A whole number within bounds, its ends included.
    pub fn whole(&self, least: u64, most: u64) -> Option<u64> {
        let DeValue::Integer(integer) = self.value else {
            self.wrong("a whole number", "write digits, without quotes and decimals");
            return None;
        };
        let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let bounded = number.filter(|number| (least..=most).contains(number));
        if bounded.is_none() {
            self.complain(
                &format!("`{integer}` is out of bounds"),
                &format!("write a whole number from {least} to {most}"),
            );
        }
        bounded
    }

    /// A date or a time as it is written, in TOML's own form or as a string.
    pub fn moment(&self) -> Option<String> {
        match self.value {
            DeValue::Datetime(moment) => Some(moment.to_string()),
            _ => self.text(),
        }
    }

    /// True or false.
    pub fn flag(&self) -> Option<bool> {
        let flag = self.value.as_bool();
        if flag.is_none() {
            self.wrong("true or false", "write `true` or `false`, without quotes");
        }
        flag
    }

    /// The values of a list.
    pub fn list(&self) -> Option<Vec<Value<'s>>> {
        let Some(array) = self.value.as_array() else {
            self.wrong("a list", "put it in brackets");
            return None;
        };
        let element = |value: &'s Spanned<DeValue<'s>>| {
            let spot = Spot {
                span: value.span(),
                ..self.spot.clone()
            };
            Value {
                spot,
                value: value.get_ref(),
            }
        };
        Some(array.iter().map(element).collect())
    }

    /// A table.
    pub fn table(&self) -> Option<Table<'s>> {
        let Some(entries) = self.value.as_table() else {
            self.wrong("a table", "write `{ key = value }`, or a section in brackets");
            return None;
        };
        let Spot { source, span, path } = self.spot.clone();
        Some(Table {
            source,
            entries,
            span: Some(span),
            path,
            asked: RefCell::default(),
        })
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// The candidate that a word was probably meant to be.
pub fn nearest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let candidates: Vec<&str> = candidates.collect();
    similar::get_close_matches(word, &candidates, 1, 0.7).into_iter().next()
}

fn listed<'w>(words: impl Iterator<Item = &'w str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
