//! The judge program, and the same checks under `cargo test`.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::time::Instant;

use witness::{Language, World};

use crate::in_process::InProcess;
use crate::remote::Remote;
use crate::story::{Story, plain};
use crate::trial::{Trial, Verdict};
use crate::wire::{self, Event, Request};

/// One hidden check, as [`checks!`](crate::checks) lists it.
pub struct Check<L: Language> {
    /// Its path in the judge's source; the last segment is its name.
    pub path: &'static str,
    /// The check.
    pub run: fn(&mut Trial<'_, L>) -> Verdict,
}

impl<L: Language> Check<L> {
    /// Its name.
    pub fn name(&self) -> &'static str {
        self.path.rsplit("::").next().unwrap_or(self.path).trim()
    }
}

/// The `main` of a judge program: reads a request, answers in events.
pub fn main<L: Language>(checks: &[Check<L>], reference: World<L>) -> ExitCode {
    // A law that panics over a submission's answers is caught, and told; it need not be printed.
    panic::set_hook(Box::new(|_| {}));
    match answer(checks, reference) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The grader shows this when the judge did not come to an end.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn answer<L: Language>(checks: &[Check<L>], reference: World<L>) -> io::Result<()> {
    let mut events = Events::take_standard_output()?;
    match serde_json::from_reader(io::stdin().lock()).map_err(io::Error::other)? {
        Request::Check {
            launcher,
            checks: names,
            seed,
            patience,
        } => {
            let mut remote = Remote::new(launcher, patience);
            judge(checks, reference, &names, seed, &mut remote, &mut events)?;
        }
        Request::Measure {
            candidate,
            twin,
            budgets,
            patience,
        } => crate::timing::measure(&candidate, &twin, &budgets, patience, &mut |event| events.say(event))?,
    }
    events.say(&Event::Done)
}

fn judge<L: Language>(
    checks: &[Check<L>],
    reference: World<L>,
    names: &[String],
    seed: u64,
    remote: &mut Remote<L>,
    events: &mut Events,
) -> io::Result<()> {
    for name in names {
        let check = checks.iter().find(|check| check.name() == name);
        let check = check.ok_or_else(|| io::Error::other(format!("there is no check `{name}`")))?;
        let (started, cpu, starts) = (Instant::now(), remote.cpu(), remote.starts());
        let mut reference = InProcess::<L>::new(reference);
        let (verdict, runs) = {
            let mut trial = Trial::new(&mut *remote, &mut reference, seed, name);
            (run(check, &mut trial), trial.runs())
        };
        if let Some(error) = remote.fault() {
            return Err(error);
        }
        let wall_ms = started.elapsed().as_secs_f64() * 1e3;
        let cpu_ms = (remote.cpu() - cpu).as_secs_f64() * 1e3;
        let restarts = (remote.starts() - starts).saturating_sub(u32::from(starts == 0));
        let (verdict, detail, story) = flatten(verdict);
        events.say(&Event::Check {
            name: name.clone(),
            verdict,
            detail,
            story,
            runs,
            restarts,
            cpu_ms,
            wall_ms,
        })?;
    }
    Ok(())
}

/// Runs a check. One that panics says nothing about the submission.
fn run<L: Language>(check: &Check<L>, trial: &mut Trial<'_, L>) -> Verdict {
    panic::catch_unwind(AssertUnwindSafe(|| (check.run)(trial)))
        .unwrap_or_else(|_| Verdict::Inconclusive(format!("the check `{}` is wrong: it panicked", check.name())))
}

fn flatten(verdict: Verdict) -> (wire::Verdict, String, Option<Story>) {
    let told = |verdict, story: Story| (verdict, story.objection.clone(), Some(story));
    match verdict {
        Verdict::Passed => (wire::Verdict::Passed, String::new(), None),
        Verdict::Failed(story) => told(wire::Verdict::Failed, story),
        Verdict::Crashed(story) => told(wire::Verdict::Crashed, story),
        Verdict::TimedOut(story) => told(wire::Verdict::TimedOut, story),
        Verdict::OutOfMemory(story) => told(wire::Verdict::OutOfMemory, story),
        Verdict::NotCompiled(message) => (wire::Verdict::NotCompiled, plain(&message), None),
        Verdict::Inconclusive(message) => (wire::Verdict::Inconclusive, plain(&message), None),
    }
}

/// The way to who reads the events.
struct Events(File);

impl Events {
    /// Keeps standard output for events alone: the reference runs in this process, and one that prints, since that is its exercise,
    /// must not print among them.
    fn take_standard_output() -> io::Result<Self> {
        let events = io::stdout().as_fd().try_clone_to_owned()?;
        nix::unistd::dup2_stdout(File::options().write(true).open("/dev/null")?)?;
        Ok(Self(File::from(events)))
    }

    fn say(&mut self, event: &Event) -> io::Result<()> {
        let mut line = serde_json::to_vec(event).map_err(io::Error::other)?;
        line.push(b'\n');
        self.0.write_all(&line)
    }
}

/// Judges the reference in this process, as a test.
///
/// # Panics
/// If a check does not pass, with its story.
pub fn test<L: Language>(checks: &[Check<L>], reference: World<L>) {
    for check in checks {
        let (mut subject, mut reference) = (InProcess::<L>::new(reference), InProcess::<L>::new(reference));
        let verdict = (check.run)(&mut Trial::new(&mut subject, &mut reference, 0, check.name()));
        let (verdict, detail, story) = flatten(verdict);
        assert!(
            verdict == wire::Verdict::Passed,
            "{} {verdict:?}: {detail}\n{}",
            check.name(),
            story.map(|story| story.to_string()).unwrap_or_default()
        );
    }
}
