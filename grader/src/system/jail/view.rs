//! What a job may see of the file system: one list, from which both its root directory and its access rules are made.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::{Policy, Profile};
use crate::model::exercise::Network;

/// Libraries that every program loads, where distributions put them.
const LIBRARIES: &[&str] = &[
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/etc/ld.so.cache",
    "/nix/store",
    "/gnu/store",
];
/// The linker that rustc calls, and the programs that it calls.
const LINKERS: &[&str] = &[
    "/bin",
    "/usr/bin",
    "/usr/libexec",
    "/usr/local/bin",
    "/usr/local/lib",
    "/usr/local/libexec",
    "/etc/alternatives",
];
/// What resolving `localhost` reads.
const NAMES: &[&str] = &["/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf"];
/// Devices without state.
const DEVICES: &[&str] = &["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];
/// The one file of `/proc`: with it the runtime of a Rust program finds its stack, and can say that it overflowed.
const MAPS: &str = "/proc/self/maps";

/// A path that a job may use, with everything below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub path: PathBuf,
    pub access: Access,
}

/// How it may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Read, and executed.
    Read,
    /// Read and written, files of it not executed.
    Write,
    /// A device, or a file of `/proc`.
    Special,
}

/// The places of a job that exist here, those above others first.
pub(super) fn places(policy: &Policy, program: &OsStr) -> Vec<Place> {
    let mut places = Vec::new();
    let mut add = |access, paths: &[&str]| {
        places.extend(paths.iter().map(|path| Place {
            path: path.into(),
            access,
        }));
    };
    add(Access::Read, LIBRARIES);
    add(Access::Special, DEVICES);
    match policy.profile {
        Profile::Compile => add(Access::Read, LINKERS),
        Profile::Run | Profile::Trusted => add(Access::Special, &[MAPS]),
    }
    if policy.network == Network::Loopback {
        add(Access::Read, NAMES);
    }
    let read = policy.reads.iter().map(PathBuf::from).chain([PathBuf::from(program)]);
    places.extend(read.map(|path| Place {
        path: resolved(&path),
        access: Access::Read,
    }));
    places.push(Place {
        path: PathBuf::from(&policy.dir),
        access: Access::Write,
    });
    places.retain(|place| place.path.symlink_metadata().is_ok());
    places.sort_by_key(|place| place.path.components().count());
    places
}

/// The same file, reached through no linked directory: a job's root has few of those.
pub(super) fn resolved(path: &Path) -> PathBuf {
    let parent = path.parent().and_then(|parent| parent.canonicalize().ok());
    match (parent, path.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => path.to_owned(),
    }
}
