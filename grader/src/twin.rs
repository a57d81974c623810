//! The twin: the reference's bench, built with a submission's flags, once per version of an exercise.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::catalog::Package;
use crate::examine::{ExamineError, Examiner};
use crate::kit::{ExerciseKit, KitError};
use crate::stages::build::{BuildError, Builder, Compiled, FLAGS, Flavour};
use crate::stages::intake::Sources;
use crate::stages::policy::{self, Admission};
use crate::stages::scaffold::{self, Scaffold};
use crate::system::{cache, workdir::Workdir};

/// The twin's program, built if it is not there.
pub(crate) fn prepare(examiner: &Examiner<'_>, package: &Package, kit: &ExerciseKit) -> Result<PathBuf, ExamineError> {
    let exercise = &package.exercise;
    let flags = blake3::hash([FLAGS, Flavour::Optimised.flags()].concat().join(" ").as_bytes()).to_hex();
    let directory = examiner.kit.directory().join("twins");
    let program = directory.join(format!("{}-{}-{}", exercise.id, package.key, &flags[..8]));
    let seal = program.with_extension("digest");
    let sealed = || Some(fs::read_to_string(&seal).ok()? == cache::digest(&program).ok()?);
    if sealed() == Some(true) {
        return Ok(program);
    }
    let directory_of = place(examiner, Flavour::Optimised)?;
    let builder = builder(examiner, package, kit, directory_of.path());
    let library = library(&builder, examiner, package, Flavour::Optimised)?;
    let workload = package.workload.as_deref().unwrap_or_default();
    let built = builder.program(&scaffold::bench(&exercise.id, workload), &library, Flavour::Optimised)?;
    if let Some(((_, name), loss)) = built.lost.first_key_value() {
        let text = format!(
            "the workload `{name}` does not compile with the reference: {}",
            loss.message
        );
        return Err(broken(package, text).into());
    }
    let failed = |action, path: &Path| {
        let path = path.to_owned();
        move |source| ExamineError::Kit(KitError::File { action, path, source })
    };
    fs::create_dir_all(&directory).map_err(failed("create", &directory))?;
    let bytes = fs::read(&built.path).map_err(failed("read", &built.path))?;
    let staged = program.with_extension(std::process::id().to_string());
    cache::write_atomically(&staged, &bytes).map_err(failed("write", &staged))?;
    fs::set_permissions(&staged, fs::Permissions::from_mode(0o755)).map_err(failed("make executable", &staged))?;
    let digest = cache::digest(&staged).map_err(failed("read", &staged))?;
    fs::rename(&staged, &program).map_err(failed("rename", &staged))?;
    cache::write_atomically(&seal, digest.as_bytes()).map_err(failed("write", &seal))?;
    Ok(program)
}

/// Whether checks compile with the reference. If they do and do not with a submission, it is the submission's doing.
pub(crate) fn compiles(
    examiner: &Examiner<'_>,
    package: &Package,
    kit: &ExerciseKit,
    checks: &Scaffold,
    flavour: Flavour,
) -> Result<bool, ExamineError> {
    let directory = place(examiner, flavour)?;
    let builder = builder(examiner, package, kit, directory.path());
    let library = library(&builder, examiner, package, flavour)?;
    match builder.program(checks, &library, flavour) {
        Ok(program) => Ok(program.lost.is_empty()),
        Err(BuildError::Checks { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Where the reference is compiled.
fn place(examiner: &Examiner<'_>, flavour: Flavour) -> Result<Workdir, ExamineError> {
    let made = Workdir::create(examiner.scratch).and_then(|directory| {
        directory.scratch(flavour.directory())?;
        Ok(directory)
    });
    made.map_err(|source| ExamineError::Workdir {
        path: examiner.scratch.to_owned(),
        source,
    })
}

/// What compiles the reference, in a directory of its own.
fn builder<'a>(
    examiner: &Examiner<'a>,
    package: &'a Package,
    kit: &'a ExerciseKit,
    directory: &'a Path,
) -> Builder<'a> {
    Builder {
        exercise: &package.exercise.id,
        toolchain: examiner.toolchain,
        kit,
        sandbox: examiner.sandbox,
        directory,
        limits: package.exercise.limits.compiling(),
        parallel: false,
    }
}

/// The reference as a library.
fn library(
    builder: &Builder<'_>,
    examiner: &Examiner<'_>,
    package: &Package,
    flavour: Flavour,
) -> Result<PathBuf, ExamineError> {
    let exercise = &package.exercise;
    let admitted = match policy::scan(reference(examiner, package), exercise) {
        Admission::Admitted(admitted) => admitted,
        Admission::Refused(findings) => {
            return Err(broken(package, format!("the reference is refused: {findings:?}")).into());
        }
    };
    match builder.submission(&admitted, &exercise.entry, flavour)? {
        Compiled::Library { path, .. } => Ok(path),
        Compiled::Rejected(errors) => {
            let text: Vec<_> = errors.into_iter().map(|error| error.rendered).collect();
            let text = format!("the reference does not compile: {}", text.join("\n"));
            Err(broken(package, text).into())
        }
    }
}

fn broken(package: &Package, text: String) -> BuildError {
    BuildError::Checks {
        exercise: package.exercise.id.clone(),
        text,
        errors: Vec::new(),
    }
}

/// The reference's sources, as if it had been handed in.
pub(crate) fn reference(examiner: &Examiner<'_>, package: &Package) -> Sources {
    let root = format!("reference/{}/", package.exercise.id);
    let folder = format!("{root}src");
    let files = examiner.course.below(&folder).filter(|(path, _)| path.ends_with(".rs"));
    let files = files.map(|(path, bytes)| {
        (
            path[root.len()..].to_owned(),
            String::from_utf8_lossy(bytes).into_owned(),
        )
    });
    Sources {
        files: files.collect(),
        manifest: None,
        findings: Vec::new(),
    }
}
