//! Follows paths and `use` trees: `std::{fs as f, io}` is the paths `std::fs`, called `f`, and `std::io`.

use proc_macro2::Delimiter;

use super::tokens::{Kind, Tokens};

/// One name of a path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step<'t> {
    /// The name.
    pub(super) name: &'t str,
    /// The place of its token.
    pub(super) at: usize,
}

/// What comes after the names of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then<'t> {
    /// Another name, a group, or one of the ends below: told once for each name.
    More,
    /// Nothing; `self` at the end of a path is the path before it.
    End,
    /// `as` and a name.
    As(&'t str),
    /// `*`.
    Glob,
}

/// Tells of every path and `use` tree in some tokens. The names of a path are told one by one, the longer path each time.
pub(super) fn walk<'t>(tokens: &'t Tokens, mut tell: impl FnMut(&[Step<'t>], Then<'t>)) {
    let mut at = 0;
    while at < tokens.len() {
        let begins = if tokens.plain(at) == Some("use") {
            Some((at + 1, true))
        } else if tokens.word(at).is_some() && !continues(tokens, at) {
            Some((at, false))
        } else {
            None
        };
        at = match begins {
            Some((start, import)) => tree(tokens, start, import, &mut tell).max(at + 1),
            None => at + 1,
        };
    }
}

/// Whether a name continues a path that began earlier, or one that begins with a macro's parameter.
fn continues(tokens: &Tokens, at: usize) -> bool {
    tokens.after_separator(at) && at >= 3 && matches!(tokens.kind(at - 3), Some(Kind::Word { .. } | Kind::Var))
}

/// Follows one tree and gives the place where it ends. An import may begin with a group and give names with `as`.
fn tree<'t>(tokens: &'t Tokens, start: usize, import: bool, tell: &mut impl FnMut(&[Step<'t>], Then<'t>)) -> usize {
    let mut path: Vec<Step<'t>> = Vec::new();
    // For each group around: its end, and how many names come before it.
    let mut groups: Vec<(usize, usize)> = Vec::new();
    let mut at = start;
    let mut expected = true;
    loop {
        let inside = groups.last().map_or(0, |(_, names)| *names);
        if expected && tokens.separator(at) && path.len() == inside {
            at += 2;
        } else if expected && let Some(name) = tokens.word(at) {
            if name == "use" && tokens.plain(at).is_some() {
                return at;
            }
            if name == "self" && path.len() == inside && inside > 0 {
                at = after_end(tokens, at + 1, import || !groups.is_empty(), &path, tell);
            } else {
                path.push(Step { name, at });
                tell(&path, Then::More);
                at += 1;
                if tokens.separator(at) && goes_on(tokens, at + 2) {
                    at += 2;
                    continue;
                }
                at = after_end(tokens, at, import || !groups.is_empty(), &path, tell);
            }
            expected = false;
        } else if expected && tokens.mark(at, '*') && (import || !path.is_empty()) {
            tell(&path, Then::Glob);
            at += 1;
            expected = false;
        } else if expected && (import || !path.is_empty()) && tokens.group_of(at, Delimiter::Brace).is_some() {
            let close = tokens.group_of(at, Delimiter::Brace).unwrap_or(at);
            groups.push((close, path.len()));
            at += 1;
        } else if groups.last().is_some_and(|(close, _)| *close == at) {
            let (_, names) = groups.pop().unwrap_or_default();
            path.truncate(names);
            at += 1;
            expected = false;
        } else if tokens.mark(at, ',') && !groups.is_empty() {
            path.truncate(inside);
            at += 1;
            expected = true;
        } else {
            return at;
        }
    }
}

/// Whether a path goes on behind `::`; a turbofish ends it.
fn goes_on(tokens: &Tokens, at: usize) -> bool {
    tokens.word(at).is_some() || tokens.mark(at, '*') || tokens.group_of(at, Delimiter::Brace).is_some()
}

/// Tells how a path ends and gives the place behind that.
fn after_end<'t>(
    tokens: &'t Tokens,
    at: usize,
    import: bool,
    path: &[Step<'t>],
    tell: &mut impl FnMut(&[Step<'t>], Then<'t>),
) -> usize {
    if import
        && tokens.plain(at) == Some("as")
        && let Some(name) = tokens.word(at + 1)
    {
        tell(path, Then::As(name));
        return at + 2;
    }
    tell(path, Then::End);
    at
}
