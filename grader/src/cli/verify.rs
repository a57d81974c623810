//! `moulinette verify`: is the course sound?

use clap::Args;

use super::{CliError, Common, Exit, output, progress, session};
use crate::examine::Examiner;
use crate::model::ids::ExerciseId;
use crate::system::sandbox::SandboxMode;
use crate::verify;

/// The arguments of `moulinette verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Which exercises [default: all]
    exercises: Vec<ExerciseId>,
    /// Also grade generated mutants of the references (needs the cargo-mutants program)
    #[arg(long)]
    mutants: bool,
    /// How many submissions to examine at once [default: the number of cores]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
}

/// Verifies exercises one after another and prints what is wrong with each.
pub(super) fn run(args: &VerifyArgs, common: &Common) -> Result<Exit, CliError> {
    let course = session::course(common)?;
    let catalog = session::catalog(&course, &args.exercises)?;
    let machine = session::Machine::new(common, SandboxMode::Auto)?;
    let kit = machine.kit(&course);
    let observer = progress::observer(common);
    let examiner = Examiner {
        course: &course,
        kit: &kit,
        toolchain: &machine.toolchain,
        sandbox: &machine.sandbox,
        scratch: &machine.scratch,
        seed: 0,
        parallel: false,
        cores: &machine.cores,
        observer: &*observer,
    };
    let jobs = session::jobs(args.jobs.map(usize::from));
    let mut sound = true;
    for (id, package) in &catalog.packages {
        let proof = verify::exercise(&examiner, package, &catalog.rules, jobs)
            .map_err(|error| CliError::Failed(error.to_string()))?;
        let ((mutants, caught), (samples, right)) = (proof.mutants, proof.samples);
        let state = if proof.complaints.is_empty() {
            "sound"
        } else {
            "NOT SOUND"
        };
        output::print(&format!(
            "{id} {state}: {caught}/{mutants} mutants caught, {right}/{samples} samples as expected, {} checks",
            package.checks.len()
        ))?;
        for complaint in &proof.complaints {
            output::print(&format!("  {complaint}"))?;
        }
        sound &= proof.complaints.is_empty();
        if args.mutants {
            let generated = verify::generated::run(&examiner, package, jobs)
                .map_err(|error| CliError::Failed(error.to_string()))?;
            sound &= generated.is_enough();
            output::print(&generated.to_string())?;
        }
    }
    Ok(if sound { Exit::Done } else { Exit::Below })
}
