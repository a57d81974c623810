//! A process that runs a submission, as seen from outside: its channel, its clock, its end.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::marker::PhantomData;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::time::{ClockId, clock_gettime, clock_getcpuclockid};
use nix::unistd::Pid;
use serde::Serialize;
use serde::de::DeserializeOwned;
use witness::wire::{self, Hello, LONGEST};

use crate::remote::Patience;
use crate::subject::Ending;

/// How often a silent process is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// A process that used less cpu than this between two looks did nothing.
const NOTHING: Duration = Duration::from_micros(200);
/// The end of standard error that is kept.
const KEPT: usize = 4096;

/// A running witness that answers with `T`.
pub(crate) struct Process<T> {
    child: Child,
    /// Frames on their way to the process: written by a thread, so that one that does not read holds nobody up.
    requests: Option<Sender<Vec<u8>>>,
    answers: Receiver<io::Result<T>>,
    stderr: Arc<Mutex<VecDeque<u8>>>,
    clock: Option<ClockId>,
    nonce: u64,
    kind: PhantomData<T>,
}

/// Why nothing came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quiet {
    /// The process closed its channel or died.
    Ended,
    /// It ran out of time.
    Silent,
    /// What it wrote is no message.
    Nonsense,
}

impl<T: DeserializeOwned + Send + 'static> Process<T> {
    /// Starts the launcher's command with more arguments, in a process group of its own, and says hello.
    pub(crate) fn start(launcher: &[String], arguments: &[&str]) -> io::Result<Self> {
        let (program, first) = launcher.split_first().ok_or_else(|| io::Error::other("the launcher is empty"))?;
        let mut child = Command::new(program)
            .args(first)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| io::Error::other(format!("cannot start `{program}`: {error}")))?;
        let (stdin, mut stdout, mut errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (requests, frames) = mpsc::channel::<Vec<u8>>();
        thread::spawn(move || {
            let Some(mut stdin) = stdin else { return };
            // A process that no longer reads shows when it is asked for the answer.
            while let Ok(frame) = frames.recv() {
                if stdin.write_all(&frame).and_then(|()| stdin.flush()).is_err() {
                    return;
                }
            }
        });
        let (sender, answers) = mpsc::sync_channel(64);
        thread::spawn(move || {
            while let Some(stdout) = &mut stdout {
                let message = wire::receive(stdout, LONGEST).transpose();
                let Some(message) = message else { return };
                let failed = message.is_err();
                if sender.send(message).is_err() || failed {
                    return;
                }
            }
        });
        let stderr = Arc::new(Mutex::new(VecDeque::new()));
        let kept = Arc::clone(&stderr);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Some(errors) = &mut errors {
                let Ok(count @ 1..) = errors.read(&mut buffer) else { return };
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend(&buffer[..count]);
                let surplus = kept.len().saturating_sub(KEPT);
                kept.drain(..surplus);
            }
        });
        let clock = clock_getcpuclockid(Pid::from_raw(child.id() as i32)).ok();
        let nonce = fresh_nonce(child.id());
        let mut process = Self { child, requests: Some(requests), answers, stderr, clock, nonce, kind: PhantomData };
        process.send(&Hello { nonce });
        Ok(process)
    }

    /// Sends a message.
    pub(crate) fn send(&mut self, message: &impl Serialize) {
        let mut frame = Vec::new();
        // Writing to memory does not fail.
        let _ = wire::send(&mut frame, message);
        if let Some(requests) = &self.requests {
            let _ = requests.send(frame);
        }
    }

    /// The next message, or why there is none. Time in which the process could not run does not count.
    pub(crate) fn receive(&mut self, patience: Patience) -> Result<T, Quiet> {
        let started = self.cpu();
        let (mut last, mut idle) = (started, Duration::ZERO);
        loop {
            let looked = Instant::now();
            match self.answers.recv_timeout(LOOK) {
                Ok(Ok(message)) => return Ok(message),
                Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(Quiet::Ended),
                Ok(Err(_)) => return Err(Quiet::Nonsense),
                Err(RecvTimeoutError::Disconnected) => return Err(Quiet::Ended),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let now = self.cpu();
            if now.saturating_sub(started) > Duration::from_millis(patience.cpu_ms) {
                return Err(Quiet::Silent);
            }
            if now.saturating_sub(last) < NOTHING && self.is_waiting() {
                idle += looked.elapsed();
            }
            last = now;
            if idle > Duration::from_millis(patience.idle_ms) {
                return Err(Quiet::Silent);
            }
        }
    }

    /// Whether no thread of the process wants the cpu: one that waits for its turn on a loaded machine does.
    fn is_waiting(&self) -> bool {
        let Ok(tasks) = std::fs::read_dir(format!("/proc/{}/task", self.child.id())) else { return true };
        tasks.filter_map(Result::ok).all(|task| {
            let stat = std::fs::read_to_string(task.path().join("stat")).unwrap_or_default();
            stat.rsplit(')').next().is_none_or(|rest| !rest.trim_start().starts_with('R'))
        })
    }
}

impl<T> Process<T> {
    /// The number that every answer must carry.
    pub(crate) fn nonce(&self) -> u64 {
        self.nonce
    }

    /// Cpu time used so far, by all its threads.
    pub(crate) fn cpu(&self) -> Duration {
        let now = self.clock.and_then(|clock| clock_gettime(clock).ok());
        now.map(Duration::from).unwrap_or_default()
    }

    /// How it ended by itself; waits a moment for that.
    pub(crate) fn ending(&mut self) -> Ending {
        self.requests = None;
        let status = (0..100).find_map(|_| match self.child.try_wait() {
            Ok(Some(status)) => Some(status),
            _ => {
                thread::sleep(Duration::from_millis(5));
                None
            }
        });
        let stderr = self.stderr.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect::<Vec<_>>();
        match status {
            Some(status) => match (status.signal(), status.code()) {
                (Some(6), _) if String::from_utf8_lossy(&stderr).contains("memory allocation of ") => Ending::OutOfMemory,
                (Some(signal), _) => Ending::Killed(signal),
                (None, code) => Ending::Exited(code.unwrap_or_default()),
            },
            // It closed its channel and lives on.
            None => Ending::Garbled,
        }
    }
}

impl<T> Drop for Process<T> {
    fn drop(&mut self) {
        self.requests = None;
        // The group may be gone already.
        let _ = killpg(Pid::from_raw(self.child.id() as i32), Signal::SIGKILL);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A number that an earlier process of this run did not have; it keeps answers apart, it is no secret.
fn fresh_nonce(pid: u32) -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    wire::fold(now.as_nanos() as u64, u64::from(pid))
}
