//! Runs a command and says what it took, children included.

use std::fs;
use std::io::{Read, Seek};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;

use crate::Result;
use crate::trace::Split;

/// How often a process's memory is looked at. The kernel keeps the largest value, so only the last moments can be missed.
const LOOK: Duration = Duration::from_millis(10);

/// What a command took.
#[derive(Debug, Clone, Default)]
pub struct Used {
    /// From start to end, seconds.
    pub wall: f64,
    /// Cpu time of all its processes, seconds.
    pub cpu: f64,
    /// Cpu time of the first process alone, seconds.
    pub own_cpu: f64,
    /// The largest resident size of the first process, MiB.
    pub own_memory: f64,
    /// Where the time went, if it was measured from within.
    pub split: Option<Split>,
}

/// Runs a command to its end and gives what it printed. A command that fails is an error.
pub fn run(command: &mut Command) -> Result<(Used, Vec<u8>)> {
    let (mut stdout, mut stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
    command
        .stdin(Stdio::null())
        .stdout(stdout.try_clone()?)
        .stderr(stderr.try_clone()?);
    let before = children()?;
    let started = Instant::now();
    let mut child = command.spawn()?;
    let pid = Pid::from_raw(i32::try_from(child.id())?);
    let over = AtomicBool::new(false);
    let (wall, own_cpu, own_memory) = thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut largest = 0.0_f64;
            while !over.load(Ordering::Relaxed) {
                largest = largest.max(resident(pid));
                thread::park_timeout(LOOK);
            }
            largest
        });
        // It stays a zombie until it is waited for below, so that its clock can still be read.
        let ended = waitid(Id::Pid(pid), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT);
        let wall = started.elapsed();
        over.store(true, Ordering::Relaxed);
        watch.thread().unpark();
        let own_cpu = ClockId::pid_cpu_clock_id(pid)
            .and_then(clock_gettime)
            .map_or(0.0, |time| Duration::from(time).as_secs_f64());
        let largest = watch.join().unwrap_or_default();
        ended.map(|_| (wall, own_cpu, largest))
    })?;
    let status = child.wait()?;
    let used = Used {
        wall: wall.as_secs_f64(),
        cpu: children()? - before,
        own_cpu,
        own_memory,
        split: None,
    };
    let mut text = Vec::new();
    if status.success() {
        stdout.rewind()?;
        stdout.read_to_end(&mut text)?;
        return Ok((used, text));
    }
    for file in [&mut stdout, &mut stderr] {
        file.rewind()?;
        file.read_to_end(&mut text)?;
    }
    let text = String::from_utf8_lossy(&text);
    Err(format!(
        "{command:?} ended with {status}:\n{}",
        &text[text.floor_char_boundary(text.len().saturating_sub(4000))..]
    )
    .into())
}

/// The cpu time of all processes that were waited for, seconds.
fn children() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds = |time: TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}

/// The largest resident size of a process so far, MiB; nothing if it is gone.
fn resident(pid: Pid) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}
