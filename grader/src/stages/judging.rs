//! Talks to judge programs: they are ours, so whatever goes wrong here is an error and no verdict.

use std::path::{Path, PathBuf};

use judge::wire::{self, Event, Request};

use crate::model::evidence::{Story, StoryLine};
use crate::model::limits::Limits;
use crate::model::verdict::{Resource, Verdict};
use crate::system::sandbox::{Job, Launcher, Profile, Sandbox, SandboxError};

/// What a judge program says is bounded; a course's judges stay far below.
const OUTPUT: u64 = 64 << 20;

/// Why a judge did not come to an end.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// It could not be run.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// It failed.
    #[error("the judge `{program}` {ending}: {stderr}")]
    Failed {
        /// Which program.
        program: PathBuf,
        /// How it ended.
        ending: String,
        /// What it said last.
        stderr: String,
    },
    /// It did not answer what it was asked.
    #[error("the judge `{0}` did not answer every check; run `moulinette kit clean` and try again")]
    Incomplete(PathBuf),
    /// A path that JSON cannot hold.
    #[error("the path `{0}` is not UTF-8; use another cache or temporary directory")]
    NotUtf8(PathBuf),
}

/// A launcher's command line as a judge takes it.
pub(super) fn argv(launcher: &Launcher) -> Result<Vec<String>, JudgeError> {
    let text = |part: &std::ffi::OsString| {
        part.to_str()
            .map(str::to_owned)
            .ok_or_else(|| JudgeError::NotUtf8(part.into()))
    };
    launcher.argv().iter().map(text).collect()
}

/// Runs a judge program on one request and gives all that it said.
pub(super) fn ask(
    sandbox: &dyn Sandbox,
    judge: &Path,
    directory: &Path,
    request: &Request,
) -> Result<Vec<Event>, JudgeError> {
    let limits = Limits {
        output: OUTPUT,
        ..Limits::trusted()
    };
    let mut job = Job::new(judge, directory, limits, Profile::Trusted);
    job.stdin = serde_json::to_vec(request).expect("a request is plain data");
    let outcome = sandbox.run(&job)?;
    let failed = |ending: String| {
        let stderr = String::from_utf8_lossy(&outcome.stderr);
        let start = stderr.char_indices().rev().nth(2000).map_or(0, |(at, _)| at);
        JudgeError::Failed {
            program: judge.to_owned(),
            ending,
            stderr: stderr[start..].trim().to_owned(),
        }
    };
    if !outcome.ending.success() {
        return Err(failed(outcome.ending.to_string()));
    }
    let mut events = Vec::new();
    for line in outcome
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        events
            .push(serde_json::from_slice(line).map_err(|error| failed(format!("said what makes no sense ({error})")))?);
    }
    match events.pop() {
        Some(Event::Done) => Ok(events),
        _ => Err(JudgeError::Incomplete(judge.to_owned())),
    }
}

/// A judge's verdict as the scorecard names it.
pub(super) fn verdict(verdict: wire::Verdict) -> (Verdict, Option<Resource>) {
    match verdict {
        wire::Verdict::Passed => (Verdict::Passed, None),
        wire::Verdict::Failed => (Verdict::Failed, None),
        wire::Verdict::TimedOut => (Verdict::TimedOut, None),
        wire::Verdict::Crashed => (Verdict::Crashed, None),
        wire::Verdict::OutOfMemory => (Verdict::Exhausted, Some(Resource::Memory)),
        wire::Verdict::NotCompiled => (Verdict::NotCompiled, None),
        wire::Verdict::Inconclusive => (Verdict::Inconclusive, None),
    }
}

/// A judge's story as the scorecard keeps it.
pub(super) fn story(story: judge::Story) -> Story {
    let line = |line: judge::Line| StoryLine {
        call: line.call,
        actual: line.actual,
        expected: line.expected,
    };
    Story {
        lines: story.lines.into_iter().map(line).collect(),
        objection: story.objection,
        found_after: story.found_after,
    }
}
