//! The directory that everything is measured in: the course as files, and one submission with all exercises.

use std::fs;
use std::path::{Path, PathBuf};

use moulinette::course::Course;
use toml::{Table, Value};

use crate::Result;

/// The course and a perfect submission, as files.
pub struct Stage {
    /// The course that the grader holds as well.
    pub course: Course,
    /// Below it everything is written.
    pub work: PathBuf,
    /// What is measured.
    pub exercises: Vec<String>,
}

impl Stage {
    /// Writes what the program has embedded, so that both sides measure the same whatever is edited meanwhile.
    pub fn write(work: &Path, wanted: &[String]) -> Result<Self> {
        let course = Course::embedded();
        let perfect = |id: &str| {
            course
                .below(&format!("tests/submissions/{id}/perfect"))
                .next()
                .is_some()
        };
        let exercises: Vec<String> = match wanted {
            [] => course
                .entries("exercises")
                .into_iter()
                .filter(|id| perfect(id))
                .collect(),
            wanted => wanted.to_vec(),
        };
        if exercises.is_empty() || !exercises.iter().all(|id| perfect(id)) {
            return Err("there must be a sample submission `perfect` of every exercise that is measured".into());
        }
        let stage = Self {
            course,
            work: work.to_owned(),
            exercises,
        };
        if stage.submission().exists() {
            fs::remove_dir_all(stage.submission())?;
        }
        for id in &stage.exercises {
            stage.copy(&format!("tests/submissions/{id}/perfect"), &stage.submission().join(id))?;
            stage.copy(
                &format!("exercises/{id}"),
                &stage.course_copy().join("exercises").join(id),
            )?;
        }
        for runtime in ["grader/witness", "grader/judge"] {
            stage.copy(runtime, &stage.course_copy().join(runtime))?;
        }
        Ok(stage)
    }

    /// A submission with all exercises.
    pub fn submission(&self) -> PathBuf {
        self.work.join("submission")
    }

    /// The part of the course that cargo packages use.
    pub fn course_copy(&self) -> PathBuf {
        self.work.join("course")
    }

    /// A manifest of the course.
    pub fn manifest(&self, path: &str) -> Result<Table> {
        Ok(self
            .course
            .text(path)
            .ok_or_else(|| format!("the course has no {path}"))?
            .parse()?)
    }

    /// What exercise.toml says about the crates that a submission may use.
    pub fn allowed(&self, id: &str) -> Result<Vec<String>> {
        let manifest = self.manifest(&format!("exercises/{id}/exercise.toml"))?;
        let names = manifest
            .get("crates")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default();
        Ok(names.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// Writes the files below a folder of the course into a directory.
    pub fn copy(&self, folder: &str, to: &Path) -> Result<()> {
        for (path, bytes) in self.course.below(folder) {
            let below = path[folder.len()..].trim_start_matches('/');
            write(&to.join(below), bytes)?;
        }
        Ok(())
    }
}

/// Writes a file unless it is there already: cargo would take it for changed.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    Ok(fs::write(path, bytes)?)
}
