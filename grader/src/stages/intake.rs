//! Directory to submission: finds the exercises, reads their sources once, within limits, following no link.
//!
//! Whatever a directory holds ends as data: sources, findings, ignored names. Only a directory that cannot be listed at all is an error.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::course::hash_file;
use crate::model::exercise::Exercise;
use crate::model::ids::ExerciseId;
use crate::model::verdict::{Finding, FindingKind};

mod read;

pub use read::IntakeLimits;

/// How many names that are no exercise are kept.
const IGNORED: usize = 100;

/// How many folders of one exercise are named.
const NAMED: usize = 5;

/// What a student handed in.
#[derive(Debug, Clone)]
pub struct Submission {
    /// What was found for each exercise that has a folder.
    pub exercises: BTreeMap<ExerciseId, Intake>,
    /// The name of each one's folder; empty where the directory itself holds the exercise.
    pub folders: BTreeMap<ExerciseId, String>,
    /// Names in the directory that are no exercise of the course.
    pub ignored: Vec<String>,
}

/// The files of one exercise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intake {
    /// Read.
    Received(Sources),
    /// There, but not gradable.
    Malformed(Vec<Finding>),
}

/// The sources of one exercise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// Rust files below `src/`, by path relative to the exercise's folder.
    pub files: BTreeMap<String, String>,
    /// The text of its Cargo.toml, read for its dependencies and never used to build.
    pub manifest: Option<String>,
    /// Findings that do not stop it.
    pub findings: Vec<Finding>,
}

impl Sources {
    /// A digest of all that matters to a verdict.
    pub fn digest(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for (path, text) in &self.files {
            hash_file(&mut hasher, path, text.as_bytes());
        }
        hash_file(
            &mut hasher,
            "Cargo.toml",
            self.manifest.as_deref().unwrap_or_default().as_bytes(),
        );
        for finding in &self.findings {
            hash_file(&mut hasher, &finding.rule, finding.message.as_bytes());
        }
        hasher.finalize()
    }
}

/// Why a submission could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The directory cannot be listed.
    #[error("cannot read the submission `{path}`: {source}; give the directory that holds `ex00/`, `ex01/` ...")]
    Directory {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The directory holds one exercise and the call names several.
    #[error("`{0}` holds one exercise, but several are asked for; give one `--exercise`")]
    OneFolder(PathBuf),
}

/// Reads the submission in `dir`: a directory of exercise folders, or the folder of one exercise.
///
/// `wanted` is what the call names with `--exercise`; empty means all of the course.
pub fn read(
    dir: &Path,
    course: &BTreeMap<ExerciseId, Exercise>,
    wanted: &[ExerciseId],
    limits: &IntakeLimits,
) -> Result<Submission, IntakeError> {
    let unreadable = |source| IntakeError::Directory {
        path: dir.to_owned(),
        source,
    };
    let mut folders: BTreeMap<ExerciseId, Vec<String>> = BTreeMap::new();
    let mut ignored = Vec::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        let shown = name.to_string_lossy().into_owned();
        match name.to_str().and_then(ExerciseId::from_folder) {
            Some(id) if course.contains_key(&id) && !entry.file_type().is_ok_and(|kind| kind.is_file()) => {
                folders.entry(id).or_default().push(shown);
            }
            _ => ignored.push(shown),
        }
    }
    ignored.sort();
    if ignored.len() > IGNORED {
        let more = format!("... and {} more", ignored.len() - IGNORED);
        ignored.truncate(IGNORED);
        ignored.push(more);
    }
    if folders.is_empty()
        && let Some(id) = single_exercise(dir, course, wanted)?
    {
        let intake = read::exercise(dir, &course[&id], limits);
        return Ok(Submission {
            folders: BTreeMap::from([(id.clone(), String::new())]),
            exercises: BTreeMap::from([(id, intake)]),
            ignored: Vec::new(),
        });
    }
    let mut submission = Submission {
        exercises: BTreeMap::new(),
        folders: BTreeMap::new(),
        ignored,
    };
    for (id, mut names) in folders {
        if !wanted.is_empty() && !wanted.contains(&id) {
            continue;
        }
        names.sort();
        let intake = match names.as_slice() {
            [name] => read::exercise(&dir.join(name), &course[&id], limits),
            several => Intake::Malformed(vec![ambiguous(&id, several)]),
        };
        submission.folders.insert(id.clone(), names.swap_remove(0));
        submission.exercises.insert(id, intake);
    }
    Ok(submission)
}

/// The exercise that `dir` itself holds, by `--exercise` or by the folder's name; it must have sources of its own.
fn single_exercise(
    dir: &Path,
    course: &BTreeMap<ExerciseId, Exercise>,
    wanted: &[ExerciseId],
) -> Result<Option<ExerciseId>, IntakeError> {
    if !dir.join("src").is_dir() {
        return Ok(None);
    }
    match wanted {
        [] => {
            let named = dir
                .canonicalize()
                .ok()
                .and_then(|path| ExerciseId::from_folder(path.file_name()?.to_str()?));
            Ok(named.filter(|id| course.contains_key(id)))
        }
        [one] => Ok(course.contains_key(one).then(|| one.clone())),
        _ => Err(IntakeError::OneFolder(dir.to_owned())),
    }
}

fn ambiguous(id: &ExerciseId, names: &[String]) -> Finding {
    let more = if names.len() > NAMED { " ..." } else { "" };
    Finding {
        kind: FindingKind::Intake,
        rule: "ambiguous-folder".to_owned(),
        file: String::new(),
        line: 0,
        column: 0,
        message: format!(
            "several folders are `{id}`: {}{more}; keep one of them and rename the others",
            names[..names.len().min(NAMED)].join(", ")
        ),
    }
}

#[cfg(test)]
mod tests;
