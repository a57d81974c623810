//! Work that is undone unless it is kept: `impl Drop` with a closure.

use std::ops::{Deref, DerefMut};

pub struct Guard<T, F: FnOnce(T)> {
    parts: Option<(T, F)>,
}

impl<T, F: FnOnce(T)> Guard<T, F> {
    pub fn new(value: T, undo: F) -> Self {
        Self {
            parts: Some((value, undo)),
        }
    }

    pub fn keep(mut self) -> Option<T> {
        self.parts.take().map(|(value, _)| value)
    }
}

impl<T, F: FnOnce(T)> Drop for Guard<T, F> {
    fn drop(&mut self) {
        if let Some((value, undo)) = self.parts.take() {
            undo(value);
        }
    }
}

impl<T, F: FnOnce(T)> Deref for Guard<T, F> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.parts.as_ref().expect("it is there until it is kept or dropped").0
    }
}

impl<T, F: FnOnce(T)> DerefMut for Guard<T, F> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.parts.as_mut().expect("it is there until it is kept or dropped").0
    }
}
