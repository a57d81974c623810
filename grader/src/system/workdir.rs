//! A temporary directory for one grading: what is built and where jobs run.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::unistd::geteuid;

mod removal;

pub use removal::remove_tree;

/// What the names of working directories begin with.
const PREFIX: &str = "moulinette-";
/// Held locked by the grader that works in the directory.
const LOCK: &str = ".lock";
/// Making or removing a working directory takes less.
const LONGEST_CHANGE: Duration = Duration::from_secs(3600);

/// A directory that is removed when this is dropped, whatever jobs did in it.
///
/// Other users can pass through it but not list it: a job reaches the paths that it is given, and cannot find those of others,
/// whose names are random.
#[derive(Debug)]
pub struct Workdir {
    path: PathBuf,
    /// Held for its lock: a working directory without one was left by a grader that was killed.
    _lock: File,
}

impl Workdir {
    /// Creates a working directory in `parent`, and removes those that graders of this user left there when they were killed.
    pub fn create(parent: &Path) -> io::Result<Self> {
        let parent = parent.canonicalize()?;
        remove_stale(&parent);
        let directory = tempfile::Builder::new()
            .prefix(PREFIX)
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in(parent)?;
        // It gets its name when it is locked: one that can be seen and is not locked is stale.
        let unnamed = directory.path().join(".locking");
        let lock = File::create(&unnamed)?;
        lock.lock()?;
        fs::rename(&unnamed, directory.path().join(LOCK))?;
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o711))?;
        Ok(Self {
            path: directory.keep(),
            _lock: lock,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Creates a directory in it for jobs.
    pub fn scratch(&self, name: &str) -> io::Result<PathBuf> {
        let path = self.path.join(name);
        fs::DirBuilder::new().mode(0o755).create(&path)?;
        // Whatever the caller's umask takes away.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        Ok(path)
    }

    /// Removes it and says whether that worked; dropping it removes it as well, in silence.
    pub fn close(self) -> io::Result<()> {
        remove_tree(&self.path)
    }
}

impl Drop for Workdir {
    fn drop(&mut self) {
        // What cannot be removed now is stale, and tried again by the next grader.
        let _ = remove_tree(&self.path);
    }
}

/// Copies a program that a job made to where no job can change it: a file of ours in a directory of ours. The job may have put anything
/// in its place, so no link is followed and nothing is waited for.
pub fn take_over(program: &Path, kept: &Path) -> io::Result<()> {
    let mut from = File::options()
        .read(true)
        .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits())
        .open(program)?;
    if !from.metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    if let Some(folder) = kept.parent() {
        fs::create_dir_all(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    }
    let mut to = File::create(kept)?;
    io::copy(&mut from, &mut to)?;
    to.set_permissions(fs::Permissions::from_mode(0o755))
}

/// Best effort: this is somebody else's rubbish.
fn remove_stale(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    let ours = geteuid().as_raw();
    for entry in entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX))
    {
        let Ok(metadata) = entry.metadata() else { continue };
        let abandoned = match File::open(entry.path().join(LOCK)) {
            Ok(lock) => lock.try_lock().is_ok(),
            // It is being made or removed, or somebody was killed doing that.
            Err(_) => metadata
                .modified()
                .is_ok_and(|time| time.elapsed().is_ok_and(|age| age > LONGEST_CHANGE)),
        };
        if metadata.is_dir() && metadata.uid() == ours && abandoned {
            let _ = remove_tree(&entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_taken_over_as_it_is_and_links_are_not_followed() {
        let directory = tempfile::tempdir().unwrap();
        let (program, link) = (directory.path().join("program"), directory.path().join("link"));
        let kept = directory.path().join("kept/program");
        fs::write(&program, "text").unwrap();
        std::os::unix::fs::symlink(&program, &link).unwrap();
        take_over(&program, &kept).unwrap();
        assert_eq!(fs::read_to_string(&kept).unwrap(), "text");
        assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o755);
        assert!(take_over(&link, &kept).is_err() && take_over(directory.path(), &kept).is_err());
    }

    #[test]
    fn a_working_directory_can_be_passed_through_but_not_listed_by_others() {
        let parent = tempfile::tempdir().unwrap();
        let workdir = Workdir::create(parent.path()).unwrap();
        let scratch = workdir.scratch("out").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(workdir.path()), mode(&scratch)), (0o711, 0o755));
        workdir.close().unwrap();
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_a_killed_grader_left_is_removed_and_what_a_live_one_uses_is_not() {
        let parent = tempfile::tempdir().unwrap();
        let live = Workdir::create(parent.path()).unwrap();
        let stale = parent.path().join("moulinette-stale");
        fs::create_dir_all(stale.join("deep")).unwrap();
        fs::write(stale.join(LOCK), "").unwrap();
        let (other, young, old) = ("other-program", "moulinette-young", "moulinette-old");
        let [other, young, old] = [other, young, old].map(|name| parent.path().join(name));
        for directory in [&other, &young, &old] {
            fs::create_dir(directory).unwrap();
        }
        File::open(&old)
            .unwrap()
            .set_modified(std::time::SystemTime::now() - 2 * LONGEST_CHANGE)
            .unwrap();
        let next = Workdir::create(parent.path()).unwrap();
        assert!(!stale.exists() && !old.exists());
        assert!(other.exists() && young.exists() && live.path().exists() && next.path().exists());
    }
}
