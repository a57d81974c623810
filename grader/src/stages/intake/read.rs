//! Reads the folder of one exercise within limits.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::fcntl::OFlag;
use walkdir::WalkDir;

use super::{Intake, Sources};
use crate::model::exercise::Exercise;
use crate::model::verdict::{Finding, FindingKind};

/// How much one exercise may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntakeLimits {
    /// Files below `src/`.
    pub files: usize,
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Bytes of all files.
    pub total_bytes: u64,
    /// Folders below `src/` inside each other.
    pub depth: usize,
}

impl Default for IntakeLimits {
    fn default() -> Self {
        Self {
            files: 200,
            file_bytes: 1 << 20,
            total_bytes: 4 << 20,
            depth: 8,
        }
    }
}

/// How many findings of a kind are kept: who sees so many knows what to do.
const FINDINGS: usize = 50;

/// How many files and folders are looked at for each Rust file that may be there.
const OTHERS: usize = 20;

/// Reads `src/` and Cargo.toml of one exercise.
pub(super) fn exercise(folder: &Path, exercise: &Exercise, limits: &IntakeLimits) -> Intake {
    let mut reader = Reader {
        folder,
        limits,
        sources: Sources::default(),
        fatal: Vec::new(),
        bytes: 0,
    };
    if folder
        .symlink_metadata()
        .is_ok_and(|meta| meta.file_type().is_symlink())
    {
        reader.refuse(
            "symlink",
            "",
            "the exercise's folder is a symbolic link; hand in the folder itself",
        );
        return Intake::Malformed(reader.fatal);
    }
    reader.manifest();
    if !exercise.generated {
        reader.build_script();
    }
    reader.sources();
    if reader.fatal.is_empty() && !reader.sources.files.contains_key(&exercise.entry) {
        let there: Vec<_> = reader.sources.files.keys().take(10).cloned().collect();
        let there = if there.is_empty() {
            "there is no Rust file below `src/`".to_owned()
        } else {
            format!("found {}", there.join(", "))
        };
        let text = format!(
            "the entry file `{}` is missing ({there}); put the exercise's public items there",
            exercise.entry
        );
        reader.refuse("no-entry-file", &exercise.entry, &text);
    }
    if reader.fatal.is_empty() {
        Intake::Received(reader.sources)
    } else {
        Intake::Malformed(reader.fatal)
    }
}

struct Reader<'a> {
    folder: &'a Path,
    limits: &'a IntakeLimits,
    sources: Sources,
    fatal: Vec<Finding>,
    bytes: u64,
}

impl Reader<'_> {
    fn refuse(&mut self, rule: &str, file: &str, message: &str) {
        if self.fatal.len() < FINDINGS {
            self.fatal.push(finding(rule, file, message));
        }
    }

    fn note(&mut self, rule: &str, file: &str, message: &str) {
        if self.sources.findings.len() < FINDINGS {
            self.sources.findings.push(finding(rule, file, message));
        }
    }

    fn manifest(&mut self) {
        let path = self.folder.join("Cargo.toml");
        match path.symlink_metadata() {
            Ok(meta) if meta.is_file() => match read_bounded(&path, self.limits.file_bytes) {
                Ok(Some(bytes)) => match String::from_utf8(bytes) {
                    Ok(text) => self.sources.manifest = Some(text),
                    Err(_) => self.note(
                        "manifest-not-text",
                        "Cargo.toml",
                        "it is not UTF-8 text and was ignored",
                    ),
                },
                Ok(None) => self.note(
                    "manifest-too-large",
                    "Cargo.toml",
                    "it is larger than any manifest needs to be and was ignored",
                ),
                Err(error) => self.note(
                    "unreadable",
                    "Cargo.toml",
                    &format!("it cannot be read ({error}) and was ignored"),
                ),
            },
            Ok(_) => self.note(
                "manifest-not-a-file",
                "Cargo.toml",
                "it is not a regular file and was ignored",
            ),
            Err(_) => {}
        }
    }

    /// The script is never run. Where the exercise has generated code, submissions have one, for the student's own cargo.
    fn build_script(&mut self) {
        if self.folder.join("build.rs").symlink_metadata().is_ok() {
            self.note(
                "build-script",
                "build.rs",
                "build scripts are not run; the exercise needs none",
            );
        }
    }

    fn sources(&mut self) {
        let src = self.folder.join("src");
        match src.symlink_metadata() {
            Ok(meta) if meta.is_dir() => {}
            Ok(_) => {
                return self.refuse(
                    "src-not-a-folder",
                    "src",
                    "`src` is not a folder (symbolic links are not followed); hand in a folder of Rust files",
                );
            }
            Err(_) => return,
        }
        let entries = WalkDir::new(&src)
            .follow_links(false)
            .sort_by_file_name()
            .max_depth(self.limits.depth + 1);
        for (count, entry) in entries.into_iter().enumerate() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().map(|path| self.relative(path)).unwrap_or_default();
                    self.refuse("unreadable", &path, "it cannot be read; check its permissions");
                    continue;
                }
            };
            let name = self.relative(entry.path());
            if count > self.limits.files * OTHERS {
                let text = "there are far too many files and folders below `src/`; hand in source code only";
                return self.refuse("too-many-files", &name, text);
            } else if entry.file_name().to_str().is_none() {
                self.refuse("name-not-utf8", &name, "its name is not UTF-8; rename it");
            } else if entry.file_type().is_dir() {
                if entry.depth() > self.limits.depth {
                    let text = format!("folders are more than {} deep; move the modules up", self.limits.depth);
                    self.refuse("too-deep", &name, &text);
                }
            } else if entry.path().extension().is_none_or(|extension| extension != "rs") {
                self.note("not-rust", &name, "only Rust files are read; this one was ignored");
            } else if !entry.file_type().is_file() {
                self.refuse(
                    "not-a-file",
                    &name,
                    "it is a symbolic link or a special file; hand in a regular file",
                );
            } else if self.sources.files.len() >= self.limits.files {
                let text = format!(
                    "there are more than {} Rust files; merge modules or remove what is not needed",
                    self.limits.files
                );
                return self.refuse("too-many-files", &name, &text);
            } else if !self.file(entry.path(), name) {
                return;
            }
        }
    }

    /// Takes one file; false when reading should stop.
    fn file(&mut self, path: &Path, name: String) -> bool {
        let allowed = self.limits.file_bytes;
        let bytes = match read_bounded(path, allowed) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => {
                let text = format!(
                    "it is larger than {} KiB; source files of this course are far smaller",
                    allowed >> 10
                );
                self.refuse("file-too-large", &name, &text);
                return true;
            }
            Err(error) => {
                self.refuse("unreadable", &name, &format!("it cannot be read: {error}"));
                return true;
            }
        };
        self.bytes += bytes.len() as u64;
        if self.bytes > self.limits.total_bytes {
            let text = format!(
                "the sources are larger than {} KiB together; hand in source code only",
                self.limits.total_bytes >> 10
            );
            self.refuse("too-large", &name, &text);
            return false;
        }
        match String::from_utf8(bytes) {
            Ok(text) => {
                self.sources.files.insert(
                    name,
                    text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n"),
                );
            }
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
                let mut found = finding(
                    "not-utf8",
                    &name,
                    "it is not UTF-8 text from this line on; save it as UTF-8",
                );
                found.line = u32::try_from(line).unwrap_or(u32::MAX);
                self.fatal.push(found);
            }
        }
        true
    }

    fn relative(&self, path: &Path) -> String {
        let inside = path.strip_prefix(self.folder).unwrap_or(path);
        let parts: Vec<_> = inside
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect();
        parts.join("/")
    }
}

fn finding(rule: &str, file: &str, message: &str) -> Finding {
    Finding {
        kind: FindingKind::Intake,
        rule: rule.to_owned(),
        file: file.to_owned(),
        line: 0,
        column: 0,
        message: message.to_owned(),
    }
}

/// The content of a regular file, or nothing when it has more than `limit` bytes. Opened without following a link and without waiting for a pipe.
fn read_bounded(path: &Path, limit: u64) -> std::io::Result<Option<Vec<u8>>> {
    let file: File = OpenOptions::new()
        .read(true)
        .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits())
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(std::io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}
