//! Time in a distributed system: clocks that disagree, and clocks that need not agree.
//!
//! - [`PhysicalClock`], [`NTPSample`] and [`NTPClient`]: how far apart two clocks are, how fast they part, and how a clock is set by another
//!   one over a network with delays (D. Mills, RFC 5905, section 8).
//! - [`LamportClock`]: a number for each event that respects causality (L. Lamport, *Time, clocks, and the ordering of events in a
//!   distributed system*, 1978).
//! - [`VectorClock`]: a vector for each event that *is* causality (C. Fidge 1988, F. Mattern 1989).

mod lamport;
mod ntp;
mod physical;
mod vector;

pub use lamport::{LamportClock, LamportTimestamp};
pub use ntp::{NTPClient, NTPError, NTPSample};
pub use physical::PhysicalClock;
pub use vector::{VectorClock, VectorComparison};
