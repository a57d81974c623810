//! Embeds the course, so that the installed program grades anywhere: lists every file of it for `include_bytes!`. Also says of which
//! sources the program was built: what an earlier build remembers is not for this one.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Folders and files of the repository that make up the course, relative to its root.
const PARTS: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "exercises",
    "reference",
    "rubrics",
    "templates",
    "tests/submissions",
    "grader/witness",
    "grader/judge",
];

fn main() -> io::Result<()> {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let root = manifest.parent().expect("the grader is a folder of the repository");
    let mut files = Vec::new();
    for part in PARTS {
        println!("cargo:rerun-if-changed={}", root.join(part).display());
        collect(&root.join(part), &mut files)?;
    }
    files.sort();
    let mut table = String::from("[\n");
    for file in &files {
        let name = file
            .strip_prefix(root)
            .expect("below the root")
            .to_string_lossy()
            .replace('\\', "/");
        writeln!(table, "    ({name:?}, include_bytes!({file:?})),").expect("a string takes it");
    }
    table.push(']');
    println!("cargo:rustc-env=MOULINETTE_SOURCES={:016x}", own_sources(&manifest)?);
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("course.in"), table)
}

/// A number that changes with the program's own sources. It keeps builds apart, no more: collisions are nobody's gain.
fn own_sources(manifest: &Path) -> io::Result<u64> {
    let mut files = Vec::new();
    for part in ["src", "Cargo.toml", "build.rs"] {
        println!("cargo:rerun-if-changed={}", manifest.join(part).display());
        collect(&manifest.join(part), &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.strip_prefix(manifest)
            .expect("below the manifest")
            .hash(&mut hasher);
        fs::read(&file)?.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    if !path.is_dir() {
        return Ok(());
    }
    println!("cargo:rerun-if-changed={}", path.display());
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == "target" || name.to_string_lossy().starts_with('.') || entry.file_type()?.is_symlink() {
            continue;
        }
        collect(&entry.path(), files)?;
    }
    Ok(())
}
