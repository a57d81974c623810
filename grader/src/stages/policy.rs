//! Decides whether sources may be built, and reports what they ask for that the exercise does not give.
//!
//! The scan is for clear messages. What untrusted code can *do* is the sandbox's business; that unsafe code is refused is the compiler's.
//! Sources are read as tokens, so that comments and strings do not count, and names are followed through imports, renames and the
//! arguments of macros. What a student would have to write on purpose to hide is found too, but nothing rests on it.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use proc_macro2::LexError;

use super::intake::Sources;
use crate::model::exercise::Exercise;
use crate::model::verdict::Finding;

mod attributes;
mod composed;
mod found;
mod manifest;
mod names;
mod paths;
mod rules;
mod sweep;
mod tokens;
mod unbuilt;
mod words;

use composed::Composed;
use found::Found;
use names::Names;
pub use rules::{RULES, Rule, Severity, guide};
use sweep::Sweep;
use tokens::{Kind, Tokens};

/// Evidence depends on the rules. Raise this number with every change of what they find.
pub const EDITION: u32 = 1;

/// Whether sources may be built.
#[derive(Debug, Clone)]
pub enum Admission {
    /// They may.
    Admitted(Admitted),
    /// They may not; what was found, refusals and the rest.
    Refused(Vec<Finding>),
}

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
pub fn scan(mut sources: Sources, exercise: &Exercise) -> Admission {
    // Places of tokens are kept by thread, and go with it.
    let found = thread::scope(|scope| {
        let scanner = thread::Builder::new().name("policy".to_owned());
        match scanner.spawn_scoped(scope, || everything(&sources, exercise)) {
            Ok(scanner) => scanner.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => everything(&sources, exercise),
        }
    });
    let refused = found.refuses();
    sources.findings.extend(found.into_findings());
    if refused {
        Admission::Refused(sources.findings)
    } else {
        Admission::Admitted(Admitted { sources })
    }
}

fn everything(sources: &Sources, exercise: &Exercise) -> Found {
    let mut found = Found::default();
    if let Some(text) = &sources.manifest {
        manifest::check(text, exercise, &mut found);
    }
    code(&sources.files, exercise, &mut found);
    found
}

/// Scans the Rust files.
fn code(files: &BTreeMap<String, String>, exercise: &Exercise, found: &mut Found) {
    let mut read: Vec<(&str, Tokens)> = Vec::new();
    let mut broken: Vec<(&str, LexError)> = Vec::new();
    for (path, text) in files {
        for text in readings(text) {
            match Tokens::read(&text) {
                Ok(tokens) => read.push((path, tokens)),
                Err(error) => broken.push((path, error)),
            }
        }
    }
    let tests = !read.iter().any(|(_, tokens)| unbuilt::renames_attributes(tokens));
    let read: Vec<(&str, Tokens)> = read
        .into_iter()
        .map(|(path, tokens)| (path, unbuilt::strip(tokens, tests)))
        .collect();
    let built = built(&read, &exercise.entry, &broken);
    for (path, error) in broken.iter().filter(|(path, _)| built.contains(path)) {
        found.add(rules::UNREADABLE, path, error.span(), path);
    }
    let built: Vec<(&str, &Tokens)> = read
        .iter()
        .filter(|(path, _)| built.contains(path))
        .map(|(path, tokens)| (*path, tokens))
        .collect();
    let names = Names::of(built.iter().map(|(_, tokens)| *tokens));
    let mut composed = Composed::default();
    for (at, (file, tokens)) in built.iter().enumerate() {
        composed.read(at, tokens, &names);
        Sweep {
            file,
            tokens,
            names: &names,
            exercise,
            found,
        }
        .run();
    }
    composed.report(&built, found);
}

/// How the compiler may read a text. It takes a first line that begins with `#!` for the name of an interpreter, unless an attribute
/// follows, wherever the comments between end: such a text is read both ways.
fn readings(text: &str) -> Vec<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.strip_prefix("#!") {
        Some(rest) if !rest.trim_start().starts_with('[') => {
            let end = text.find('\n').unwrap_or(text.len());
            vec![text[end..].to_owned(), text.to_owned()]
        }
        _ => vec![text.to_owned()],
    }
}

/// The files that are built: the entry file, and those that a built file names as a module. Where that is not certain, all of them.
fn built<'f>(read: &[(&'f str, Tokens)], entry: &'f str, broken: &[(&'f str, LexError)]) -> BTreeSet<&'f str> {
    let all = || {
        let read = read.iter().map(|(path, _)| *path);
        read.chain(broken.iter().map(|(path, _)| *path)).collect()
    };
    let mut built = BTreeSet::from([entry]);
    let mut next = vec![entry];
    while let Some(path) = next.pop() {
        if broken.iter().any(|(broken, _)| *broken == path) {
            return all();
        }
        for (_, tokens) in read.iter().filter(|(read, _)| *read == path) {
            let mut modules = BTreeSet::new();
            for at in 0..tokens.len() {
                // A macro may have made it the argument of `#[path = ..]`.
                if let Some(Kind::Literal(text)) = tokens.kind(at)
                    && text.contains(".rs")
                {
                    return all();
                }
                if tokens.plain(at) == Some("mod") {
                    match tokens.kind(at + 1) {
                        Some(Kind::Word { name, .. }) => modules.insert(&**name),
                        _ => return all(),
                    };
                }
            }
            let paths = read.iter().map(|(path, _)| *path);
            for path in paths.chain(broken.iter().map(|(path, _)| *path)) {
                if modules.contains(module(path)) && built.insert(path) {
                    next.push(path);
                }
            }
        }
    }
    built
}

/// The name of the module that a file holds.
fn module(path: &str) -> &str {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    path.strip_suffix("/mod")
        .unwrap_or(path)
        .rsplit('/')
        .next()
        .unwrap_or(path)
}

#[cfg(test)]
mod tests;
