//! The course as files: embedded in the program, or read from an edited copy.
//!
//! Everything later works on paths relative to the course's root and bytes, so that it cannot tell where the course came from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use walkdir::WalkDir;

/// The course of this build, path and content.
static EMBEDDED: &[(&str, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/course.in"));

/// The folders and files of an edited course that are read, as in the embedded one.
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

/// No file of a course is larger; what is, was put there by mistake.
const LARGEST: u64 = 16 << 20;

/// The files of a course by path relative to its root, with `/` between folders.
#[derive(Debug, Clone)]
pub struct Course {
    files: BTreeMap<String, Cow<'static, [u8]>>,
    origin: Origin,
    /// Another directory for rubrics, if the caller gave one.
    rubrics: Option<PathBuf>,
}

/// Where a course came from; messages name its files by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The copy in the program.
    Embedded,
    /// A directory.
    Directory(PathBuf),
}

/// Why a course could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CourseError {
    /// The directory lacks what makes it a course.
    #[error("`{0}` is no course: it has no `{1}`; give the directory that holds `exercises/` and `Cargo.toml`")]
    NotACourse(PathBuf, &'static str),
    /// A file could not be read.
    #[error("cannot read `{path}`: {source}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is too large to belong to a course.
    #[error("`{0}` has more than {LARGEST} bytes; remove it from the course")]
    TooLarge(PathBuf),
}

impl Course {
    /// The course that this program was built with.
    pub fn embedded() -> Self {
        let files = EMBEDDED
            .iter()
            .map(|(path, bytes)| ((*path).to_owned(), Cow::Borrowed(*bytes)))
            .collect();
        Self {
            files,
            origin: Origin::Embedded,
            rubrics: None,
        }
    }

    /// An edited course: a directory laid out as the repository.
    pub fn read(root: &Path) -> Result<Self, CourseError> {
        for needed in [
            "Cargo.toml",
            "Cargo.lock",
            "exercises",
            "rubrics",
            "reference",
            "grader/witness",
            "grader/judge",
        ] {
            if !root.join(needed).exists() {
                return Err(CourseError::NotACourse(root.to_owned(), needed));
            }
        }
        let mut files = BTreeMap::new();
        for part in PARTS {
            read_below(root, &root.join(part), &mut files)?;
        }
        Ok(Self {
            files,
            origin: Origin::Directory(root.to_owned()),
            rubrics: None,
        })
    }

    /// Takes `rubrics/` from another directory.
    pub fn with_rubrics(mut self, directory: &Path) -> Result<Self, CourseError> {
        let mut edited = BTreeMap::new();
        read_below(directory, directory, &mut edited)?;
        for (name, bytes) in edited {
            if name.ends_with(".toml") && !name.contains('/') {
                self.files.insert(format!("rubrics/{name}"), bytes);
            }
        }
        self.rubrics = Some(directory.to_owned());
        Ok(self)
    }

    /// How messages name a file, so that its reader finds it.
    pub fn label(&self, path: &str) -> String {
        match (&self.rubrics, path.strip_prefix("rubrics/"), &self.origin) {
            (Some(directory), Some(name), _) => directory.join(name).display().to_string(),
            (_, _, Origin::Directory(root)) => root.join(path).display().to_string(),
            (_, _, Origin::Embedded) => path.to_owned(),
        }
    }

    /// Where it came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// One file.
    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(AsRef::as_ref)
    }

    /// One file as text; what is not UTF-8 is replaced, since course files are ours and parsers complain better than we do.
    pub fn text(&self, path: &str) -> Option<Cow<'_, str>> {
        self.bytes(path).map(String::from_utf8_lossy)
    }

    /// The files below a folder, in order; paths are relative to the root.
    pub fn below<'a>(&'a self, folder: &str) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        let prefix = format!("{}/", folder.trim_end_matches('/'));
        self.files
            .range(prefix.clone()..)
            .take_while(move |(path, _)| path.starts_with(&prefix))
            .map(|(path, bytes)| (path.as_str(), bytes.as_ref()))
    }

    /// The names directly below a folder: files and folders, each once, in order.
    pub fn entries(&self, folder: &str) -> Vec<String> {
        let skip = folder.trim_end_matches('/').len() + 1;
        let mut names: Vec<String> = Vec::new();
        for (path, _) in self.below(folder) {
            let name = path[skip..].split('/').next().unwrap_or_default();
            if names.last().is_none_or(|last| last != name) {
                names.push(name.to_owned());
            }
        }
        names
    }

    /// A digest over the files below some folders (or single files): names, lengths and contents.
    pub fn digest(&self, parts: &[&str]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            let single = self
                .files
                .get_key_value(*part)
                .map(|(path, bytes)| (path.as_str(), bytes.as_ref()));
            for (path, bytes) in single.into_iter().chain(self.below(part)) {
                hash_file(&mut hasher, path, bytes);
            }
        }
        hasher.finalize()
    }
}

/// Adds one file to a digest so that no two different sets of files give the same input.
pub fn hash_file(hasher: &mut blake3::Hasher, path: &str, bytes: &[u8]) {
    hasher.update(&(path.len() as u64).to_le_bytes());
    hasher.update(path.as_bytes());
    hasher.update(&(bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

fn read_below(root: &Path, path: &Path, files: &mut BTreeMap<String, Cow<'static, [u8]>>) -> Result<(), CourseError> {
    if !path.exists() {
        return Ok(());
    }
    let shown = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0 || (name != "target" && !name.starts_with('.'))
    };
    for entry in WalkDir::new(path)
        .follow_links(false)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(shown)
    {
        let entry = entry.map_err(|error| CourseError::Unreadable {
            path: error.path().unwrap_or(path).to_owned(),
            source: error.into(),
        })?;
        if !entry.file_type().is_file() {
            continue;
        }
        let unreadable = |source| CourseError::Unreadable {
            path: entry.path().to_owned(),
            source,
        };
        if entry.metadata().map_err(|error| unreadable(error.into()))?.len() > LARGEST {
            return Err(CourseError::TooLarge(entry.path().to_owned()));
        }
        let bytes = fs::read(entry.path()).map_err(unreadable)?;
        let name = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let name: Vec<_> = name
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect();
        files.insert(name.join("/"), Cow::Owned(bytes));
    }
    Ok(())
}
