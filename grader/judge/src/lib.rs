//! The runtime of judges: makes scripts, has a subject run them, judges what was seen, and cuts a failing script down to a short story.
//!
//! A hidden check is a function over a [`Trial`]:
//!
//! ```ignore
//! judge::checks! { driver::World; merge_takes_the_maximum }
//!
//! /// R2: `merge` takes the larger counters.
//! fn merge_takes_the_maximum(trial: &mut Trial<Script>) -> Verdict {
//!     trial.forall(scripts(), same)
//! }
//! ```
//!
//! - [`Trial::forall`] runs generated scripts; the law gets a [`Case`] and may object. [`Trial::forall_then`] adds an ending that shrinking keeps.
//! - [`same`] is the law of most checks: each step returns what the reference returns.
//! - Every law implies that each step returns: panics, exits, signals, hangs and nonsense are objections at their step.
//! - Under `cargo test` the subject is the driver linked with the reference ([`InProcess`]); under the grader it is a sandboxed process ([`Remote`]).

mod affinity;
mod bench;
mod case;
mod frames;
pub mod history;
mod in_process;
mod process;
mod program;
mod remote;
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
