//! What has to hold, whatever fails.

use std::collections::HashMap;

/// Something that has to hold.
pub trait Invariant: Send + Sync {
    /// Looks whether it holds. May block.
    ///
    /// # Errors
    /// If it does not.
    fn check(&self) -> Result<(), InvariantViolation>;

    /// Its name.
    fn name(&self) -> &str;
}

/// An invariant that did not hold.
#[derive(Debug)]
pub struct InvariantViolation {
    /// Its name.
    pub invariant: String,
    /// What was wrong.
    pub message: String,
    /// What else is known.
    pub context: HashMap<String, String>,
}

/// Checks on a thread that may block: `blocking_read` and the like panic on a thread of the runtime.
pub(crate) async fn check(invariant: std::sync::Arc<dyn Invariant>) -> Result<(), InvariantViolation> {
    let name = invariant.name().to_owned();
    let checked = tokio::task::spawn_blocking(move || invariant.check()).await;
    checked.unwrap_or_else(|error| {
        Err(InvariantViolation {
            invariant: name,
            message: format!("the check did not end: {error}"),
            context: HashMap::new(),
        })
    })
}
