//! Who calls.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use crate::error::AuthError;
use crate::interceptor::Interceptor;

/// Knows which tokens are good.
pub trait TokenValidator: Send + Sync {
    /// What the token says.
    ///
    /// # Errors
    /// Why it is not accepted.
    fn validate(&self, token: &str) -> Result<Claims, AuthError>;
}

/// What a token says.
#[derive(Debug, Clone)]
pub struct Claims {
    /// Who.
    pub subject: String,
    /// With which roles.
    pub roles: Vec<String>,
    /// Until when, in seconds since 1970.
    pub expires_at: i64,
}

/// Lets pass only requests with a good token, and adds its claims to their extensions.
pub struct AuthInterceptor {
    validator: Arc<dyn TokenValidator>,
}

impl AuthInterceptor {
    /// One that asks this validator.
    #[must_use]
    pub fn new(validator: Arc<dyn TokenValidator>) -> Self {
        Self { validator }
    }

    /// The token of `authorization: Bearer <token>`.
    fn extract_token(&self, request: &Request<()>) -> Option<String> {
        let header = request.metadata().get("authorization")?.to_str().ok()?;
        let (scheme, token) = header.split_once(' ')?;
        (scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty()).then(|| token.trim().to_owned())
    }
}

impl Interceptor for AuthInterceptor {
    fn intercept_request(&self, request: &mut Request<()>) -> Result<(), Status> {
        let token = self.extract_token(request).ok_or(AuthError::MissingToken)?;
        let claims = self.validator.validate(&token)?;
        request.extensions_mut().insert(claims);
        Ok(())
    }

    fn intercept_response<T>(&self, _response: &mut Response<T>) -> Result<(), Status> {
        Ok(())
    }

    fn name(&self) -> &str {
        "auth"
    }
}
