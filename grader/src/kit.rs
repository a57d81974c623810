//! The kit: everything that is compiled once and serves every submission.
//!
//! For each exercise it holds the crates that a submission may use, the protocol crate, the witness runtime and the judge program.
//! A kit is addressed by its content: the toolchain, the table of versions, the lockfile and the sources of the two runtimes give the
//! kit's directory; the exercise's own sources give the folder inside it. So an edited exercise never meets an older build, and two
//! versions of a course live side by side. Cargo builds it; after that, grading needs neither cargo nor the network.
//!
//! ```text
//! <cache>/kit/<key>/runtime/           witness and judge, one workspace
//!                  /ex00-<key>/        the exercise, its reference and the list of allowed crates, one workspace
//!                  /ex00-<key>.lib/    the compiled crates that submissions are built with, linked from the target: all that their compilers see
//!                  /ex00-<key>.out/    what the reference's build script generated, where the exercise has generated code
//!                  /ex00-<key>.judge/  the judge program
//!                  /ex00-<key>.json    what was built; its presence says that the build is complete
//!                  /target/            cargo's, shared by all of them
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::{Deserialize, Serialize};

use crate::course::Course;
use crate::model::exercise::Exercise;
use crate::model::ids::ExerciseId;
use crate::progress::{Event, Observer};
use crate::system::cache;
use crate::system::toolchain::Toolchain;

mod cargo;
mod workspace;

/// The cargo profile that kits are built with. Optimised a little: judges run on every grading, and are built once.
const PROFILE: &str = "kit";

/// A kit's directory.
#[derive(Debug, Clone)]
pub struct Kit {
    directory: PathBuf,
    key: String,
}

/// What the kit holds for one exercise; paths are absolute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExerciseKit {
    /// The judge program.
    pub judge: PathBuf,
    /// The protocol crate, `ex00_protocol`.
    pub protocol: Library,
    /// The witness runtime.
    pub witness: Library,
    /// The crates that a submission may use, under the names it uses them by.
    pub allowed: Vec<Library>,
    /// Where the compiler finds what those depend on.
    pub dependencies: PathBuf,
    /// What the reference's build script generated, if the exercise has generated code: `OUT_DIR` of the submission's compiler.
    #[serde(default)]
    pub generated: Option<PathBuf>,
    /// Every file that grading uses, with the digest of its content when it was built.
    pub seals: BTreeMap<PathBuf, String>,
}

/// A compiled crate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Library {
    /// The name it is imported by.
    pub name: String,
    /// The compiled file.
    pub path: PathBuf,
}

/// Why a kit cannot be had: always our fault or the machine's, never the submission's.
#[derive(Debug, thiserror::Error)]
pub enum KitError {
    /// A file or directory of the kit.
    #[error("cannot {action} `{path}`: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The course's Cargo.toml cannot be used.
    #[error("Cargo.toml of the course: {0}")]
    Manifest(String),
    /// Cargo cannot be started.
    #[error("cannot start cargo ({0}); install Rust with rustup, or set CARGO to the cargo to use")]
    NoCargo(io::Error),
    /// Cargo failed.
    #[error(
        "cargo could not build the kit of {exercise}:\n{log}\nthe kit's first build needs the crates of the course: check the network, or that they are in cargo's cache"
    )]
    Build {
        /// For which exercise.
        exercise: ExerciseId,
        /// The end of what cargo said.
        log: String,
    },
    /// Cargo succeeded but did not say where a library is.
    #[error(
        "cargo built the kit of {exercise} but named no library for `{library}`; run `moulinette kit clean` and try again"
    )]
    NotBuilt {
        /// For which exercise.
        exercise: ExerciseId,
        /// What is missing.
        library: String,
    },
}

pub(crate) fn file_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KitError {
    let path = path.to_owned();
    move |source| KitError::File { action, path, source }
}

impl ExerciseKit {
    /// A file that is not what was built, if there is one. It takes some milliseconds: digests are faster than disks.
    pub fn damage(&self) -> Option<PathBuf> {
        let changed = |(path, seal): &(&PathBuf, &String)| cache::digest(path).map_or(true, |digest| digest != **seal);
        self.seals.iter().find(changed).map(|(path, _)| path.clone())
    }
}

impl Kit {
    /// The kit of a course and a toolchain below a cache directory; nothing is built yet.
    pub fn locate(cache: &Path, course: &Course, toolchain: &Toolchain) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(toolchain.version().as_bytes());
        hasher.update(PROFILE.as_bytes());
        hasher.update(workspace::LAYOUT.as_bytes());
        hasher.update(
            course
                .digest(&["Cargo.toml", "Cargo.lock", "grader/witness", "grader/judge"])
                .as_bytes(),
        );
        let key = hasher.finalize().to_hex()[..16].to_owned();
        Self {
            directory: cache.join("kit").join(&key),
            key,
        }
    }

    /// The key of its content, for scorecards and caches.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The exercise's part of the kit if it is complete.
    pub fn find(&self, course: &Course, exercise: &ExerciseId) -> Option<ExerciseKit> {
        let text = fs::read_to_string(self.stamp(course, exercise)).ok()?;
        let kit: ExerciseKit = serde_json::from_str(&text).ok()?;
        let files = [&kit.judge, &kit.protocol.path, &kit.witness.path]
            .into_iter()
            .chain(kit.allowed.iter().map(|library| &library.path));
        let generated = kit.generated.iter().all(|path| path.is_dir());
        let complete = files.into_iter().all(|path| path.is_file());
        (complete && generated).then_some(kit)
    }

    /// The exercise's part of the kit, built if it is not there or damaged. An interrupted build resumes; two builders wait for each
    /// other.
    pub fn prepare(
        &self,
        course: &Course,
        exercise: &Exercise,
        toolchain: &Toolchain,
        observer: &dyn Observer,
    ) -> Result<ExerciseKit, KitError> {
        let whole = || self.find(course, &exercise.id).filter(|kit| kit.damage().is_none());
        if let Some(kit) = whole() {
            return Ok(kit);
        }
        fs::create_dir_all(&self.directory).map_err(file_error("create", &self.directory))?;
        let lock_path = self.directory.join("lock");
        let _lock = cache::lock(&lock_path).map_err(file_error("lock", &lock_path))?;
        if let Some(kit) = whole() {
            return Ok(kit);
        }
        if let Some(damaged) = self.find(course, &exercise.id).and_then(|kit| kit.damage()) {
            observer.on(Event::KitDamaged {
                exercise: exercise.id.clone(),
                file: damaged,
            });
            self.discard()?;
        }
        workspace::write_runtime(&self.directory, course)?;
        let folder = self.folder(course, &exercise.id);
        workspace::write_exercise(&folder, course, exercise)?;
        let build = cargo::Build {
            workspace: &folder,
            target: &self.directory.join("target"),
            libraries: &folder.with_extension("lib"),
            judges: &folder.with_extension("judge"),
            generated: exercise.generated.then(|| folder.with_extension("out")),
            exercise: &exercise.id,
            toolchain,
        };
        let kit = build.run(observer)?;
        let text = serde_json::to_vec_pretty(&kit).expect("a kit is plain data");
        let stamp = self.stamp(course, &exercise.id);
        cache::write_atomically(&stamp, &text).map_err(file_error("write", &stamp))?;
        observer.on(Event::KitFinished {
            exercise: exercise.id.clone(),
        });
        Ok(kit)
    }

    /// Throws away everything that is compiled: cargo looks at the times of files, and would take a damaged one for a good one.
    fn discard(&self) -> Result<(), KitError> {
        let entries = fs::read_dir(&self.directory).map_err(file_error("read", &self.directory))?;
        for entry in entries.flatten().map(|entry| entry.path()) {
            let compiled = entry
                .file_name()
                .is_some_and(|name| name == "target" || name == "twins");
            let removed = if compiled {
                fs::remove_dir_all(&entry)
            } else if entry.extension().is_some_and(|extension| extension == "json") {
                fs::remove_file(&entry)
            } else {
                Ok(())
            };
            removed.map_err(file_error("remove", &entry))?;
        }
        Ok(())
    }

    /// A digest of what the kit of an exercise is built from.
    pub fn exercise_key(course: &Course, exercise: &ExerciseId) -> String {
        let parts = [format!("exercises/{exercise}"), format!("reference/{exercise}")];
        course.digest(&[parts[0].as_str(), parts[1].as_str()]).to_hex()[..16].to_owned()
    }

    /// The workspace that the exercise's part is built from.
    pub(crate) fn folder(&self, course: &Course, exercise: &ExerciseId) -> PathBuf {
        self.directory
            .join(format!("{exercise}-{}", Self::exercise_key(course, exercise)))
    }

    fn stamp(&self, course: &Course, exercise: &ExerciseId) -> PathBuf {
        self.folder(course, exercise).with_extension("json")
    }
}
