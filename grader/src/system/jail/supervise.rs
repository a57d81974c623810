//! Watches over one program and leaves nothing of it behind.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{SigSet, Signal, kill, killpg};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::time::TimeVal;
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid, waitpid};
use nix::unistd::{Pid, dup2_stderr, dup2_stdin, dup2_stdout, getpid, pipe2, setsid};

use super::init::Init;
use super::{ARGUMENT, CONTROL, Channel, End, Group, LOCK, Policy, Report, Stage, descriptors, step, sweep, tree};
use crate::system::sandbox::Profile;
use crate::system::spawn::{MYSELF, spawn};

/// How long processes have to disappear once they are killed.
const SWEEP: Duration = Duration::from_secs(5);
/// Looking at the cpu time of a job costs about a millisecond; it is not done more often than this.
const LOOK: Duration = Duration::from_millis(20);
/// A complaint of *enter* is one line.
const COMPLAINT: u64 = 4096;

/// Supervises the program that a policy describes and reports to the caller on the control socket.
pub(super) fn main(policy: Policy, command: &[OsString]) -> ExitCode {
    let Inherited {
        mut control,
        lock,
        channel,
    } = match inherited(&policy) {
        Ok(inherited) => inherited,
        Err(error) => {
            eprintln!("moulinette: supervise: {error}");
            return ExitCode::from(70);
        }
    };
    let supervisor = Supervisor::start(policy, command, &control, channel);
    let report = supervisor.and_then(|supervisor| supervisor.watch(&control));
    let report = report.unwrap_or_else(|error| Report::unseen(End::Failed(error.to_string())));
    let text = serde_json::to_vec(&report).expect("a report is plain data");
    // Without a reader the caller is gone, and nobody needs the report.
    let _ = control.write_all(&text);
    drop(lock);
    ExitCode::SUCCESS
}

/// What the caller gave this process beside the program's standard streams.
struct Inherited {
    control: UnixStream,
    lock: Option<OwnedFd>,
    /// The program's descriptors 3 and 4.
    channel: Vec<(OwnedFd, RawFd)>,
}

fn inherited(policy: &Policy) -> io::Result<Inherited> {
    descriptors::close_from(LOCK + i32::from(policy.has_slot()))?;
    let channel: &[RawFd] = if policy.channel == Channel::Inherited {
        &[3, 4]
    } else {
        &[]
    };
    Ok(Inherited {
        control: UnixStream::from(descriptors::take(CONTROL)?),
        lock: policy.has_slot().then(|| descriptors::take(LOCK)).transpose()?,
        channel: channel
            .iter()
            .map(|number| Ok((descriptors::take(*number)?, *number)))
            .collect::<io::Result<_>>()?,
    })
}

struct Supervisor {
    policy: Policy,
    program: Pid,
    started: Instant,
    /// When the cpu time is looked at next.
    next_look: Instant,
    /// Readable when a child ended.
    ended: SignalFd,
    /// The first process of the job's namespace of process ids, if it has one.
    init: Option<Init>,
    /// How many processes of its control group had been killed for memory before.
    killed_before: u64,
}

impl Supervisor {
    fn start(
        mut policy: Policy,
        command: &[OsString],
        control: &UnixStream,
        channel: Vec<(OwnedFd, RawFd)>,
    ) -> io::Result<Self> {
        prctl::set_child_subreaper(true).map_err(step("adopt orphans"))?;
        // A job of the same user must not look into this process.
        prctl::set_dumpable(false)?;
        // Out of the caller's session: an interrupt of its terminal ends the caller, and that ends the job in good order.
        setsid().map_err(step("start a session"))?;
        let mut child = SigSet::empty();
        child.add(Signal::SIGCHLD);
        child.thread_block()?;
        let ended = SignalFd::with_flags(&child, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        if let Some(uid) = policy.uid {
            // What a supervisor that was killed could not end.
            sweep::clear_user(uid, SWEEP).map_err(step("sweep"))?;
        }
        if let Some(group) = &policy.group {
            group.kill();
        }
        let killed_before = policy.group.as_ref().map_or(0, Group::killed_for_memory);
        let init = Init::start(&policy).map_err(step("separate process ids"))?;
        policy.walls.processes = init.is_some();
        control.set_nonblocking(true)?;
        let (mut complaints, writer) =
            pipe2(OFlag::O_CLOEXEC).map(|(reader, writer)| (std::fs::File::from(reader), writer))?;
        policy.stage = Stage::Supervised(getpid().as_raw());
        let started = Instant::now();
        let mut given = channel;
        given.push((writer, CONTROL));
        let program = spawn_jail(&policy, command, &given)?;
        // These belong to the program: their readers are to see the end when the program's processes end.
        drop(given);
        release_streams()?;
        let mut supervisor = Self {
            policy,
            program,
            started,
            next_look: started,
            ended,
            init,
            killed_before,
        };
        supervisor.plan_look(Duration::ZERO);
        let mut complaint = String::new();
        (&mut complaints).take(COMPLAINT).read_to_string(&mut complaint)?;
        if complaint.is_empty() {
            return Ok(supervisor);
        }
        supervisor.end_everything();
        Err(io::Error::other(complaint))
    }

    /// Waits for the end of the program, of its time, or of the caller's interest.
    fn watch(mut self, control: &UnixStream) -> io::Result<Report> {
        let end = loop {
            if let Some(end) = self.program_end()? {
                break end;
            }
            if let Some(end) = self.out_of_time()? {
                break end;
            }
            let mut ready = [
                PollFd::new(control.as_fd(), PollFlags::POLLIN),
                PollFd::new(self.ended.as_fd(), PollFlags::POLLIN),
            ];
            match poll(&mut ready, self.until_next_look()) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
            let called = ready[0].revents().is_some_and(|events| !events.is_empty());
            while let Ok(Some(_)) = self.ended.read_signal() {}
            if called {
                break End::Stopped;
            }
        };
        let wall = self.started.elapsed();
        let swept = self.end_everything();
        let used = reaped()?;
        let killed = self.policy.group.as_ref().map_or(0, Group::killed_for_memory);
        Ok(Report {
            end: match end {
                _ if !swept => End::Processes,
                End::Exited(_) | End::Signalled(_) if killed > self.killed_before => End::Memory,
                end => end,
            },
            cpu: nanoseconds(used.cpu),
            wall: nanoseconds(wall),
            max_rss: used.max_rss,
        })
    }

    /// How the program ended, if it did. It stays unreaped, so that its process group cannot become another's before it is killed.
    fn program_end(&mut self) -> io::Result<Option<End>> {
        loop {
            match waitid(
                Id::All,
                WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT,
            ) {
                Ok(WaitStatus::Exited(pid, status)) if pid == self.program => return Ok(Some(End::Exited(status))),
                Ok(WaitStatus::Signaled(pid, signal, _)) if pid == self.program => {
                    return Ok(Some(End::Signalled(signal as i32)));
                }
                Ok(WaitStatus::Exited(pid, _) | WaitStatus::Signaled(pid, ..)) => {
                    // An orphan that was adopted.
                    waitpid(pid, None)?;
                }
                Ok(_) => return Ok(None),
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Whether the job has used up its wall time, its cpu time or its processes.
    fn out_of_time(&mut self) -> io::Result<Option<End>> {
        if self.started.elapsed() >= self.policy.limits.wall {
            return Ok(Some(End::Wall));
        }
        if Instant::now() < self.next_look {
            return Ok(None);
        }
        let processes = tree::descendants(getpid().as_raw());
        let live = tree::time(processes.iter().map(|process| process.ticks).sum());
        let used = live + reaped()?.cpu;
        if used >= self.policy.limits.cpu {
            return Ok(Some(End::Cpu));
        }
        let tasks: u64 = processes.iter().map(|process| process.threads).sum();
        if self.policy.profile != Profile::Trusted && self.policy.confined && tasks > self.policy.limits.tasks {
            return Ok(Some(End::Processes));
        }
        self.plan_look(used);
        Ok(None)
    }

    /// All processors together cannot use up what is left before then.
    fn plan_look(&mut self, used: Duration) {
        let processors = thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(1));
        self.next_look = Instant::now() + (self.policy.limits.cpu.saturating_sub(used) / processors).max(LOOK);
    }

    fn until_next_look(&self) -> PollTimeout {
        let now = Instant::now();
        let wake = self.next_look.min(self.started + self.policy.limits.wall);
        let wait = wake.saturating_duration_since(now) + Duration::from_millis(1);
        PollTimeout::try_from(wait).unwrap_or(PollTimeout::MAX)
    }

    /// Kills and reaps every process of the job; false if some would not go.
    fn end_everything(&self) -> bool {
        let deadline = Instant::now() + SWEEP;
        // No such group if the program died before it led one. The program is not reaped yet, so the number is still its own.
        let _ = killpg(self.program, Signal::SIGKILL);
        let _ = kill(self.program, Signal::SIGKILL);
        if let Some(init) = &self.init {
            let _ = kill(init.pid(), Signal::SIGKILL);
        }
        while !reap() {
            if Instant::now() > deadline {
                return false;
            }
            match self.policy.uid {
                // Failing is as good as not having gone: it is tried again until the deadline.
                Some(uid) => drop(sweep::kill_user(uid)),
                None => kill_descendants(),
            }
            let mut ready = [PollFd::new(self.ended.as_fd(), PollFlags::POLLIN)];
            // However this ends, the next turn looks again.
            let _ = poll(&mut ready, PollTimeout::from(10u8));
            while let Ok(Some(_)) = self.ended.read_signal() {}
        }
        true
    }
}

/// Reaps what has ended; true if no child is left.
pub(super) fn reap() -> bool {
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::StillAlive) => return false,
            Err(Errno::ECHILD) => return true,
            _ => {}
        }
    }
}

fn kill_descendants() {
    for process in tree::descendants(getpid().as_raw())
        .iter()
        .filter(|process| process.alive)
    {
        // It may have ended by itself. It is an unreaped descendant, so its number cannot be another's.
        let _ = kill(Pid::from_raw(process.pid), Signal::SIGKILL);
    }
}

/// What all reaped processes of the job used.
struct Used {
    cpu: Duration,
    max_rss: u64,
}

fn reaped() -> io::Result<Used> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let time = |value: TimeVal| {
        Duration::new(u64::try_from(value.tv_sec()).unwrap_or(0), 0)
            + Duration::from_micros(u64::try_from(value.tv_usec()).unwrap_or(0))
    };
    Ok(Used {
        cpu: time(usage.user_time()) + time(usage.system_time()),
        max_rss: u64::try_from(usage.max_rss()).unwrap_or(0).saturating_mul(1024),
    })
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Starts a step of the jail with the standard streams as they are here, unless others are among what it is given.
pub(super) fn spawn_jail(policy: &Policy, command: &[OsString], given: &[(OwnedFd, RawFd)]) -> io::Result<Pid> {
    let policy = policy.to_argument();
    let jail = [OsStr::new("moulinette"), OsStr::new(ARGUMENT), &policy];
    let given: Vec<_> = given
        .iter()
        .map(|(descriptor, number)| (descriptor.as_fd(), *number))
        .collect();
    spawn(
        MYSELF,
        jail.into_iter().chain(command.iter().map(OsString::as_os_str)),
        &given,
    )
}

/// Lets go of the program's standard streams.
fn release_streams() -> io::Result<()> {
    let null = descriptors::null()?;
    dup2_stdin(&null)?;
    dup2_stdout(&null)?;
    dup2_stderr(&null)?;
    Ok(())
}
