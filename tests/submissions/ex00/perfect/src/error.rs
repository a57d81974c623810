//! Les erreurs de transport.

use thiserror::Error;

/// Ce qui peut échouer entre une horloge et ses octets.
#[derive(Debug, Error)]
pub enum ClockError {
    /// L'horloge n'a pas pu être écrite.
    #[error("Failed to serialize clock: {0}")]
    SerializationError(String),
    /// Les octets ne sont pas une horloge.
    #[error("Failed to deserialize clock: {0}")]
    DeserializationError(String),
}
