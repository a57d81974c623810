//! Trying again, ever more slowly.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// The longest wait, but for the jitter: beyond it, doubling only makes the caller wait for a service that is back.
const LONGEST: Duration = Duration::from_secs(60);

/// Handles partial failures by trying again.
#[derive(Debug)]
pub struct PartialFailureHandler {
    /// How often the operation is called at most. It is called once in any case: without a call there is no answer.
    pub retry_count: u32,
    /// The wait after the first failure; it doubles with each.
    pub backoff_base_ms: u64,
}

impl Default for PartialFailureHandler {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialFailureHandler {
    /// Three calls, a tenth of a second after the first.
    pub fn new() -> Self {
        Self {
            retry_count: 3,
            backoff_base_ms: 100,
        }
    }

    /// Calls until it succeeds or `retry_count` calls have failed; the error is the last one.
    pub async fn with_retry<F, T, E>(&self, mut f: F) -> Result<T, E>
    where
        F: FnMut() -> Pin<Box<dyn Future<Output = Result<T, E>> + Send>>,
    {
        for failed in 0..self.retry_count.saturating_sub(1) {
            match f().await {
                Ok(result) => return Ok(result),
                Err(_) => tokio::time::sleep(jittered(self.backoff(failed))).await,
            }
        }
        // Nothing comes after the last call, so nothing is waited for.
        f().await
    }

    /// The wait after one more than `failed` failures, without jitter.
    fn backoff(&self, failed: u32) -> Duration {
        let factor = 2_u64.saturating_pow(failed);
        LONGEST.min(Duration::from_millis(self.backoff_base_ms.saturating_mul(factor)))
    }
}

/// Adds up to half: clients that failed together must not come back together.
fn jittered(wait: Duration) -> Duration {
    wait + wait.mul_f64(rand::random::<f64>() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_minute() {
        let handler = PartialFailureHandler {
            retry_count: 0,
            backoff_base_ms: 1,
        };
        let millis: Vec<u128> = [0, 1, 2, 15, 16, 63, 64, u32::MAX]
            .map(|failed| handler.backoff(failed).as_millis())
            .to_vec();
        assert_eq!(millis, [1, 2, 4, 32_768, 60_000, 60_000, 60_000, 60_000]);
    }

    #[test]
    fn jitter_adds_at_most_half() {
        let wait = Duration::from_millis(100);
        assert!((0..1000).all(|_| (wait..=wait * 3 / 2).contains(&jittered(wait))));
        assert!((0..1000).any(|_| jittered(wait) > wait));
    }
}
