//! Which names a piece of a source mentions, by its tokens: macros are looked into, since they are tokens too.

use std::ops::Range;

use proc_macro2::{TokenStream, TokenTree};

/// The identifiers of a text, in order.
#[derive(Debug)]
pub(super) struct Names(Vec<Name>);

/// One identifier.
#[derive(Debug)]
pub(super) struct Name {
    /// Its bytes.
    pub bytes: Range<usize>,
    /// Its text.
    pub text: String,
    /// Whether it starts a path, and so is looked up in the file's scope: neither `.name` nor `x::name` nor `'name`.
    pub starts_path: bool,
}

impl Names {
    /// The identifiers of a text that was lexed.
    pub fn of(tokens: TokenStream) -> Self {
        let mut names = Vec::new();
        collect(tokens, &mut names);
        Self(names)
    }

    /// The identifiers in some bytes of the text, in order.
    pub fn within(&self, bytes: &Range<usize>) -> impl Iterator<Item = &Name> {
        let first = self.0.partition_point(|name| name.bytes.start < bytes.start);
        let end = bytes.end;
        self.0[first..].iter().take_while(move |name| name.bytes.end <= end)
    }
}

fn collect(tokens: TokenStream, names: &mut Vec<Name>) {
    let mut before = [' ', ' '];
    for token in tokens {
        let mut last = ' ';
        match token {
            TokenTree::Group(group) => collect(group.stream(), names),
            TokenTree::Ident(ident) => {
                let starts_path = !matches!(before, [':', ':'] | [_, '.'] | [_, '\'']) || before == ['.', '.'];
                names.push(Name {
                    bytes: ident.span().byte_range(),
                    text: ident.to_string(),
                    starts_path,
                });
            }
            TokenTree::Punct(punct) => last = punct.as_char(),
            TokenTree::Literal(_) => {}
        }
        before = [before[1], last];
    }
}

/// Whether a name is one of a type, a trait, a variant or a constant by the usual spelling. A name in small letters may be that of a
/// local variable or a method too, so a mention of it proves nothing.
pub(super) fn is_distinctive(name: &str) -> bool {
    name.starts_with(|c: char| c.is_uppercase())
}
