//! The machine's cores, shared by all graders of one cache: sixteen graders that start at once take turns instead of starting
//! thirty-two compilers.
//!
//! A core is the lock of a file. The kernel lets go of it when its holder ends, however that happens. Sharing is about speed and memory,
//! never about correctness: who cannot lock a file, or waits too long for one, goes ahead without.

use std::fs::{self, File};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::interrupt;

/// How often a free core is looked for.
const LOOK: Duration = Duration::from_millis(5);
/// How long a grader waits for others that may be suspended.
const PATIENCE: Duration = Duration::from_secs(600);

/// Hands out cores.
#[derive(Debug, Clone)]
pub struct Cores {
    directory: PathBuf,
    count: usize,
}

/// A core, held until it is dropped.
#[derive(Debug)]
#[must_use = "dropping it gives the core back"]
pub struct Core {
    _lock: Option<File>,
}

impl Cores {
    /// The cores of this machine, shared through a cache directory.
    pub fn of(cache: &Path) -> Self {
        Self::at(
            cache.join("cores"),
            thread::available_parallelism().map_or(1, NonZero::get),
        )
    }

    fn at(directory: PathBuf, count: usize) -> Self {
        // Without the directory there is nothing to share; taking a core says so by not locking anything.
        let _ = fs::create_dir_all(&directory);
        Self { directory, count }
    }

    /// Waits for a core.
    pub fn take(&self) -> Core {
        let started = Instant::now();
        loop {
            if let Some(core) = self.try_take() {
                return core;
            }
            if started.elapsed() > PATIENCE || interrupt::signal().is_some() {
                return Core { _lock: None };
            }
            thread::sleep(LOOK);
        }
    }

    /// A core, if one is free now.
    pub fn try_take(&self) -> Option<Core> {
        let mut lockable = false;
        for number in 0..self.count {
            let path = self.directory.join(number.to_string());
            let opened = File::options().create(true).truncate(false).write(true).open(path);
            let Ok(file) = opened else { continue };
            lockable = true;
            if file.try_lock().is_ok() {
                return Some(Core { _lock: Some(file) });
            }
        }
        (!lockable).then_some(Core { _lock: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_as_the_machine_has_and_they_come_back() {
        let directory = tempfile::tempdir().unwrap();
        let (ours, theirs) = (
            Cores::at(directory.path().into(), 2),
            Cores::at(directory.path().into(), 2),
        );
        let (first, second) = (ours.take(), theirs.take());
        assert!(ours.try_take().is_none() && theirs.try_take().is_none());
        drop(first);
        assert!(theirs.try_take().is_some());
        drop(second);
    }

    #[test]
    fn who_cannot_lock_goes_ahead() {
        let nowhere = tempfile::tempdir().unwrap().path().join("gone");
        let cores = Cores {
            directory: nowhere,
            count: 1,
        };
        let (_first, _second) = (cores.take(), cores.take());
    }
}
