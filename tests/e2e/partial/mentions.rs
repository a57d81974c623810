//! Which names a piece of an exercise can come to use: its own, and those of what it uses, by name alone.
//!
//! Names say more than is needed (two things of one name count as one), never less. So what does not mention an item does not need it.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// What is written in the definitions of each name.
#[derive(Debug, Default)]
pub struct Mentions(BTreeMap<String, BTreeSet<String>>);

impl Mentions {
    /// Of some files.
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut mentions = Self::default();
        for text in texts {
            let file = syn::parse_file(text).expect("a file of an exercise parses");
            Definitions {
                text,
                mentions: &mut mentions,
            }
            .visit_file(&file);
        }
        mentions
    }

    /// All names that the definitions of some names lead to.
    pub fn reach<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> BTreeSet<String> {
        let mut open: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let mut reached: BTreeSet<String> = open.iter().cloned().collect();
        while let Some(next) = open.pop() {
            for more in self.0.get(&next).into_iter().flatten() {
                if reached.insert(more.clone()) {
                    open.push(more.clone());
                }
            }
        }
        reached
    }
}

struct Definitions<'a> {
    text: &'a str,
    mentions: &'a mut Mentions,
}

impl Definitions<'_> {
    fn define(&mut self, name: &syn::Ident, node: &impl syn::spanned::Spanned) {
        let tokens: TokenStream = self.text[node.span().byte_range()]
            .parse()
            .expect("what parses has tokens");
        idents(tokens, self.mentions.0.entry(name.to_string()).or_default());
    }
}

impl<'ast> Visit<'ast> for Definitions<'_> {
    fn visit_item_fn(&mut self, node: &'ast syn::ItemFn) {
        self.define(&node.sig.ident, node);
        visit::visit_item_fn(self, node);
    }

    fn visit_impl_item_fn(&mut self, node: &'ast syn::ImplItemFn) {
        self.define(&node.sig.ident, node);
        visit::visit_impl_item_fn(self, node);
    }

    fn visit_item_struct(&mut self, node: &'ast syn::ItemStruct) {
        self.define(&node.ident, node);
        visit::visit_item_struct(self, node);
    }

    fn visit_item_enum(&mut self, node: &'ast syn::ItemEnum) {
        self.define(&node.ident, node);
        visit::visit_item_enum(self, node);
    }

    fn visit_item_const(&mut self, node: &'ast syn::ItemConst) {
        self.define(&node.ident, node);
    }

    fn visit_item_type(&mut self, node: &'ast syn::ItemType) {
        self.define(&node.ident, node);
    }

    /// What implements traits for a type is used without being named.
    fn visit_item_impl(&mut self, node: &'ast syn::ItemImpl) {
        if let (Some(_), syn::Type::Path(path)) = (&node.trait_, &*node.self_ty)
            && let Some(segment) = path.path.segments.last()
        {
            self.define(&segment.ident, node);
        }
        visit::visit_item_impl(self, node);
    }

    fn visit_field(&mut self, node: &'ast syn::Field) {
        if let Some(name) = &node.ident {
            self.define(name, node);
        }
    }
}

fn idents(tokens: TokenStream, found: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => drop(found.insert(ident.to_string())),
            TokenTree::Group(group) => idents(group.stream(), found),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}
