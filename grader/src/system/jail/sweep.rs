//! Ends all processes of a job's user.

use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid, setresuid};

use super::{FIRST_UID, UIDS};

/// Kills every process of a job's user at once; for root only.
///
/// `kill(-1)` holds the kernel's list of processes while it goes through it, so not even a fork bomb can outrun it; killing one
/// process after another can be outrun. To hit the job's user and nobody else it must not be sent by root. And while it is
/// being sent the job's processes must not be able to kill the sender: so the sender takes the user only as its effective id,
/// which decides whom it may kill, and an id of its own, which nobody else has, as the real one. Its saved id stays root, to return.
pub(super) fn kill_user(uid: u32) -> io::Result<()> {
    if !(FIRST_UID..FIRST_UID + UIDS).contains(&uid) {
        return Err(io::Error::other(format!("{uid} is no user of jobs")));
    }
    let guard = Uid::from_raw(uid + UIDS);
    setresuid(guard, Uid::from_raw(uid), Uid::from_raw(0))?;
    let killed = kill(Pid::from_raw(-1), Signal::SIGKILL);
    setresuid(Uid::from_raw(0), Uid::from_raw(0), Uid::from_raw(0))?;
    match killed {
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Kills every process of a job's user and waits until none is left, not even as a number that nobody has waited for: until then
/// the kernel counts it against what the next job of that user may start. Whoever inherited it waits for it, and tells nobody, so it
/// is looked for. Gives up without an error: the next job then meets its limit sooner.
pub(super) fn clear_user(uid: u32, patience: Duration) -> io::Result<()> {
    kill_user(uid)?;
    let started = Instant::now();
    while has_processes(uid) && started.elapsed() < patience {
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

fn has_processes(uid: u32) -> bool {
    let is_one = |entry: fs::DirEntry| {
        let name = entry.file_name();
        let numbered = name.as_encoded_bytes().first().is_some_and(u8::is_ascii_digit);
        numbered && entry.metadata().is_ok_and(|metadata| metadata.uid() == uid)
    };
    fs::read_dir("/proc").is_ok_and(|entries| entries.flatten().any(is_one))
}
