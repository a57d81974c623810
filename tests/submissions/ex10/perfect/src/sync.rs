//! A lock that ignores poison.

use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A future with its type erased.
pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Locks. Nothing in this crate panics half-way through a change, so a poisoned lock guards a sound value.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
