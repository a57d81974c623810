//! A type error.

/// Phases.
pub fn phases() -> u32 {
    "three"
}
