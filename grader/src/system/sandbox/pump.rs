//! Feeds and drains the pipes of a job, within limits, until its supervisor reports.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Instant;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// No report is longer.
const REPORT: u64 = 64 << 10;
/// What one read takes.
const CHUNK: usize = 64 << 10;

/// Our end of a pipe that the job reads.
pub(super) struct Feed<'a> {
    pipe: Option<File>,
    rest: &'a [u8],
}

/// Our end of a pipe that the job writes.
pub(super) struct Tap {
    pipe: Option<File>,
    /// What was read.
    pub bytes: Vec<u8>,
}

/// The pipes of one job.
pub(super) struct Pump<'a> {
    pub feeds: Vec<Feed<'a>>,
    /// Standard output, standard error, descriptor 4 if there is a channel.
    pub taps: Vec<Tap>,
    /// How much standard output and error may be together, and the channel by itself.
    pub limit: u64,
    /// Whether that was too little.
    pub overflow: bool,
}

/// How pumping ended.
pub(super) enum Pumped {
    /// The supervisor is gone; what it reported, empty if it died.
    Reported(Vec<u8>),
    /// The supervisor did not report in time.
    Overdue,
}

impl<'a> Feed<'a> {
    /// Feeds `bytes`, then the end.
    pub fn new(pipe: OwnedFd, bytes: &'a [u8]) -> io::Result<Self> {
        set_nonblocking(&pipe)?;
        let pipe = (!bytes.is_empty()).then(|| File::from(pipe));
        Ok(Self { pipe, rest: bytes })
    }

    fn step(&mut self) {
        let Some(pipe) = &mut self.pipe else { return };
        match pipe.write(self.rest) {
            Ok(count) => self.rest = &self.rest[count..],
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => return,
            // The job does not want the rest.
            Err(_) => self.rest = &[],
        }
        if self.rest.is_empty() {
            self.pipe = None;
        }
    }
}

impl Tap {
    /// Drains `pipe`.
    pub fn new(pipe: OwnedFd) -> io::Result<Self> {
        set_nonblocking(&pipe)?;
        Ok(Self {
            pipe: Some(pipe.into()),
            bytes: Vec::new(),
        })
    }

    /// Reads at most `room` bytes and says whether there was more.
    fn step(&mut self, room: usize) -> Step {
        let Some(pipe) = &mut self.pipe else { return Step::Done };
        let mut chunk = vec![0; CHUNK.min(room + 1)];
        match pipe.read(&mut chunk) {
            Ok(0) => {
                self.pipe = None;
                Step::Done
            }
            Ok(count) => {
                self.bytes.extend_from_slice(&chunk[..count.min(room)]);
                if count > room { Step::TooMuch } else { Step::More }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Step::More,
            Err(error) if error.kind() == ErrorKind::WouldBlock => Step::Wait,
            Err(_) => {
                self.pipe = None;
                Step::Done
            }
        }
    }
}

#[derive(PartialEq, Eq)]
enum Step {
    More,
    Wait,
    Done,
    TooMuch,
}

impl Pump<'_> {
    /// Pumps until the supervisor has reported and everything that the job wrote is read, or until `deadline`.
    pub fn run(&mut self, control: &mut UnixStream, deadline: Instant) -> io::Result<Pumped> {
        control.set_nonblocking(true)?;
        let mut report = Vec::new();
        loop {
            if !self.wait(control, deadline)? {
                return Ok(Pumped::Overdue);
            }
            for feed in &mut self.feeds {
                feed.step();
            }
            for tap in 0..self.taps.len() {
                if self.drain(tap, 1) == Step::TooMuch {
                    // The end of our side of the stream is what tells the supervisor to end the job.
                    // If it is gone already, so is the job.
                    let _ = control.shutdown(Shutdown::Write);
                }
            }
            if read_report(control, &mut report)? {
                break;
            }
        }
        // Every process of the job is dead: what is in the pipes now is all there will be.
        self.feeds.clear();
        for tap in 0..self.taps.len() {
            self.drain(tap, usize::MAX);
        }
        Ok(Pumped::Reported(report))
    }

    /// Waits until something can be moved; false when the deadline has passed.
    fn wait(&self, control: &UnixStream, deadline: Instant) -> io::Result<bool> {
        let feeds = self
            .feeds
            .iter()
            .filter_map(|feed| Some(PollFd::new(feed.pipe.as_ref()?.as_fd(), PollFlags::POLLOUT)));
        let taps = self
            .taps
            .iter()
            .filter_map(|tap| Some(PollFd::new(tap.pipe.as_ref()?.as_fd(), PollFlags::POLLIN)));
        let control = PollFd::new(control.as_fd(), PollFlags::POLLIN);
        let mut ready: Vec<PollFd<'_>> = feeds.chain(taps).chain([control]).collect();
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(false);
        }
        match poll(&mut ready, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)) {
            Ok(_) | Err(Errno::EINTR) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    fn drain(&mut self, tap: usize, reads: usize) -> Step {
        for _ in 0..reads {
            let used = if tap < 2 {
                self.taps[0].bytes.len() + self.taps[1].bytes.len()
            } else {
                self.taps[tap].bytes.len()
            };
            let room = usize::try_from(self.limit).unwrap_or(usize::MAX).saturating_sub(used);
            let step = self.taps[tap].step(room.min(usize::MAX - 1));
            match step {
                Step::More => {}
                Step::TooMuch => {
                    self.overflow = true;
                    // Whoever writes on is told so by the broken pipe, and cannot fill our memory.
                    self.taps[tap].pipe = None;
                    return step;
                }
                Step::Wait | Step::Done => return step,
            }
        }
        Step::More
    }
}

/// Reads what there is of the report; true at its end.
fn read_report(control: &mut UnixStream, report: &mut Vec<u8>) -> io::Result<bool> {
    match control.take(REPORT).read_to_end(report) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
        // A supervisor that is killed leaves a broken stream.
        Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(true),
        Err(error) => Err(error),
    }
}

/// Pipes are ours alone at this end: the job's end has flags of its own.
fn set_nonblocking(pipe: &OwnedFd) -> io::Result<()> {
    fcntl(pipe, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    Ok(())
}
