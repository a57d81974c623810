//! Control groups: what all processes of a job may have together.
//!
//! A grader has one group for each slot that it uses, for one job after the other: to create and remove one for each job would take
//! longer than most jobs. They are removed with the grader's sandbox, whose process id and number are in their names; those of a grader
//! that was killed are removed by the next one.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;

use crate::model::limits::Limits;
use crate::system::jail::Group;

/// The directory of our groups.
const NAME: &str = "moulinette";
/// How often other graders may remove the directory of our groups while a group is made in it.
const RACES: usize = 1000;
/// Beyond a job's limit on memory, so that a single process meets its own limit first and can say so: a share, and bytes.
const SLACK: (u64, u64) = (4, 32 << 20);

/// Where the groups of this machine are.
#[derive(Debug)]
pub(super) struct Cgroups {
    kind: Kind,
    /// Which of the sandboxes of this process it belongs to: one that ends must not take the groups of another with it.
    number: u32,
    /// The slots whose groups this grader has used.
    used: Mutex<BTreeSet<u32>>,
}

/// The two versions of control groups.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// One tree with all controllers; the directory of our groups.
    Unified(PathBuf),
    /// A tree for each controller.
    Separate { memory: PathBuf, pids: PathBuf },
}

impl Cgroups {
    /// A place for groups that can be written, or why there is none. Removes what killed graders left.
    pub fn open() -> Result<Self, String> {
        let read = |file: &str| fs::read_to_string(format!("/proc/self/{file}")).unwrap_or_default();
        let (mounts, own) = (read("mountinfo"), read("cgroup"));
        let kind = match unified(&mounts, &own) {
            Ok(kind) => kind,
            Err(first) => {
                separate(&mounts, &own).map_err(|second| format!("version 2: {first}; version 1: {second}"))?
            }
        };
        static OPENED: AtomicU32 = AtomicU32::new(0);
        let groups = Self {
            kind,
            number: OPENED.fetch_add(1, Ordering::Relaxed),
            used: Mutex::default(),
        };
        groups.remove_stale();
        Ok(groups)
    }

    /// The group of a slot.
    pub fn group(&self, slot: u32) -> Group {
        let directories = self.directories(slot);
        let events = match self.kind {
            Kind::Unified(_) => "memory.events",
            Kind::Separate { .. } => "memory.oom_control",
        };
        Group {
            events: directories[0].join(events).into(),
            members: directories
                .into_iter()
                .map(|directory| directory.join("cgroup.procs").into())
                .collect(),
        }
    }

    /// Gives the group of a slot the limits of a job; the caller holds the slot.
    pub fn prepare(&self, slot: u32, limits: &Limits) -> io::Result<()> {
        if let Ok(mut used) = self.used.lock() {
            used.insert(slot);
        }
        let memory = limits.memory + limits.memory / SLACK.0 + SLACK.1;
        let directories = self.directories(slot);
        for directory in &directories {
            // Other graders remove the parent when they end, perhaps several of them one after the other.
            let mut made = self.make(directory);
            for _ in 0..RACES {
                match &made {
                    Err(error) if error.kind() == ErrorKind::NotFound => made = self.make(directory),
                    _ => break,
                }
            }
            made?;
        }
        let set = |directory: &Path, file: &str, value: u64| fs::write(directory.join(file), value.to_string());
        let (first, last) = (&directories[0], &directories[directories.len() - 1]);
        // A machine without swap has no file for it.
        match self.kind {
            Kind::Unified(_) => {
                set(first, "memory.max", memory)?;
                let _ = set(first, "memory.swap.max", 0);
            }
            Kind::Separate { .. } => {
                // The limit with swap must never be the lower one.
                let _ = fs::write(first.join("memory.memsw.limit_in_bytes"), "-1");
                set(first, "memory.limit_in_bytes", memory)?;
                let _ = set(first, "memory.memsw.limit_in_bytes", memory);
            }
        }
        set(last, "pids.max", limits.tasks)
    }

    /// Makes a group, and the directory of our groups before it if need be.
    fn make(&self, directory: &Path) -> io::Result<()> {
        let root = directory.parent().unwrap_or(directory);
        if make_directory(root)? && matches!(self.kind, Kind::Unified(_)) {
            fs::write(root.join("cgroup.subtree_control"), "+memory +pids")?;
        }
        make_directory(directory).map(drop)
    }

    fn directories(&self, slot: u32) -> Vec<PathBuf> {
        let name = format!("{}-{}-slot-{slot:03}", process::id(), self.number);
        self.roots().into_iter().map(|root| root.join(&name)).collect()
    }

    fn roots(&self) -> Vec<&Path> {
        match &self.kind {
            Kind::Unified(root) => vec![root],
            Kind::Separate { memory, pids } => vec![memory, pids],
        }
    }

    /// Removes the groups of graders that are gone. What still runs in them lost its supervisor and is ended; a group that does not
    /// empty at once is left to the next grader.
    fn remove_stale(&self) {
        for root in self.roots() {
            let Ok(entries) = fs::read_dir(root) else { continue };
            for entry in entries.flatten() {
                let name = entry.file_name();
                let owner = name.to_str().and_then(|name| name.split_once('-')?.0.parse().ok());
                if owner.is_some_and(is_gone) {
                    let members = vec![entry.path().join("cgroup.procs").into()];
                    let events = OsString::new();
                    Group { members, events }.kill();
                    let _ = fs::remove_dir(entry.path());
                }
            }
        }
    }

    /// Removes the groups that this grader has used; its jobs have ended.
    pub fn close(&self) {
        let used = self.used.lock().map(|used| used.clone()).unwrap_or_default();
        for directory in used.into_iter().flat_map(|slot| self.directories(slot)) {
            let _ = fs::remove_dir(directory);
        }
        for root in self.roots() {
            // Others may have groups there.
            let _ = fs::remove_dir(root);
        }
    }
}

/// Makes a directory; whether it was not there.
fn make_directory(path: &Path) -> io::Result<bool> {
    match fs::create_dir(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether no process has this number. One of another user still counts as there.
fn is_gone(process: i32) -> bool {
    kill(Pid::from_raw(process), None) == Err(Errno::ESRCH)
}

/// The mount points of control groups: their directory, its place in the tree, the type, the options.
fn mounted(mounts: &str) -> impl Iterator<Item = (PathBuf, PathBuf, &str, &str)> {
    // Fields 4 and 5 are root and mount point; after a dash come type, source and options.
    mounts.lines().filter_map(|line| {
        let (before, after) = line.split_once(" - ")?;
        let before: Vec<&str> = before.split(' ').collect();
        let mut after = after.split(' ');
        let (kind, options) = (after.next()?, after.nth(1)?);
        kind.starts_with("cgroup").then_some((
            PathBuf::from(before.get(4)?),
            PathBuf::from(before.get(3)?),
            kind,
            options,
        ))
    })
}

/// Where in a mounted tree the group `own` is.
fn place(point: &Path, root: &Path, own: &str) -> PathBuf {
    match Path::new(own).strip_prefix(root) {
        Ok(below) => point.join(below),
        // In a namespace of control groups paths begin there.
        Err(_) => point.join(own.trim_start_matches('/')),
    }
}

/// Our directory in the tree of version 2, next to this process's own group or as near above it as can be written.
fn unified(mounts: &str, own: &str) -> Result<Kind, String> {
    let (point, root, ..) = mounted(mounts)
        .find(|(_, _, kind, _)| *kind == "cgroup2")
        .ok_or("not mounted")?;
    let own = own.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or("/");
    let own = place(&point, &root, own);
    let mut reason = "no controllers".to_owned();
    for above in own.ancestors().take_while(|above| above.starts_with(&point)) {
        match delegate(above) {
            Ok(directory) => return Ok(Kind::Unified(directory)),
            Err(error) => reason = format!("`{}`: {error}", above.display()),
        }
    }
    Err(reason)
}

/// Makes our directory below a group, with the controllers for those below it.
fn delegate(above: &Path) -> io::Result<PathBuf> {
    let has = |file: &str| -> io::Result<bool> {
        let text = fs::read_to_string(above.join(file))?;
        let names: Vec<&str> = text.split_ascii_whitespace().collect();
        Ok(["memory", "pids"].iter().all(|name| names.contains(name)))
    };
    if !has("cgroup.controllers")? {
        return Err(io::Error::other("no controllers for memory and pids"));
    }
    let directory = above.join(NAME);
    let existed = directory.is_dir();
    let make = || {
        fs::create_dir_all(&directory)?;
        let enable = |group: &Path| fs::write(group.join("cgroup.subtree_control"), "+memory +pids");
        if !has("cgroup.subtree_control")? {
            enable(above)?;
        }
        enable(&directory)
    };
    match make() {
        Ok(()) => Ok(directory),
        Err(error) => {
            if !existed {
                let _ = fs::remove_dir(&directory);
            }
            Err(error)
        }
    }
}

/// Our directories in the trees of version 1, below this process's own groups.
fn separate(mounts: &str, own: &str) -> Result<Kind, String> {
    let find = |controller: &str| -> Result<PathBuf, String> {
        let lists = |list: &str| list.split(',').any(|name| name == controller);
        let (point, root, ..) = mounted(mounts)
            .find(|(_, _, kind, options)| *kind == "cgroup" && lists(options))
            .ok_or_else(|| format!("no controller for {controller}"))?;
        let own = own.lines().find_map(|line| {
            let (_, rest) = line.split_once(':')?;
            let (controllers, path) = rest.split_once(':')?;
            lists(controllers).then_some(path)
        });
        let directory = place(&point, &root, own.unwrap_or("/")).join(NAME);
        match fs::create_dir(&directory) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                Err(format!("`{}`: {error}", directory.display()))
            }
            _ => Ok(directory),
        }
    };
    let memory = find("memory")?;
    match find("pids") {
        Ok(pids) => Ok(Kind::Separate { memory, pids }),
        Err(error) => {
            let _ = fs::remove_dir(memory);
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "24 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
39 31 0:36 /docker/ab /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
";

    #[test]
    fn mount_points_are_read_with_their_places_and_options() {
        let all: Vec<_> = mounted(MOUNTS).collect();
        assert_eq!(all.len(), 3);
        assert_eq!((all[0].2, all[0].3), ("cgroup", "rw,memory"));
        assert_eq!(
            place(&all[1].0, &all[1].1, "/docker/ab/job"),
            Path::new("/sys/fs/cgroup/pids/job")
        );
        assert_eq!(
            place(&all[2].0, &all[2].1, "/user.slice"),
            Path::new("/sys/fs/cgroup/unified/user.slice")
        );
    }

    /// A tree of version 2 as far as files go: the kernel's part in it is not there.
    fn tree(controllers: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for group in ["", "user.slice", "user.slice/session"] {
            let directory = root.path().join(group);
            fs::create_dir_all(&directory).unwrap();
            fs::write(directory.join("cgroup.controllers"), controllers).unwrap();
            fs::write(directory.join("cgroup.subtree_control"), "").unwrap();
        }
        root
    }

    #[test]
    fn the_nearest_group_that_can_be_written_is_taken() {
        let root = tree("cpu memory pids");
        // Where processes are, controllers cannot be given on; here a directory stands in the way of the file.
        let session = root.path().join("user.slice/session");
        fs::remove_file(session.join("cgroup.subtree_control")).unwrap();
        fs::create_dir(session.join("cgroup.subtree_control")).unwrap();
        let mounts = format!("41 31 0:38 / {} rw - cgroup2 cgroup2 rw\n", root.path().display());
        let kind = unified(&mounts, "0::/user.slice/session\n").unwrap();
        assert_eq!(kind, Kind::Unified(root.path().join("user.slice/moulinette")));
        assert!(!session.join(NAME).exists());
        let control = fs::read_to_string(root.path().join("user.slice/cgroup.subtree_control")).unwrap();
        assert_eq!(control, "+memory +pids");
    }

    #[test]
    fn a_tree_without_controllers_is_no_use() {
        let root = tree("cpu");
        let mounts = format!("41 31 0:38 / {} rw - cgroup2 cgroup2 rw\n", root.path().display());
        assert!(unified(&mounts, "0::/\n").unwrap_err().contains("no controllers"));
    }

    #[test]
    fn a_group_gets_the_limits_of_its_job() {
        let root = tempfile::tempdir().unwrap();
        let groups = Cgroups {
            kind: Kind::Unified(root.path().join(NAME)),
            number: 0,
            used: Mutex::default(),
        };
        groups.prepare(7, &Limits::compile()).unwrap();
        let group = groups.group(7);
        let slot = root.path().join(format!("moulinette/{}-0-slot-007", process::id()));
        assert_eq!(group.members, [slot.join("cgroup.procs").into_os_string()]);
        assert_eq!(fs::read_to_string(slot.join("pids.max")).unwrap(), "64");
        let memory: u64 = fs::read_to_string(slot.join("memory.max")).unwrap().parse().unwrap();
        assert!(memory > Limits::compile().memory);
    }

    #[test]
    fn groups_of_killed_graders_are_removed_and_those_in_use_are_not() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join(NAME);
        let mut gone = process::Command::new("true").spawn().unwrap();
        gone.wait().unwrap();
        let own = |number: u32| format!("{}-{number}-slot-001", process::id());
        let living = [own(0), own(1), "1-0-slot-002".to_owned()];
        for name in living.iter().chain([&format!("{}-0-slot-041", gone.id())]) {
            fs::create_dir_all(directory.join(name)).unwrap();
        }
        let groups = Cgroups {
            kind: Kind::Unified(directory.clone()),
            number: 0,
            used: Mutex::new([1].into()),
        };
        groups.remove_stale();
        let mut left: Vec<_> = fs::read_dir(&directory)
            .unwrap()
            .flatten()
            .map(|entry| entry.file_name())
            .collect();
        left.sort();
        let mut living = living.map(OsString::from);
        living.sort();
        assert_eq!(left, living);
        groups.close();
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 2, "those of others stay");
    }
}
