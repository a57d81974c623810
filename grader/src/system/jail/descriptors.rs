//! Inherited descriptors: the one place of the grader with unsafe code.
//!
//! The standard library and nix know descriptors as owned values. A new process has descriptors that nobody in it owns yet, known
//! by their number alone; making a value of a number, and closing numbers that may have no value, cannot be checked by the
//! compiler. Both are sound under the conditions written at each function, which hold because the jail is a process of its own:
//! it has one thread, and calls them before it opens anything itself.
#![expect(
    unsafe_code,
    reason = "inherited descriptors are numbers until somebody takes them; see the module's documentation"
)]

use std::fs::File;
use std::io;
use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::libc;

/// Takes an inherited descriptor and keeps it from children. Each number is taken at most once, before this process opens others.
pub(super) fn take(number: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: the borrow ends with the call; fcntl on a number that is not open fails with EBADF and does nothing else.
    fcntl(
        unsafe { BorrowedFd::borrow_raw(number) },
        FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC),
    )?;
    // SAFETY: the descriptor is open, as fcntl just said; it was inherited, so no value in this process owns it, and the caller
    // takes each number once.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// Closes every descriptor from `first` on. Values that own one of them must not be used or dropped afterwards; the jail calls
/// this before it has any.
pub(super) fn close_from(first: RawFd) -> io::Result<()> {
    let first = libc::c_uint::try_from(first).map_err(io::Error::other)?;
    // SAFETY: close_range takes three integers and touches no memory of this process. No owned descriptor at or above `first`
    // exists yet, as the function's documentation demands.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, first, libc::c_uint::MAX, 0) };
    match Errno::result(closed) {
        Ok(_) => Ok(()),
        Err(Errno::ENOSYS | Errno::EPERM) => close_listed(first),
        Err(error) => Err(error.into()),
    }
}

/// The same on a kernel without `close_range` (before 5.9).
fn close_listed(first: libc::c_uint) -> io::Result<()> {
    let numbers: Vec<RawFd> = std::fs::read_dir("/proc/self/fd")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|number: &RawFd| libc::c_uint::try_from(*number).is_ok_and(|number| number >= first))
        .collect();
    for number in numbers {
        // The directory's own descriptor is in the list and already closed.
        let _ = nix::unistd::close(number);
    }
    Ok(())
}

/// `/dev/null`, for reading and writing.
pub(super) fn null() -> io::Result<File> {
    File::options().read(true).write(true).open("/dev/null")
}
