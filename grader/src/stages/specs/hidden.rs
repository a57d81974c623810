//! The hidden checks of an exercise: what `judge::checks!` lists, and what each says of itself.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, Ident, Item, ItemMod, Lit, Meta, Path, Token};

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
    let mut files = Files {
        file,
        root: &root,
        module,
        modules: BTreeMap::new(),
    };
    let (mut checks, mut problems, mut names) = (Vec::new(), Vec::new(), BTreeSet::new());
    for path in &listed.checks {
        match files.find(path) {
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
    let items = parse(file, text)?.items;
    let body = invocation(file, &items, &["judge", "checks"])?;
    let listed = syn::parse2(body).map_err(|error| {
        let message = format!("`judge::checks!` is written `driver::World; check_a, module::check_b`: {error}");
        Problem::new(file, error.span(), message)
    })?;
    Ok((listed, items))
}

/// A judge.rs and those of its modules that were asked for: a module has many checks and is parsed once.
struct Files<'a> {
    file: &'a str,
    root: &'a [Item],
    module: &'a dyn Fn(&str) -> Option<String>,
    /// By name, with the file that holds each.
    modules: BTreeMap<String, (String, Vec<Item>)>,
}

impl Files<'_> {
    /// The check that a path of the list names.
    fn find(&mut self, path: &Path) -> Result<Check, Problem> {
        let mut segments: Vec<_> = path.segments.iter().map(|segment| &segment.ident).collect();
        let at = segments[0].span();
        let name = segments.pop().expect("a path has a segment").to_string();
        let (file, items) = match segments.as_slice() {
            [] => (self.file, self.root),
            [only] => self.module(only)?,
            _ => {
                let message = "`judge::checks!` names a check in a module of a module: keep checks one level deep";
                return Err(Problem::new(self.file, at, message));
            }
        };
        let function = items.iter().find_map(|item| match item {
            Item::Fn(function) if function.sig.ident == name => Some(function),
            _ => None,
        });
        let missing = || {
            Problem::of_file(
                file,
                format!("has no function `{name}`, which `judge::checks!` names: write it, or take it off the list"),
            )
        };
        let function = function.ok_or_else(missing)?;
        let header = Header::of(&function.attrs)
            .map_err(|message| Problem::new(file, function.sig.ident.span(), format!("`{name}` {message}")))?;
        Ok(Check {
            line: line_of(function.sig.ident.span()),
            name,
            file: file.to_owned(),
            header,
        })
    }

    /// The items of a module, and the file they are in.
    fn module(&mut self, name: &Ident) -> Result<(&str, &[Item]), Problem> {
        let found = self.root.iter().find_map(|item| match item {
            Item::Mod(module) if module.ident == *name => Some(module),
            _ => None,
        });
        let missing = || {
            Problem::new(
                self.file,
                name.span(),
                format!("`judge::checks!` names `{name}`, which is no module of this file: add `mod {name};`"),
            )
        };
        let found = found.ok_or_else(missing)?;
        if let Some((_, items)) = &found.content {
            return Ok((self.file, items));
        }
        let (file, items) = match self.modules.entry(name.to_string()) {
            Entry::Occupied(parsed) => parsed.into_mut(),
            Entry::Vacant(place) => place.insert(read(self.file, found, self.module)?),
        };
        Ok((file, items))
    }
}

/// The items of a module in a file of its own, and that file.
fn read(file: &str, found: &ItemMod, module: &dyn Fn(&str) -> Option<String>) -> Result<(String, Vec<Item>), Problem> {
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
