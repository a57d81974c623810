//! Goes through the tokens of one file with every rule.

use super::attributes;
use super::composed::is_bare;
use super::found::Found;
use super::names::Names;
use super::paths::{Step, Then, walk};
use super::rules::{self, Rule};
use super::tokens::Tokens;
use super::words;
use crate::model::exercise::{Exercise, Module};

/// One file and what rules need to know about its crate.
pub(super) struct Sweep<'a> {
    /// Its path.
    pub(super) file: &'a str,
    /// Its tokens, without what is not built.
    pub(super) tokens: &'a Tokens,
    /// What names mean.
    pub(super) names: &'a Names,
    /// What is allowed.
    pub(super) exercise: &'a Exercise,
    /// Where findings go.
    pub(super) found: &'a mut Found,
}

impl Sweep<'_> {
    /// Applies every rule.
    pub(super) fn run(&mut self) {
        let tokens = self.tokens;
        let mut hooks = false;
        let mut heads: Vec<usize> = Vec::new();
        walk(tokens, |path, then| {
            hooks |= self.path(path, then);
            if path.len() == 2 && heads.last() != Some(&path[0].at) {
                heads.push(path[0].at);
            }
        });
        let mut heads = heads.into_iter().peekable();
        // The ends of the last definition of a macro, and of what else need not be Rust.
        let (mut definition, mut arguments) = (0, 0);
        for at in 0..tokens.len() {
            if let Some((open, inner)) = tokens.attribute(at) {
                attributes::check(self, open, inner);
                arguments = arguments.max(tokens.group(open).map_or(0, |(_, close)| close));
            }
            if let Some(name) = tokens.definition(at) {
                self.definition(name);
                definition = definition.max(tokens.group(name + 1).map_or(0, |(_, close)| close));
            } else if let Some(open) = tokens.call(at) {
                self.call(at, at < definition);
                arguments = arguments.max(tokens.group(open).map_or(0, |(_, close)| close));
            }
            self.keyword(at);
            if hooks && tokens.word(at).is_some_and(|word| words::HOOKS.contains(&word)) && is_bare(tokens, at) {
                self.add(rules::HOOK, at, tokens.word(at).unwrap_or_default());
            }
            if heads.next_if_eq(&at).is_some() && at >= definition.max(arguments) {
                self.head(at);
            }
        }
    }

    /// Takes note of what begins at a token.
    pub(super) fn add(&mut self, rule: Rule, at: usize, subject: &str) {
        self.found.add(rule, self.file, self.tokens.span(at), subject);
    }

    /// Checks the paths of a text that stands inside a literal and becomes code.
    pub(super) fn literal(&mut self, tokens: &Tokens) {
        let mut inside = Sweep {
            file: self.file,
            tokens,
            names: self.names,
            exercise: self.exercise,
            found: self.found,
        };
        walk(tokens, |path, then| {
            inside.path(path, then);
        });
    }

    fn keyword(&mut self, at: usize) {
        let tokens = self.tokens;
        match tokens.plain(at) {
            // In an attribute it is reported with what it makes possible.
            Some("unsafe") if !(at > 1 && tokens.attribute(at - 2).is_some_and(|(open, _)| open + 1 == at)) => {
                self.add(rules::UNSAFE, at, "unsafe");
            }
            Some("extern") if tokens.plain(at + 1) == Some("crate") => self.crate_declaration(at),
            Some("extern") => {
                let abi = usize::from(tokens.group(at + 1).is_none());
                if tokens.group_of(at + 1 + abi, proc_macro2::Delimiter::Brace).is_some()
                    && tokens.plain(at + 1) != Some("fn")
                {
                    self.add(rules::FOREIGN, at, "extern { .. }");
                }
            }
            Some(word @ ("mod" | "struct" | "enum" | "union" | "trait" | "type")) => {
                // `mod core` is a module of one's own like any other: the crate's root is not `std`.
                let standard: &[&str] = if word == "mod" { &["std"] } else { &["std", "core"] };
                if let Some(name) = tokens.word(at + 1).filter(|name| standard.contains(name)) {
                    self.add(rules::SHADOWED, at, &format!("{word} {name}"));
                }
            }
            _ => {}
        }
    }

    /// `extern crate x as y;`
    fn crate_declaration(&mut self, at: usize) {
        let tokens = self.tokens;
        let Some(name) = tokens.word(at + 2) else { return };
        let renamed = (tokens.plain(at + 3) == Some("as"))
            .then(|| tokens.word(at + 4))
            .flatten();
        match renamed {
            Some(to) if to != name && ["std", "core", "alloc"].contains(&to) => {
                self.add(rules::SHADOWED, at, &format!("extern crate {name} as {to}"));
            }
            Some("_") | None => {}
            Some(to) => self.add(rules::RENAMED, at, &format!("extern crate {name} as {to}")),
        }
        if name == "proc_macro" {
            self.add(rules::PROCEDURAL, at, "extern crate proc_macro");
        } else if !["self", "std", "core", "alloc"].contains(&name) && !self.may_use(name) {
            self.add(rules::CRATE, at, name);
        }
    }

    /// `macro_rules! name`
    fn definition(&mut self, name: usize) {
        if let Some(word) = self.tokens.word(name).filter(|word| words::MACROS.contains(word)) {
            self.add(rules::SHADOWED, name, &format!("macro_rules! {word}"));
        }
    }

    /// `name!(..)`, by itself or inside of a macro's definition.
    fn call(&mut self, at: usize, defining: bool) {
        let Some(word) = self.tokens.word(at) else { return };
        let rule = match word {
            word if words::INCLUDES.contains(&word) => rules::INCLUSION,
            word if words::ENVIRONMENT.contains(&word) => rules::BUILD_ENVIRONMENT,
            word if words::ASSEMBLY.contains(&word) && !self.names.is_own_macro(word) => rules::ASSEMBLY,
            // One arm of a macro that says what is wrong with its arguments is good style.
            "compile_error" if !defining => rules::COMPILE_ERROR,
            _ => return,
        };
        self.add(rule, at, &format!("{word}!"));
    }

    /// One more name of a path, or its end. Gives whether everything of `std::panic` is imported.
    fn path(&mut self, path: &[Step<'_>], then: Then<'_>) -> bool {
        let name = |back: usize| path.len().checked_sub(back).map(|at| path[at].name);
        let (Some(last), Some(end)) = (name(1), path.last().map(|step| step.at)) else {
            return false;
        };
        let before = name(2).unwrap_or_default();
        match then {
            Then::More => {
                self.module(path, before, last);
                self.named(path, before, last, end);
            }
            Then::End | Then::As(_) if words::has_data(last) => self.whole_module(path),
            Then::Glob if self.names.is_std(last) || self.names.is_tokio(last) => {
                self.add(rules::WHOLE, end, &format!("{last}::*"));
            }
            Then::Glob if words::has_data(last) => self.whole_module(path),
            _ => {}
        }
        if let Then::As(to) = then {
            self.renamed(end, last, to);
        }
        then == Then::Glob && self.names.is_panic(last)
    }

    /// A path that has just reached a module of `std` or `tokio`, or something in it.
    fn module(&mut self, path: &[Step<'_>], before: &str, last: &str) {
        let end = path[path.len() - 1].at;
        let macro_call = self.tokens.call(end).is_some();
        if self.names.is_std(before) && words::MODULES.contains(&last) && !words::has_data(last) && !macro_call {
            self.refused(path, path.len() - 2, "std", last);
        }
        if self.names.is_tokio(before) && ["fs", "net", "process"].contains(&last) {
            self.refused(path, path.len() - 2, "tokio", last);
        }
        if path.len() >= 3
            && self.names.is_std(path[path.len() - 3].name)
            && words::has_data(before)
            && last != "self"
            && !words::DATA.contains(&(before, last))
        {
            self.refused(path, path.len() - 3, "std", before);
        }
    }

    /// A path that ends with a module which holds some plain data, and takes the whole of it.
    fn whole_module(&mut self, path: &[Step<'_>]) {
        if path.len() >= 2 && self.names.is_std(path[path.len() - 2].name) {
            self.refused(path, path.len() - 2, "std", path[path.len() - 1].name);
        }
    }

    /// A module, unless the exercise allows it.
    fn refused(&mut self, path: &[Step<'_>], at: usize, library: &str, module: &str) {
        let name = format!("{library}::{module}");
        if Module::named(&name).is_some_and(|module| self.exercise.may_use(module)) {
            return;
        }
        let rule = match module {
            "process" => rules::PROCESSES,
            "fs" => rules::FILES,
            "net" => rules::NETWORK,
            "env" => rules::ENVIRONMENT,
            _ => rules::SYSTEM,
        };
        self.add(rule, path[at].at, &name);
    }

    /// Macros and functions that a path names.
    fn named(&mut self, path: &[Step<'_>], before: &str, last: &str, end: usize) {
        let standard = [before, path[0].name]
            .iter()
            .any(|name| self.names.is_std(name) || *name == "core");
        if self.names.is_panic(before) && words::HOOKS.contains(&last) {
            self.add(rules::HOOK, path[path.len() - 2].at, &format!("panic::{last}"));
        }
        if before == "arch" && words::ASSEMBLY.contains(&last) {
            self.add(rules::ASSEMBLY, end, &format!("arch::{last}"));
        }
        // A call is seen by itself; this is for imports, by which they get other names.
        if standard && self.tokens.call(end).is_none() {
            if words::INCLUDES.contains(&last) {
                self.add(rules::INCLUSION, end, &format!("{before}::{last}"));
            } else if last == "option_env" || last == "env" && !self.names.is_std(before) {
                self.add(rules::BUILD_ENVIRONMENT, end, &format!("{before}::{last}"));
            }
        }
    }

    /// `x as y`
    fn renamed(&mut self, at: usize, from: &str, to: &str) {
        let macros = words::MACROS.contains(&to) && (self.names.is_own_macro(from) || words::MACROS.contains(&from));
        if from != to && (macros || ["std", "core", "alloc"].contains(&to)) {
            self.add(rules::SHADOWED, at, &format!("{from} as {to}"));
        }
    }

    /// The first name of a path of several, if it can only be a crate.
    fn head(&mut self, at: usize) {
        let Some(name) = self.tokens.word(at) else { return };
        if name.starts_with(|c: char| c.is_ascii_lowercase())
            && !self.names.anything
            && !words::HEADS.contains(&name)
            && !self.names.is_declared(name)
            && !self.may_use(name)
        {
            self.add(rules::CRATE, at, name);
        }
    }

    fn may_use(&self, name: &str) -> bool {
        name == self.exercise.id.as_str()
            || self
                .exercise
                .crates
                .iter()
                .any(|allowed| allowed.replace('-', "_") == name)
    }
}
