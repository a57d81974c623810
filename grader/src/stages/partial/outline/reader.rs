//! Walks the items of a source and notes its parts.

use std::collections::BTreeMap;
use std::ops::Range;

use syn::visit::Visit;
use syn::{
    ExprStruct, Fields, ImplItem, Item, ItemImpl, Member, ReturnType, Signature, TraitItem, Type, TypeImplTrait,
    TypeParamBound, Visibility,
};

use super::{Kind, Part, StandIn, Start};
use crate::stages::partial::imports::Import;
use crate::stages::partial::text::bytes;

/// What was found so far.
#[derive(Default)]
pub(super) struct Reader {
    pub parts: Vec<Part>,
    pub imports: Vec<Import>,
    /// The first segment of the path of every imported name.
    roots: BTreeMap<String, String>,
    pub starts: Vec<Start>,
}

impl Reader {
    /// Reads all items.
    pub fn of(items: &[Item]) -> Self {
        let mut reader = Self::default();
        reader.items(items);
        reader
    }

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
                // Those that the runner calls by name. One that only other modules of a driver see is a helper like any other.
                let keep = matches!(item.vis, Visibility::Public(_));
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
