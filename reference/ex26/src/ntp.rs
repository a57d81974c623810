//! Setting a clock over a network: four timestamps tell the offset, and how sure one can be of it.

use std::time::{Duration, SystemTime};

use thiserror::Error;

use crate::physical::ahead;

/// Why a clock could not be set.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NTPError {
    /// There is nobody to ask.
    #[error("no server is configured")]
    NoServers,
}

/// One exchange with a server: two readings of each clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NTPSample {
    /// The request leaves, by the client's clock.
    pub t1: SystemTime,
    /// The request arrives, by the server's clock.
    pub t2: SystemTime,
    /// The answer leaves, by the server's clock.
    pub t3: SystemTime,
    /// The answer arrives, by the client's clock.
    pub t4: SystemTime,
}

impl NTPSample {
    /// How far the server is ahead, in nanoseconds, if both ways take the same time: ((t2 - t1) + (t3 - t4)) / 2, rounded towards zero.
    #[must_use]
    pub fn offset(&self) -> i128 {
        (ahead(self.t1, self.t2) + ahead(self.t4, self.t3)) / 2
    }

    /// How long the messages were on their way, both together: (t4 - t1) - (t3 - t2). The true offset is within half of this.
    #[must_use]
    pub fn delay(&self) -> Duration {
        let nanos = ahead(self.t1, self.t4) - ahead(self.t2, self.t3);
        // Clocks that ran at different rates meanwhile can make it negative; no message arrives before it leaves.
        Duration::from_nanos(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX))
    }
}

/// A client that sets its clock by servers.
#[derive(Debug, Clone)]
pub struct NTPClient {
    servers: Vec<String>,
    /// How far the servers are ahead, in nanoseconds.
    offset: i128,
}

impl NTPClient {
    /// A client that has not asked anybody yet.
    #[must_use]
    pub fn new(servers: Vec<String>) -> Self {
        Self { servers, offset: 0 }
    }

    /// Asks a server and takes its time over. How far the clock was off.
    ///
    /// # Errors
    /// If there is no server.
    pub async fn sync(&mut self) -> Result<Duration, NTPError> {
        let sample = self.query_server().await?;
        self.apply(&sample);
        Ok(Duration::from_nanos(
            u64::try_from(self.offset.unsigned_abs()).unwrap_or(u64::MAX),
        ))
    }

    /// Takes over the time of the server that a sample is of.
    pub fn apply(&mut self, sample: &NTPSample) {
        self.offset = sample.offset();
    }

    /// How far the server is ahead, in nanoseconds, by the last sample; 0 before the first.
    #[must_use]
    pub fn offset(&self) -> i128 {
        self.offset
    }

    /// The server's time now.
    #[must_use]
    pub fn synchronized_time(&self) -> SystemTime {
        self.synchronized_at(SystemTime::now())
    }

    /// The server's time when the local clock shows `local`.
    #[must_use]
    pub fn synchronized_at(&self, local: SystemTime) -> SystemTime {
        let distance = Duration::from_nanos(u64::try_from(self.offset.unsigned_abs()).unwrap_or(u64::MAX));
        let moved = if self.offset < 0 {
            local.checked_sub(distance)
        } else {
            local.checked_add(distance)
        };
        moved.unwrap_or(local)
    }

    /// An exchange with the first server. This exercise has no network: the server's clock is that of the machine.
    async fn query_server(&self) -> Result<NTPSample, NTPError> {
        if self.servers.is_empty() {
            return Err(NTPError::NoServers);
        }
        let t1 = SystemTime::now();
        let t2 = SystemTime::now();
        Ok(NTPSample {
            t1,
            t2,
            t3: t2,
            t4: SystemTime::now(),
        })
    }
}
