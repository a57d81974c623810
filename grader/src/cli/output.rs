//! Standard output and error: the only place of the program that prints.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

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

/// A file that the caller named, known to be writable before any work is done for it.
#[derive(Debug)]
pub(super) struct Destination {
    path: PathBuf,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// A file: written beside its place and moved there when it is whole.
    File(PathBuf),
    /// Something other than a file: a pipe, a terminal.
    Stream(File),
}

impl Destination {
    /// Says at once when nothing can be written there, and changes nothing yet.
    pub(super) fn open(path: &Path) -> Result<Self, CliError> {
        let refused = |error: io::Error| {
            let (path, reason) = (path.display(), error.kind().to_string());
            let reason = match error.kind() {
                io::ErrorKind::NotFound => "its folder does not exist",
                _ => &reason,
            };
            CliError::Usage(format!("cannot write `{path}`: {reason}; give another `--output`"))
        };
        let place = match fs::metadata(path) {
            Ok(known) if known.is_dir() => return Err(refused(io::ErrorKind::IsADirectory.into())),
            Ok(known) if !known.is_file() => Place::Stream(File::options().write(true).open(path).map_err(refused)?),
            Ok(_) => {
                File::options().append(true).open(path).map_err(refused)?;
                Place::File(path.canonicalize().map_err(refused)?)
            }
            Err(_) => Place::File(path.to_owned()),
        };
        if let Place::File(target) = &place {
            drop(beside(target).map_err(refused)?);
        }
        Ok(Self {
            path: path.to_owned(),
            place,
        })
    }

    /// Writes all of it, or leaves what was there.
    pub(super) fn save(self, text: &str) -> Result<(), CliError> {
        let path = self.path;
        let failed = |error: io::Error| CliError::Failed(format!("cannot write `{}`: {error}", path.display()));
        match self.place {
            Place::Stream(mut file) => file.write_all(text.as_bytes()).map_err(failed),
            Place::File(target) => {
                let mut file = beside(&target).map_err(failed)?;
                file.write_all(text.as_bytes()).map_err(failed)?;
                file.persist(target).map(drop).map_err(|error| failed(error.error))
            }
        }
    }
}

/// A new file in the folder of a path, with the permissions that a new file has.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let readable = fs::Permissions::from_mode(0o666);
    tempfile::Builder::new()
        .prefix(".moulinette-")
        .permissions(readable)
        .tempfile_in(folder.unwrap_or(Path::new(".")))
}
