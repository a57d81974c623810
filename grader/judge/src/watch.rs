//! The clocks of another process, and how long to wait for it.
//!
//! Time on the wall says little on a loaded machine, where a process may wait for its turn longer than it runs. So two clocks count
//! against a process: the cpu time that it used, and the time in which it neither answered nor wanted the cpu.

use std::fs;
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

use crate::remote::Patience;

/// How often a silent process is looked at.
pub(crate) const LOOK: Duration = Duration::from_millis(20);

/// The clocks of a process. They can be read until it is reaped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watch {
    pid: u32,
    clock: Option<ClockId>,
}

impl Watch {
    pub(crate) fn new(pid: u32) -> Self {
        Self {
            pid,
            clock: clock_getcpuclockid(Pid::from_raw(pid.cast_signed())).ok(),
        }
    }

    /// Cpu time used so far, by all its threads.
    pub(crate) fn cpu(&self) -> Duration {
        let now = self.clock.and_then(|clock| clock_gettime(clock).ok());
        now.map(Duration::from).unwrap_or_default()
    }

    /// Starts to wait for an answer.
    pub(crate) fn wait(self, patience: Patience) -> Wait {
        Wait {
            watch: self,
            patience,
            start: None,
            waited: Duration::ZERO,
            looked: Instant::now(),
            cpu: Duration::ZERO,
        }
    }

    /// Whether a thread of the process wants the cpu, now.
    fn is_runnable(&self) -> bool {
        let Ok(tasks) = fs::read_dir(format!("/proc/{}/task", self.pid)) else {
            return false;
        };
        tasks.filter_map(Result::ok).any(|task| {
            let stat = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
            // The state follows the name, which is in parentheses and may hold any.
            stat.rsplit(')')
                .next()
                .is_some_and(|rest| rest.trim_start().starts_with('R'))
        })
    }
}

/// A wait for one answer.
#[derive(Debug)]
pub(crate) struct Wait {
    watch: Watch,
    patience: Patience,
    /// The cpu time at the first look: an answer that comes sooner costs no look at all.
    start: Option<Duration>,
    waited: Duration,
    looked: Instant,
    cpu: Duration,
}

impl Wait {
    /// How long it took so far, as far as that counts.
    pub(crate) fn waited(&self) -> Duration {
        self.waited
    }

    /// Whether it is time to look.
    pub(crate) fn is_due(&self) -> bool {
        self.looked.elapsed() >= LOOK
    }

    /// Looks at the clocks; whether the process had all the time that it may have.
    pub(crate) fn is_over(&mut self) -> bool {
        let cpu = self.watch.cpu();
        let Some(start) = self.start else {
            // Nothing is held against it for the first look's time.
            (self.start, self.cpu, self.looked) = (Some(cpu), cpu, Instant::now());
            return false;
        };
        let ran = cpu.saturating_sub(self.cpu);
        // Should this process itself not have run for a while, the time between two looks says nothing about the other.
        let passed = self.looked.elapsed().min(LOOK * 2);
        self.waited += if self.watch.is_runnable() {
            ran.min(passed)
        } else {
            passed
        };
        (self.cpu, self.looked) = (cpu, Instant::now());
        let limit = |milliseconds| Duration::from_millis(milliseconds);
        cpu.saturating_sub(start) > limit(self.patience.cpu_ms) || self.waited > limit(self.patience.idle_ms)
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn times_out(script: &str, patience: Patience, within: Duration) -> bool {
        let mut child = Command::new("sh").args(["-c", script]).spawn().unwrap();
        let (mut wait, started, mut over) = (Watch::new(child.id()).wait(patience), Instant::now(), false);
        while !over && started.elapsed() < within {
            std::thread::sleep(LOOK);
            over = wait.is_due() && wait.is_over();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        over
    }

    #[test]
    fn a_sleeper_uses_up_waiting_time_only() {
        let patience = Patience {
            cpu_ms: 50,
            idle_ms: 300,
        };
        assert!(times_out("exec sleep 60", patience, Duration::from_secs(30)));
        let patience = Patience {
            cpu_ms: 50,
            idle_ms: 60_000,
        };
        assert!(!times_out("exec sleep 60", patience, Duration::from_millis(500)));
    }

    #[test]
    fn a_loop_uses_up_cpu_time() {
        let patience = Patience {
            cpu_ms: 100,
            idle_ms: 600_000,
        };
        assert!(times_out("while :; do :; done", patience, Duration::from_secs(60)));
    }

    #[test]
    fn the_cpu_clock_runs_with_the_process() {
        let own = Watch::new(std::process::id());
        let before = own.cpu();
        let mut number = 1_u64;
        while own.cpu() < before + Duration::from_millis(5) {
            number = std::hint::black_box(number.wrapping_mul(3));
        }
        assert!(own.cpu() > before);
    }
}
