//! The control group of a job, as the jail uses it: it has its limits already.

use std::ffi::OsString;
use std::fs;
use std::io;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

/// A control group; of version 1, one in each tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Group {
    /// The files with its processes.
    pub members: Vec<OsString>,
    /// The file that counts what happened to them.
    pub events: OsString,
}

impl Group {
    /// Makes this process a member, and with it all that it starts.
    pub fn join(&self) -> io::Result<()> {
        self.members.iter().try_for_each(|file| fs::write(file, "0"))
    }

    /// Kills the members: those that a supervisor left which was killed.
    pub fn kill(&self) {
        for file in &self.members {
            let members = fs::read_to_string(file).unwrap_or_default();
            for pid in members.lines().filter_map(|line| line.parse().ok()) {
                // It may have ended by itself. Zero is a process of elsewhere, and no number to send a signal to.
                if pid > 0 {
                    let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
                }
            }
        }
    }

    /// How many processes of the group the kernel has killed for want of memory.
    pub fn killed_for_memory(&self) -> u64 {
        let events = fs::read_to_string(&self.events).unwrap_or_default();
        let count = events.lines().find_map(|line| line.strip_prefix("oom_kill "));
        count.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
    }
}
