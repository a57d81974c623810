//! Slots for jobs: one per job that runs now, on the whole machine. A slot has a user id, where jobs have users of their own, and a
//! control group, where there are groups.
//!
//! Two jobs of one user could kill and trace each other, and ending everything that one left behind would end the other. So each
//! job that runs as another user has a slot, and holds the lock of that slot's file. The lock belongs to the open file, which the
//! job's supervisor shares: a slot is free only when both the grader and the supervisor are done with it, however they ended.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, lchown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{SandboxError, system};
use nix::unistd::geteuid;

use crate::system::jail::{FIRST_UID, UIDS};

/// Where the slots of the machine are.
const DIRECTORY: &str = "/run/moulinette";

/// Hands out slots.
#[derive(Debug)]
pub(super) struct Slots {
    directory: PathBuf,
    users: bool,
}

/// A slot that nobody else uses while this lives.
#[derive(Debug)]
pub struct Lease {
    slot: u32,
    uid: Option<u32>,
    lock: File,
    /// The command that ends what the user still runs, unless a supervisor did.
    sweep: Option<Vec<OsString>>,
}

impl Slots {
    /// The slots of this machine, with users or without, or why it cannot have any. Who is not root has slots of its own.
    pub fn open(users: bool) -> Result<Self, String> {
        let own = geteuid();
        let directory = if own.is_root() {
            PathBuf::from(DIRECTORY)
        } else {
            PathBuf::from(format!("/run/user/{own}/moulinette"))
        };
        Self::at(directory, users)
    }

    pub(super) fn at(directory: PathBuf, users: bool) -> Result<Self, String> {
        let created = fs::DirBuilder::new().recursive(true).mode(0o700).create(&directory);
        created.map_err(|error| format!("cannot create `{}`: {error}", directory.display()))?;
        Ok(Self { directory, users })
    }

    fn file(&self, slot: u32) -> io::Result<File> {
        let path = self.directory.join(format!("slot-{slot:03}"));
        File::options().create(true).truncate(false).write(true).open(path)
    }

    /// A free slot.
    pub fn lease(&self) -> Result<Lease, SandboxError> {
        for slot in 0..UIDS {
            let failed = || format!("lock slot {slot} in `{}`", self.directory.display());
            let lock = self.file(slot).map_err(system(failed()))?;
            match lock.try_lock() {
                Ok(()) => {
                    return Ok(Lease {
                        slot,
                        uid: self.users.then_some(FIRST_UID + slot),
                        lock,
                        sweep: None,
                    });
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(system(failed())(error)),
            }
        }
        Err(SandboxError::NoSlot {
            count: UIDS,
            directory: self.directory.clone(),
        })
    }
}

impl Lease {
    /// The user id, also the group id, of a slot that has one.
    pub fn uid(&self) -> Option<u32> {
        self.uid
    }

    pub(super) fn slot(&self) -> u32 {
        self.slot
    }

    pub(super) fn lock(&self) -> BorrowedFd<'_> {
        self.lock.as_fd()
    }

    /// How to end what the user still runs when the lease ends.
    pub(super) fn sweep_with(&mut self, command: Vec<OsString>) {
        self.sweep = Some(command);
    }

    /// A supervisor ended everything.
    pub(super) fn is_swept(&mut self) {
        self.sweep = None;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some([program, args @ ..]) = self.sweep.as_deref() {
            // If it fails, the next supervisor with this user sweeps before it starts anything.
            let _ = Command::new(program)
                .args(args)
                .env_clear()
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
        }
    }
}

/// Gives a directory to a job's user, with what earlier jobs left in it: those ran as other users of jobs, and files that belong
/// to anybody else stay theirs. No process of those users is running in it, so nothing changes under the walk.
pub(super) fn hand_over(directory: &Path, uid: u32) -> io::Result<()> {
    if fs::symlink_metadata(directory)?.uid() == uid {
        return Ok(());
    }
    lchown(directory, Some(uid), Some(uid))?;
    for entry in walkdir::WalkDir::new(directory).follow_links(false).min_depth(1) {
        let Ok(entry) = entry else { continue };
        let Ok(metadata) = entry.metadata() else { continue };
        if (FIRST_UID..FIRST_UID + UIDS).contains(&metadata.uid()) {
            lchown(entry.path(), Some(uid), Some(uid))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_leases_never_share_a_user() {
        let directory = tempfile::tempdir().unwrap();
        let (slots, others) = (
            Slots::at(directory.path().into(), true).unwrap(),
            Slots::at(directory.path().into(), true).unwrap(),
        );
        let first = slots.lease().unwrap();
        let second = others.lease().unwrap();
        assert_ne!(first.uid(), second.uid());
        let freed = first.uid();
        drop(first);
        assert_eq!(others.lease().unwrap().uid(), freed);
    }

    #[test]
    fn running_out_of_users_is_our_error() {
        let directory = tempfile::tempdir().unwrap();
        let slots = Slots::at(directory.path().into(), true).unwrap();
        let _held: Vec<Lease> = (0..UIDS).map(|_| slots.lease().unwrap()).collect();
        assert!(matches!(slots.lease(), Err(SandboxError::NoSlot { .. })));
    }
}
