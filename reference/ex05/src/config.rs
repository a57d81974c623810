//! What the owner of a service decides.

use std::time::Duration;

/// The settings of a lock service; times are in milliseconds.
#[derive(Debug, Clone)]
pub struct LockServiceConfig {
    /// What a lease lasts if its client does not say.
    pub default_lease_duration: u64,
    /// What a client may ask for at most.
    pub max_lease_duration: u64,
    /// The least time between two looks of [`tick`](crate::LockService::tick) for expired locks.
    pub cleanup_interval: u64,
    /// The last part of a lease in which it should be renewed, as a fraction of the whole.
    pub renewal_margin: f64,
}

impl Default for LockServiceConfig {
    fn default() -> Self {
        Self {
            default_lease_duration: 30_000,
            max_lease_duration: 300_000,
            cleanup_interval: 5_000,
            renewal_margin: 0.5,
        }
    }
}

impl LockServiceConfig {
    pub(crate) fn default_lease(&self) -> Duration {
        Duration::from_millis(self.default_lease_duration)
    }

    pub(crate) fn cleanup_interval(&self) -> Duration {
        Duration::from_millis(self.cleanup_interval)
    }

    /// The last part of a lease. A fraction that is none counts as the nearest one that is.
    pub(crate) fn margin(&self, lease: Duration) -> Duration {
        let fraction = if self.renewal_margin > 0.0 {
            self.renewal_margin.min(1.0)
        } else {
            0.0
        };
        lease.mul_f64(fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_margin_is_a_part_of_the_lease() {
        let hour = Duration::from_secs(3600);
        let margin = |renewal_margin| {
            LockServiceConfig {
                renewal_margin,
                ..LockServiceConfig::default()
            }
            .margin(hour)
        };
        assert_eq!(margin(0.5), hour / 2);
        assert_eq!((margin(7.0), margin(-1.0)), (hour, Duration::ZERO));
        assert_eq!(margin(f64::NAN), Duration::ZERO);
    }
}
