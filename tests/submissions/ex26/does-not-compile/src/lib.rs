//! A type error.

/// Clocks.
pub fn clocks() -> u32 {
    "three"
}
