//! The real sandbox: every job is a process with limits, a supervisor and, where the host allows it, a user of its own.

use std::ffi::{CString, OsString};
use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::libc;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{Pid, pipe2};

use super::cgroups::Cgroups;
use super::layers::Layers;
use super::pump::{Feed, Pump, Pumped, Tap};
use super::slots::{Slots, hand_over};
use super::{
    Ending, Job, Launcher, Layer, LayerName, LayerState, Lease, Outcome, Profile, Sandbox, SandboxError, SandboxMode,
    Without, classify, host, layers, system,
};
use crate::model::limits::Limits;
use crate::model::verdict::Resource;
use crate::system::interrupt;
use crate::system::jail::{ARGUMENT, CONTROL, Channel, End, Findings, LOCK, Policy, Report, Stage, Walls};
use crate::system::spawn::spawn;

/// How long a supervisor may take beyond the job's wall time to end everything and report.
const GRACE: Duration = Duration::from_secs(10);

/// Runs jobs as supervised processes.
#[derive(Debug)]
pub struct ProcessSandbox {
    /// This program: it is the jail as well.
    executable: PathBuf,
    mode: SandboxMode,
    /// Slots for jobs, if they have users or groups.
    slots: Option<Slots>,
    /// Whether we may change to the slots' users.
    users: bool,
    cgroups: Option<Cgroups>,
    /// What stands around jobs.
    walls: Walls,
    layers: Layers,
}

impl ProcessSandbox {
    /// A sandbox whose jail is `executable`, the `moulinette` program. Finds out what this host has.
    pub fn new(executable: PathBuf, mode: SandboxMode) -> Result<Self, SandboxError> {
        Self::without(executable, mode, &Without::new())
    }

    /// The same, leaving out layers that the host may have: for tests of what the others hold.
    pub fn without(executable: PathBuf, mode: SandboxMode, without: &Without) -> Result<Self, SandboxError> {
        let mut sandbox = Self {
            executable,
            mode,
            slots: None,
            users: false,
            cgroups: None,
            walls: Walls::default(),
            layers: Layers::new(),
        };
        if mode == SandboxMode::Off {
            for name in [
                "rlimits",
                "no-new-privileges",
                "user",
                "namespaces",
                "landlock",
                "landlock-tcp",
                "landlock-scope",
                "seccomp",
                "cgroup",
            ] {
                sandbox.layers.add(name, LayerState::Off);
            }
            return Ok(sandbox);
        }
        sandbox.layers.add("rlimits", LayerState::Active);
        sandbox.layers.add("no-new-privileges", LayerState::Active);
        let users = sandbox.open_users(without);
        let mut cgroup = sandbox.open_cgroups(without);
        let found = sandbox.probe()?;
        if let (LayerState::Active, Err(reason)) = (&cgroup, found.group.as_ref()) {
            cgroup = LayerState::Unavailable(reason.clone());
            sandbox.close_cgroups();
        }
        sandbox.layers.add("user", users);
        sandbox.walls = sandbox.layers.add_walls(&found, without);
        sandbox.layers.add("cgroup", cgroup);
        if mode == SandboxMode::Strict {
            let missing = sandbox.layers.below_strict();
            if !missing.is_empty() {
                return Err(SandboxError::BelowStrict(missing.join("; ")));
            }
        }
        Ok(sandbox)
    }

    fn open_users(&mut self, without: &Without) -> LayerState {
        if without.contains(&LayerName::User) {
            return LayerState::Off;
        }
        match host::users().and_then(|()| Slots::open(true)) {
            Ok(slots) => {
                self.slots = Some(slots);
                self.users = true;
                LayerState::Active
            }
            Err(reason) => LayerState::Unavailable(reason),
        }
    }

    fn open_cgroups(&mut self, without: &Without) -> LayerState {
        if without.contains(&LayerName::Cgroup) {
            return LayerState::Off;
        }
        let slots = self.slots.take().map_or_else(|| Slots::open(false), Ok);
        let opened = slots.and_then(|slots| {
            let groups = Cgroups::open();
            // Users need the slots whether there are groups or not.
            if self.users || groups.is_ok() {
                self.slots = Some(slots);
            }
            groups
        });
        match opened {
            Ok(groups) => {
                self.cgroups = Some(groups);
                LayerState::Active
            }
            Err(reason) => LayerState::Unavailable(reason),
        }
    }

    fn close_cgroups(&mut self) {
        if let Some(groups) = self.cgroups.take() {
            groups.close();
        }
        if !self.users {
            self.slots = None;
        }
    }

    fn probe(&self) -> Result<Findings, SandboxError> {
        let lease = self.slots.as_ref().map(Slots::lease).transpose()?;
        // Any directory that exists; nothing is written there.
        let job = Job::new(&self.executable, "/usr", Limits::trusted(), Profile::Compile);
        self.prepare_group(lease.as_ref(), &job)?;
        let policy = self.policy(&job, Stage::Probe, lease.as_ref(), Channel::None);
        Ok(layers::probe(&self.executable, &policy))
    }

    /// The control groups, for a job that needs one: where processes cannot be started, one process's own limits are the job's. To
    /// join a group is the most expensive step of all, 8 ms in the median.
    fn groups_for(&self, profile: Profile) -> Option<&Cgroups> {
        let may_fork = profile == Profile::Compile || !self.walls.seccomp;
        self.cgroups.as_ref().filter(|_| may_fork)
    }

    fn prepare_group(&self, lease: Option<&Lease>, job: &Job) -> Result<(), SandboxError> {
        match (self.groups_for(job.profile), lease) {
            (Some(groups), Some(lease)) => groups
                .prepare(lease.slot(), &job.limits)
                .map_err(system("prepare a control group")),
            _ => Ok(()),
        }
    }

    fn policy(&self, job: &Job, stage: Stage, lease: Option<&Lease>, channel: Channel) -> Policy {
        Policy {
            stage,
            dir: job.dir.clone().into(),
            env: job.env.clone(),
            limits: job.limits,
            profile: job.profile,
            reads: job.reads.iter().map(OsString::from).collect(),
            network: job.network,
            confined: self.mode != SandboxMode::Off,
            walls: if job.profile == Profile::Trusted {
                Walls::default()
            } else {
                self.walls
            },
            group: match (self.groups_for(job.profile), lease) {
                (Some(groups), Some(lease)) => Some(groups.group(lease.slot())),
                _ => None,
            },
            uid: lease.and_then(Lease::uid),
            channel,
        }
    }

    /// A slot for a job, whose user then owns the job's directory.
    fn lease(&self, job: &Job) -> Result<Option<Lease>, SandboxError> {
        let (Some(slots), true) = (&self.slots, job.profile != Profile::Trusted) else {
            return Ok(None);
        };
        if self.users {
            host::reachable(&job.program)?;
            job.dir.parent().map_or(Ok(()), host::reachable)?;
        }
        let mut lease = slots.lease()?;
        self.prepare_group(Some(&lease), job)?;
        let policy = self.policy(job, Stage::Sweep, Some(&lease), Channel::None);
        lease.sweep_with(vec![
            self.executable.clone().into(),
            ARGUMENT.into(),
            policy.to_argument(),
        ]);
        if let Some(uid) = lease.uid() {
            hand_over(&job.dir, uid).map_err(system(format!("give `{}` to the job's user", job.dir.display())))?;
        }
        Ok(Some(lease))
    }

    fn shares_our_user(&self, job: &Job) -> bool {
        !self.users && job.profile != Profile::Trusted
    }

    fn command(&self, policy: &Policy, job: &Job) -> Vec<OsString> {
        let jail = [self.executable.clone().into(), ARGUMENT.into(), policy.to_argument()];
        jail.into_iter()
            .chain([job.program.clone().into()])
            .chain(job.args.iter().cloned())
            .collect()
    }
}

impl Drop for ProcessSandbox {
    fn drop(&mut self) {
        self.close_cgroups();
    }
}

impl Sandbox for ProcessSandbox {
    fn run(&self, job: &Job) -> Result<Outcome, SandboxError> {
        let mut lease = self.lease(job)?;
        let channel = if job.channel.is_some() {
            Channel::Inherited
        } else {
            Channel::None
        };
        let policy = self.policy(job, Stage::Supervise, lease.as_ref(), channel);
        let started = Instant::now();
        let running = start(job, &self.command(&policy, job), lease.as_ref()).map_err(system("start a supervisor"))?;
        let (mut pump, mut control, supervisor) = running;
        let stop = control.try_clone().map_err(system("start a supervisor"))?;
        let running = interrupt::on_signal(move || {
            // The end of our side of the stream tells the supervisor to end the job. If it is gone already, so is the job.
            let _ = stop.shutdown(Shutdown::Write);
        });
        let pumped = pump
            .run(&mut control, started + job.limits.wall + GRACE)
            .map_err(system("follow a job"))?;
        let report = match pumped {
            Pumped::Reported(bytes) => {
                let status = supervisor.wait();
                match serde_json::from_slice(&bytes) {
                    Ok(report) => report,
                    // A job of our own user can kill its supervisor, and answers for it. A job of another user cannot.
                    Err(_) if self.shares_our_user(job) => Report::unseen(End::Signalled(libc::SIGKILL)),
                    Err(_) => {
                        return Err(SandboxError::Lost {
                            program: job.program.clone(),
                            status,
                        });
                    }
                }
            }
            // A job of our own user can stop its supervisor. Its program dies with the supervisor.
            Pumped::Overdue => {
                supervisor.kill();
                return Ok(outcome(job, &Report::unseen(End::Wall), pump, started.elapsed()));
            }
        };
        drop(running);
        if let Some(lease) = &mut lease {
            lease.is_swept();
        }
        if interrupt::signal().is_some() {
            return Err(SandboxError::Interrupted);
        }
        match report.end {
            End::Failed(message) => Err(SandboxError::Jail {
                program: job.program.clone(),
                message,
            }),
            _ => Ok(outcome(job, &report, pump, started.elapsed())),
        }
    }

    fn launcher(&self, job: &Job) -> Result<Launcher, SandboxError> {
        let lease = self.lease(job)?;
        let policy = self.policy(job, Stage::Launched, lease.as_ref(), Channel::Stdio);
        Ok(Launcher::leased(self.command(&policy, job), lease))
    }

    fn layers(&self) -> &[Layer] {
        self.layers.all()
    }

    fn has_loopback(&self) -> bool {
        self.mode == SandboxMode::Off || self.walls.namespaces.is_some()
    }
}

/// A supervisor that has not been waited for.
struct Supervisor(Pid);

impl Supervisor {
    fn wait(&self) -> String {
        match waitpid(self.0, None) {
            Ok(WaitStatus::Exited(_, status)) => format!("status {status}"),
            Ok(WaitStatus::Signaled(_, signal, _)) => format!("signal {signal}"),
            Ok(other) => format!("{other:?}"),
            Err(error) => error.to_string(),
        }
    }

    fn kill(&self) {
        // It is not reaped yet, so the number is its own.
        let _ = kill(self.0, Signal::SIGKILL);
        self.wait();
    }
}

/// Starts the supervisor of a job with the job's pipes.
///
/// All descriptors of ours are closed in every child, of whichever thread; the copies for this one are made in it.
fn start<'a>(job: &'a Job, argv: &[OsString], lease: Option<&Lease>) -> io::Result<(Pump<'a>, UnixStream, Supervisor)> {
    let (stdin, feed) = pipe2(OFlag::O_CLOEXEC)?;
    let (tap_stdout, stdout) = pipe2(OFlag::O_CLOEXEC)?;
    let (tap_stderr, stderr) = pipe2(OFlag::O_CLOEXEC)?;
    let (control, theirs) = UnixStream::pair()?;
    let mut given: Vec<(OwnedFd, RawFd)> = vec![(stdin, 0), (stdout, 1), (stderr, 2), (theirs.into(), CONTROL)];
    let mut pump = Pump {
        feeds: vec![Feed::new(feed, &job.stdin)?],
        taps: vec![Tap::new(tap_stdout)?, Tap::new(tap_stderr)?],
        limit: job.limits.output,
        overflow: false,
    };
    if let Some(bytes) = &job.channel {
        let (input, feed) = pipe2(OFlag::O_CLOEXEC)?;
        let (tap, output) = pipe2(OFlag::O_CLOEXEC)?;
        given.extend([(input, 3), (output, 4)]);
        pump.feeds.push(Feed::new(feed, bytes)?);
        pump.taps.push(Tap::new(tap)?);
    }
    if let Some(lease) = lease {
        given.push((lease.lock().try_clone_to_owned()?, LOCK));
    }
    let given: Vec<_> = given
        .iter()
        .map(|(descriptor, number)| (descriptor.as_fd(), *number))
        .collect();
    let program = argv.first().ok_or_else(|| io::Error::other("no program given"))?;
    let program = CString::new(program.as_bytes())?;
    let supervisor = spawn(&program, argv.iter().map(OsString::as_os_str), &given)?;
    Ok((pump, control, Supervisor(supervisor)))
}

/// Puts together what the supervisor reported and what the pipes brought.
fn outcome(job: &Job, report: &Report, pump: Pump<'_>, wall: Duration) -> Outcome {
    let overflow = pump.overflow;
    let mut taps = pump.taps.into_iter().map(|tap| tap.bytes);
    let (stdout, stderr) = (taps.next().unwrap_or_default(), taps.next().unwrap_or_default());
    let cpu = Duration::from_nanos(report.cpu);
    let ending = if overflow {
        Ending::Exhausted(Resource::Output)
    } else {
        classify::ending(&report.end, cpu, &job.limits, &stderr)
    };
    Outcome {
        ending,
        stdout,
        stderr,
        truncated: overflow,
        cpu,
        wall: if report.wall == 0 {
            wall
        } else {
            Duration::from_nanos(report.wall)
        },
        max_rss: report.max_rss,
        channel: taps.next().unwrap_or_default(),
    }
}
