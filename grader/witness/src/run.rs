//! All of a runner's `main`.

use std::io;
use std::process::ExitCode;

use crate::caught::{Caught, caught, quiet_hook};
use crate::wire::{self, Hello, LONGEST, SpecOutcome, SpecReply};
use crate::work::Table;
use crate::{channel, work};

/// What a program made from a submission offers; each part may be absent.
#[derive(Debug, Clone, Copy)]
pub struct Runner {
    /// Answers scripts: calls the protocol's `serve`.
    pub scripts: Option<fn() -> io::Result<()>>,
    /// The public checks by name.
    pub specs: &'static [(&'static str, fn())],
    /// The workloads by name.
    pub works: Table,
}

/// Does what the first argument says: `scripts`, `spec NAME` or `work`.
pub fn run(runner: &Runner) -> ExitCode {
    quiet_hook();
    let mut arguments = std::env::args().skip(1);
    let done = match (arguments.next().as_deref(), arguments.next(), runner.scripts) {
        (Some("scripts"), None, Some(scripts)) => scripts(),
        (Some("spec"), Some(name), _) => spec(runner, &name),
        (Some("work"), None, _) => work::serve(runner.works),
        _ => return ExitCode::from(2),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("witness: {error}");
            ExitCode::from(3)
        }
    }
}

/// Runs one public check in this process, says once how it ended, and leaves before anything else of the submission can run, with a
/// status that says the same.
fn spec(runner: &Runner, name: &str) -> io::Result<()> {
    let (mut requests, mut answers) = channel::open()?;
    let Some(Hello { nonce }) = wire::receive(&mut requests, LONGEST)? else {
        return Ok(());
    };
    let Some((_, check)) = runner.specs.iter().find(|(known, _)| *known == name) else {
        return Err(io::Error::new(io::ErrorKind::NotFound, "no such check"));
    };
    let outcome = match caught(check) {
        Ok(()) => SpecOutcome::Passed,
        Err(Caught::Panicked { message, place }) => SpecOutcome::Failed { message, place },
        Err(Caught::Unavailable(reason)) => SpecOutcome::Unavailable(reason),
    };
    let status = wire::status(nonce, outcome == SpecOutcome::Passed);
    wire::send(&mut answers, &SpecReply { nonce, outcome })?;
    channel::leave(status)
}
