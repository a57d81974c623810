//! What can go wrong between a clock and its bytes.

/// A clock that could not be written, or bytes that are no clock. Each carries the reason as text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// The clock could not be written. The encoding of this crate always succeeds; the variant is part of the contract
    /// for those that do not.
    #[error("Failed to serialize clock: {0}")]
    SerializationError(String),
    /// The bytes are no clock: empty, cut short, damaged, or of another format.
    #[error("Failed to deserialize clock: {0}")]
    DeserializationError(String),
}
