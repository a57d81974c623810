//! The parts of a source that can be taken out on their own, and where they are.

use std::ops::Range;

use proc_macro2::TokenStream;
use syn::Item;

use super::imports::Import;
use super::names::Names;
use super::text::bytes;

mod reader;

use reader::Reader;

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
        let Reader {
            parts, imports, starts, ..
        } = Reader::of(&file.items);
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
