//! A toolchain that other users can run, made of links to one that they cannot reach.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use walkdir::WalkDir;

use crate::system::cache;

/// What the names of unfinished farms begin with.
const UNFINISHED: &str = "unfinished-";

/// A file of a farm.
struct Part {
    /// Below the toolchain.
    name: PathBuf,
    /// Where it really is.
    file: PathBuf,
    length: u64,
    /// Nanoseconds.
    modified: u128,
    executable: bool,
    readable: bool,
}

/// The farm of a toolchain, built if it is not there. A farm is addressed by what it links to, so a toolchain that was updated
/// gets another; it appears whole, by a rename, under a lock that makes a second grader wait for the first.
pub(super) fn prepare(sysroot: &Path, host: &str, version: &str, farms: &Path) -> io::Result<PathBuf> {
    let parts = parts(sysroot, host)?;
    let farm = farms.join(key(version, &parts));
    if farm.is_dir() {
        return Ok(farm);
    }
    create(farms)?;
    let _lock = cache::lock(&farms.join("lock"))?;
    if farm.is_dir() {
        return Ok(farm);
    }
    remove_unfinished(farms)?;
    let building = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(farms)?;
    for part in &parts {
        let target = building.path().join(&part.name);
        create(target.parent().unwrap_or(building.path()))?;
        link(part, &target)?;
    }
    open_to_others(building.path())?;
    fs::rename(building.keep(), &farm)?;
    Ok(farm)
}

/// What compiling for the host needs: the compiler, its libraries, and the target's standard library and linkers.
fn parts(sysroot: &Path, host: &str) -> io::Result<Vec<Part>> {
    let target = sysroot.join("lib/rustlib").join(host);
    let walks = [
        WalkDir::new(sysroot.join("bin/rustc")),
        WalkDir::new(sysroot.join("lib")).max_depth(1),
        WalkDir::new(target.join("lib")),
        WalkDir::new(target.join("bin")),
    ];
    let mut parts = Vec::new();
    for entry in walks.into_iter().flat_map(|walk| walk.sort_by_file_name()) {
        let entry = match entry {
            Ok(entry) => entry,
            // Not every toolchain brings linkers.
            Err(error) if error.depth() == 0 && error.path().is_some_and(|path| path.ends_with("bin")) => continue,
            Err(error) => return Err(error.into()),
        };
        let file = entry.path().canonicalize()?;
        let metadata = fs::metadata(&file)?;
        if !metadata.is_file() {
            continue;
        }
        let mode = metadata.permissions().mode();
        parts.push(Part {
            name: entry.path().strip_prefix(sysroot).map_err(io::Error::other)?.to_owned(),
            file,
            length: metadata.len(),
            modified: metadata
                .modified()?
                .duration_since(UNIX_EPOCH)
                .map_or(0, |time| time.as_nanos()),
            executable: mode & 0o100 != 0,
            readable: mode & 0o004 != 0 && (mode & 0o100 == 0 || mode & 0o001 != 0),
        });
    }
    Ok(parts)
}

fn key(version: &str, parts: &[Part]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(version.as_bytes());
    for part in parts {
        hasher.update(part.name.as_os_str().as_encoded_bytes());
        hasher.update(&[0]);
        hasher.update(&part.length.to_le_bytes());
        hasher.update(&part.modified.to_le_bytes());
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

/// Links a file, or copies it: between file systems, or where its own permissions would keep others out.
fn link(part: &Part, target: &Path) -> io::Result<()> {
    if part.readable && fs::hard_link(&part.file, target).is_ok() {
        return Ok(());
    }
    fs::copy(&part.file, target)?;
    fs::set_permissions(
        target,
        fs::Permissions::from_mode(if part.executable { 0o755 } else { 0o644 }),
    )
}

/// Creates a directory that others can enter, with those above it.
fn create(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    if let Some(parent) = directory.parent() {
        create(parent)?;
    }
    match fs::create_dir(directory) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => open_to_others(directory),
    }
}

fn open_to_others(directory: &Path) -> io::Result<()> {
    fs::set_permissions(directory, fs::Permissions::from_mode(0o755))
}

/// Removes what a grader that was killed left; the caller holds the lock, so nobody is building.
fn remove_unfinished(farms: &Path) -> io::Result<()> {
    for entry in fs::read_dir(farms)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toolchain(directory: &Path) -> PathBuf {
        let sysroot = directory.join("sysroot");
        let target = "lib/rustlib/host";
        for folder in ["bin", "lib", &format!("{target}/lib"), &format!("{target}/bin/gcc-ld")] {
            fs::create_dir_all(sysroot.join(folder)).unwrap();
        }
        for file in [
            "bin/rustc",
            "bin/cargo",
            "lib/libdriver.so",
            "lib/rustlib/host/lib/libstd.rlib",
            "lib/rustlib/host/bin/gcc-ld/ld",
        ] {
            fs::write(sysroot.join(file), file).unwrap();
        }
        fs::set_permissions(sysroot.join("bin/rustc"), fs::Permissions::from_mode(0o700)).unwrap();
        std::os::unix::fs::symlink("libdriver.so", sysroot.join("lib/libalias.so")).unwrap();
        sysroot
    }

    #[test]
    fn a_farm_holds_what_compiling_needs_and_everybody_can_read_it() {
        let directory = tempfile::tempdir().unwrap();
        let sysroot = toolchain(directory.path());
        let farm = prepare(&sysroot, "host", "1", &directory.path().join("farms")).unwrap();
        assert_eq!(fs::read_to_string(farm.join("bin/rustc")).unwrap(), "bin/rustc");
        assert_eq!(
            fs::read_to_string(farm.join("lib/libalias.so")).unwrap(),
            "lib/libdriver.so"
        );
        assert!(farm.join("lib/rustlib/host/bin/gcc-ld/ld").is_file());
        assert!(!farm.join("bin/cargo").exists());
        for entry in WalkDir::new(&farm) {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode();
            assert_ne!(mode & 0o004, 0);
        }
    }

    #[test]
    fn the_same_toolchain_gives_the_same_farm_and_another_gives_another() {
        let directory = tempfile::tempdir().unwrap();
        let sysroot = toolchain(directory.path());
        let farms = directory.path().join("farms");
        let first = prepare(&sysroot, "host", "1", &farms).unwrap();
        fs::create_dir(farms.join("unfinished-old")).unwrap();
        assert_eq!(prepare(&sysroot, "host", "1", &farms).unwrap(), first);
        fs::write(sysroot.join("bin/rustc"), "a newer compiler").unwrap();
        assert_ne!(prepare(&sysroot, "host", "1", &farms).unwrap(), first);
        assert!(!farms.join("unfinished-old").exists());
        assert_ne!(prepare(&sysroot, "host", "2", &farms).unwrap(), first);
    }

    #[test]
    fn builders_at_once_agree() {
        let directory = tempfile::tempdir().unwrap();
        let sysroot = toolchain(directory.path());
        let farms = directory.path().join("farms");
        let made: Vec<PathBuf> = std::thread::scope(|scope| {
            let builders: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| prepare(&sysroot, "host", "1", &farms).unwrap()))
                .collect();
            builders.into_iter().map(|builder| builder.join().unwrap()).collect()
        });
        assert!(made.iter().all(|farm| *farm == made[0]));
        assert_eq!(fs::read_dir(&farms).unwrap().count(), 2);
    }
}
