//! Standard output and error: the only place of the program that prints.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use super::{CliError, Color, Common};

/// Writes a report to standard output. A reader that went away (`| head`) is no fault.
pub(super) fn print(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    match write!(out, "{text}{newline}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CliError::Failed(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Says why the program ends. There is nobody to tell when standard error is closed.
pub(super) fn complain(message: &str) {
    let mut err = io::stderr().lock();
    // Diagnostics of the course's files come with the word.
    let word = if message.starts_with("error") { "" } else { "error: " };
    let _ = writeln!(err, "{word}{}", message.trim_end());
}

/// Says something that does not end the program.
pub(super) fn warn(message: &str, common: &Common) {
    if !common.quiet {
        let mut err = io::stderr().lock();
        let _ = writeln!(err, "warning: {}", message.trim_end());
    }
}

/// Whether a report on standard output may use colours.
pub(super) fn colours(common: &Common) -> bool {
    match common.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

/// Writes a file that the caller named.
pub(super) fn save(path: &Path, text: &str) -> Result<(), CliError> {
    fs::write(path, text).map_err(|error| CliError::Failed(format!("cannot write `{}`: {error}", path.display())))
}
