//! `moulinette kit`: what is compiled once.

use std::fs;

use clap::Subcommand;

use super::{CliError, Common, Exit, output, progress, session};
use crate::model::ids::ExerciseId;
use crate::system::sandbox::SandboxMode;

/// What to do with the kit.
#[derive(Debug, Subcommand)]
pub enum KitAction {
    /// Build it now, so that grading needs no network
    Build {
        /// For which exercises [default: all]
        exercises: Vec<ExerciseId>,
    },
    /// Say what is built
    Status,
    /// Remove all kits; the next grading builds what it needs
    Clean,
}

/// Runs `moulinette kit`.
pub(super) fn run(action: &KitAction, common: &Common) -> Result<Exit, CliError> {
    let course = session::course(common)?;
    let machine = session::Machine::new(common, SandboxMode::Auto)?;
    let kit = machine.kit(&course);
    match action {
        KitAction::Build { exercises } => {
            let catalog = session::catalog(&course, exercises)?;
            let observer = progress::observer(common);
            for package in catalog.packages.values() {
                let built = kit.prepare(&course, &package.exercise, &machine.toolchain, &*observer);
                built.map_err(|error| CliError::Failed(error.to_string()))?;
            }
            output::print(&format!(
                "the kit of {} exercises is complete: {}",
                catalog.packages.len(),
                kit.directory().display()
            ))?;
        }
        KitAction::Status => {
            let mut text = format!("kit {}\ndirectory {}\n", kit.key(), kit.directory().display());
            for name in course.entries("exercises") {
                let Ok(id) = name.parse::<ExerciseId>() else { continue };
                let state = if kit.find(&course, &id).is_some() {
                    "complete"
                } else {
                    "not built"
                };
                text += &format!("{id}  {state}\n");
            }
            output::print(&text)?;
        }
        KitAction::Clean => {
            let all = machine.cache.join("kit");
            if all.exists() {
                fs::remove_dir_all(&all)
                    .map_err(|error| CliError::Failed(format!("cannot remove `{}`: {error}", all.display())))?;
            }
            output::print(&format!("removed `{}`", all.display()))?;
        }
    }
    Ok(Exit::Done)
}
