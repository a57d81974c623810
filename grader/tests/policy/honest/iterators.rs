//! Iterators: one with state, one that borrows, one that returns `impl Trait`, an extension.

use std::iter::{self, FusedIterator, Peekable};

pub struct Windows<'a, T> {
    rest: &'a [T],
    width: usize,
}

impl<'a, T> Iterator for Windows<'a, T> {
    type Item = &'a [T];

    fn next(&mut self) -> Option<Self::Item> {
        let window = self.rest.get(..self.width)?;
        self.rest = &self.rest[1..];
        Some(window)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.rest.len() + 1).saturating_sub(self.width);
        (left, Some(left))
    }
}

impl<T> FusedIterator for Windows<'_, T> {}

pub fn windows<T>(items: &[T], width: usize) -> Windows<'_, T> {
    assert_ne!(width, 0, "a window has a width");
    Windows { rest: items, width }
}

pub fn powers(base: u64) -> impl Iterator<Item = u64> + use<> {
    iter::successors(Some(1), move |power: &u64| power.checked_mul(base))
}

pub fn runs<I: Iterator<Item = u8>>(items: I) -> Vec<(u8, usize)> {
    let mut items: Peekable<I> = items.peekable();
    let mut runs = Vec::new();
    while let Some(first) = items.next() {
        let mut length = 1;
        while items.next_if_eq(&first).is_some() {
            length += 1;
        }
        runs.push((first, length));
    }
    runs
}
