//! Writes the cargo workspaces that a kit is built from.

use std::fs;
use std::path::Path;

use toml::{Table, Value};

use super::{KitError, PROFILE, file_error};
use crate::course::Course;
use crate::model::exercise::Exercise;
use crate::system::cache;

/// Changes whenever the files written here change in a way that an existing kit must not survive.
pub(super) const LAYOUT: &str = "4";

/// The package that depends on every crate an exercise allows, so that cargo builds and names them.
pub(super) fn allowed_package(exercise: &Exercise) -> String {
    format!("{}-allowed", exercise.id)
}

/// Writes the workspace of the two runtimes.
pub(super) fn write_runtime(kit: &Path, course: &Course) -> Result<(), KitError> {
    let root = kit.join("runtime");
    let table = manifest(course, &["grader/witness", "grader/judge"], "")?;
    write(&root.join("Cargo.toml"), table.to_string().as_bytes())?;
    for (path, bytes) in course.below("grader/witness").chain(course.below("grader/judge")) {
        write(&root.join(path), bytes)?;
    }
    Ok(())
}

/// Writes the workspace of one exercise: its checks, its reference, the allowed crates.
pub(super) fn write_exercise(root: &Path, course: &Course, exercise: &Exercise) -> Result<(), KitError> {
    let checks = format!("exercises/{}", exercise.id);
    let reference = format!("reference/{}", exercise.id);
    let table = manifest(course, &[&checks, &reference, "allowed"], "../runtime/")?;
    write(&root.join("Cargo.toml"), table.to_string().as_bytes())?;
    if let Some(lock) = course.bytes("Cargo.lock") {
        write(&root.join("Cargo.lock"), lock)?;
    }
    for (path, bytes) in course.below(&checks).chain(course.below(&reference)) {
        write(&root.join(path), bytes)?;
    }
    let mut package = Table::new();
    package.insert("name".into(), allowed_package(exercise).into());
    package.insert("edition".into(), "2024".into());
    let dependencies = exercise.crates.iter().map(|name| {
        (
            name.clone(),
            Value::Table(Table::from_iter([("workspace".to_owned(), true.into())])),
        )
    });
    let allowed = Table::from_iter([
        ("package".to_owned(), Value::Table(package)),
        ("dependencies".to_owned(), Value::Table(dependencies.collect())),
    ]);
    write(&root.join("allowed/Cargo.toml"), allowed.to_string().as_bytes())?;
    write(&root.join("allowed/src/lib.rs"), b"")
}

/// A workspace manifest with the course's table of versions; our own runtimes lie in `runtime`.
fn manifest(course: &Course, members: &[&str], runtime: &str) -> Result<Table, KitError> {
    let text = course
        .text("Cargo.toml")
        .ok_or_else(|| KitError::Manifest("the file is missing".to_owned()))?;
    let course: Table = text
        .parse()
        .map_err(|error: toml::de::Error| KitError::Manifest(error.to_string()))?;
    let workspace = course
        .get("workspace")
        .and_then(Value::as_table)
        .ok_or_else(|| KitError::Manifest("it has no `[workspace]`".to_owned()))?;
    let mut kept = Table::new();
    for key in ["package", "lints", "dependencies"] {
        if let Some(value) = workspace.get(key) {
            kept.insert(key.to_owned(), value.clone());
        }
    }
    if let Some(dependencies) = kept.get_mut("dependencies").and_then(Value::as_table_mut) {
        dependencies.remove("moulinette");
        for name in ["witness", "judge"] {
            let path = Table::from_iter([("path".to_owned(), Value::from(format!("{runtime}grader/{name}")))]);
            dependencies.insert(name.to_owned(), Value::Table(path));
        }
    }
    kept.insert("resolver".into(), "3".into());
    kept.insert(
        "members".into(),
        Value::Array(members.iter().map(|member| Value::from(*member)).collect()),
    );
    let profile = Table::from_iter([
        ("inherits".to_owned(), Value::from("dev")),
        ("opt-level".to_owned(), 1.into()),
        ("debug".to_owned(), false.into()),
        ("incremental".to_owned(), false.into()),
        ("strip".to_owned(), "debuginfo".into()),
    ]);
    let profiles = Table::from_iter([(PROFILE.to_owned(), Value::Table(profile))]);
    Ok(Table::from_iter([
        ("workspace".to_owned(), Value::Table(kept)),
        ("profile".to_owned(), Value::Table(profiles)),
    ]))
}

/// Writes a file only if it differs: cargo compares times, and an unchanged file must not look new to a build that resumes.
fn write(path: &Path, bytes: &[u8]) -> Result<(), KitError> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(file_error("create", parent))?;
    }
    cache::write_atomically(path, bytes).map_err(file_error("write", path))
}
