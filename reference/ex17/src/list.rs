//! The list: a sequence that everybody edits by position.

use std::collections::BTreeMap;

use crate::{ActorId, StateCrdt};

/// The name of an element. The later of two is the larger: whoever inserts takes a number above all that it has heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Id {
    number: u64,
    actor: ActorId,
}

/// An element, deleted ones included: others may have been inserted behind it.
#[derive(Clone, Debug)]
struct Element<T> {
    id: Id,
    /// What it was inserted behind: nothing, at the beginning.
    origin: Option<Id>,
    /// Nothing, once it is deleted: what remains is a tombstone.
    value: Option<T>,
}

/// A sequence in which elements never change places (Roh et al. 2011, "Replicated abstract data types", the RGA).
///
/// Indices change while others insert, so an insertion is remembered by the *element* that it follows, its origin. The
/// elements are then a tree, and the list is that tree in preorder with the youngest sibling first: every replica that knows
/// the same elements reads the same list, and two elements are in the same order wherever both are known.
#[derive(Clone, Debug)]
pub struct CrdtList<T: Clone> {
    /// In the order of the list.
    elements: Vec<Element<T>>,
}

impl<T: Clone> CrdtList<T> {
    /// An empty list.
    ///
    /// ```
    /// assert_eq!(ex17::CrdtList::<u32>::new().len(), 0);
    /// ```
    pub fn new() -> Self {
        Self { elements: Vec::new() }
    }

    /// Inserts a value so that it is at `index` of what can be seen; at the end, if that is beyond it.
    ///
    /// ```
    /// let mut list = ex17::CrdtList::new();
    /// list.insert(0, "a", 1);
    /// list.insert(1, "c", 1);
    /// list.insert(1, "b", 1);
    /// assert_eq!(list.iter().collect::<Vec<_>>(), [&"a", &"b", &"c"]);
    /// ```
    pub fn insert(&mut self, index: usize, value: T, actor: ActorId) {
        let before = index.min(self.len()).checked_sub(1).and_then(|at| self.position(at));
        let number = self.elements.iter().map(|element| element.id.number).max().unwrap_or(0) + 1;
        let element = Element {
            id: Id { number, actor },
            origin: before.map(|at| self.elements[at].id),
            value: Some(value),
        };
        // The youngest sibling comes first, and nobody is younger.
        self.elements.insert(before.map_or(0, |at| at + 1), element);
    }

    /// Deletes the value at `index` of what can be seen, if there is one.
    ///
    /// ```
    /// let mut list = ex17::CrdtList::new();
    /// list.insert(0, "a", 1);
    /// list.insert(1, "b", 1);
    /// list.delete(0);
    /// assert_eq!(list.iter().collect::<Vec<_>>(), [&"b"]);
    /// ```
    pub fn delete(&mut self, index: usize) {
        if let Some(at) = self.position(index) {
            self.elements[at].value = None;
        }
    }

    /// The values that are not deleted, in order.
    ///
    /// ```
    /// let mut list = ex17::CrdtList::new();
    /// list.insert(0, "b", 1);
    /// list.insert(0, "a", 1);
    /// assert_eq!(list.iter().collect::<Vec<_>>(), [&"a", &"b"]);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.elements.iter().filter_map(|element| element.value.as_ref())
    }

    /// How many values are not deleted.
    ///
    /// ```
    /// let mut list = ex17::CrdtList::new();
    /// list.insert(0, "a", 1);
    /// list.delete(0);
    /// assert_eq!(list.len(), 0);
    /// ```
    #[expect(clippy::len_without_is_empty, reason = "the contract has none")]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Where the value at an index of what can be seen stands among all elements.
    fn position(&self, index: usize) -> Option<usize> {
        let mut seen = self
            .elements
            .iter()
            .enumerate()
            .filter(|(_, element)| element.value.is_some());
        seen.nth(index).map(|(at, _)| at)
    }
}

impl<T: Clone> Default for CrdtList<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone> StateCrdt for CrdtList<T> {
    /// Takes in the other's elements and deletions, and reads the tree anew.
    fn merge(&mut self, other: &Self) {
        let mut known: BTreeMap<Id, Element<T>> = BTreeMap::new();
        for element in self.elements.drain(..).chain(other.elements.iter().cloned()) {
            let is_deleted = element.value.is_none();
            let mine = known.entry(element.id).or_insert(element);
            if is_deleted {
                mine.value = None;
            }
        }
        self.elements = preorder(known);
    }
}

/// The tree in preorder, youngest siblings first.
fn preorder<T>(mut known: BTreeMap<Id, Element<T>>) -> Vec<Element<T>> {
    let mut children: BTreeMap<Option<Id>, Vec<Id>> = BTreeMap::new();
    for element in known.values() {
        // Ascending, as the map is.
        children.entry(element.origin).or_default().push(element.id);
    }
    let mut elements = Vec::with_capacity(known.len());
    let mut open = children.remove(&None).unwrap_or_default();
    while let Some(id) = open.pop() {
        elements.extend(known.remove(&id));
        open.extend(children.remove(&Some(id)).into_iter().flatten());
    }
    debug_assert!(known.is_empty(), "an element is known only together with its origin");
    elements
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(values: &str, actor: ActorId) -> CrdtList<char> {
        let mut list = CrdtList::new();
        values
            .chars()
            .enumerate()
            .for_each(|(at, value)| list.insert(at, value, actor));
        list
    }

    fn text(list: &CrdtList<char>) -> String {
        list.iter().collect()
    }

    #[test]
    fn words_that_were_written_at_once_are_not_mixed() {
        let (mut a, mut b) = (list("milk", 1), list("tea", 2));
        let old = a.clone();
        a.merge(&b);
        b.merge(&old);
        assert_eq!(text(&a), text(&b));
        assert_eq!(text(&a), "teamilk");
    }

    #[test]
    fn an_insertion_behind_a_deleted_element_keeps_its_place() {
        let mut a = list("abc", 1);
        let mut b = a.clone();
        a.delete(1);
        b.insert(2, 'x', 2);
        a.merge(&b);
        assert_eq!(text(&a), "axc");
    }

    #[test]
    fn indices_count_what_can_be_seen() {
        let mut a = list("abcd", 1);
        a.delete(0);
        a.delete(0);
        a.insert(1, 'x', 1);
        a.insert(9, 'y', 1);
        a.delete(9);
        assert_eq!((text(&a).as_str(), a.len()), ("cxdy", 4));
    }

    #[test]
    fn merging_reads_the_list_as_it_was_written() {
        let mut a = list("ab", 1);
        let mut b = a.clone();
        b.insert(1, 'x', 2);
        b.insert(1, 'y', 2);
        b.insert(0, 'z', 2);
        a.merge(&b);
        assert_eq!(text(&a), text(&b));
        assert_eq!(text(&a), "zayxb");
    }
}
