//! `--keep`: leaves an ordinary cargo package of what was graded, to reproduce a build by hand.

use std::fs;
use std::path::Path;

use super::CliError;
use crate::catalog::Catalog;
use crate::course::Course;
use crate::stages::intake::{Intake, Submission};

/// Writes a workspace with a package for each received exercise: its sources, the public checks as its tests, the allowed crates.
pub(super) fn packages(
    directory: &Path,
    course: &Course,
    catalog: &Catalog,
    submission: &Submission,
) -> Result<(), CliError> {
    let mut members = Vec::new();
    for (id, intake) in &submission.exercises {
        let (Intake::Received(sources), Some(package)) = (intake, catalog.packages.get(id)) else {
            continue;
        };
        members.push(id.to_string());
        let root = directory.join(id.as_str());
        for (path, text) in &sources.files {
            write(&root.join(path), text)?;
        }
        let spec = course.text(&format!("exercises/{id}/spec.rs")).unwrap_or_default();
        write(&root.join("tests/spec.rs"), &spec)?;
        let crates: String = package
            .exercise
            .crates
            .iter()
            .map(|name| format!("{name}.workspace = true\n"))
            .collect();
        let manifest = format!(
            "[package]\nname = \"{id}\"\nedition = \"2024\"\n\n[lib]\npath = {:?}\n\n[dependencies]\n{crates}",
            package.exercise.entry
        );
        write(&root.join("Cargo.toml"), &manifest)?;
    }
    let mut root: toml::Table = course
        .text("Cargo.toml")
        .unwrap_or_default()
        .parse()
        .unwrap_or_default();
    let mut workspace = toml::Table::new();
    workspace.insert("resolver".into(), "3".into());
    workspace.insert(
        "members".into(),
        toml::Value::Array(members.into_iter().map(toml::Value::from).collect()),
    );
    if let Some(mut versions) = root
        .remove("workspace")
        .and_then(|mut value| value.as_table_mut()?.remove("dependencies"))
    {
        if let Some(table) = versions.as_table_mut() {
            table.retain(|_, value| value.get("path").is_none());
        }
        workspace.insert("dependencies".into(), versions);
    }
    let table = toml::Table::from_iter([("workspace".to_owned(), toml::Value::Table(workspace))]);
    write(&directory.join("Cargo.toml"), &table.to_string())
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
    let made = path
        .parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(path, text));
    made.map_err(|error| CliError::Failed(format!("cannot write `{}` for --keep: {error}", path.display())))
}
