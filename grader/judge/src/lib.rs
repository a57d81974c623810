//! The runtime of judges: makes scripts, has a subject run them, judges what was seen, and cuts a failing script down to a short
//! story.
//!
//! # For the author of an exercise
//!
//! A hidden check is a function over a [`Trial`]; its doc comment begins with the requirement that it checks.
//!
//! ```ignore
//! use ex00_protocol::{Script, Seen, Slot, Step, steps::*};
//! use judge::{Case, Objection, Trial, Verdict, same};
//!
//! judge::checks! { driver::World; merge_takes_the_maximum, order::compare_is_transitive }
//!
//! /// R2: `merge` takes the larger counters.
//! fn merge_takes_the_maximum(trial: &mut Trial<Script>) -> Verdict {
//!     trial.forall(scripts(), same)
//! }
//!
//! /// R4: a counter never becomes smaller.
//! fn counters_grow(trial: &mut Trial<Script>) -> Verdict {
//!     trial.cases(64).forall(scripts(), |case: &Case<'_, Script>| {
//!         let mut before = 0;
//!         for (at, _, seen) in case.steps() {
//!             if let Seen::get(count) = seen {
//!                 if *count < before {
//!                     return Err(Objection::at(at, format!("it was {before} before")));
//!                 }
//!                 before = *count;
//!             }
//!         }
//!         Ok(())
//!     })
//! }
//! ```
//!
//! - [`Trial::forall`] runs scripts that a strategy makes, 256 of them or as many as [`Trial::cases`] says; the law gets a [`Case`]
//!   and may object. [`Trial::forall_then`] adds an ending that shrinking keeps. [`Trial::once`] runs one script, [`Trial::every`] a list of them.
//!   [`Trial::tries`] runs each several times, for scripts in which something happens at the same time.
//! - [`same`] is the law of most checks: each step returns what the reference returns. Other laws may ask for
//!   [`Case::expected`]; what the reference answered is shown to the student only if a law asked for it.
//! - Every law implies that each step returns: panics, exits, signals, hangs and nonsense are objections at their step. A law that
//!   panics over a submission's answers, but not over the reference's, is an objection too.
//! - A failing script is cut behind the objection, steps are taken out, then arguments made simpler, as long as it fails in the same
//!   way: any part of a script must be a script, and a law must not object to the reference on any of them.
//! - [`history`] judges whether a recorded concurrent history is linearizable; [`replicas`] whether merging replicated states obeys its laws.
//! - Under `cargo test` the subject is the driver linked with the reference ([`InProcess`]); under the grader it is a sandboxed
//!   process ([`Remote`]). Seeds derive from the run's seed and the check's name: the same input gives the same story.
//!
//! # For the grader
//!
//! A judge program reads one [`wire::Request`] from standard input and says [`wire::Event`]s on standard output, a line each, the last
//! of which is [`wire::Event::Done`]. A program that ends in another way has judged nothing; standard error says why. Budgets are
//! measured by any judge program, see [`timing`].

mod affinity;
mod bench;
mod case;
mod frames;
pub mod history;
mod in_process;
mod process;
mod program;
mod remote;
pub mod replicas;
mod sampling;
mod shrink;
pub mod stats;
mod story;
mod subject;
pub mod timing;
mod trial;
mod watch;
pub mod wire;

pub use bench::Trouble;
pub use case::{Case, Objection, same};
pub use in_process::InProcess;
pub use program::{Check, main, test};
pub use remote::{Patience, Remote};
pub use story::{Line, Story};
pub use subject::{Ending, Subject, Transcript};
pub use trial::{Trial, Verdict};

/// Lists the hidden checks of an exercise: `checks! { driver::World; first, module::second }`.
///
/// Makes the `main` of the judge program, and under `cargo test` a test that judges the reference.
#[macro_export]
macro_rules! checks {
    ($world:path; $($($part:ident)::+),+ $(,)?) => {
        const CHECKS: &[$crate::Check<Script>] = &[$($crate::Check { path: stringify!($($part)::+), run: $($part)::+ }),+];

        fn main() -> ::std::process::ExitCode {
            $crate::main(CHECKS, || Box::new(<$world as Default>::default()))
        }

        #[cfg(test)]
        #[test]
        fn the_reference_passes_every_hidden_check() {
            $crate::test(CHECKS, || Box::new(<$world as Default>::default()));
        }
    };
}
