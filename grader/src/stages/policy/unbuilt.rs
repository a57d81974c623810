//! What the grader never builds: code for tests and documentation. It is not scanned, and costs nothing.
//!
//! The compiler drops these items before it looks at them. Here less is dropped, never more: an attribute counts only where an item can
//! begin, only before the keyword of an item, and never inside of a macro's arguments, where it need not mean what it says.

use std::ops::Range;

use proc_macro2::Delimiter;

use super::tokens::{Kind, Tokens};

/// How deep conditions are followed.
const DEPTH: usize = 16;

/// Settings that no build of the grader has.
const NEVER: [&str; 6] = ["test", "doc", "doctest", "docsrs", "miri", "loom"];

/// Whether the tokens give another meaning to the attributes that are relied on here.
pub(super) fn renames_attributes(tokens: &Tokens) -> bool {
    (0..tokens.len()).any(|at| {
        tokens.plain(at) == Some("as")
            && match tokens.kind(at + 1) {
                Some(Kind::Word { name, .. }) => ["test", "cfg", "cfg_attr"].contains(&&**name),
                // A macro's `use a::b as $name`, but not its `$x as $type`.
                Some(Kind::Var) => (at.saturating_sub(40)..at).any(|before| tokens.plain(before) == Some("use")),
                _ => false,
            }
    })
}

/// Takes out what is not built. `tests` says whether `#[test]` means what it says.
pub(super) fn strip(tokens: Tokens, tests: bool) -> Tokens {
    if leading(&tokens, 0, tokens.len()).is_some() {
        return Tokens::default();
    }
    let mut walk = Walk {
        tokens: &tokens,
        tests,
        fresh: vec![true],
        ranges: Vec::new(),
        steps: tokens.len().saturating_mul(4),
    };
    let mut at = 0;
    while at < tokens.len() {
        at = walk.step(at).max(at + 1);
    }
    let ranges = walk.ranges;
    tokens.without(&ranges)
}

struct Walk<'t> {
    tokens: &'t Tokens,
    /// Whether `#[test]` means what it says.
    tests: bool,
    /// For each group around: whether an item can begin here.
    fresh: Vec<bool>,
    /// What to take out, in order.
    ranges: Vec<Range<usize>>,
    /// How many tokens may yet be looked at in search of the ends of items. Without it a text could make this quadratic.
    steps: usize,
}

impl Walk<'_> {
    /// Steps over what begins here, and gives the place behind it.
    fn step(&mut self, at: usize) -> usize {
        if let Some((open, _)) = self.tokens.attribute(at) {
            self.attributes(at, open)
        } else if let Some(name) = self.tokens.definition(at) {
            self.arguments(name + 1)
        } else if let Some(open) = self.tokens.call(at) {
            self.arguments(open)
        } else {
            self.token(at)
        }
    }

    fn set_fresh(&mut self, fresh: bool) {
        if let Some(last) = self.fresh.last_mut() {
            *last = fresh;
        }
    }

    /// Steps over a macro's arguments.
    fn arguments(&mut self, open: usize) -> usize {
        let Some((delimiter, close)) = self.tokens.group(open) else {
            return open;
        };
        self.set_fresh(delimiter == Delimiter::Brace);
        close + 1
    }

    /// Steps over a token that begins neither an attribute nor a macro.
    fn token(&mut self, at: usize) -> usize {
        match self.tokens.kind(at) {
            Some(Kind::Open(delimiter, close)) => {
                let module = at >= 2 && self.tokens.plain(at - 2) == Some("mod") && *delimiter == Delimiter::Brace;
                if module && leading(self.tokens, at + 1, *close).is_some() {
                    self.ranges.push(at + 1..*close);
                    self.set_fresh(true);
                    return close + 1;
                }
                self.fresh.push(*delimiter == Delimiter::Brace);
            }
            Some(Kind::Close(delimiter)) => {
                self.fresh.pop();
                self.set_fresh(*delimiter == Delimiter::Brace);
            }
            kind => self.set_fresh(matches!(kind, Some(Kind::Mark(';', _)))),
        }
        at + 1
    }

    /// Steps over the attributes that begin here, and over the item below them if it is not built.
    fn attributes(&mut self, from: usize, open: usize) -> usize {
        let tokens = self.tokens;
        let (mut at, mut next) = (from, Some(open));
        let (mut dropped, mut test, mut own) = (false, false, Vec::new());
        while let Some(open) = next {
            let close = tokens.group(open).map_or(open, |(_, close)| close);
            match tokens.plain(open + 1) {
                Some("cfg") => dropped |= never(tokens, open + 2),
                Some("cfg_attr") if never(tokens, open + 2) => own.push(at..close + 1),
                Some("test") => test |= close == open + 2,
                Some("tokio") => test |= tokens.separator(open + 2) && tokens.plain(open + 4) == Some("test"),
                _ => {}
            }
            at = close + 1;
            next = tokens.attribute(at).filter(|(_, inner)| !inner).map(|(open, _)| open);
        }
        dropped |= test && self.tests && is_function(tokens, at);
        if dropped
            && self.fresh.last() == Some(&true)
            && let Some(end) = self.end_of_item(at)
        {
            self.ranges.push(from..end);
            return end;
        }
        self.ranges.append(&mut own);
        at
    }

    /// The end of the item that begins here, if one surely does.
    fn end_of_item(&mut self, at: usize) -> Option<usize> {
        let tokens = self.tokens;
        let at = after_visibility(tokens, at);
        match tokens.plain(at)? {
            "mod" | "fn" | "impl" | "trait" | "struct" | "enum" => self.end(at, true),
            "unsafe" | "async" => {
                let items = ["fn", "impl", "trait", "extern", "mod", "unsafe"];
                let item = items.contains(&tokens.plain(at + 1)?);
                item.then(|| self.end(at, true))?
            }
            "const" => {
                let functions = ["fn", "unsafe", "async", "extern"];
                let function = functions.contains(&tokens.plain(at + 1)?);
                self.end(at, function)
            }
            "extern" => self.end(at, tokens.plain(at + 1) != Some("crate")),
            "use" | "static" | "type" => self.end(at, false),
            "macro_rules" => {
                let name = tokens.definition(at)?;
                Some(tokens.group(name + 1)?.1 + 1)
            }
            _ => None,
        }
    }

    /// The place after the next `;`, or with `braces` after the next pair of braces if that comes first.
    fn end(&mut self, mut at: usize, braces: bool) -> Option<usize> {
        loop {
            self.steps = self.steps.checked_sub(1)?;
            match self.tokens.kind(at)? {
                Kind::Mark(';', _) => return Some(at + 1),
                Kind::Open(Delimiter::Brace, close) if braces => return Some(close + 1),
                Kind::Open(_, close) => at = close + 1,
                Kind::Close(_) => return None,
                _ => at += 1,
            }
        }
    }
}

/// If the attributes at the start of a module say that it is not built: its end.
fn leading(tokens: &Tokens, from: usize, end: usize) -> Option<usize> {
    let mut at = from;
    while let Some((open, true)) = tokens.attribute(at) {
        if tokens.plain(open + 1) == Some("cfg") && never(tokens, open + 2) {
            return Some(end);
        }
        at = tokens.group(open)?.1 + 1;
    }
    None
}

/// Whether the condition that comes first in these parentheses never holds.
pub(super) fn never(tokens: &Tokens, open: usize) -> bool {
    tokens
        .group_of(open, Delimiter::Parenthesis)
        .is_some_and(|_| holds(tokens, open + 1, DEPTH) == Some(false))
}

/// Whether a condition holds when the grader builds, if that is certain.
fn holds(tokens: &Tokens, at: usize, depth: usize) -> Option<bool> {
    let depth = depth.checked_sub(1)?;
    let name = tokens.plain(at)?;
    let parts = || {
        let close = tokens.group_of(at + 1, Delimiter::Parenthesis)?;
        let mut parts = Vec::new();
        let mut part = at + 2;
        while part < close {
            parts.push(holds(tokens, part, depth));
            part = next_part(tokens, part, close);
        }
        Some(parts)
    };
    match name {
        "all" => parts()?.contains(&Some(false)).then_some(false),
        "any" => parts()?.iter().all(|part| *part == Some(false)).then_some(false),
        "not" => match parts()?.as_slice() {
            [part] => part.map(|part| !part),
            _ => None,
        },
        "feature" => tokens.mark(at + 1, '=').then_some(false),
        name => (NEVER.contains(&name) && tokens.group(at + 1).is_none() && !tokens.mark(at + 1, '=')).then_some(false),
    }
}

/// The place after the next comma of a list.
pub(super) fn next_part(tokens: &Tokens, mut at: usize, close: usize) -> usize {
    while at < close {
        at = match tokens.group(at) {
            Some((_, end)) => end + 1,
            None if tokens.mark(at, ',') => return at + 1,
            None => at + 1,
        };
    }
    close
}

/// Whether a function begins here, behind its visibility.
fn is_function(tokens: &Tokens, at: usize) -> bool {
    let at = after_visibility(tokens, at);
    tokens.plain(at + usize::from(tokens.plain(at) == Some("async"))) == Some("fn")
}

fn after_visibility(tokens: &Tokens, at: usize) -> usize {
    if tokens.plain(at) != Some("pub") {
        return at;
    }
    match tokens.group_of(at + 1, Delimiter::Parenthesis) {
        Some(close) => close + 1,
        None => at + 1,
    }
}
