//! Clocks made of quartz: they are off, and they part.

use std::time::{Duration, SystemTime};

/// The clock of a machine, and how fast it is known to run.
#[derive(Debug, Clone, Default)]
pub struct PhysicalClock {
    /// Millionths by which it runs fast; negative if it runs slow.
    drift_rate_ppm: f64,
}

/// How far `remote` is ahead of `local`, in nanoseconds; negative if it is behind.
pub(crate) fn ahead(local: SystemTime, remote: SystemTime) -> i128 {
    // A duration has at most 94 bits of nanoseconds.
    let nanos = |duration: Duration| duration.as_nanos() as i128;
    match remote.duration_since(local) {
        Ok(ahead) => nanos(ahead),
        Err(behind) => -nanos(behind.duration()),
    }
}

impl PhysicalClock {
    /// A clock that is not known to drift.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The time of day, as this machine sees it.
    #[must_use]
    pub fn wall_time(&self) -> SystemTime {
        SystemTime::now()
    }

    /// How far apart this clock and a remote one are, whichever is ahead.
    #[must_use]
    pub fn calculate_skew(&self, remote_time: SystemTime) -> Duration {
        let local = self.wall_time();
        local
            .duration_since(remote_time)
            .unwrap_or_else(|error| error.duration())
    }

    /// How far a remote clock is ahead of a local one, in nanoseconds; negative if it is behind.
    #[must_use]
    pub fn signed_skew(local: SystemTime, remote: SystemTime) -> i128 {
        ahead(local, remote)
    }

    /// How far the clock drifts in some time, in whichever direction.
    #[must_use]
    pub fn estimate_drift(&self, elapsed: Duration) -> Duration {
        let drift = elapsed.as_secs_f64() * self.drift_rate_ppm.abs() / 1e6;
        Duration::try_from_secs_f64(drift).unwrap_or(Duration::MAX)
    }

    /// How far the clock runs ahead in some time, in nanoseconds; negative if it falls behind.
    #[must_use]
    pub fn signed_drift(&self, elapsed: Duration) -> i128 {
        let drift = self.estimate_drift(elapsed).as_nanos() as i128;
        if self.drift_rate_ppm < 0.0 { -drift } else { drift }
    }

    /// Sets by how many millionths the clock runs fast; slow, if negative.
    pub fn set_drift_rate(&mut self, ppm: f64) {
        self.drift_rate_ppm = ppm;
    }
}
