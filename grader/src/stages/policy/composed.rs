//! Names that macros put together from parts, where no token by itself says what is named.
//!
//! `macro_rules! m { ($a:ident $b:ident) => { $b::$a::read } }` with `m!(fs std)` is `std::fs::read`. What is looked for are both halves:
//! a macro of the crate that puts its parameters into paths, and parts that make a refused name.

use super::found::Found;
use super::names::{Names, is_var};
use super::rules;
use super::tokens::{Kind, Tokens};
use super::words;

/// What the macros of a crate do, and what they are given.
#[derive(Debug, Default)]
pub(super) struct Composed {
    /// `$a::b`, `a::$b`, `$a $b`: parameters next to each other or in paths.
    paths: bool,
    /// `$a!`
    calls: bool,
    /// `#[$a]`
    attributes: bool,
    /// `macro_rules! $a`
    definitions: bool,
    /// `std::$a`: where.
    standard: Vec<(usize, usize)>,
    /// `$a::fs`
    modules: bool,
    /// What definitions hold by itself, and calls are given.
    bodies: Given,
    given: Vec<Given>,
}

/// The parts that one call is given, by file and place.
#[derive(Debug, Default)]
struct Given {
    file: usize,
    standard: Option<usize>,
    module: Option<usize>,
    called: Option<usize>,
    attribute: Option<usize>,
    defined: Option<usize>,
}

/// Whether a word stands by itself: no path, no field, no method.
pub(super) fn is_bare(tokens: &Tokens, at: usize) -> bool {
    !tokens.separator(at + 1)
        && !tokens.after_separator(at)
        && !(at > 0 && (tokens.mark(at - 1, '.') || tokens.plain(at - 1) == Some("fn")))
}

impl Composed {
    /// Reads the macros of one more file.
    pub(super) fn read(&mut self, file: usize, tokens: &Tokens, names: &Names) {
        let mut at = 0;
        while at < tokens.len() {
            let open = if let Some(name) = tokens.definition(at) {
                Some((name + 1, true))
            } else if tokens.word(at).is_some_and(|word| names.is_own_macro(word)) {
                tokens.call(at).map(|open| (open, false))
            } else {
                None
            };
            let Some((open, definition)) = open else {
                at += 1;
                continue;
            };
            let close = tokens.group(open).map_or(open, |(_, close)| close);
            let mut given = Given {
                file,
                ..Given::default()
            };
            (open..close).for_each(|at| given.take(tokens, names, at));
            if definition {
                (open..close).for_each(|at| self.body(file, tokens, names, at));
                self.bodies.standard = self.bodies.standard.or(given.standard);
                self.bodies.module = self.bodies.module.or(given.module);
            }
            // A macro may call another one, so that a body is arguments as well.
            self.given.push(given);
            at = close + 1;
        }
    }

    fn body(&mut self, file: usize, tokens: &Tokens, names: &Names, at: usize) {
        let var = |at| is_var(tokens, at);
        let closes = matches!(tokens.kind(at), Some(Kind::Close(_)));
        if tokens.separator(at) {
            let after = var(at + 2) || tokens.mark(at + 2, '$');
            let before = at > 0 && (var(at - 1) || matches!(tokens.kind(at - 1), Some(Kind::Close(_))));
            self.paths |= after || before;
            if after
                && at > 0
                && tokens
                    .word(at - 1)
                    .is_some_and(|name| names.is_std(name) || names.is_tokio(name))
            {
                self.standard.push((file, at - 1));
            }
            self.modules |= before && tokens.word(at + 2).is_some_and(|name| words::MODULES.contains(&name));
        }
        self.calls |= var(at) && tokens.mark(at + 1, '!') && tokens.group(at + 2).is_some();
        self.paths |= (var(at) || closes && tokens.mark(at + 1, '*')) && {
            let next = at + 1 + usize::from(closes);
            var(next) || tokens.mark(next, '$') || tokens.word(at + 1).is_some_and(|name| names.is_std(name))
        };
        self.attributes |= tokens.attribute(at).is_some_and(|(open, _)| {
            (var(open + 1) || tokens.mark(open + 1, '$'))
                || tokens.group(open + 2).is_some() && (var(open + 3) || tokens.mark(open + 3, '$'))
        });
        self.definitions |= tokens.definition(at).is_some_and(var);
    }

    /// Reports what the two halves make together.
    pub(super) fn report(&self, files: &[(&str, &Tokens)], found: &mut Found) {
        let mut add = |file: usize, at: usize| {
            let (name, tokens) = files[file];
            found.add(
                rules::COMPOSED,
                name,
                tokens.span(at),
                tokens.word(at).unwrap_or_default(),
            );
        };
        let mut whole = false;
        for given in &self.given {
            let Given {
                file,
                standard,
                module,
                called,
                attribute,
                defined,
            } = *given;
            whole |= module.is_some() && !self.standard.is_empty();
            match (standard, module) {
                (Some(at), Some(_)) if self.paths => add(file, at),
                (Some(at), None) if self.paths && self.bodies.module.is_some() => add(file, at),
                (None, Some(at)) if self.paths && self.bodies.standard.is_some() => add(file, at),
                (Some(at), _) if self.modules => add(file, at),
                _ => {}
            }
            called.filter(|_| self.calls).into_iter().for_each(|at| add(file, at));
            attribute
                .filter(|_| self.attributes)
                .into_iter()
                .for_each(|at| add(file, at));
            defined
                .filter(|_| self.definitions)
                .into_iter()
                .for_each(|at| add(file, at));
        }
        if whole {
            self.standard.iter().for_each(|(file, at)| add(*file, *at));
        }
    }
}

impl Given {
    fn take(&mut self, tokens: &Tokens, names: &Names, at: usize) {
        let Some(word) = tokens.word(at) else { return };
        let is = |words: &[&str]| words.contains(&word);
        let library = |at| {
            tokens
                .word(at)
                .is_some_and(|word| names.is_std(word) || names.is_tokio(word))
        };
        // `fs :: std`, to be turned round.
        if is(words::MODULES) && tokens.separator(at + 1) && library(at + 3) {
            self.standard = self.standard.or(Some(at + 3));
            self.module = self.module.or(Some(at));
        }
        if !is_bare(tokens, at) {
            return;
        }
        if library(at) {
            self.standard = self.standard.or(Some(at));
        }
        if is(words::MODULES) {
            self.module = self.module.or(Some(at));
        }
        if is(words::INCLUDES) || is(words::ASSEMBLY) {
            self.called = self.called.or(Some(at).filter(|at| tokens.call(*at).is_none()));
        }
        // Of the attributes' names those that are nothing else; `used` and `link` are fields of honest structs.
        let file = word == "path" && tokens.mark(at + 1, '=') && matches!(tokens.kind(at + 2), Some(Kind::Literal(_)));
        if file || is(words::LINKAGE) && word.contains('_') {
            self.attribute = self.attribute.or(Some(at));
        }
        if is(words::MACROS) {
            self.defined = self
                .defined
                .or(Some(at).filter(|at| !tokens.mark(*at + 1, '!') && tokens.plain(*at) != Some("macro_rules")));
        }
    }
}
