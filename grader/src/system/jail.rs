//! What runs in `moulinette __jail <policy> <program> <arguments>`: the steps between a trusted process and an untrusted one.
//!
//! ```text
//! grader ── supervise ── enter, then the program in the same process        (Sandbox::run)
//! judge  ─────────────── enter, then the program in the same process        (Sandbox::launcher)
//! ```
//!
//! *Enter* gives up everything that the program must not have, then becomes the program. *Supervise* starts *enter*, watches the
//! clocks, and ends whatever the program left behind; it lives exactly as long as the job. It is a process of its own, with one
//! thread, for four reasons: orphans of the job become its children, so it can find and reap every one of them; its children's
//! resource usage is exactly the job's; the death of the grader reaches it as the end of a stream, so even a grader that is
//! killed leaves nothing behind; and the program is tied to its life by the parent-death signal, which fires when the *thread*
//! that started a process ends, so a thread that cannot end early must be the one that does it.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;

use serde::{Deserialize, Serialize};

use super::sandbox::Profile;
use crate::model::exercise::Network;
use crate::model::limits::Limits;

mod descriptors;
mod enter;
mod group;
mod init;
mod landlock;
mod namespaces;
mod probe;
mod seccomp;
mod supervise;
mod sweep;
mod tree;
mod view;

pub(super) use group::Group;
pub(super) use namespaces::Owner;
pub(super) use probe::Findings;

/// The first argument that turns the program into a jail.
pub const ARGUMENT: &str = "__jail";

/// Where a supervisor finds its end of the control socket, and *enter* the pipe for its complaints.
pub(super) const CONTROL: i32 = 5;
/// Where a supervisor finds the lock of the slot that it sweeps; it holds it as long as it lives.
pub(super) const LOCK: i32 = 6;
/// The first user id for jobs; job slot `n` runs as this plus `n`.
pub(super) const FIRST_UID: u32 = 61_000;
/// How many there are, so how many jobs at once on one machine.
pub(super) const UIDS: u32 = 256;

/// What a jail is told by whoever starts it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Policy {
    /// Which step this is.
    pub stage: Stage,
    /// The program's working directory.
    pub dir: OsString,
    /// The program's environment.
    pub env: Vec<(OsString, OsString)>,
    /// What the program may use.
    pub limits: Limits,
    /// What kind of program it is.
    pub profile: Profile,
    /// What it may read beside the system's libraries: files, and directories with all that is below.
    pub reads: Vec<OsString>,
    /// What network it has.
    pub network: Network,
    /// Whether resource limits and no-new-privs are applied.
    pub confined: bool,
    /// What else stands around it.
    pub walls: Walls,
    /// The control group that it belongs to.
    pub group: Option<Group>,
    /// The user that the program runs as, if another than the caller.
    pub uid: Option<u32>,
    /// Where the program's descriptors 3 and 4 come from.
    pub channel: Channel,
}

/// The layers of confinement that a host may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Walls {
    /// Namespaces, and whose.
    pub namespaces: Option<Owner>,
    /// Whether the supervisor has separated its children's process ids.
    pub processes: bool,
    /// Access rules.
    pub landlock: bool,
    /// The filter of system calls.
    pub seccomp: bool,
}

/// A step of the jail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// Watch over the program.
    Supervise,
    /// Become the program; the caller is the supervisor with this process id, and reads complaints from descriptor 5.
    Supervised(i32),
    /// Become the program; the caller is a judge, and reads complaints from standard error.
    Launched,
    /// End every process of the policy's user and control group.
    Sweep,
    /// Find out which walls can be built here.
    Probe,
    /// The part of it that the first process of a namespace finds out.
    ProbeInside,
    /// Be the first process of a namespace of process ids.
    Init,
}

/// Where a program's descriptors 3 and 4 come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Channel {
    /// It has none.
    None,
    /// They are already there.
    Inherited,
    /// They are what the jail was given as standard input and output.
    Stdio,
}

/// What a supervisor reports when its job is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Report {
    /// How the program ended.
    pub end: End,
    /// The cpu time of all processes of the job, nanoseconds.
    pub cpu: u64,
    /// From start to end, nanoseconds.
    pub wall: u64,
    /// The largest resident size of a process of the job, bytes.
    pub max_rss: u64,
}

impl Report {
    /// For an end that no supervisor saw.
    pub fn unseen(end: End) -> Self {
        Self {
            end,
            cpu: 0,
            wall: 0,
            max_rss: 0,
        }
    }
}

/// How a supervised program ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum End {
    /// By itself.
    Exited(i32),
    /// By a signal that the supervisor did not send.
    Signalled(i32),
    /// The supervisor ended it: cpu time.
    Cpu,
    /// The supervisor ended it: wall time.
    Wall,
    /// The supervisor ended it: too many processes, or processes that could not be ended in time.
    Processes,
    /// The kernel ended a process of it: memory of all together.
    Memory,
    /// The caller asked for the end.
    Stopped,
    /// It never began.
    Failed(String),
}

/// Runs a step of the jail; `arguments` are those after `__jail`. Returns only if there is nothing to become.
pub fn main(mut arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let Some(Ok(policy)) = arguments
        .next()
        .map(|text| serde_json::from_slice::<Policy>(text.as_bytes()))
    else {
        eprintln!("moulinette: `{ARGUMENT}` is used by moulinette itself; see `moulinette --help`");
        return ExitCode::from(2);
    };
    let command: Vec<OsString> = arguments.collect();
    match policy.stage {
        Stage::Supervise => supervise::main(policy, &command),
        Stage::Supervised(_) | Stage::Launched => enter::main(&policy, &command),
        Stage::Probe => probe::main(&policy),
        Stage::ProbeInside => probe::inside(&policy),
        Stage::Init => init::main(),
        Stage::Sweep => {
            if let Some(group) = &policy.group {
                group.kill();
            }
            match policy.uid.map(sweep::kill_user) {
                None | Some(Ok(())) => ExitCode::SUCCESS,
                Some(Err(_)) => ExitCode::from(70),
            }
        }
    }
}

impl Policy {
    /// Whether the supervisor is given the lock of a slot.
    fn has_slot(&self) -> bool {
        self.uid.is_some() || self.group.is_some()
    }

    /// As an argument.
    pub fn to_argument(&self) -> OsString {
        serde_json::to_string(self).expect("a policy is plain data").into()
    }
}

/// Names the step that failed in an error.
fn step<E: Into<io::Error>>(name: &str) -> impl FnOnce(E) -> io::Error {
    move |error| {
        let error = error.into();
        io::Error::new(error.kind(), format!("{name}: {error}"))
    }
}
