//! The parts of a source that can be taken out on their own, and where they are.

use std::collections::BTreeMap;
use std::ops::Range;

use proc_macro2::TokenStream;
use syn::visit::Visit;
use syn::{
    ExprStruct, Fields, ImplItem, Item, ItemImpl, Member, ReturnType, Signature, TraitItem, Type, TypeImplTrait,
    TypeParamBound, Visibility,
};

use super::imports::Import;
use super::names::Names;
use super::text::bytes;

/// A source, cut into parts.
#[derive(Debug)]
pub(super) struct Outline {
    /// Everything but imports. A part stands behind the one that it is inside of.
    pub parts: Vec<Part>,
    /// The `use` lines.
    pub imports: Vec<Import>,
    /// Every identifier.
    pub names: Names,
    /// The values that a world starts with, where that is written by hand.
    pub starts: Vec<Start>,
}

/// The first value of a field, in the world's own `Default`.
#[derive(Debug)]
pub(super) struct Start {
    /// The field's name.
    pub field: String,
    /// Name and value, `clocks: BTreeMap::new()` or `clocks`.
    pub whole: Range<usize>,
}

/// One part of a source.
#[derive(Debug)]
pub(super) struct Part {
    /// What it is.
    pub kind: Kind,
    /// What other code calls it; empty for an `impl`.
    pub name: String,
    /// How a report calls it: `clock`, `World::clock`, `Clocks::tick`.
    pub key: String,
    /// All of it, attributes included.
    pub whole: Range<usize>,
    /// The part it is inside of.
    pub parent: Option<usize>,
    /// Whether the rest of the program needs it to be there.
    pub keep: bool,
}

/// What a part is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A function or method, with its body if it has one.
    Function {
        /// The block, braces included.
        body: Option<Range<usize>>,
        /// What can stand in for the body.
        stand_in: StandIn,
    },
    /// A field of a struct or of a variant, with its type.
    Field(Range<usize>),
    /// A struct, enum or union.
    Data,
    /// An implementation of a trait.
    TraitImpl,
    /// An associated type or constant.
    Member,
    /// Another item: a constant, an alias, a trait, an inherent implementation, a macro.
    Other,
}

/// What can stand in for the body of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StandIn {
    /// A call that does not return.
    Call,
    /// A future that calls it.
    Future,
    /// Nothing: the body decides the type.
    Nothing,
}

impl Outline {
    /// Cuts a source into parts.
    pub fn of(text: &str) -> syn::Result<Self> {
        let tokens: TokenStream = text.parse()?;
        let file: syn::File = syn::parse_str(text)?;
        let mut reader = Reader {
            parts: Vec::new(),
            imports: Vec::new(),
            roots: BTreeMap::new(),
            starts: Vec::new(),
        };
        reader.items(&file.items);
        let Reader {
            parts, imports, starts, ..
        } = reader;
        let mut outline = Self {
            parts,
            imports,
            names: Names::of(tokens),
            starts,
        };
        outline.keep_what_macros_name(&file.items);
        Ok(outline)
    }

    /// The innermost part around a place.
    pub fn part_at(&self, bytes: &Range<usize>) -> Option<usize> {
        let around = |part: &Part| part.whole.start <= bytes.start && bytes.start < part.whole.end;
        let parts = self.parts.iter().enumerate().filter(|(_, part)| around(part));
        parts.min_by_key(|(_, part)| part.whole.len()).map(|(index, _)| index)
    }

    /// The parts directly inside of one.
    pub fn children(&self, parent: usize) -> impl Iterator<Item = usize> {
        let inside = move |(index, part): (usize, &Part)| (part.parent == Some(parent)).then_some(index);
        self.parts.iter().enumerate().filter_map(inside)
    }

    /// A macro around items, `witness::workloads! { compare }`, uses functions by name: they must stay.
    fn keep_what_macros_name(&mut self, items: &[Item]) {
        for item in items {
            if let Item::Macro(item) = item {
                let named: Vec<_> = self.names.within(&bytes(item)).map(|name| name.text.clone()).collect();
                for part in &mut self.parts {
                    let is_function = matches!(part.kind, Kind::Function { .. });
                    part.keep |= is_function && part.parent.is_none() && named.contains(&part.name);
                }
            }
        }
    }
}

struct Reader {
    parts: Vec<Part>,
    imports: Vec<Import>,
    /// The first segment of the path of every imported name.
    roots: BTreeMap<String, String>,
    starts: Vec<Start>,
}

impl Reader {
    fn items(&mut self, items: &[Item]) {
        for item in items {
            if let Item::Use(item) = item {
                let import = Import::of(item);
                let root = |path: &str| path.split("::").next().unwrap_or_default().to_owned();
                self.roots.extend(
                    import
                        .leaves()
                        .into_iter()
                        .map(|leaf| (leaf.name.clone(), root(&leaf.path))),
                );
                self.imports.push(import);
            }
        }
        items.iter().for_each(|item| self.item(item));
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Fn(item) => {
                let keep = !matches!(item.vis, Visibility::Inherited);
                self.function(&item.sig, Some(&item.block), bytes(item), None, keep);
            }
            Item::Struct(item) => {
                let data = self.add(Kind::Data, &item.ident, bytes(item), is_world(&item.ident, &item.vis));
                self.fields(&item.fields, data, &item.ident.to_string());
            }
            Item::Union(item) => {
                let data = self.add(Kind::Data, &item.ident, bytes(item), false);
                self.fields(&Fields::Named(item.fields.clone()), data, &item.ident.to_string());
            }
            Item::Enum(item) => {
                let data = self.add(Kind::Data, &item.ident, bytes(item), is_world(&item.ident, &item.vis));
                for variant in &item.variants {
                    self.fields(&variant.fields, data, &format!("{}::{}", item.ident, variant.ident));
                }
            }
            Item::Impl(item) => self.implementation(item),
            Item::Trait(item) => {
                let owner = self.add(Kind::Other, &item.ident, bytes(item), false);
                for member in &item.items {
                    match member {
                        TraitItem::Fn(method) => self.function(
                            &method.sig,
                            method.default.as_ref(),
                            bytes(method),
                            Some((owner, &item.ident.to_string())),
                            false,
                        ),
                        other => self.member(bytes(other), owner),
                    }
                }
            }
            Item::Const(item) => drop(self.add(Kind::Other, &item.ident, bytes(item), false)),
            Item::Static(item) => drop(self.add(Kind::Other, &item.ident, bytes(item), false)),
            Item::Type(item) => drop(self.add(Kind::Other, &item.ident, bytes(item), false)),
            Item::Macro(item) => {
                let ours = item
                    .mac
                    .path
                    .segments
                    .first()
                    .is_some_and(|first| first.ident == "witness");
                let name = item.ident.as_ref().map(ToString::to_string).unwrap_or_default();
                self.add(Kind::Other, &name, bytes(item), ours);
            }
            Item::Mod(item) => {
                if let Some((_, items)) = &item.content {
                    self.items(items);
                }
            }
            _ => {}
        }
    }

    fn implementation(&mut self, item: &ItemImpl) {
        let own = last_segment(&item.self_ty);
        let (kind, key, keep, owner) = match &item.trait_ {
            None => (Kind::Other, format!("impl {own}"), false, own),
            Some((path, _)) => {
                let name = path
                    .segments
                    .last()
                    .map(|last| last.ident.to_string())
                    .unwrap_or_default();
                let first = path
                    .segments
                    .first()
                    .map(|first| first.ident.to_string())
                    .unwrap_or_default();
                let root = self.roots.get(&first).unwrap_or(&first);
                if own == "World" && name == "Default" {
                    StartValues(&mut self.starts).visit_item_impl(item);
                }
                // The world's own language, and the way it is made: without them nothing can be run.
                let keep = own == "World" && (root.ends_with("_protocol") || name == "Default");
                (Kind::TraitImpl, format!("impl {name} for {own}"), keep, name)
            }
        };
        let parent = self.parts.len();
        self.parts.push(Part {
            kind,
            name: String::new(),
            key,
            whole: bytes(item),
            parent: None,
            keep,
        });
        for member in &item.items {
            match member {
                ImplItem::Fn(method) => self.function(
                    &method.sig,
                    Some(&method.block),
                    bytes(method),
                    Some((parent, &owner)),
                    false,
                ),
                other => self.member(bytes(other), parent),
            }
        }
    }

    fn function(
        &mut self,
        signature: &Signature,
        body: Option<&syn::Block>,
        whole: Range<usize>,
        owner: Option<(usize, &str)>,
        keep: bool,
    ) {
        let name = signature.ident.to_string();
        let key = owner.map_or_else(|| name.clone(), |(_, owner)| format!("{owner}::{name}"));
        let body = body.map(|block| block.brace_token.span.join().byte_range());
        let kind = Kind::Function {
            body,
            stand_in: StandIn::of(signature),
        };
        self.parts.push(Part {
            kind,
            name,
            key,
            whole,
            parent: owner.map(|(parent, _)| parent),
            keep,
        });
    }

    fn fields(&mut self, fields: &Fields, parent: usize, owner: &str) {
        for (number, field) in fields.iter().enumerate() {
            let name = field
                .ident
                .as_ref()
                .map_or_else(|| number.to_string(), ToString::to_string);
            let key = format!("{owner}::{name}");
            self.parts.push(Part {
                kind: Kind::Field(bytes(&field.ty)),
                name,
                key,
                whole: bytes(field),
                parent: Some(parent),
                keep: false,
            });
        }
    }

    fn member(&mut self, whole: Range<usize>, parent: usize) {
        let key = self.parts[parent].key.clone();
        self.parts.push(Part {
            kind: Kind::Member,
            name: String::new(),
            key,
            whole,
            parent: Some(parent),
            keep: false,
        });
    }

    fn add(&mut self, kind: Kind, name: &dyn ToString, whole: Range<usize>, keep: bool) -> usize {
        let name = name.to_string();
        self.parts.push(Part {
            kind,
            key: name.clone(),
            name,
            whole,
            parent: None,
            keep,
        });
        self.parts.len() - 1
    }
}

impl StandIn {
    fn of(signature: &Signature) -> Self {
        let ReturnType::Type(_, output) = &signature.output else {
            return Self::Call;
        };
        if let Type::ImplTrait(opaque) = &**output
            && opaque.bounds.iter().any(is_future)
        {
            return Self::Future;
        }
        let mut search = OpaqueType(false);
        search.visit_type(output);
        if search.0 { Self::Nothing } else { Self::Call }
    }
}

fn is_future(bound: &TypeParamBound) -> bool {
    matches!(bound, TypeParamBound::Trait(bound) if bound.path.segments.last().is_some_and(|last| last.ident == "Future"))
}

/// Collects the fields of `Self { .. }` and `World { .. }`.
struct StartValues<'a>(&'a mut Vec<Start>);

impl Visit<'_> for StartValues<'_> {
    fn visit_expr_struct(&mut self, literal: &ExprStruct) {
        if literal.path.is_ident("Self") || literal.path.is_ident("World") {
            self.0
                .extend(literal.fields.iter().filter_map(|field| match &field.member {
                    Member::Named(name) => Some(Start {
                        field: name.to_string(),
                        whole: bytes(field),
                    }),
                    Member::Unnamed(_) => None,
                }));
        }
    }
}

/// Looks for `impl Trait` in a type.
struct OpaqueType(bool);

impl Visit<'_> for OpaqueType {
    fn visit_type_impl_trait(&mut self, _: &TypeImplTrait) {
        self.0 = true;
    }
}

/// The type that the runner makes and serves.
fn is_world(name: &proc_macro2::Ident, visibility: &Visibility) -> bool {
    name == "World" && !matches!(visibility, Visibility::Inherited)
}

fn last_segment(of: &Type) -> String {
    match of {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map(|last| last.ident.to_string())
            .unwrap_or_default(),
        _ => String::new(),
    }
}
