//! Finds the checks of an exercise by reading its files, and makes its public checks callable.
//!
//! Registration is ordinary code: a public check is a test function of spec.rs, a hidden one is listed in `judge::checks!`.
//! Nothing is run to find them, so what a submission does cannot change which checks there are.

use std::fmt;
use std::ops::Range;

use syn::{Attribute, Ident, Item, ItemFn, ReturnType, Visibility};

mod flavor;
mod header;
mod hidden;
mod listed;

pub use flavor::Flavor;
pub use header::Header;
pub use hidden::{Check, hidden_checks};
pub use listed::{language_steps, workload_names};

use crate::stages::partial::text::{Patch, blank, bytes, patch};

/// The public checks of an exercise, ready to be called by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecFile {
    /// The text of spec.rs without its test attributes, line for line, its checks visible to the crate's root.
    pub text: String,
    /// The checks, in the order of the file.
    pub specs: Vec<Spec>,
}

/// One public check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// The name of its function.
    pub name: String,
    /// The line of its name, from 1.
    pub line: u32,
    /// The requirements it checks and what it says of them.
    pub header: Header,
    /// What it runs on.
    pub flavor: Flavor,
}

impl Spec {
    /// An expression of type `fn()` that runs it, for the crate that has the file as its module `spec`.
    pub fn entry(&self) -> String {
        self.flavor.entry(&format!("spec::{}", self.name))
    }
}

/// Something in an exercise's files that its author must change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Which file.
    pub file: String,
    /// Which line, from 1; 0 when it is about the whole file.
    pub line: u32,
    /// What is wrong and what to do.
    pub message: String,
}

impl std::error::Error for Problem {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message),
            line => write!(f, "{}:{line}: {}", self.file, self.message),
        }
    }
}

impl Problem {
    fn new(file: &str, at: proc_macro2::Span, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: line_of(at),
            message: message.into(),
        }
    }

    fn of_file(file: &str, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: 0,
            message: message.into(),
        }
    }
}

/// Reads a spec.rs: `file` is how problems call it, `text` what it holds.
pub fn discover(file: &str, text: &str) -> Result<SpecFile, Vec<Problem>> {
    let parsed = parse(file, text).map_err(|problem| vec![problem])?;
    let (mut specs, mut patches, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    for item in &parsed.items {
        match item {
            Item::Fn(function) => match spec(file, function) {
                Ok(Some((spec, test))) => {
                    patches.extend(callable(text, function, bytes(&test)));
                    specs.push(spec);
                }
                Ok(None) => {}
                Err(problem) => problems.push(problem),
            },
            Item::Mod(module) => problems.push(Problem::new(
                file,
                module.ident.span(),
                format!(
                    "`mod {}`: checks are found at the top level of this file only; take the module away",
                    module.ident
                ),
            )),
            _ => {}
        }
    }
    if specs.is_empty() && problems.is_empty() {
        problems.push(Problem::of_file(file, "has no check: write `#[test]` functions"));
    }
    if problems.is_empty() {
        Ok(SpecFile {
            text: patch(text, patches),
            specs,
        })
    } else {
        Err(problems)
    }
}

/// The check that a function is, with its test attribute; nothing if it is a helper.
fn spec<'a>(file: &str, function: &'a ItemFn) -> Result<Option<(Spec, &'a Attribute)>, Problem> {
    let name = &function.sig.ident;
    let wrong = |message: String| Problem::new(file, name.span(), format!("`{name}` {message}"));
    let is_test = |attribute: &&Attribute| {
        attribute
            .path()
            .segments
            .last()
            .is_some_and(|last| last.ident == "test")
    };
    let Some(test) = function.attrs.iter().find(is_test) else {
        return Ok(None);
    };
    let flavor = Flavor::of(test).map_err(|error| Problem::new(file, error.span(), format!("`{name}`: {error}")))?;
    for attribute in &function.attrs {
        let known = ["doc", "allow", "expect"]
            .iter()
            .any(|known| attribute.path().is_ident(known));
        if attribute != test && !known {
            return Err(wrong(match attribute.path().get_ident().map(Ident::to_string).as_deref() {
                Some("should_panic") => {
                    "is a `should_panic` test: a panic is how a check fails; use `std::panic::catch_unwind` inside it".to_owned()
                }
                Some("ignore") => "is ignored: take it away, or let it run".to_owned(),
                _ => "has an attribute that the grader does not know: keep the test attribute and `allow` only".to_owned(),
            }));
        }
    }
    let signature = &function.sig;
    if !signature.inputs.is_empty() || signature.output != ReturnType::Default || !signature.generics.params.is_empty()
    {
        return Err(wrong(
            "is a test: it takes nothing and returns nothing; use `expect` where it uses `?`".to_owned(),
        ));
    }
    match (flavor.is_async(), signature.asyncness.is_some()) {
        (true, false) => return Err(wrong("is a `tokio::test` but not `async`".to_owned())),
        (false, true) => return Err(wrong("is `async`: use `#[tokio::test]`".to_owned())),
        _ => {}
    }
    let header = Header::of(&function.attrs).map_err(wrong)?;
    Ok(Some((
        Spec {
            name: name.to_string(),
            line: line_of(name.span()),
            header,
            flavor,
        },
        test,
    )))
}

/// The changes that make a check callable from the crate's root.
fn callable(text: &str, function: &ItemFn, test: Range<usize>) -> Vec<Patch> {
    let mut patches = vec![(test.clone(), blank(&text[test]))];
    if let Visibility::Inherited = function.vis {
        let signature = &function.sig;
        let first = signature.asyncness.map_or(signature.fn_token.span, |token| token.span);
        let start = first.byte_range().start;
        patches.push((start..start, "pub ".to_owned()));
    }
    patches
}

/// The file as Rust.
fn parse(file: &str, text: &str) -> Result<syn::File, Problem> {
    syn::parse_str(text).map_err(|error| Problem::new(file, error.span(), format!("is not valid Rust: {error}")))
}

/// The line of a span, from 1.
fn line_of(span: proc_macro2::Span) -> u32 {
    u32::try_from(span.start().line).unwrap_or(0)
}

#[cfg(test)]
mod tests;
