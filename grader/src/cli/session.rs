//! What most commands need: the course, its catalogue, the cache, the toolchain, the sandbox.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use super::{CliError, Common};
use crate::catalog::Catalog;
use crate::course::Course;
use crate::kit::Kit;
use crate::model::ids::ExerciseId;
use crate::system::cache;
use crate::system::cores::Cores;
use crate::system::sandbox::{ProcessSandbox, SandboxMode};
use crate::system::toolchain::Toolchain;

/// The course of this call.
pub(super) fn course(common: &Common) -> Result<Course, CliError> {
    let course = match &common.course {
        Some(directory) => Course::read(directory).map_err(|error| CliError::Usage(error.to_string()))?,
        None => Course::embedded(),
    };
    match &common.rubrics {
        Some(directory) if !directory.is_dir() => Err(CliError::Usage(format!(
            "`{}` is no directory; --rubrics takes one with ex00.toml, ...",
            directory.display()
        ))),
        Some(directory) => course
            .with_rubrics(directory)
            .map_err(|error| CliError::Usage(error.to_string())),
        None => Ok(course),
    }
}

/// The exercises of a course, all or those that are named.
pub(super) fn catalog(course: &Course, wanted: &[ExerciseId]) -> Result<Catalog, CliError> {
    let known = course.entries("exercises");
    let unknown: Vec<String> = wanted
        .iter()
        .filter(|id| !known.iter().any(|name| name == id.as_str()))
        .map(ToString::to_string)
        .collect();
    if !unknown.is_empty() {
        return Err(CliError::Usage(format!(
            "the course has no exercise {}; it has {}",
            unknown.join(", "),
            known.join(", ")
        )));
    }
    Catalog::read(course, wanted).map_err(|error| CliError::Invalid(error.to_string()))
}

/// What compiling and running need.
pub(super) struct Machine {
    pub cache: PathBuf,
    pub toolchain: Toolchain,
    pub sandbox: ProcessSandbox,
    pub scratch: PathBuf,
    pub cores: Cores,
}

impl Machine {
    /// Looks at this machine.
    pub fn new(common: &Common, mode: SandboxMode) -> Result<Self, CliError> {
        let failed = |error: &dyn std::error::Error| CliError::Failed(error.to_string());
        let cache = cache::root(common.cache_dir.as_deref()).map_err(|error| failed(&error))?;
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
        let toolchain = Toolchain::locate(&rustc, &cache).map_err(|error| failed(&error))?;
        let executable = env::current_exe()
            .map_err(|error| CliError::Failed(format!("cannot find this program's own file: {error}")))?;
        let without = common.sandbox_without.iter().copied().collect();
        let sandbox = ProcessSandbox::without(executable, mode, &without).map_err(|error| failed(&error))?;
        Ok(Self {
            cores: Cores::of(&cache),
            cache,
            toolchain,
            sandbox,
            scratch: env::temp_dir(),
        })
    }

    /// The kit of a course on this machine.
    pub fn kit(&self, course: &Course) -> Kit {
        Kit::locate(&self.cache, course, &self.toolchain)
    }
}

/// How many exercises to examine at once: as many as the machine has cores, if not said.
pub(super) fn jobs(asked: Option<usize>) -> usize {
    asked
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
        .max(1)
}
