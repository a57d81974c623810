//! The `use` lines of a source, leaf by leaf.

use std::ops::Range;

use syn::{ItemUse, UseTree};

use super::text::{Patch, blank, bytes};

/// One `use` item.
#[derive(Debug)]
pub(super) struct Import {
    whole: Range<usize>,
    tree: Node,
}

/// A tree of imports: a path, and what hangs on it.
#[derive(Debug)]
struct Node {
    bytes: Range<usize>,
    /// The comma behind it in its group.
    comma: Option<Range<usize>>,
    /// What it imports, if nothing hangs on it.
    leaf: Leaf,
    children: Vec<Node>,
    /// Whether it cannot be resolved.
    lost: bool,
}

/// A name that a `use` item brings into scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leaf {
    /// The name in this file; empty for a glob or `_`.
    pub name: String,
    /// The whole path of what is imported.
    pub path: String,
}

impl Import {
    /// The leaves of a `use` item.
    pub fn of(item: &ItemUse) -> Self {
        Self {
            whole: bytes(item),
            tree: Node::of(&item.tree, None, &[]),
        }
    }

    /// Whether these bytes are in it.
    pub fn contains(&self, bytes: &Range<usize>) -> bool {
        self.whole.start <= bytes.start && bytes.start < self.whole.end
    }

    /// Whether it imports from a crate that is there whatever the submission lacks: an error in it is not the submission's.
    pub fn is_ours(&self) -> bool {
        let root = self.tree.root();
        ["std", "core", "alloc", "witness"].contains(&root) || root.ends_with("_protocol")
    }

    /// All its leaves.
    pub fn leaves(&self) -> Vec<&Leaf> {
        let mut leaves = Vec::new();
        self.tree.leaves(&mut leaves);
        leaves
    }

    /// Marks what an error at these bytes is about, and gives the leaves that are lost by it.
    pub fn lose(&mut self, bytes: &Range<usize>) -> Vec<Leaf> {
        let mut lost = Vec::new();
        self.tree.lose(bytes, &mut lost);
        lost
    }

    /// The changes that take out what is marked.
    pub fn patches(&self, text: &str) -> Vec<Patch> {
        if self.tree.is_lost() {
            return vec![(self.whole.clone(), blank(&text[self.whole.clone()]))];
        }
        let mut patches = Vec::new();
        self.tree.patches(text, &mut patches);
        patches
    }
}

impl Node {
    fn of(tree: &UseTree, comma: Option<Range<usize>>, prefix: &[String]) -> Self {
        let whole = bytes(tree);
        let mut path = prefix.to_vec();
        let mut rest = tree;
        while let UseTree::Path(step) = rest {
            path.push(step.ident.to_string());
            rest = &step.tree;
        }
        let (mut name, mut children) = (String::new(), Vec::new());
        match rest {
            UseTree::Name(leaf) if leaf.ident == "self" => name = path.last().cloned().unwrap_or_default(),
            UseTree::Name(leaf) => {
                name = leaf.ident.to_string();
                path.push(name.clone());
            }
            UseTree::Rename(leaf) => {
                name = leaf.rename.to_string();
                path.push(leaf.ident.to_string());
            }
            UseTree::Group(group) => {
                children.extend(group.items.pairs().map(|pair| {
                    let comma = pair.punct().map(|comma| bytes(*comma));
                    Self::of(pair.value(), comma, &path)
                }));
            }
            _ => path.push("*".to_owned()),
        }
        if name == "_" {
            name.clear();
        }
        Self {
            bytes: whole,
            comma,
            leaf: Leaf {
                name,
                path: path.join("::"),
            },
            children,
            lost: false,
        }
    }

    fn leaves<'a>(&'a self, leaves: &mut Vec<&'a Leaf>) {
        if self.children.is_empty() {
            leaves.push(&self.leaf);
        }
        for child in &self.children {
            child.leaves(leaves);
        }
    }

    /// The crate that the path begins with.
    fn root(&self) -> &str {
        let mut node = self;
        while let Some(first) = node.children.first() {
            node = first;
        }
        node.leaf.path.split("::").next().unwrap_or_default()
    }

    fn lose(&mut self, bytes: &Range<usize>, lost: &mut Vec<Leaf>) {
        let touches = |node: &Self| node.bytes.start < bytes.end && bytes.start < node.bytes.end;
        let within: Vec<_> = self.children.iter_mut().filter(|child| touches(child)).collect();
        if !within.is_empty() {
            within.into_iter().for_each(|child| child.lose(bytes, lost));
        } else if !self.is_lost() {
            self.lost = true;
            let mut leaves = Vec::new();
            self.leaves(&mut leaves);
            lost.extend(leaves.into_iter().cloned());
        }
    }

    fn is_lost(&self) -> bool {
        self.lost || (!self.children.is_empty() && self.children.iter().all(Self::is_lost))
    }

    fn patches(&self, text: &str, patches: &mut Vec<Patch>) {
        if self.is_lost() {
            patches.push((self.bytes.clone(), blank(&text[self.bytes.clone()])));
            patches.extend(self.comma.iter().map(|comma| (comma.clone(), " ".to_owned())));
        } else {
            self.children.iter().for_each(|child| child.patches(text, patches));
        }
    }
}
