//! `moulinette doctor`: what this machine has, and what to do about what it lacks.

use super::{CliError, Common, Exit, output, session};
use crate::system::sandbox::{Sandbox, SandboxMode};

/// Looks at the machine. It is well when a submission could be graded.
pub(super) fn run(common: &Common) -> Result<Exit, CliError> {
    let course = session::course(common)?;
    let machine = session::Machine::new(common, SandboxMode::Auto)?;
    let kit = machine.kit(&course);
    let version = machine
        .toolchain
        .version()
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned();
    let mut text = format!(
        "toolchain   {version} at {}\n",
        machine.toolchain.trusted_rustc().display()
    );
    if machine.toolchain.rustc() != machine.toolchain.trusted_rustc() {
        text += &format!("            for jobs: {}\n", machine.toolchain.rustc().display());
    }
    let linker = machine.toolchain.linker();
    text += &match linker {
        Some(path) => format!("linker      {}\n", path.display()),
        None => "linker      missing: install a C compiler (on Debian: apt-get install gcc libc6-dev)\n".to_owned(),
    };
    text += &format!("cache       {}\n", machine.cache.display());
    text += &format!("scratch     {}\n", machine.scratch.display());
    text += &format!("cores       {}\n", session::jobs(None));
    text += &format!(
        "course      {} exercises, kit {}\n",
        course.entries("exercises").len(),
        kit.key()
    );
    text += "sandbox\n";
    for layer in machine.sandbox.layers() {
        text += &format!("  {:<20} {}\n", layer.name, layer.state);
    }
    output::print(&text)?;
    Ok(if linker.is_some() { Exit::Done } else { Exit::Failed })
}
