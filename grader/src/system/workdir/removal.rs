//! Removes trees that hostile programs made.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{OFlag, open, openat, renameat};
use nix::sys::stat::{FchmodatFlags, Mode, fchmod, fchmodat};
use nix::unistd::{UnlinkatFlags, unlinkat};

/// How many names are read before they are dealt with.
const BATCH: usize = 1024;

/// Removes a directory and everything in it, following no links, in bounded memory and with a handful of open files.
///
/// The standard library's way holds a directory open for every level, so a tree that is deep enough stops it; and paths of such a
/// tree are too long to be named. Here directories are emptied by moving those inside them up to the top, so that no more than two
/// levels are ever looked at. A directory that its owner closed is opened again first. No process may be working in the tree.
pub fn remove_tree(path: &Path) -> io::Result<()> {
    let Some(name) = path.file_name() else {
        return Err(io::Error::other("the root directory is not removed"));
    };
    let name = CString::new(name.as_bytes())?;
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let parent = open(parent, OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty())?;
    let top = match open_directory(parent.as_fd(), &name) {
        Ok(top) => top,
        Err(Errno::ENOENT) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let mut moved = 0;
    loop {
        let names = list(top.as_fd())?;
        if names.is_empty() {
            break;
        }
        for name in names {
            if !remove_leaf(top.as_fd(), &name)? {
                empty(top.as_fd(), &name, &mut moved)?;
                unlinkat(&top, name.as_c_str(), UnlinkatFlags::RemoveDir)?;
            }
        }
    }
    Ok(unlinkat(&parent, name.as_c_str(), UnlinkatFlags::RemoveDir)?)
}

/// Empties the directory `name` of `top` by removing leaves and moving other directories up to `top`.
fn empty(top: BorrowedFd<'_>, name: &CStr, moved: &mut u64) -> nix::Result<()> {
    let directory = open_directory(top, name)?;
    loop {
        let names = list(directory.as_fd())?;
        if names.is_empty() {
            return Ok(());
        }
        for name in names {
            if !remove_leaf(directory.as_fd(), &name)? {
                move_up(directory.as_fd(), &name, top, moved)?;
            }
        }
    }
}

/// Removes a file, a link or an empty directory; false if it is a directory with something in it.
fn remove_leaf(parent: BorrowedFd<'_>, name: &CStr) -> nix::Result<bool> {
    match unlinkat(parent, name, UnlinkatFlags::NoRemoveDir) {
        Ok(()) | Err(Errno::ENOENT) => return Ok(true),
        Err(Errno::EISDIR | Errno::EPERM) => {}
        Err(error) => return Err(error),
    }
    match unlinkat(parent, name, UnlinkatFlags::RemoveDir) {
        Ok(()) => Ok(true),
        Err(Errno::ENOTEMPTY | Errno::EEXIST) => Ok(false),
        Err(error) => Err(error),
    }
}

fn move_up(from: BorrowedFd<'_>, name: &CStr, top: BorrowedFd<'_>, moved: &mut u64) -> nix::Result<()> {
    // To move a directory is to change its `..`, which takes the right to write into it.
    reopen(from, name)?;
    loop {
        *moved += 1;
        let target = CString::new(format!("moved-{moved}")).map_err(|_| Errno::EINVAL)?;
        match renameat(from, name, top, target.as_c_str()) {
            // The name exists: somebody thought of it before.
            Err(Errno::ENOTEMPTY | Errno::EEXIST | Errno::ENOTDIR) => {}
            done => return done,
        }
    }
}

/// At most a batch of names.
fn list(directory: BorrowedFd<'_>) -> nix::Result<Vec<CString>> {
    let mut listing = Dir::openat(directory, c".", OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty())?;
    let mut names = Vec::new();
    for entry in listing.iter() {
        let entry = entry?;
        if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
            names.push(entry.file_name().to_owned());
        }
        if names.len() == BATCH {
            break;
        }
    }
    Ok(names)
}

/// Opens a directory, never through a link, with the right to change it.
fn open_directory(parent: BorrowedFd<'_>, name: &CStr) -> nix::Result<OwnedFd> {
    let flags = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let directory = match openat(parent, name, flags, Mode::empty()) {
        Err(Errno::EACCES) => {
            reopen(parent, name)?;
            openat(parent, name, flags, Mode::empty())?
        }
        other => other?,
    };
    fchmod(&directory, Mode::S_IRWXU)?;
    Ok(directory)
}

/// Gives us a directory's permissions again. It is known not to be a link, and nobody is there to make it one.
fn reopen(parent: BorrowedFd<'_>, name: &CStr) -> nix::Result<()> {
    fchmodat(parent, name, Mode::S_IRWXU, FchmodatFlags::FollowSymlink)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use nix::sys::stat::mkdirat;

    use super::*;

    #[test]
    fn links_are_removed_and_not_followed() {
        let place = tempfile::tempdir().unwrap();
        let outside = place.path().join("outside");
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("kept"), "").unwrap();
        let tree = place.path().join("tree");
        fs::create_dir_all(tree.join("inner")).unwrap();
        symlink(&outside, tree.join("link")).unwrap();
        symlink(&outside, tree.join("inner/link")).unwrap();
        remove_tree(&tree).unwrap();
        assert!(!tree.exists() && outside.join("kept").exists());
        symlink(&outside, &tree).unwrap();
        assert!(remove_tree(&tree).is_err());
        assert!(outside.join("kept").exists());
    }

    #[test]
    fn a_tree_deeper_than_any_path_is_removed() {
        let place = tempfile::tempdir().unwrap();
        let tree = place.path().join("tree");
        fs::create_dir(&tree).unwrap();
        let mut directory = open(&tree, OFlag::O_DIRECTORY, Mode::empty()).unwrap();
        for _ in 0..2_000 {
            mkdirat(&directory, c"deep", Mode::S_IRWXU).unwrap();
            directory = openat(&directory, c"deep", OFlag::O_DIRECTORY, Mode::empty()).unwrap();
        }
        drop(directory);
        remove_tree(&tree).unwrap();
        assert!(!tree.exists());
    }

    #[test]
    fn closed_directories_wide_ones_and_borrowed_names_are_removed() {
        let place = tempfile::tempdir().unwrap();
        let tree = place.path().join("tree");
        for folder in ["a/b/c", "moved-1/x", "moved-2/x"] {
            fs::create_dir_all(tree.join(folder)).unwrap();
        }
        fs::write(tree.join("a/b/file"), "").unwrap();
        for number in 0..3000 {
            fs::write(tree.join(format!("a/b/c/{number}")), "").unwrap();
        }
        for folder in ["a/b/c", "a/b", "a"] {
            fs::set_permissions(tree.join(folder), fs::Permissions::from_mode(0o000)).unwrap();
        }
        remove_tree(&tree).unwrap();
        assert!(!tree.exists());
        remove_tree(&tree).unwrap();
    }
}
