//! Names listed in the macros of an exercise: the steps of its language, its workloads.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Ident, Item, Macro, Token};

use super::{Problem, parse};

/// The names of the steps in protocol.rs, in order: the methods of the trait in `witness::language!`.
pub fn language_steps(file: &str, text: &str) -> Result<Vec<String>, Problem> {
    let body = invocation(file, &parse(file, text)?.items, &["witness", "language"])?;
    let steps = names_of_methods(body);
    if steps.is_empty() {
        return Err(Problem::of_file(
            file,
            "`witness::language!` declares no step: write `fn name(argument: Type) -> Type => \"..\";`",
        ));
    }
    Ok(steps)
}

/// The names of the workloads in workload.rs, in order: those in `witness::workloads!`.
pub fn workload_names(file: &str, text: &str) -> Result<Vec<String>, Problem> {
    let body = invocation(file, &parse(file, text)?.items, &["witness", "workloads"])?;
    let names = Punctuated::<Ident, Token![,]>::parse_terminated
        .parse2(body)
        .map_err(|error| {
            Problem::new(
                file,
                error.span(),
                "`witness::workloads!` lists names of functions, separated by commas",
            )
        })?;
    Ok(names.iter().map(Ident::to_string).collect())
}

/// What stands between the braces of the one invocation of a macro among the items of a file.
pub(super) fn invocation(file: &str, items: &[Item], path: &[&str]) -> Result<TokenStream, Problem> {
    let mut found = items.iter().filter_map(|item| match item {
        Item::Macro(item) if is(&item.mac, path) => Some(item.mac.tokens.clone()),
        _ => None,
    });
    let name = path.join("::");
    let missing = || {
        Problem::of_file(
            file,
            format!("`{name}!` is missing: add it at the top level of the file"),
        )
    };
    let body = found.next().ok_or_else(missing)?;
    match found.next() {
        Some(_) => Err(Problem::of_file(
            file,
            format!("`{name}!` is there more than once: join the two"),
        )),
        None => Ok(body),
    }
}

/// Whether a macro is called by this path, with or without its crate's name.
fn is(mac: &Macro, path: &[&str]) -> bool {
    let written: Vec<_> = mac
        .path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    !written.is_empty() && path.ends_with(&written.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The names after `fn` in the body of a trait. The grammar after a name is the macro's business.
fn names_of_methods(body: TokenStream) -> Vec<String> {
    let mut names = Vec::new();
    let mut after_trait = false;
    for token in body {
        match token {
            TokenTree::Ident(ident) if ident == "trait" => after_trait = true,
            TokenTree::Group(group) if after_trait && group.delimiter() == proc_macro2::Delimiter::Brace => {
                names.extend(names_after_fn(group.stream()));
                after_trait = false;
            }
            _ => {}
        }
    }
    names
}

/// The names after `fn` at this level: a method starts at the beginning or after a semicolon, or after an attribute.
fn names_after_fn(body: TokenStream) -> Vec<String> {
    let mut names = Vec::new();
    let mut starts = true;
    let mut tokens = body.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Ident(ident) if starts && ident == "fn" => {
                if let Some(TokenTree::Ident(name)) = tokens.peek() {
                    names.push(name.to_string());
                }
                starts = false;
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => starts = true,
            TokenTree::Punct(punct) if punct.as_char() == '#' => {}
            TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::Bracket => {}
            _ => starts = false,
        }
    }
    names
}
