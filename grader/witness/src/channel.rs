//! The descriptors between witness and judge: 3 in, 4 out, never 0 to 2, which belong to the submission.

use std::fs::File;
use std::os::fd::FromRawFd;

/// Requests come in here.
const REQUESTS: i32 = 3;
/// Answers go out here.
const ANSWERS: i32 = 4;

/// Both ends; taken once, first thing in `main`.
#[expect(unsafe_code, reason = "there is no safe way to name an inherited descriptor")]
pub(crate) fn open() -> (File, File) {
    // SAFETY: the launcher opened both for this process alone and `run` calls this once, before any other code of the process runs;
    // so nothing else owns them. If a launcher did not open them, reads and writes fail with EBADF and the witness exits.
    unsafe { (File::from_raw_fd(REQUESTS), File::from_raw_fd(ANSWERS)) }
}
