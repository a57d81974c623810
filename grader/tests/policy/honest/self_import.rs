//! Imports of all shapes: `self`, nested groups, renames, globs of one's own, shadowed results.

use std::collections::hash_map::{self, HashMap};
use std::fmt::{self, Display, Formatter};
use std::io::{self, BufRead as _, Cursor, Write};
use std::rc::{Rc, Weak};
use std::{self, cmp, mem as memory};

pub type Result<T, E = io::Error> = std::result::Result<T, E>;

pub mod prelude {
    pub use super::{Node, Result, shapes::*};
}

pub mod shapes {
    pub const SIDES: [(&str, u8); 2] = [("triangle", 3), ("square", 4)];
}

#[derive(Debug, Default)]
pub struct Node {
    pub parent: Weak<Node>,
    pub name: String,
}

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.parent.upgrade() {
            Some(parent) => write!(f, "{parent}/{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

pub fn longest(text: &str) -> Result<String> {
    let mut best = String::new();
    for line in Cursor::new(text).lines() {
        let line = line?;
        if let cmp::Ordering::Greater = line.len().cmp(&best.len()) {
            drop(memory::replace(&mut best, line));
        }
    }
    let mut out: Vec<u8> = Vec::new();
    out.write_all(best.as_bytes())?;
    String::from_utf8(out).map_err(io::Error::other)
}

pub fn tally(words: &[Rc<str>]) -> HashMap<Rc<str>, usize> {
    let mut counts = HashMap::new();
    for word in words {
        match counts.entry(Rc::clone(word)) {
            hash_map::Entry::Occupied(mut seen) => *seen.get_mut() += 1,
            hash_map::Entry::Vacant(new) => drop(new.insert(1)),
        }
    }
    counts
}
