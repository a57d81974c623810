//! Where things are kept between runs, and how files get there whole.

use std::env;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;
use tempfile::NamedTempFile;

/// The cache of a grader that runs as root: jobs run as other users, who must reach the compiled crates in it.
const SYSTEM: &str = "/var/cache/moulinette";

/// Why there is no cache.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// Nothing says where.
    #[error("no place for the cache: neither XDG_CACHE_HOME nor HOME is an absolute path; give one with --cache-dir")]
    Nowhere,
    /// It cannot be made.
    #[error("cannot create the cache `{path}`: {source}; give another place with --cache-dir")]
    Create {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Jobs could not read it.
    #[error(
        "the cache `{path}` cannot be reached by the users that submissions run as: `{blocked}` is closed to others; give another place with --cache-dir"
    )]
    Unreachable {
        /// Where.
        path: PathBuf,
        /// The directory that is closed.
        blocked: PathBuf,
    },
}

/// The cache directory, created: the given one, or the default of this user.
pub fn root(given: Option<&Path>) -> Result<PathBuf, CacheError> {
    let variable = |name| env::var_os(name).map(PathBuf::from);
    let is_root = geteuid().is_root();
    let chosen = choose(given, is_root, variable("XDG_CACHE_HOME"), variable("HOME")).ok_or(CacheError::Nowhere)?;
    let created = fs::DirBuilder::new()
        .recursive(true)
        .mode(if is_root { 0o755 } else { 0o700 })
        .create(&chosen);
    let path = created.and_then(|()| chosen.canonicalize());
    let path = path.map_err(|source| CacheError::Create { path: chosen, source })?;
    match closed_to_others(&path) {
        Some(blocked) if is_root => Err(CacheError::Unreachable { path, blocked }),
        _ => Ok(path),
    }
}

/// The standard says that a variable with a relative path is to be ignored.
fn choose(given: Option<&Path>, is_root: bool, xdg: Option<PathBuf>, home: Option<PathBuf>) -> Option<PathBuf> {
    if let Some(given) = given {
        return Some(given.to_owned());
    }
    if is_root {
        return Some(SYSTEM.into());
    }
    let xdg = xdg.filter(|path| path.is_absolute());
    let base = xdg.or_else(|| Some(home.filter(|path| path.is_absolute())?.join(".cache")));
    Some(base?.join("moulinette"))
}

/// Writes a file so that others see the old one or the whole new one. Only this user can read it.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = path
        .parent()
        .ok_or_else(|| io::Error::other("a file has a directory"))?;
    let mut file = NamedTempFile::new_in(directory)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

/// The digest of a file's content.
pub fn digest(path: &Path) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// Waits for the lock of a file, created if need be; it is held as long as the file is open.
pub fn lock(path: &Path) -> io::Result<File> {
    let file = File::options().create(true).truncate(false).write(true).open(path)?;
    file.lock()?;
    Ok(file)
}

/// The first part of a path, from the path itself up to the root, that is closed to other users: a directory that they cannot
/// enter, or a file that they cannot execute. None if they can reach it.
pub fn closed_to_others(path: &Path) -> Option<PathBuf> {
    let open = |part: &&Path| fs::metadata(part).is_ok_and(|metadata| metadata.permissions().mode() & 0o001 != 0);
    path.ancestors()
        .find(|part| !part.as_os_str().is_empty() && !open(part))
        .map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_given_place_wins_then_the_user_decides() {
        let (xdg, home) = (Some(PathBuf::from("/xdg")), Some(PathBuf::from("/home/ada")));
        assert_eq!(
            choose(Some(Path::new("here")), true, xdg.clone(), home.clone()),
            Some("here".into())
        );
        assert_eq!(choose(None, true, xdg.clone(), home.clone()), Some(SYSTEM.into()));
        assert_eq!(choose(None, false, xdg, home.clone()), Some("/xdg/moulinette".into()));
        assert_eq!(
            choose(None, false, Some("relative".into()), home),
            Some("/home/ada/.cache/moulinette".into())
        );
        assert_eq!(choose(None, false, None, Some("".into())), None);
    }

    #[test]
    fn a_written_file_replaces_the_old_one_and_leaves_nothing_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("entry");
        write_atomically(&path, b"old").unwrap();
        write_atomically(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_lock_is_exclusive_until_dropped() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let held = lock(&path).unwrap();
        assert!(File::open(&path).unwrap().try_lock().is_err());
        drop(held);
        assert!(File::open(&path).unwrap().try_lock().is_ok());
    }

    #[test]
    fn the_innermost_closed_part_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let inner = directory.path().join("inner");
        fs::create_dir(&inner).unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(closed_to_others(&inner), Some(directory.path().to_owned()));
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o711)).unwrap();
        assert_eq!(closed_to_others(&inner), None);
        assert_eq!(closed_to_others(Path::new("/usr/bin")), None);
    }
}
