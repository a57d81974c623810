//! The runtime of the process that runs a submission. It calls and reports; it knows no expected value and no verdict.
//!
//! # For the author of an exercise
//!
//! **protocol.rs** declares the language of scripts, once. Arguments and return types are plain data: `Serialize`,
//! `DeserializeOwned`, `Clone`, `Debug`, `PartialEq`, and never a type of the submission.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
//! pub enum Refusal { Full }
//!
//! witness::language! {
//!     /// Counters by number.
//!     pub trait Counters {
//!         /// Adds to a counter.
//!         fn add(c: u8, amount: u64) -> Result<(), Refusal> => "c{c}.add({amount})?;";
//!         /// Empties it.
//!         fn reset(c: u8) => { format!("c{c}.reset();") };
//!     }
//! }
//!
//! /// What driver.rs does.
//! #[derive(Default)]
//! struct World { counts: std::collections::BTreeMap<u8, u64> }
//!
//! impl Counters for World {
//!     fn add(&mut self, c: u8, amount: u64) -> Result<(), Refusal> {
//!         *self.counts.entry(c).or_default() += amount;
//!         Ok(())
//!     }
//!     fn reset(&mut self, c: u8) {
//!         self.counts.remove(&c);
//!     }
//! }
//!
//! fn main() {
//!     assert_eq!(steps::add(0, 7).to_string(), "c0.add(7)?;");
//!     assert_eq!(STEPS, ["add", "reset"]);
//! }
//! ```
//!
//! The text after `=>` is the line of Rust that a student could paste into a test: a format string over the arguments,
//! or a block that makes a `String` of them (there they are references). The macro makes the trait (methods take
//! `&mut self`), `enum Step` with `Display`, `enum Seen`, `mod steps` with a constructor for each step, `STEPS`, the type
//! `Script` that stands for the language, and `serve`.
//!
//! **driver.rs** implements the trait on `World`. With feature `tokio`, `aio::Runtime` is a runtime for a `World` to own, with real
//! or paused time, and its `together` runs programs at the same time and records who called and returned when. What must
//! happen by itself is waited for with [`patience`].
//!
//! **workload.rs** lists what is measured:
//!
//! ```
//! witness::workloads! { sum }
//!
//! /// Adds `size` numbers. What is built outside of `work` is not measured.
//! fn sum(size: usize) -> witness::Work {
//!     let numbers: Vec<u64> = (0..size as u64).collect();
//!     witness::work(move || numbers.iter().sum())
//! }
//! assert_eq!(WORKLOADS[0].1(4)(), 6);
//! ```
//!
//! # For the grader
//!
//! It generates the `main` of a runner: `witness::run(&witness::Runner { scripts, specs, works })`. The program is called as
//! `runner scripts`, `runner spec NAME` or `runner work`; it reads requests from descriptor 3 and answers on descriptor 4, see
//! [`wire`]. What a submission lacks becomes a call of [`unavailable`].

// The macros write `witness::..`, also in this crate's own tests.
#[cfg(test)]
extern crate self as witness;

#[cfg(feature = "tokio")]
pub mod aio;
mod alloc;
mod caught;
mod channel;
mod language;
pub mod patience;
mod run;
mod scripts;
pub mod wire;
mod work;

#[cfg(feature = "tokio")]
pub use aio::block_on;
pub use alloc::Counting;
pub use caught::unavailable;
pub use run::{Runner, run};
pub use scripts::{Language, World, perform, serve};
pub use work::{Table, Work, work};

#[doc(hidden)]
pub mod macros {
    //! What the macros of this crate expand to.
    pub use serde;
}
