//! A process that runs a submission, as seen from outside: its channel, its end.
//!
//! Nothing here waits for the process without looking at the clock: requests are written and answers read only when the pipes are
//! ready, so a process that does not read, floods, or stops cannot hold the judge up.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;
use serde::Serialize;
use serde::de::DeserializeOwned;
use witness::wire::{self, Hello};

use crate::frames::Frames;
use crate::remote::Patience;
use crate::story::plain;
use crate::subject::Ending;
use crate::watch::{LOOK, Wait, Watch};

/// The end of standard error that is kept.
const KEPT: usize = 4096;
/// How often standard error is read after the end, a buffer at a time: something that lives on may write for ever.
const LAST_WORDS: usize = 8;
/// The status of a loader that cannot load a program.
const NOT_LOADED: i32 = 127;
/// How long a process that closed its channel may take to end.
const FAREWELL: Duration = Duration::from_millis(500);

/// A running witness. Dropping it kills its group and reaps it.
pub(crate) struct Process {
    child: Child,
    watch: Watch,
    requests: Option<ChildStdin>,
    answers: Option<ChildStdout>,
    errors: Option<ChildStderr>,
    unsent: Vec<u8>,
    frames: Frames,
    /// The end of what it wrote to standard error.
    said: Vec<u8>,
    nonce: u64,
    /// Whether it said hello.
    started: bool,
    /// Time that was waited for it, as far as it counts.
    waited: Duration,
    buffer: Box<[u8]>,
}

/// Why nothing came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quiet {
    /// The process never said hello, so no code of the submission ran; [`Process::unstarted`] says whose fault it is.
    Unstarted,
    /// The process closed its channel or died.
    Ended,
    /// It ran out of time.
    Silent,
    /// What it wrote is no message.
    Nonsense,
}

impl Process {
    /// Starts the launcher's command with one more argument, in a process group of its own, and says hello.
    pub(crate) fn start(launcher: &[String], mode: &str) -> io::Result<Self> {
        let (program, first) = launcher
            .split_first()
            .ok_or_else(|| io::Error::other("the launcher is empty"))?;
        let mut child = Command::new(program)
            .args(first)
            .arg(mode)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| io::Error::other(format!("cannot start `{program}`: {error}")))?;
        let (requests, answers, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let nonce = nonce();
        let mut process = Self {
            watch: Watch::new(child.id()),
            child,
            requests,
            answers,
            errors,
            unsent: Vec::new(),
            frames: Frames::default(),
            said: Vec::new(),
            nonce,
            started: false,
            waited: Duration::ZERO,
            buffer: vec![0; 64 << 10].into_boxed_slice(),
        };
        do_not_wait(process.requests.as_ref())?;
        do_not_wait(process.answers.as_ref())?;
        do_not_wait(process.errors.as_ref())?;
        process.send(&Hello { nonce });
        Ok(process)
    }

    /// The number that every answer must carry.
    pub(crate) fn nonce(&self) -> u64 {
        self.nonce
    }

    /// Cpu time used so far, by all its threads.
    pub(crate) fn cpu(&self) -> Duration {
        self.watch.cpu()
    }

    /// Time that was waited for it, without that in which it wanted the cpu and did not get it. Short waits do not count.
    pub(crate) fn waited(&self) -> Duration {
        self.waited
    }

    /// Sends a message, or at least as much of it as the process takes now; the rest goes while waiting for an answer.
    pub(crate) fn send(&mut self, message: &impl Serialize) {
        // Writing to memory does not fail.
        let _ = wire::send(&mut self.unsent, message);
        self.push();
    }

    /// The next message, or why there is none. Time in which the process could not run does not count.
    pub(crate) fn receive<T: DeserializeOwned>(&mut self, patience: Patience) -> Result<T, Quiet> {
        if !self.started {
            let hello = self.receive_within::<Hello>(&mut self.watch.wait(Patience::default()));
            if hello.is_ok_and(|hello| hello.nonce == self.nonce) {
                self.started = true;
            } else {
                return Err(Quiet::Unstarted);
            }
        }
        let mut wait = self.watch.wait(patience);
        let answer = self.receive_within(&mut wait);
        self.waited += wait.waited();
        answer
    }

    fn receive_within<T: DeserializeOwned>(&mut self, wait: &mut Wait) -> Result<T, Quiet> {
        loop {
            match self.frames.next() {
                Ok(Some(message)) => return Ok(message),
                Ok(None) if self.answers.is_none() => return Err(Quiet::Ended),
                Ok(None) => {}
                Err(_) => return Err(Quiet::Nonsense),
            }
            self.exchange();
            if wait.is_due() {
                if wait.is_over() {
                    return Err(Quiet::Silent);
                }
                if self.status().is_some() {
                    // Something that it started may hold the channel open; what is in the pipe still counts.
                    self.pull();
                    self.answers = None;
                }
            }
        }
    }

    /// Waits until something can be read or written, at most until the next look, and does so.
    fn exchange(&mut self) {
        let requests = self.requests.as_ref().filter(|_| !self.unsent.is_empty());
        let streams = [
            self.answers.as_ref().map(|stream| (stream.as_fd(), PollFlags::POLLIN)),
            self.errors.as_ref().map(|stream| (stream.as_fd(), PollFlags::POLLIN)),
            requests.map(|stream| (stream.as_fd(), PollFlags::POLLOUT)),
        ];
        let mut open: Vec<PollFd<'_>> = streams
            .iter()
            .flatten()
            .map(|(fd, flags)| PollFd::new(*fd, *flags))
            .collect();
        // Interrupted or not, what is ready shows below.
        let _ = poll(&mut open, PollTimeout::try_from(LOOK).unwrap_or(PollTimeout::ZERO));
        let mut states = open.iter().map(|fd| fd.any().unwrap_or(false));
        let [answers, errors, requests] = streams.map(|stream| stream.is_some() && states.next().unwrap_or(false));
        if answers {
            self.pull();
        }
        if errors {
            self.listen();
        }
        if requests {
            self.push();
        }
    }

    /// Reads answers, as many as there are and fit the buffer.
    fn pull(&mut self) {
        match self.answers.as_mut().map(|stream| stream.read(&mut self.buffer)) {
            Some(Ok(count @ 1..)) => self.frames.push(&self.buffer[..count]),
            Some(Err(error)) if is_for_later(&error) => {}
            _ => self.answers = None,
        }
    }

    /// Reads what the process says on standard error, and keeps the end of it.
    fn listen(&mut self) {
        match self.errors.as_mut().map(|stream| stream.read(&mut self.buffer)) {
            Some(Ok(count @ 1..)) => {
                self.said.extend_from_slice(&self.buffer[..count]);
                let surplus = self.said.len().saturating_sub(KEPT);
                self.said.drain(..surplus);
            }
            Some(Err(error)) if is_for_later(&error) => {}
            _ => self.errors = None,
        }
    }

    /// Writes requests, as much as the process takes.
    fn push(&mut self) {
        while let Some(stream) = self.requests.as_mut().filter(|_| !self.unsent.is_empty()) {
            match stream.write(&self.unsent) {
                Ok(count @ 1..) => drop(self.unsent.drain(..count)),
                Err(error) if is_for_later(&error) => return,
                // A process that no longer reads shows when it is asked for the answer.
                _ => self.requests = None,
            }
        }
    }

    /// How it ended, if it did. It is not reaped, so that its clock and its number stay its own.
    fn status(&self) -> Option<WaitStatus> {
        let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        match waitid(Id::Pid(self.pid()), flags) {
            Ok(WaitStatus::StillAlive) | Err(_) => None,
            Ok(status) => Some(status),
        }
    }

    /// How it ended by itself; waits a moment for that.
    pub(crate) fn ending(&mut self) -> Ending {
        self.requests = None;
        let started = Instant::now();
        let status = loop {
            let status = self.status();
            // What it said last may still be in the pipe.
            if status.is_some() {
                (0..LAST_WORDS).any(|_| !self.has_said_more());
            }
            if status.is_some() || started.elapsed() > FAREWELL {
                break status;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        let said = String::from_utf8_lossy(&self.said);
        match status {
            Some(WaitStatus::Exited(_, code)) => Ending::Exited(code),
            // The kernel's limit on cpu time.
            Some(WaitStatus::Signaled(_, Signal::SIGXCPU, _)) => Ending::Hung,
            Some(WaitStatus::Signaled(_, Signal::SIGABRT, _)) if said.contains("memory allocation of ") => {
                Ending::OutOfMemory
            }
            Some(WaitStatus::Signaled(_, Signal::SIGABRT, _)) if said.contains("overflowed its stack") => {
                Ending::Overflowed
            }
            Some(WaitStatus::Signaled(_, signal, _)) => Ending::Killed(signal as i32),
            // It closed its channel and lives on.
            _ => Ending::Garbled,
        }
    }

    /// Why it did not start: the machine's or the launcher's fault, or an ending that the submission answers for. A program whose statics
    /// or thread-locals do not fit its memory is ended by the kernel or by the loader before its first instruction.
    pub(crate) fn unstarted(&mut self) -> Result<Ending, io::Error> {
        let ending = self.ending();
        let said = String::from_utf8_lossy(&self.said).into_owned();
        match ending {
            Ending::Killed(_) | Ending::OutOfMemory => Ok(Ending::Unstartable),
            Ending::Exited(NOT_LOADED) if said.contains(" TLS ") => Ok(Ending::Unstartable),
            // No code of a submission chooses another status before it says hello: the launcher did, or the runner.
            ending => Err(Self::fault(ending, &said)),
        }
    }

    fn fault(ending: Ending, said: &str) -> io::Error {
        let said = plain(said.trim());
        io::Error::other(format!("the witness does not start: {ending}: {said}"))
    }

    /// Bytes of all messages so far.
    pub(crate) fn taken(&self) -> u64 {
        self.frames.taken()
    }

    fn has_said_more(&mut self) -> bool {
        let before = self.said.clone();
        self.listen();
        self.errors.is_some() && self.said != before
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The process was not reaped, so its number is the group's and nobody else's.
        let _ = killpg(self.pid(), Signal::SIGKILL);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn do_not_wait(stream: Option<&impl AsFd>) -> io::Result<()> {
    if let Some(stream) = stream {
        let flags = OFlag::from_bits_retain(fcntl(stream, FcntlArg::F_GETFL)?);
        fcntl(stream, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    }
    Ok(())
}

fn is_for_later(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// A number that nobody can guess; it keeps answers apart from all else that may come.
fn nonce() -> u64 {
    RandomState::new().hash_one(std::process::id())
}
