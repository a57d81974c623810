//! The runtime linked into the process that runs a submission.
//!
//! It reads scripts from descriptor 3, has the exercise's driver carry their steps out, and writes what was seen to descriptor 4.
//! It knows no expected value and no verdict. Everything here is linked with untrusted code: nothing it says is believed by itself.
//!
//! - [`language!`] declares the script language of an exercise (`protocol.rs`).
//! - [`unavailable`] is what a step's body becomes when the submission lacks what it needs.
//! - [`workloads!`] and [`work`] declare what is timed (`workload.rs`); [`Counting`] counts allocations.
//! - [`run`] is all of a runner's `main`.
//! - `aio` (feature `tokio`) runs async code through one erased entry.

#[cfg(feature = "tokio")]
pub mod aio;
mod alloc;
mod caught;
mod channel;
mod language;
mod run;
mod scripts;
pub mod wire;
mod work;

pub use alloc::Counting;
pub use caught::unavailable;
pub use run::{Runner, run};
pub use scripts::{Language, World, perform, serve};
pub use work::{Work, work};

#[doc(hidden)]
pub mod macros {
    //! What the macros of this crate expand to.
    pub use serde;
}
