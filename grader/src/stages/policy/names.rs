//! What names mean in a crate, as far as rules need to know: other names of `std` and `tokio`, macros and modules of its own.
//!
//! One table serves the whole crate. A name that means `std` anywhere is taken to mean it everywhere, which errs on the side of a finding;
//! nobody calls `std` something else by accident.

use std::collections::BTreeSet;

use super::paths::{Step, Then, walk};
use super::tokens::{Kind, Tokens};

/// What names mean.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// What `std` is called.
    std: BTreeSet<String>,
    /// What `tokio` is called.
    tokio: BTreeSet<String>,
    /// What `std::panic` is called.
    panic: BTreeSet<String>,
    /// Macros that the crate defines, and what else they are called.
    macros: BTreeSet<String>,
    /// Everything that may begin a path because the crate declares or imports it.
    declared: BTreeSet<String>,
    /// Whether something is imported by `*` from another crate: then any name may be declared.
    pub(super) anything: bool,
    /// `a as b`, as found.
    renames: Vec<(String, String)>,
}

impl Names {
    /// The names that some tokens give a meaning.
    pub(super) fn of<'t>(files: impl Iterator<Item = &'t Tokens>) -> Self {
        let mut names = Self::default();
        for tokens in files {
            names.declarations(tokens);
            walk(tokens, |path, then| names.import(path, then));
        }
        names.close();
        names
    }

    fn declarations(&mut self, tokens: &Tokens) {
        let mut arguments = 0;
        for at in 0..tokens.len() {
            if let Some(name) = tokens.definition(at) {
                self.macros.extend(tokens.word(name).map(str::to_owned));
                arguments = arguments.max(tokens.group(name + 1).map_or(0, |(_, close)| close));
            } else if let Some(open) = tokens.call(at) {
                arguments = arguments.max(tokens.group(open).map_or(0, |(_, close)| close));
            }
            let Some(word) = tokens.word(at) else { continue };
            let declares = ["mod", "struct", "enum", "union", "trait", "type", "fn", "crate"];
            // Whatever a macro is given it may declare.
            if at < arguments || at > 0 && tokens.plain(at - 1).is_some_and(|before| declares.contains(&before)) {
                self.declared.insert(word.to_owned());
            }
            // `extern crate std as s` is no path.
            if tokens.plain(at + 1) == Some("as")
                && at > 0
                && tokens.plain(at - 1) == Some("crate")
                && let Some(name) = tokens.word(at + 2)
            {
                self.renames.push((word.to_owned(), name.to_owned()));
            }
        }
    }

    fn import(&mut self, path: &[Step<'_>], then: Then<'_>) {
        let Some(last) = path.last() else { return };
        match then {
            Then::More => {}
            // A path in an expression declares nothing, but its last name does no harm here unless it is.
            Then::End if path.len() > 1 => {
                self.declared.insert(last.name.to_owned());
            }
            Then::End => {}
            Then::As(name) => {
                self.declared.insert(name.to_owned());
                self.renames.push((last.name.to_owned(), name.to_owned()));
            }
            Then::Glob => self.anything |= !["self", "super", "crate"].contains(&path[0].name),
        }
    }

    /// Follows renames of renames.
    fn close(&mut self) {
        self.std.insert("std".to_owned());
        self.tokio.insert("tokio".to_owned());
        self.panic.insert("panic".to_owned());
        let local = self.macros.clone();
        let renamed = |from: BTreeSet<String>| closure(from, &self.renames);
        let (std, tokio, panic, macros) = (
            renamed(std::mem::take(&mut self.std)),
            renamed(std::mem::take(&mut self.tokio)),
            renamed(std::mem::take(&mut self.panic)),
            renamed(local),
        );
        (self.std, self.tokio, self.panic, self.macros) = (std, tokio, panic, macros);
    }

    /// Whether a name is that of the standard library.
    pub(super) fn is_std(&self, name: &str) -> bool {
        self.std.contains(name)
    }

    /// Whether a name is that of tokio.
    pub(super) fn is_tokio(&self, name: &str) -> bool {
        self.tokio.contains(name)
    }

    /// Whether a name may be that of `std::panic`.
    pub(super) fn is_panic(&self, name: &str) -> bool {
        self.panic.contains(name)
    }

    /// Whether a name is that of a macro of the crate.
    pub(super) fn is_own_macro(&self, name: &str) -> bool {
        self.macros.contains(name)
    }

    /// Whether a name may begin a path without being a crate.
    pub(super) fn is_declared(&self, name: &str) -> bool {
        self.declared.contains(name)
    }
}

/// Some names and all that they are renamed to, once or several times.
fn closure(names: BTreeSet<String>, renames: &[(String, String)]) -> BTreeSet<String> {
    let mut by_name: std::collections::BTreeMap<&str, Vec<&str>> = std::collections::BTreeMap::new();
    for (from, to) in renames {
        by_name.entry(from).or_default().push(to);
    }
    let mut known = names.clone();
    let mut next: Vec<String> = names.into_iter().collect();
    while let Some(name) = next.pop() {
        for to in by_name.remove(name.as_str()).unwrap_or_default() {
            if known.insert(to.to_owned()) {
                next.push(to.to_owned());
            }
        }
    }
    known
}

/// Whether a token is a parameter of a macro.
pub(super) fn is_var(tokens: &Tokens, at: usize) -> bool {
    matches!(tokens.kind(at), Some(Kind::Var))
}
