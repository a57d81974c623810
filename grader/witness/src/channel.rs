//! The descriptors between witness and judge: 3 in, 4 out, never 0 to 2, which belong to the submission.

use std::ffi::c_int;
use std::fs::File;
use std::io;
use std::os::fd::{FromRawFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};

/// Requests come in here.
const REQUESTS: RawFd = 3;
/// Answers go out here.
const ANSWERS: RawFd = 4;

/// Set once the descriptors have an owner.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Both ends. There is one owner in a process.
#[expect(unsafe_code, reason = "there is no safe way to name an inherited descriptor")]
pub(crate) fn open() -> io::Result<(File, File)> {
    if TAKEN.swap(true, Ordering::SeqCst) {
        return Err(io::Error::other("the channel has an owner"));
    }
    // SAFETY: the launcher opened both for this process alone, nothing else in it opens descriptors before `run` calls this, and
    // `TAKEN` makes this the only place and time that claims to own them. If a launcher did not open them, or a hostile submission
    // closed them, reads and writes fail or go astray, which is for the judge to notice; no memory depends on them.
    Ok(unsafe { (File::from_raw_fd(REQUESTS), File::from_raw_fd(ANSWERS)) })
}

#[expect(unsafe_code, reason = "the standard library has no way to leave at once")]
unsafe extern "C" {
    /// Of the C library: ends the process, and runs nothing before it does.
    safe fn _exit(status: c_int) -> !;
}

/// Leaves at once: no destructor of a thread-local, no handler, no other thread of the submission comes in between.
pub(crate) fn leave(status: i32) -> ! {
    _exit(status)
}
