//! The public checks.
