//! `moulinette list` and `moulinette show`: what the course asks for.

use std::collections::BTreeSet;

use super::{CliError, Common, Exit, output, session};
use crate::model::exercise::{Exercise, Module};
use crate::model::ids::{CheckKind, ExerciseId};

/// Lists the exercises: id, title, summary, concepts, checks.
pub(super) fn list(common: &Common) -> Result<Exit, CliError> {
    let course = session::course(common)?;
    let catalog = session::catalog(&course, &[])?;
    let mut text = String::new();
    for (id, package) in &catalog.packages {
        let exercise = &package.exercise;
        let concepts: BTreeSet<&str> = exercise
            .requirements
            .iter()
            .flat_map(|requirement| &requirement.concepts)
            .map(String::as_str)
            .collect();
        let count = |kind| package.checks.iter().filter(|check| check.id.kind() == kind).count();
        text += &format!(
            "{id}  {}\n      {}\n      {} requirements, {} public and {} hidden checks, {} budgets\n      concepts {}\n",
            exercise.title,
            exercise.summary,
            exercise.requirements.len(),
            count(CheckKind::Spec),
            count(CheckKind::Hidden),
            count(CheckKind::Budget),
            concepts.into_iter().collect::<Vec<_>>().join(" "),
        );
    }
    output::print(&text)?;
    Ok(Exit::Done)
}

/// What a submission may use, in one line.
fn permissions(exercise: &Exercise) -> String {
    let listed = |names: Vec<&str>, none: &str| match names.as_slice() {
        [] => none.to_owned(),
        names => names.join(", "),
    };
    let crates = exercise.crates.iter().map(String::as_str).collect();
    let modules = Module::NAMED.iter().filter(|(_, module)| exercise.may_use(*module));
    let modules = modules.map(|(name, _)| *name).collect();
    format!(
        "May use: crates {}; of what `moulinette policy` refuses elsewhere {}",
        listed(crates, "none"),
        listed(modules, "nothing")
    )
}

/// Shows one exercise: its statement, then its requirements with their checks.
pub(super) fn show(id: &ExerciseId, common: &Common) -> Result<Exit, CliError> {
    let course = session::course(common)?;
    let catalog = session::catalog(&course, std::slice::from_ref(id))?;
    let package = &catalog.packages[id];
    let statement = course.text(&format!("exercises/{id}/statement.md")).unwrap_or_default();
    let mut text = format!("{}\n\n", statement.trim_end());
    text += &format!("{}\n\n", permissions(&package.exercise));
    text += "Checks by requirement\n";
    for requirement in &package.exercise.requirements {
        text += &format!("\n{} ({})\n", requirement.id, requirement.concepts.join(" "));
        for check in package
            .checks
            .iter()
            .filter(|check| check.requirements.contains(&requirement.id))
        {
            let summary = if check.summary.is_empty() {
                String::new()
            } else {
                format!("  {}", check.summary)
            };
            text += &format!("  {}{summary}\n", check.id);
        }
    }
    output::print(&text)?;
    Ok(Exit::Done)
}
