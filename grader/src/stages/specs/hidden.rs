//! The hidden checks of an exercise: what `judge::checks!` lists, and what each says of itself.

use std::collections::BTreeSet;

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, Item, ItemMod, Lit, Meta, Path, Token};

use super::listed::invocation;
use super::{Header, Problem, line_of, parse};

/// One hidden check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The name of its function.
    pub name: String,
    /// The file it is in, as given or as named by the module's `#[path]`.
    pub file: String,
    /// The line of its name, from 1.
    pub line: u32,
    /// The requirements it checks and what it says of them.
    pub header: Header,
}

/// What is between the braces: `driver::World; check_a, module::check_b`.
struct Listed {
    checks: Punctuated<Path, Token![,]>,
}

impl Parse for Listed {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.parse::<Path>()?;
        input.parse::<Token![;]>()?;
        Ok(Self {
            checks: Punctuated::parse_terminated(input)?,
        })
    }
}

/// Reads a judge.rs, in the order of `judge::checks!`. `module` gives the text of another file, named as `file` names this one.
pub fn hidden_checks(
    file: &str,
    text: &str,
    module: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Check>, Vec<Problem>> {
    let (listed, root) = listed(file, text).map_err(|problem| vec![problem])?;
    let (mut checks, mut problems, mut names) = (Vec::new(), Vec::new(), BTreeSet::new());
    for path in &listed.checks {
        match find(file, &root, path, module) {
            Ok(check) if !names.insert(check.name.clone()) => {
                let message = format!("`{}` is the name of two checks: rename one of them", check.name);
                problems.push(Problem {
                    file: check.file,
                    line: check.line,
                    message,
                });
            }
            Ok(check) => checks.push(check),
            Err(problem) => problems.push(problem),
        }
    }
    if checks.is_empty() && problems.is_empty() {
        problems.push(Problem::of_file(
            file,
            "`judge::checks!` lists no check: name its functions after `driver::World;`",
        ));
    }
    if problems.is_empty() { Ok(checks) } else { Err(problems) }
}

fn listed(file: &str, text: &str) -> Result<(Listed, Vec<Item>), Problem> {
    let body = invocation(file, text, &["judge", "checks"])?;
    let listed = syn::parse2(body).map_err(|error| {
        let message = format!("`judge::checks!` is written `driver::World; check_a, module::check_b`: {error}");
        Problem::new(file, error.span(), message)
    })?;
    Ok((listed, parse(file, text)?.items))
}

/// The check that a path of the list names.
fn find(file: &str, root: &[Item], path: &Path, module: &dyn Fn(&str) -> Option<String>) -> Result<Check, Problem> {
    let mut segments: Vec<_> = path.segments.iter().map(|segment| &segment.ident).collect();
    let at = segments[0].span();
    let name = segments.pop().expect("a path has a segment").to_string();
    let (file, items) = match segments.as_slice() {
        [] => (file.to_owned(), root.to_vec()),
        [only] => {
            let found = root.iter().find_map(|item| match item {
                Item::Mod(module) if module.ident == **only => Some(module),
                _ => None,
            });
            let missing = || {
                Problem::new(
                    file,
                    at,
                    format!("`judge::checks!` names `{only}`, which is no module of this file: add `mod {only};`"),
                )
            };
            items_of(file, found.ok_or_else(missing)?, module)?
        }
        _ => {
            let message = "`judge::checks!` names a check in a module of a module: keep checks one level deep";
            return Err(Problem::new(file, at, message));
        }
    };
    let function = items.iter().find_map(|item| match item {
        Item::Fn(function) if function.sig.ident == name => Some(function),
        _ => None,
    });
    let missing = || {
        Problem::of_file(
            &file,
            format!("has no function `{name}`, which `judge::checks!` names: write it, or take it off the list"),
        )
    };
    let function = function.ok_or_else(missing)?;
    let header = Header::of(&function.attrs)
        .map_err(|message| Problem::new(&file, function.sig.ident.span(), format!("`{name}` {message}")))?;
    Ok(Check {
        line: line_of(function.sig.ident.span()),
        name,
        file,
        header,
    })
}

/// The items of a module, and the file they are in.
fn items_of(
    file: &str,
    found: &ItemMod,
    module: &dyn Fn(&str) -> Option<String>,
) -> Result<(String, Vec<Item>), Problem> {
    if let Some((_, items)) = &found.content {
        return Ok((file.to_owned(), items.clone()));
    }
    let name = path_attribute(found).unwrap_or_else(|| format!("{}.rs", found.ident));
    let beside = match file.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{name}"),
        None => name,
    };
    let missing = || {
        Problem::new(
            file,
            found.ident.span(),
            format!(
                "`mod {}` is the file `{beside}`, which does not exist: write it",
                found.ident
            ),
        )
    };
    let text = module(&beside).ok_or_else(missing)?;
    let items = parse(&beside, &text)?.items;
    Ok((beside, items))
}

/// The file in `#[path = "judge/ordering.rs"]`.
fn path_attribute(module: &ItemMod) -> Option<String> {
    module.attrs.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text), ..
            }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}
