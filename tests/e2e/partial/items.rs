//! Finds what of a crate is public, and takes one thing at a time away from its sources.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::{Attribute, Fields, Ident, ImplItem, Item, ItemUse, Type, UseTree, Visibility};

/// A crate's sources by path.
pub type Files = BTreeMap<String, String>;

/// One public thing that a submission may lack.
#[derive(Debug, Clone)]
pub struct Lack {
    /// How it is called in messages, `clock.rs: VectorClock::tick`.
    pub title: String,
    /// Ways to be without it, the rudest first; the first that leaves a crate that compiles is the one that counts.
    pub ways: Vec<Way>,
}

/// A way to be without something.
#[derive(Debug, Clone)]
pub struct Way {
    /// What is replaced in which file by what.
    edits: Vec<Edit>,
    /// The names of which a check must mention one to be lost; none if what is missing is used without being named, as derived traits are.
    pub names: Vec<String>,
}

type Edit = (String, Range<usize>, String);

/// The files without something.
pub fn without(files: &Files, way: &Way) -> Files {
    let mut files = files.clone();
    let mut edits = way.edits.clone();
    edits.sort_by_key(|(_, range, _)| std::cmp::Reverse(range.start));
    for (path, range, text) in edits {
        files
            .get_mut(&path)
            .expect("an item is in a file")
            .replace_range(range, &text);
    }
    files
}

/// Everything public of a crate whose entry file is `entry`.
pub fn public(files: &Files, entry: &str) -> Vec<Lack> {
    let parsed: BTreeMap<&String, syn::File> = files
        .iter()
        .map(|(path, text)| (path, syn::parse_file(text).expect("a reference parses")))
        .collect();
    let root = &parsed[&entry.to_owned()];
    let mut finder = Finder {
        files,
        names: exported(root),
        found: Vec::new(),
    };
    for item in &root.items {
        if let Item::Use(item) = item {
            finder.exports(entry, item);
        }
    }
    for (path, file) in &parsed {
        for item in &file.items {
            finder.item(path, item);
        }
    }
    finder.found
}

/// The names that the entry file makes public.
fn exported(root: &syn::File) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for item in &root.items {
        match item {
            Item::Use(item) if is_public(&item.vis) => leaves(&item.tree, "", &mut |_, ident| {
                names.insert(ident.to_string());
            }),
            Item::Fn(item) if is_public(&item.vis) => drop(names.insert(item.sig.ident.to_string())),
            Item::Struct(item) if is_public(&item.vis) => drop(names.insert(item.ident.to_string())),
            Item::Enum(item) if is_public(&item.vis) => drop(names.insert(item.ident.to_string())),
            _ => {}
        }
    }
    names
}

struct Finder<'a> {
    files: &'a Files,
    names: BTreeSet<String>,
    found: Vec<Lack>,
}

impl Finder<'_> {
    fn add(&mut self, path: &str, what: &str, ways: Vec<Way>) {
        let title = format!("{}: {what}", path.trim_start_matches("src/"));
        self.found.push(Lack { title, ways });
    }

    /// Each name of a public `use`: the crate keeps it, its users do not see it.
    fn exports(&mut self, path: &str, item: &ItemUse) {
        if !is_public(&item.vis) {
            return;
        }
        let end = self.files[path].len();
        let mut all = Vec::new();
        leaves(&item.tree, "", &mut |prefix, ident| {
            all.push((prefix.to_owned(), ident.clone()))
        });
        for (at, (prefix, ident)) in all.iter().enumerate() {
            let mut kept: String = all
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != at)
                .map(|(_, (prefix, ident))| format!("pub use {prefix}{ident};"))
                .collect();
            // The lines below stay where they are.
            kept += &"\n".repeat(self.files[path][item.span().byte_range()].matches('\n').count());
            let hidden = format!("#[allow(unused_imports)]\npub(crate) use {prefix}{ident};\n");
            let edits = vec![
                (path.to_owned(), item.span().byte_range(), kept),
                (path.to_owned(), end..end, hidden),
            ];
            self.add(path, &format!("pub use {ident}"), vec![Way::new(edits, &[ident])]);
        }
    }

    fn item(&mut self, path: &str, item: &Item) {
        match item {
            Item::Struct(item) if self.names.contains(&item.ident.to_string()) => {
                self.derives(path, &item.ident, &item.attrs);
                self.fields(path, &item.ident, &item.fields);
            }
            Item::Enum(item) if self.names.contains(&item.ident.to_string()) => {
                self.derives(path, &item.ident, &item.attrs);
                for variant in &item.variants {
                    self.variant(path, &item.ident, &variant.ident);
                }
            }
            Item::Impl(item) => {
                let Some(of) = type_name(&item.self_ty).filter(|of| self.names.contains(&of.to_string())) else {
                    return;
                };
                if let Some((implemented, _)) = &item.trait_ {
                    let name = implemented.segments.last().expect("a path has segments");
                    // No code can name it or ask for it: without it a type does something else, and lacks nothing.
                    if name.ident == "Drop" {
                        return;
                    }
                    let edits = vec![(path.to_owned(), item.span().byte_range(), String::new())];
                    let way = Way::new(edits, &[]);
                    self.add(path, &format!("impl {} for {of}", name.ident), vec![way]);
                    return;
                }
                for member in &item.items {
                    let ImplItem::Fn(method) = member else { continue };
                    if is_public(&method.vis) {
                        let name = &method.sig.ident;
                        let gone = vec![(path.to_owned(), method.span().byte_range(), String::new())];
                        let ways = [gone, private(path, &method.vis)].map(|edits| Way::new(edits, &[name]));
                        self.add(path, &format!("{of}::{name}"), ways.into());
                    }
                }
            }
            _ => {}
        }
    }

    fn fields(&mut self, path: &str, of: &Ident, fields: &Fields) {
        for field in fields.iter().filter(|field| is_public(&field.vis)) {
            if let Some(name) = &field.ident {
                let renamed = Way::new(self.renamed(name), &[name]);
                // What is written `..rest` needs the fields that it does not name to be visible.
                let hidden = Way::new(private(path, &field.vis), &[name, of]);
                self.add(path, &format!("{of}.{name}"), vec![renamed, hidden]);
            }
        }
    }

    /// Everything of one name under another, throughout the crate.
    fn renamed(&self, name: &Ident) -> Vec<Edit> {
        let mut edits = Vec::new();
        for (file, text) in self.files {
            let mut uses = Vec::new();
            named(tokens(text), name, &mut uses);
            let other = format!("{name}_by_another_name");
            edits.extend(uses.into_iter().map(|range| (file.clone(), range, other.clone())));
        }
        edits
    }

    /// A derived trait, each by itself.
    fn derives(&mut self, path: &str, of: &Ident, attributes: &[Attribute]) {
        for attribute in attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("derive"))
        {
            let parse = syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated;
            let paths = attribute.parse_args_with(parse).expect("derive lists paths");
            let text = &self.files[path];
            for (at, derived) in paths.iter().enumerate() {
                let kept: Vec<&str> = paths
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != at)
                    .map(|(_, other)| &text[other.span().byte_range()])
                    .collect();
                let edits = vec![(
                    path.to_owned(),
                    attribute.span().byte_range(),
                    format!("#[derive({})]", kept.join(", ")),
                )];
                let name = derived.segments.last().expect("a path has segments");
                let way = Way::new(edits, &[]);
                self.add(path, &format!("derive({}) of {of}", name.ident), vec![way]);
            }
        }
    }

    /// A variant under another name, wherever the crate itself uses it.
    fn variant(&mut self, path: &str, of: &Ident, variant: &Ident) {
        let other = format!("{variant}ByAnotherName");
        let mut edits = vec![(path.to_owned(), variant.span().byte_range(), other.clone())];
        for (file, text) in self.files {
            let mut uses = Vec::new();
            paths(tokens(text), of, variant, &mut uses);
            edits.extend(uses.into_iter().map(|range| (file.clone(), range, other.clone())));
        }
        let way = Way::new(edits, &[variant]);
        self.add(path, &format!("{of}::{variant}"), vec![way]);
    }
}

impl Way {
    fn new(edits: Vec<Edit>, names: &[&Ident]) -> Self {
        let names = names.iter().map(ToString::to_string).collect();
        Self { edits, names }
    }
}

fn tokens(text: &str) -> TokenStream {
    text.parse().expect("what parses has tokens")
}

/// Where a name is written; in macros as well.
fn named(tokens: TokenStream, name: &Ident, found: &mut Vec<Range<usize>>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => named(group.stream(), name, found),
            TokenTree::Ident(ident) if ident == *name => found.push(ident.span().byte_range()),
            _ => {}
        }
    }
}

/// Where `Of::variant` or `Self::variant` is written; in macros as well.
fn paths(tokens: TokenStream, of: &Ident, variant: &Ident, found: &mut Vec<Range<usize>>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => paths(group.stream(), of, variant, found),
            TokenTree::Ident(ident) if ident == variant && at >= 3 => {
                let owner = tokens[at - 3].to_string();
                if tokens[at - 1].to_string() == ":" && (*of == owner || owner == "Self") {
                    found.push(ident.span().byte_range());
                }
            }
            _ => {}
        }
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn private(path: &str, visibility: &Visibility) -> Vec<Edit> {
    vec![(path.to_owned(), visibility.span().byte_range(), "pub(crate)".to_owned())]
}

fn type_name(ty: &Type) -> Option<&Ident> {
    let Type::Path(path) = ty else { return None };
    path.path.segments.last().map(|segment| &segment.ident)
}

fn leaves(tree: &UseTree, prefix: &str, found: &mut impl FnMut(&str, &Ident)) {
    match tree {
        UseTree::Path(path) => leaves(&path.tree, &format!("{prefix}{}::", path.ident), found),
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, prefix, found)),
        UseTree::Name(name) => found(prefix, &name.ident),
        UseTree::Rename(_) | UseTree::Glob(_) => panic!("a reference names what it exports"),
    }
}
