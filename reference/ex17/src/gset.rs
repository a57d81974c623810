//! The set that only grows.

use std::collections::HashSet;
use std::hash::Hash;

use crate::{OpCrdt, StateCrdt};

/// A set to which elements are added and never removed: merging is union (Shapiro et al. 2011, "A comprehensive study of
/// CRDTs", specification 11).
#[derive(Clone, Debug)]
pub struct GSet<T: Clone + Eq + Hash> {
    elements: HashSet<T>,
}

impl<T: Clone + Eq + Hash> GSet<T> {
    /// An empty set.
    ///
    /// ```
    /// assert_eq!(ex17::GSet::<u32>::new().len(), 0);
    /// ```
    pub fn new() -> Self {
        Self {
            elements: HashSet::new(),
        }
    }

    /// Adds an element, which may be there.
    ///
    /// ```
    /// let mut set = ex17::GSet::new();
    /// set.add("x");
    /// assert!(set.contains(&"x"));
    /// ```
    pub fn add(&mut self, elem: T) {
        self.elements.insert(elem);
    }

    /// Whether an element is there.
    ///
    /// ```
    /// assert!(!ex17::GSet::new().contains(&"x"));
    /// ```
    pub fn contains(&self, elem: &T) -> bool {
        self.elements.contains(elem)
    }

    /// The elements, each once, in no order.
    ///
    /// ```
    /// let mut set = ex17::GSet::new();
    /// set.add("x");
    /// set.add("x");
    /// assert_eq!(set.iter().collect::<Vec<_>>(), [&"x"]);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.elements.iter()
    }

    /// How many elements there are.
    ///
    /// ```
    /// let mut set = ex17::GSet::new();
    /// set.add("x");
    /// set.add("x");
    /// assert_eq!(set.len(), 1);
    /// ```
    #[expect(clippy::len_without_is_empty, reason = "the contract has none")]
    pub fn len(&self) -> usize {
        self.elements.len()
    }
}

impl<T: Clone + Eq + Hash> Default for GSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone + Eq + Hash> StateCrdt for GSet<T> {
    /// Takes in the other elements.
    fn merge(&mut self, other: &Self) {
        self.elements.extend(other.elements.iter().cloned());
    }
}

impl<T: Clone + Eq + Hash> OpCrdt for GSet<T> {
    /// The element that was added.
    type Op = T;

    /// Hears that an element was added.
    ///
    /// ```
    /// use ex17::{GSet, OpCrdt};
    ///
    /// let mut set = GSet::new();
    /// set.apply("x");
    /// set.apply("x");
    /// assert_eq!(set.len(), 1);
    /// ```
    fn apply(&mut self, op: T) {
        self.add(op);
    }
}
