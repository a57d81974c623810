//! Random numbers for identifiers, from what the standard library has.
//!
//! A keyed hash of a counter: the key is drawn from the system once, when a process asks for its first number, and no
//! number of the counter is used twice. Without the key the next identifier cannot be guessed, and processes that started
//! at the same moment still draw different ones, which a clock or a counter alone would not give.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::num::NonZero;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
static NEXT: AtomicU64 = AtomicU64::new(0);

fn bits() -> u64 {
    // Only that no two callers get the same number matters, not what else they have seen: `Relaxed`.
    KEY.hash_one(NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A number for a span.
pub(crate) fn id64() -> NonZero<u64> {
    loop {
        if let Some(id) = NonZero::new(bits()) {
            return id;
        }
    }
}

/// A number for a trace.
pub(crate) fn id128() -> NonZero<u128> {
    loop {
        if let Some(id) = NonZero::new((u128::from(bits()) << u64::BITS) | u128::from(bits())) {
            return id;
        }
    }
}
