//! A type error.

/// Members.
pub fn members() -> u32 {
    "three"
}
