//! Gives up what the program must not have, then becomes the program.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::{CommandExt, parent_id};
use std::path::Path;
use std::process::{Command, ExitCode};

use nix::fcntl::{FcntlArg, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::stat::{Mode, umask};
use nix::unistd::{Gid, Uid, dup2_stdin, dup2_stdout, getpgrp, getpid, setgroups, setresgid, setresuid, setsid};

use super::namespaces::World;
use super::{CONTROL, Channel, Owner, Policy, Profile, Stage, descriptors, landlock, namespaces, seccomp, step, view};
use crate::model::exercise::Network;

/// The status of a jail that could not become its program.
const FAILED: u8 = 125;
/// The stack of the main thread, bytes.
const STACK: u64 = 8 << 20;
/// Address space that a thread reserves, bytes: 64 MiB by the C library for an arena of its own, and the stack. With 2 x 256 MiB in
/// all, a program of 15 threads with a few kilobytes each failed for want of memory.
const RESERVED_BY_THREAD: u64 = 72 << 20;
/// Descriptors that a program may have open.
const OPEN_FILES: u64 = 1024;

/// Becomes the program; returns only if that fails.
pub(super) fn main(policy: &Policy, command: &[OsString]) -> ExitCode {
    let mut complaints = None;
    let error = match become_program(policy, command, &mut complaints) {
        Ok(never) => match never {},
        Err(error) => error.to_string(),
    };
    let written = match complaints {
        Some(pipe) => File::from(pipe).write_all(error.as_bytes()),
        None => writeln!(io::stderr(), "moulinette: {error}"),
    };
    // If nobody can hear it, the status has to do.
    let _ = written;
    ExitCode::from(FAILED)
}

/// The order matters: descriptors before anything is opened; root's namespaces before the user changes, anybody's after it; limits
/// before the user changes (a user may lower limits only); the parent-death signal after it (changing the user clears it); access
/// rules when everything is in its place, and the filter of system calls last, since it takes away what the other steps need.
fn become_program(
    policy: &Policy,
    command: &[OsString],
    complaints: &mut Option<OwnedFd>,
) -> io::Result<std::convert::Infallible> {
    let parent = parent_id();
    arrange_descriptors(policy, complaints)?;
    new_session()?;
    umask(Mode::from_bits_truncate(0o022));
    let (program, args) = command
        .split_first()
        .ok_or_else(|| io::Error::other("no program given"))?;
    let program = view::resolved(Path::new(program)).into_os_string();
    let places = if policy.walls.namespaces.is_some() || policy.walls.landlock {
        view::places(policy, &program)
    } else {
        Vec::new()
    };
    if let Some(group) = &policy.group {
        group.join().map_err(step("join the control group"))?;
    }
    if policy.confined {
        prefer_for_oom_killer();
        limit_resources(policy).map_err(step("limit resources"))?;
    }
    let world = World {
        places: &places,
        network: (policy.network == Network::Loopback || !policy.walls.seccomp).then_some(policy.network),
        processes: policy.walls.processes,
    };
    let apart = |owner| {
        if policy.walls.namespaces == Some(owner) {
            namespaces::enter(owner, &world).map_err(step("enter namespaces"))
        } else {
            Ok(())
        }
    };
    apart(Owner::Root)?;
    if let Some(uid) = policy.uid {
        change_user(uid).map_err(step("change user"))?;
    }
    apart(Owner::User)?;
    env::set_current_dir(&policy.dir).map_err(step(&format!("enter `{}`", policy.dir.display())))?;
    if policy.confined {
        prctl::set_no_new_privs().map_err(step("set no-new-privs"))?;
    }
    prctl::set_pdeathsig(Signal::SIGKILL).map_err(step("set the parent-death signal"))?;
    check_parent(policy, parent, complaints.as_ref())?;
    SigSet::empty().thread_set_mask().map_err(step("unblock signals"))?;
    let mut command = program_command(policy, &program, args);
    if policy.walls.landlock {
        landlock::restrict(&places, policy.network).map_err(step("set access rules"))?;
    }
    if policy.walls.seccomp {
        seccomp::restrict(policy.profile, policy.network).map_err(step("filter system calls"))?;
    }
    let error = command.exec();
    Err(step(&format!("start `{}`", program.display()))(error))
}

fn arrange_descriptors(policy: &Policy, complaints: &mut Option<OwnedFd>) -> io::Result<()> {
    if policy.stage != Stage::Launched {
        descriptors::close_from(CONTROL + 1)?;
        *complaints = Some(descriptors::take(CONTROL)?);
    }
    match policy.channel {
        Channel::Inherited => Ok(()),
        Channel::None if policy.stage == Stage::Launched => descriptors::close_from(3),
        Channel::None => {
            // Taken only to be closed; they are there when the caller's caller left them open.
            drop(descriptors::take(3));
            drop(descriptors::take(4));
            Ok(())
        }
        Channel::Stdio => {
            descriptors::close_from(3)?;
            // A duplicate gets the lowest free number, so these are 3 and 4.
            let moved = (
                fcntl(io::stdin(), FcntlArg::F_DUPFD(3))?,
                fcntl(io::stdout(), FcntlArg::F_DUPFD(4))?,
            );
            debug_assert_eq!(moved, (3, 4), "everything from 3 on was closed");
            let null = descriptors::null().map_err(step("open /dev/null"))?;
            dup2_stdin(&null)?;
            dup2_stdout(&null)?;
            Ok(())
        }
    }
}

/// Leads a session and a process group of its own, so that one signal reaches the program and what it starts.
fn new_session() -> io::Result<()> {
    match setsid() {
        Ok(_) => Ok(()),
        // The caller made it the leader of a group already, and a leader cannot leave for a new session.
        Err(_) if getpgrp() == getpid() => Ok(()),
        Err(error) => Err(step("start a session")(error)),
    }
}

/// If the machine runs out of memory, the kernel should end a job rather than the grader. Best effort: it changes no verdict.
fn prefer_for_oom_killer() {
    let _ = fs::write("/proc/self/oom_score_adj", "1000");
}

fn limit_resources(policy: &Policy) -> io::Result<()> {
    let limits = &policy.limits;
    set(Resource::RLIMIT_CORE, 0, 0)?;
    if policy.profile == Profile::Trusted {
        return Ok(());
    }
    // Private memory counts as data; shared mappings do not, so the address space is bounded as well. It has to be larger: threads
    // reserve much that they never touch.
    set(Resource::RLIMIT_DATA, limits.memory, limits.memory)?;
    let space = limits
        .memory
        .saturating_mul(2)
        .saturating_add(limits.tasks.saturating_mul(RESERVED_BY_THREAD));
    set(Resource::RLIMIT_AS, space, space)?;
    // Whole seconds, per process: the supervisor looks after fractions and sums. The second in between is for the signal.
    let seconds = limits.cpu.as_secs() + u64::from(limits.cpu.subsec_nanos() > 0);
    set(Resource::RLIMIT_CPU, seconds, seconds + 1)?;
    set(Resource::RLIMIT_FSIZE, limits.file_size, limits.file_size)?;
    set(Resource::RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES)?;
    set(Resource::RLIMIT_STACK, STACK, STACK)?;
    set(Resource::RLIMIT_MEMLOCK, 64 << 10, 64 << 10)?;
    set(Resource::RLIMIT_MSGQUEUE, 0, 0)?;
    // A user namespace counts apart, but the limit outside holds as well.
    let tasks = limits.tasks + if policy.uid.is_some() { 0 } else { tasks_of_host() };
    set(Resource::RLIMIT_NPROC, tasks, tasks)
}

/// Sets a limit, or leaves a stricter one.
fn set(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let (_, ceiling) = getrlimit(resource)?;
    Ok(setrlimit(resource, soft.min(ceiling), hard.min(ceiling))?)
}

/// The tasks that exist now. Without a user of its own, a program is counted together with everything else its user runs; how
/// much that is takes long to find out, and it is never more than this.
fn tasks_of_host() -> u64 {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let tasks = load
        .split_ascii_whitespace()
        .nth(3)
        .and_then(|pair| pair.split_once('/')?.1.parse().ok());
    tasks.unwrap_or(1 << 15)
}

/// Becomes a job's user, for good.
pub(super) fn change_user(uid: u32) -> io::Result<()> {
    let (user, group) = (Uid::from_raw(uid), Gid::from_raw(uid));
    setgroups(&[])?;
    setresgid(group, group, group)?;
    setresuid(user, user, user)?;
    Ok(())
}

/// A parent that died before the parent-death signal was set does not send it.
fn check_parent(policy: &Policy, parent: u32, complaints: Option<&OwnedFd>) -> io::Result<()> {
    let is_there = match (policy.stage, complaints) {
        // In a namespace of process ids the supervisor has no number; but nobody else reads complaints.
        (Stage::Supervised(_), Some(pipe)) if parent == 0 => {
            let mut pipe = [PollFd::new(pipe.as_fd(), PollFlags::empty())];
            poll(&mut pipe, PollTimeout::ZERO)?;
            !pipe[0].any().unwrap_or(true)
        }
        (Stage::Supervised(pid), _) => u32::try_from(pid) == Ok(parent_id()),
        _ => parent_id() == parent,
    };
    if is_there {
        Ok(())
    } else {
        Err(io::Error::other("the process that started the jail is gone"))
    }
}

/// Executing it also resets the signals that the Rust runtime ignores.
fn program_command(policy: &Policy, program: &OsStr, args: &[OsString]) -> Command {
    let mut command = Command::new(program);
    command.args(args).env_clear();
    command.env("HOME", &policy.dir).env("TMPDIR", &policy.dir);
    command.envs(policy.env.iter().map(|(name, value)| (name, value)));
    command
}
