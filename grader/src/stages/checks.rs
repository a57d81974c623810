//! Runs the checks of one exercise against its runner: public ones a process each, hidden ones through the judge.

use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use judge::Patience;
use judge::wire::{Event, Request};
use witness::wire::{self, Hello, SpecOutcome, SpecReply};

use super::build::Program;
use super::judging::{self, JudgeError};
use crate::kit::ExerciseKit;
use crate::model::evidence::CheckRecord;
use crate::model::exercise::Network;
use crate::model::ids::{CheckId, CheckKind};
use crate::model::limits::Limits;
use crate::model::verdict::{Resource, Verdict};
use crate::system::sandbox::{Ending, Job, Outcome, Profile, Sandbox, SandboxError};

/// A longer answer of a public check is nonsense.
const LONGEST_REPLY: u32 = 64 << 10;
/// The longest detail of a public check, characters.
const DETAIL: usize = 2000;

/// Where and within what limits the checks of an exercise run.
pub struct Checking<'a> {
    /// What to run.
    pub program: &'a Program,
    /// The judge and its libraries.
    pub kit: &'a ExerciseKit,
    /// Where untrusted processes run.
    pub sandbox: &'a dyn Sandbox,
    /// Their scratch directory.
    pub scratch: &'a Path,
    /// The judge's.
    pub judge_scratch: &'a Path,
    /// What each of them may use.
    pub limits: Limits,
    /// What network they have.
    pub network: Network,
    /// The seed of generated scripts.
    pub seed: u64,
}

impl Checking<'_> {
    fn job(&self, arguments: &[&str]) -> Job {
        let mut job = Job::new(self.program.path.clone(), self.scratch, self.limits, Profile::Run);
        job.args = arguments.iter().map(Into::into).collect();
        job.network = self.network;
        job
    }

    /// Runs one public check in a process of its own. The verdict is the process's own word: said once, with a token that the process was
    /// given before any code of the submission ran, and confirmed by the status that it left with.
    pub fn spec(&self, name: &str) -> Result<CheckRecord, SandboxError> {
        let id = CheckId::new(CheckKind::Spec, name);
        if let Some(loss) = self.program.lost("spec.rs", name) {
            return Ok(record(id, Verdict::NotCompiled, &loss.message));
        }
        let nonce = nonce(name);
        let mut hello = Vec::new();
        wire::send(&mut hello, &Hello { nonce }).expect("memory takes a frame");
        let mut job = self.job(&["spec", name]);
        job.channel = Some(hello);
        let outcome = self.sandbox.run(&job)?;
        let (verdict, detail, resource) = judge_spec(&outcome, nonce);
        let wall_ms = outcome.wall.as_secs_f64() * 1e3;
        let cpu_ms = outcome.cpu.as_secs_f64() * 1e3;
        Ok(CheckRecord {
            resource,
            wall_ms,
            cpu_ms,
            ..record(id, verdict, &detail)
        })
    }

    /// Has the judge run hidden checks, and gives a record for each in the order asked.
    pub fn hidden(&self, names: &[&str]) -> Result<Vec<CheckRecord>, JudgeError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut limits = self.limits;
        // The judge watches each script's time; this process runs thousands of them.
        limits.cpu *= 60;
        limits.wall = limits.cpu * 4;
        let mut job = self.job(&[]);
        job.limits = limits;
        let launcher = self.sandbox.launcher(&job)?;
        let request = Request::Check {
            launcher: judging::argv(&launcher)?,
            checks: names.iter().map(|name| (*name).to_owned()).collect(),
            seed: self.seed,
            patience: patience(&self.limits),
        };
        let mut records = Vec::new();
        for event in judging::ask(self.sandbox, &self.kit.judge, self.judge_scratch, &request)? {
            if let Event::Check {
                name,
                verdict,
                detail,
                story,
                cpu_ms,
                wall_ms,
                ..
            } = event
            {
                let (verdict, resource) = judging::verdict(verdict);
                let record = record(CheckId::new(CheckKind::Hidden, name), verdict, &detail);
                records.push(CheckRecord {
                    resource,
                    story: story.map(judging::story),
                    wall_ms,
                    cpu_ms,
                    ..record
                });
            }
        }
        let expected = names.iter().map(|name| CheckId::new(CheckKind::Hidden, *name));
        if !records.iter().map(|record| record.id.clone()).eq(expected) {
            return Err(JudgeError::Incomplete(self.kit.judge.clone()));
        }
        Ok(records)
    }
}

/// How long a judge waits for one script.
pub(super) fn patience(limits: &Limits) -> Patience {
    Patience {
        cpu_ms: limits.cpu.as_millis() as u64,
        idle_ms: limits.wall.as_millis() as u64,
    }
}

/// A record without a story, a measurement or times.
pub(crate) fn record(id: CheckId, verdict: Verdict, detail: &str) -> CheckRecord {
    CheckRecord {
        id,
        verdict,
        detail: detail.to_owned(),
        story: None,
        resource: None,
        measurement: None,
        wall_ms: 0.0,
        cpu_ms: 0.0,
    }
}

fn judge_spec(outcome: &Outcome, nonce: u64) -> (Verdict, String, Option<Resource>) {
    match (outcome.ending, reply(&outcome.channel, nonce)) {
        (Ending::Exited(status), Some(said)) if status == wire::status(nonce, said == SpecOutcome::Passed) => {
            match said {
                SpecOutcome::Passed => (Verdict::Passed, String::new(), None),
                SpecOutcome::Failed { message, place } if place.is_empty() => {
                    (Verdict::Failed, bounded(&message), None)
                }
                SpecOutcome::Failed { message, place } => (
                    Verdict::Failed,
                    format!("{} ({})", bounded(&message), bounded(&place)),
                    None,
                ),
                SpecOutcome::Unavailable(message) => (Verdict::NotCompiled, bounded(&message), None),
            }
        }
        (Ending::TimedOut(_), _) => (Verdict::TimedOut, format!("the test {}", outcome.ending), None),
        (Ending::Exhausted(resource), _) => (
            Verdict::Exhausted,
            format!("the test {}", outcome.ending),
            Some(resource),
        ),
        (Ending::Exited(0), _) => (
            Verdict::Crashed,
            "the process ended before the test did".to_owned(),
            None,
        ),
        (Ending::Exited(_) | Ending::Signalled(_), _) => {
            (Verdict::Crashed, format!("the process {}", outcome.ending), None)
        }
    }
}

/// What a process said: one frame with its token, and nothing else.
fn reply(mut channel: &[u8], nonce: u64) -> Option<SpecOutcome> {
    let reply: SpecReply = wire::receive(&mut channel, LONGEST_REPLY).ok()??;
    (reply.nonce == nonce && channel.is_empty()).then_some(reply.outcome)
}

fn bounded(text: &str) -> String {
    text.chars().take(DETAIL).collect()
}

/// A number that nobody can guess: the token of one process.
fn nonce(name: &str) -> u64 {
    RandomState::new().hash_one(name)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NONCE: u64 = 0x1234_5678_9abc_def0;

    fn said(nonce: u64, outcome: SpecOutcome) -> Vec<u8> {
        let mut bytes = Vec::new();
        wire::send(&mut bytes, &SpecReply { nonce, outcome }).expect("memory takes a frame");
        bytes
    }

    fn verdict(ending: Ending, channel: Vec<u8>) -> Verdict {
        let outcome = Outcome {
            ending,
            stdout: b"test result: ok. 1 passed".to_vec(),
            stderr: Vec::new(),
            truncated: false,
            cpu: Duration::ZERO,
            wall: Duration::ZERO,
            max_rss: 0,
            channel,
        };
        judge_spec(&outcome, NONCE).0
    }

    #[test]
    fn a_pass_is_said_once_with_the_token_and_confirmed_by_the_status() {
        let (passed, failed) = (wire::status(NONCE, true), wire::status(NONCE, false));
        let pass = || said(NONCE, SpecOutcome::Passed);
        let message = || SpecOutcome::Failed {
            message: "no".to_owned(),
            place: String::new(),
        };
        assert_eq!(verdict(Ending::Exited(passed), pass()), Verdict::Passed);
        assert_eq!(verdict(Ending::Exited(failed), said(NONCE, message())), Verdict::Failed);
        let crashes = [
            (Ending::Exited(0), pass()),
            (Ending::Exited(failed), pass()),
            (Ending::Signalled(6), pass()),
            (Ending::Exited(passed), said(NONCE + 1, SpecOutcome::Passed)),
            (Ending::Exited(passed), [pass(), pass()].concat()),
            (Ending::Exited(passed), [pass(), vec![0]].concat()),
            (Ending::Exited(passed), said(NONCE, message())),
            (Ending::Exited(passed), Vec::new()),
        ];
        for (ending, channel) in crashes {
            assert_eq!(verdict(ending, channel), Verdict::Crashed, "{ending:?}");
        }
    }

    #[test]
    fn silence_after_a_reply_is_no_pass() {
        let clock = crate::system::sandbox::Clock::Wall;
        let late = verdict(Ending::TimedOut(clock), said(NONCE, SpecOutcome::Passed));
        assert_eq!(late, Verdict::TimedOut);
    }
}
