//! The rules about attributes, also in `unsafe(...)` and `cfg_attr(...)`.

use proc_macro2::Delimiter;

use super::rules;
use super::sweep::Sweep;
use super::tokens::{Kind, Tokens};
use super::unbuilt::{never, next_part};
use super::words;

/// Checks the attribute whose brackets begin at `open`.
pub(super) fn check(sweep: &mut Sweep<'_>, open: usize, inner: bool) {
    let tokens = sweep.tokens;
    let Some((_, close)) = tokens.group(open) else { return };
    let mut parts = vec![(open + 1, close)];
    while let Some((from, end)) = parts.pop() {
        let group = tokens
            .group_of(from + 1, Delimiter::Parenthesis)
            .filter(|close| *close <= end);
        match (tokens.word(from), group) {
            (Some("unsafe"), Some(close)) => parts.push((from + 2, close)),
            (Some("cfg_attr"), Some(close)) => {
                if !never(tokens, from + 1) {
                    let mut at = next_part(tokens, from + 2, close);
                    while at < close {
                        let next = next_part(tokens, at, close);
                        parts.push((at, next));
                        at = next;
                    }
                }
            }
            (Some("serde"), Some(close)) => literals(sweep, from + 2, close),
            (Some(name), group) => named(sweep, name, from, group, inner),
            (None, _) => {}
        }
    }
}

fn named(sweep: &mut Sweep<'_>, name: &str, at: usize, group: Option<usize>, inner: bool) {
    let tokens = sweep.tokens;
    // An attribute of a tool or a crate has a path; those of the language are one word.
    if tokens.separator(at + 1) {
        return;
    }
    let rule = match name {
        name if words::LINKAGE.contains(&name) => rules::LINKAGE,
        name if words::PROCEDURAL.contains(&name) => rules::PROCEDURAL,
        "naked" => rules::ASSEMBLY,
        "path" if tokens.mark(at + 1, '=') => rules::MODULE_PATH,
        "feature" if inner && group.is_some() => rules::UNSTABLE,
        "no_core" => rules::UNSTABLE,
        "no_std" | "no_implicit_prelude" => rules::NO_STD,
        "allow" | "expect" | "warn" if group.is_some_and(|close| lists(tokens, at + 2, close, "unsafe_code")) => {
            return sweep.add(rules::ALLOWED_UNSAFE, at, &format!("{name}(unsafe_code)"));
        }
        _ => return,
    };
    let bang = if inner { "!" } else { "" };
    sweep.add(rule, at, &format!("#{bang}[{name}]"));
}

/// Whether a list names a lint.
fn lists(tokens: &Tokens, from: usize, close: usize, lint: &str) -> bool {
    let mut at = from;
    while at < close {
        if tokens.word(at) == Some(lint) {
            return true;
        }
        at = next_part(tokens, at, close);
    }
    false
}

/// Serde turns the text of literals into code: `#[serde(default = "std::process::id")]`.
fn literals(sweep: &mut Sweep<'_>, from: usize, close: usize) {
    let tokens = sweep.tokens;
    let (mut at, mut inside) = (from, 0);
    while at < close {
        match tokens.kind(at) {
            Some(Kind::Literal(text)) => {
                if let Ok(text) = syn::parse_str::<syn::LitStr>(text)
                    && let Ok(code) = Tokens::read_inside(&text.value(), tokens.span(at))
                {
                    sweep.literal(&code);
                }
            }
            // `bound(serialize = "..")` is as deep as it goes.
            Some(Kind::Open(_, end)) if at >= inside => inside = *end,
            Some(Kind::Open(_, end)) => at = *end,
            _ => {}
        }
        at += 1;
    }
}
