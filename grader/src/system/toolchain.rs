//! The compiler: which one it is, and a place from which jobs can run it.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::geteuid;

use super::cache::closed_to_others;

mod answers;
mod farm;

use answers::{Answers, Key};

/// Where a linker is looked for: the search path that compile jobs get.
pub const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A Rust toolchain.
#[derive(Debug, Clone)]
pub struct Toolchain {
    trusted: PathBuf,
    rustc: PathBuf,
    version: String,
    host: String,
    linker: Option<PathBuf>,
}

/// Why there is no usable toolchain.
#[derive(Debug, thiserror::Error)]
pub enum ToolchainError {
    /// There is no rustc.
    #[error("cannot run `{rustc}`: {source}; install Rust with rustup, or set RUSTC to the compiler to use")]
    NoRustc {
        /// What was run.
        rustc: String,
        /// Why it failed.
        source: io::Error,
    },
    /// It does not do what every rustc does.
    #[error("`{command}` did not answer as rustc does: {answer}")]
    NotRustc {
        /// What was run.
        command: String,
        /// What it said.
        answer: String,
    },
    /// The toolchain cannot be made available to jobs.
    #[error("cannot prepare the toolchain for jobs in `{}`: {source}", .path.display())]
    Farm {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Toolchain {
    /// Finds the toolchain that `rustc` (a path, or a name looked up in PATH) belongs to.
    ///
    /// What is used is the toolchain's own compiler, not rustup's proxy: the proxy takes 8 ms a call and needs the user's home.
    /// The question is asked from the root directory, because rustup obeys a `rust-toolchain.toml` in the current one, which may be
    /// a submission, and such a file can name any program as the compiler.
    ///
    /// When the grader runs as root and others cannot reach the toolchain (rustup puts it below root's home), what jobs need of it
    /// is linked into the cache.
    pub fn locate(rustc: &OsStr, cache: &Path) -> Result<Self, ToolchainError> {
        let answers = Answers::new(cache);
        let sysroot = answers.get(Key::of_command("sysroot", rustc), || {
            ask(rustc, &["--print", "sysroot"])
        })?;
        let sysroot = PathBuf::from(sysroot.trim_end());
        let trusted = sysroot.join("bin/rustc");
        let version = answers.get(Key::of_compiler("version", &trusted), || {
            ask(trusted.as_os_str(), &["-vV"])
        })?;
        let Some(host) = version
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .map(str::to_owned)
        else {
            return Err(ToolchainError::NotRustc {
                command: format!("{} -vV", trusted.display()),
                answer: version,
            });
        };
        let rustc = if geteuid().is_root() && closed_to_others(&trusted).is_some() {
            let farms = cache.join("toolchain");
            let farm = farm::prepare(&sysroot, &host, &version, &farms);
            farm.map_err(|source| ToolchainError::Farm { path: farms, source })?
                .join("bin/rustc")
        } else {
            trusted.clone()
        };
        Ok(Self {
            trusted,
            rustc,
            version,
            host,
            linker: find("cc", PATH),
        })
    }

    /// The compiler for jobs.
    pub fn rustc(&self) -> &Path {
        &self.rustc
    }

    /// The directory of the compiler for jobs, with its libraries: all that a job needs of the toolchain.
    pub fn root(&self) -> &Path {
        self.rustc.ancestors().nth(2).unwrap_or(&self.rustc)
    }

    /// The compiler where it was installed, for what is not a job.
    pub fn trusted_rustc(&self) -> &Path {
        &self.trusted
    }

    /// What it says about itself, several lines: for keys and scorecards.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The platform it runs on and compiles for.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The C compiler that rustc links with, if there is one.
    pub fn linker(&self) -> Option<&Path> {
        self.linker.as_deref()
    }
}

fn ask(rustc: &OsStr, arguments: &[&str]) -> Result<String, ToolchainError> {
    let output = Command::new(rustc)
        .args(arguments)
        .current_dir("/")
        .stdin(Stdio::null())
        .output();
    let output = output.map_err(|source| ToolchainError::NoRustc {
        rustc: rustc.to_string_lossy().into_owned(),
        source,
    })?;
    match String::from_utf8(output.stdout) {
        Ok(answer) if output.status.success() && !answer.is_empty() => Ok(answer),
        _ => Err(ToolchainError::NotRustc {
            command: format!("{} {}", rustc.to_string_lossy(), arguments.join(" ")),
            answer: format!("{}, {}", output.status, String::from_utf8_lossy(&output.stderr).trim()),
        }),
    }
}

fn find(name: &str, path: &str) -> Option<PathBuf> {
    path.split(':')
        .map(|directory| Path::new(directory).join(name))
        .find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_toolchain_of_this_machine_is_found_and_compiles_for_it() {
        let cache = tempfile::tempdir_in("/tmp").unwrap();
        let toolchain = Toolchain::locate(OsStr::new("rustc"), cache.path()).unwrap();
        assert!(toolchain.version().starts_with("rustc 1."), "{}", toolchain.version());
        assert!(toolchain.host().contains('-'));
        assert!(toolchain.trusted_rustc().is_file() && toolchain.rustc().is_file());
    }

    #[test]
    fn a_missing_compiler_and_an_impostor_are_told_apart() {
        let cache = tempfile::tempdir().unwrap();
        let locate = |rustc: &str| Toolchain::locate(OsStr::new(rustc), cache.path()).unwrap_err();
        assert!(matches!(locate("/no/such/rustc"), ToolchainError::NoRustc { .. }));
        assert!(matches!(locate("/bin/false"), ToolchainError::NotRustc { .. }));
        assert!(matches!(locate("true"), ToolchainError::NotRustc { .. }));
    }
}
