//! What can go wrong.

use tonic::Status;

/// Why a token is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// There is none.
    #[error("Token missing")]
    MissingToken,
    /// It is no good.
    #[error("Invalid token: {0}")]
    InvalidToken(String),
    /// It was good once.
    #[error("Token expired")]
    TokenExpired,
    /// It is good, but not for this.
    #[error("Insufficient permissions")]
    InsufficientPermissions,
}

impl From<AuthError> for Status {
    fn from(error: AuthError) -> Self {
        let text = error.to_string();
        match error {
            AuthError::InsufficientPermissions => Self::permission_denied(text),
            AuthError::MissingToken | AuthError::InvalidToken(_) | AuthError::TokenExpired => {
                Self::unauthenticated(text)
            }
        }
    }
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address cannot be taken.
    #[error("Failed to bind: {0}")]
    BindError(String),
    /// The transport failed.
    #[error("Transport error: {0}")]
    TransportError(String),
    /// The configuration makes no sense.
    #[error("Configuration error: {0}")]
    ConfigError(String),
}

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// There is no connection.
    #[error("Connection failed: {0}")]
    ConnectionFailed(String),
    /// All attempts failed.
    #[error("All retries exhausted")]
    RetriesExhausted,
    /// An attempt took too long.
    #[error("Request timeout")]
    Timeout,
    /// The server refused.
    #[error("gRPC error: {0}")]
    GrpcError(#[from] Status),
}
