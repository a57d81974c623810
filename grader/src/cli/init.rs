//! `moulinette init`: starter crates for a student.

use std::fs;
use std::path::Path;

use super::{CliError, Common, Exit, output, session};
use crate::model::ids::ExerciseId;

/// Writes the templates of some exercises below a directory; what is there already is kept.
pub(super) fn run(dir: &Path, exercises: &[ExerciseId], common: &Common) -> Result<Exit, CliError> {
    let course = session::course(common)?;
    let known = course.entries("templates");
    let unknown: Vec<_> = exercises
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
    let chosen: Vec<String> = if exercises.is_empty() {
        known
    } else {
        exercises.iter().map(ToString::to_string).collect()
    };
    let (mut written, mut kept) = (0, 0);
    for id in &chosen {
        let folder = format!("templates/{id}");
        let files = course
            .below(&folder)
            .map(|(path, bytes)| (path["templates/".len()..].to_owned(), bytes.to_vec()));
        let statement = course
            .bytes(&format!("exercises/{id}/statement.md"))
            .map(|bytes| (format!("{id}/STATEMENT.md"), bytes.to_vec()));
        for (path, bytes) in files.chain(statement).collect::<Vec<_>>() {
            let path = dir.join(path);
            if path.exists() {
                kept += 1;
                continue;
            }
            let made = path
                .parent()
                .map_or(Ok(()), fs::create_dir_all)
                .and_then(|()| fs::write(&path, bytes));
            made.map_err(|error| CliError::Failed(format!("cannot write `{}`: {error}", path.display())))?;
            written += 1;
        }
    }
    let also = if kept > 0 {
        format!(", kept {kept} that were there")
    } else {
        String::new()
    };
    output::print(&format!(
        "wrote {written} files for {} into `{}`{also}\nnext: `moulinette grade {}`",
        chosen.join(", "),
        dir.display(),
        dir.display()
    ))?;
    Ok(Exit::Done)
}
