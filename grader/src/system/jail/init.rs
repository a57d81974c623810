//! The first process of a job's namespace of process ids.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::ExitCode;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::unistd::{Pid, pipe2};

use super::supervise::{reap, spawn_jail};
use super::{CONTROL, Policy, Stage, descriptors, namespaces};
use crate::system::sandbox::Profile;

/// The first process of a namespace of process ids. When it ends, the kernel ends all others in it, and it ends when the supervisor
/// does, however that happens. It adopts orphans instead of the supervisor.
pub(super) struct Init {
    pid: Pid,
    /// Its other end ends with this process.
    _life: OwnedFd,
}

impl Init {
    /// Separates the process ids of this process's children from others', if the job may start processes. A program that cannot
    /// is alone anyway, and starts sooner.
    pub(super) fn start(policy: &Policy) -> io::Result<Option<Self>> {
        let may_fork = policy.profile == Profile::Compile || !policy.walls.seccomp;
        let Some(owner) = policy.walls.namespaces.filter(|_| may_fork) else {
            return Ok(None);
        };
        namespaces::separate_processes(owner)?;
        prctl::set_dumpable(false)?;
        let policy = Policy {
            stage: Stage::Init,
            env: Vec::new(),
            reads: Vec::new(),
            ..policy.clone()
        };
        let (watched, life) = pipe2(OFlag::O_CLOEXEC)?;
        let null = OwnedFd::from(descriptors::null()?);
        let mut given = vec![(watched, CONTROL)];
        for number in 0..=2 {
            given.push((null.try_clone()?, number));
        }
        let pid = spawn_jail(&policy, &[], &given)?;
        Ok(Some(Self { pid, _life: life }))
    }

    pub(super) fn pid(&self) -> Pid {
        self.pid
    }
}

/// Is the first process of a namespace: reaps orphans until the supervisor ends.
pub(super) fn main() -> ExitCode {
    let wait = || -> io::Result<()> {
        descriptors::close_from(CONTROL + 1)?;
        let life = descriptors::take(CONTROL)?;
        let mut child = SigSet::empty();
        child.add(Signal::SIGCHLD);
        child.thread_block()?;
        let ended = SignalFd::with_flags(&child, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        loop {
            reap();
            let mut ready = [
                PollFd::new(life.as_fd(), PollFlags::POLLIN),
                PollFd::new(ended.as_fd(), PollFlags::POLLIN),
            ];
            match poll(&mut ready, PollTimeout::NONE) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
            while let Ok(Some(_)) = ended.read_signal() {}
            if ready[0].any().unwrap_or(true) {
                return Ok(());
            }
        }
    };
    match wait() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(70),
    }
}
