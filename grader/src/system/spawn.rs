//! Starts processes with chosen descriptors; the jail's only way to start anything.

use std::ffi::{CStr, CString, OsStr};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::os::unix::ffi::OsStrExt;

use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, PosixSpawnFlags, posix_spawn};
use nix::sys::signal::SigSet;
use nix::unistd::Pid;

/// This program, wherever its file is now.
pub(super) const MYSELF: &CStr = c"/proc/self/exe";

/// Starts a process without environment, with default signals, and with the `given` descriptors at the given numbers.
///
/// Other descriptors are inherited only if they are not marked close-on-exec. All of ours are, so that processes started by other
/// threads at the same moment do not get them either; the copies for this process are made in this process. That is also why the
/// copies go through numbers above all of the sources: a source may sit on a number that another one is to get.
pub(super) fn spawn<'a>(
    program: &CStr,
    argv: impl IntoIterator<Item = &'a OsStr>,
    given: &[(BorrowedFd<'_>, RawFd)],
) -> io::Result<Pid> {
    let mut actions = PosixSpawnFileActions::init()?;
    let highest = given
        .iter()
        .map(|(source, number)| source.as_raw_fd().max(*number))
        .max()
        .unwrap_or(2);
    let copies = (highest + 1..).zip(given);
    for (copy, (source, _)) in copies.clone() {
        actions.add_dup2(source.as_raw_fd(), copy)?;
    }
    for (copy, (_, number)) in copies {
        actions.add_dup2(copy, *number)?;
        actions.add_close(copy)?;
    }
    let mut attributes = PosixSpawnAttr::init()?;
    attributes.set_flags(PosixSpawnFlags::POSIX_SPAWN_SETSIGDEF | PosixSpawnFlags::POSIX_SPAWN_SETSIGMASK)?;
    attributes.set_sigdefault(&SigSet::all())?;
    attributes.set_sigmask(&SigSet::empty())?;
    let argv = argv
        .into_iter()
        .map(|argument| CString::new(argument.as_bytes()))
        .collect::<Result<Vec<_>, _>>()?;
    let environment: [CString; 0] = [];
    Ok(posix_spawn(program, &actions, &attributes, &argv, &environment)?)
}
