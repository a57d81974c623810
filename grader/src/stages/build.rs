//! Sources to a program: calls the compiler directly, in the sandbox, and keeps what compiles.
//!
//! Two crates a program: the submission, and the checks beside it. (As one crate, checks would see private items, and a forgotten `pub`
//! would pass.) When the checks do not compile because the submission lacks something, the editor of [`super::partial`] takes out what needs it,
//! and the rest is built.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

use nix::libc;
use nix::sys::statvfs::statvfs;

use super::diagnostics::{self, Message};
use super::partial::{Editor, Loss, Progress};
use super::policy::Admitted;
use super::scaffold::Scaffold;
use crate::kit::ExerciseKit;
use crate::model::evidence::CompileError;
use crate::model::ids::ExerciseId;
use crate::model::limits::Limits;
use crate::model::verdict::Finding;
use crate::system::sandbox::{Ending, Job, Outcome, Profile, Sandbox, SandboxError};
use crate::system::toolchain::Toolchain;
use crate::system::workdir::take_over;

/// Rounds of editing before everything that is left is taken out. Tried: two or three are enough for one missing item.
const ROUNDS: usize = 12;

/// How a program is compiled. Submission and reference always get the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// For checks: no optimisation, overflow and debug assertions on, as `cargo test`.
    Checked,
    /// For budgets: optimised, assertions off.
    Optimised,
}

impl Flavour {
    /// The directory that compilers of this flavour may write.
    pub fn directory(self) -> &'static str {
        match self {
            Self::Checked => "out",
            Self::Optimised => "out-optimised",
        }
    }

    /// The compiler's flags.
    pub fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Checked => &["-Copt-level=0", "-Cdebug-assertions=on"],
            Self::Optimised => &["-Copt-level=1", "-Cdebug-assertions=off", "-Ccodegen-units=1"],
        }
    }
}

/// Flags of every call. Bitcode and debug information are never used; unsafe code cannot be allowed back in by the submission.
pub const FLAGS: &[&str] = &[
    "--edition=2024",
    "-Cdebuginfo=0",
    "-Cembed-bitcode=no",
    "-Cstrip=debuginfo",
    "--error-format=json",
    "--diagnostic-width=110",
];

/// A program built from a submission.
#[derive(Debug)]
pub struct Program {
    /// The executable.
    pub path: PathBuf,
    /// What had to be taken out, by file and function, with the compiler's reason.
    pub lost: BTreeMap<(String, String), Loss>,
}

impl Program {
    /// Why a function of a file of checks was taken out, if it was.
    pub fn lost(&self, file: &str, function: &str) -> Option<&Loss> {
        self.lost.get(&(file.to_owned(), function.to_owned()))
    }
}

/// What became of a submission's sources.
#[derive(Debug)]
pub enum Compiled {
    /// A library.
    Library {
        /// The compiled file.
        path: PathBuf,
        /// Warnings and missing documentation.
        findings: Vec<Finding>,
    },
    /// It does not compile.
    Rejected(Vec<CompileError>),
}

/// Why a build could not be done: ours, not the submission's.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Writing the sources.
    #[error("cannot write `{path}`: {source}")]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The sandbox.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// A compiler failed on ground that is not sound: what it said of the submission cannot be believed.
    #[error("compiling {exercise} failed for a reason of this machine: {reason}; nothing was graded")]
    Ground {
        /// Which exercise.
        exercise: ExerciseId,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The compiler did not get to work.
    #[error("the compiler {ending} before it compiled anything: {text}\nrun `moulinette doctor`")]
    Compiler {
        /// How it ended.
        ending: Ending,
        /// What it said.
        text: String,
    },
    /// The checks do not compile, and nothing that could be taken out of them changes that. If they compile with the reference it is
    /// the submission's doing: see [`crate::twin::compiles`].
    #[error("the checks of {exercise} do not compile:\n{text}\nrun `moulinette verify {exercise}`")]
    Checks {
        /// Of which exercise.
        exercise: ExerciseId,
        /// The compiler's errors.
        text: String,
        /// The same for the submission's author.
        errors: Vec<CompileError>,
    },
    /// What was compiled could not be put where no job can change it.
    #[error("cannot keep the compiled program `{path}`: {source}")]
    Keep {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// With less space left, what a compiler says may be about the disk.
const ROOM: u64 = 16 << 20;

/// Compiles for one exercise into one directory.
pub struct Builder<'a> {
    /// The exercise, which is also the name of the submission's crate.
    pub exercise: &'a ExerciseId,
    /// The compiler.
    pub toolchain: &'a Toolchain,
    /// What is compiled already.
    pub kit: &'a ExerciseKit,
    /// Where compilers run.
    pub sandbox: &'a dyn Sandbox,
    /// The directory: sources below it, `out/` for what is built.
    pub directory: &'a Path,
    /// What each compiler may use.
    pub limits: Limits,
    /// Whether a compiler has more than one core: then unoptimised code is generated in two units, which takes more time in all
    /// (5 to 6 %) and less on the wall (8 %). Optimised code always is one unit, the same for everybody.
    pub parallel: bool,
}

impl Builder<'_> {
    /// Compiles the submission into a library.
    pub fn submission(&self, admitted: &Admitted, entry: &str, flavour: Flavour) -> Result<Compiled, BuildError> {
        for (path, text) in &admitted.sources().files {
            self.write(&self.directory.join(path), text)?;
        }
        let out = self.out(flavour);
        let library = out.join(format!("lib{}.rlib", self.exercise));
        let mut arguments = self.arguments(self.exercise.as_str(), "lib", flavour);
        arguments.extend(["-Funsafe_code", "--force-warn=missing_docs", "--emit=link"].map(OsString::from));
        self.link(
            &mut arguments,
            &self
                .kit
                .allowed
                .iter()
                .map(|library| (library.name.as_str(), library.path.as_path()))
                .collect::<Vec<_>>(),
        );
        arguments.extend(["-o".into(), library.clone().into(), self.directory.join(entry).into()]);
        let outcome = self.rustc(arguments, &out, &self.directory.join("src"))?;
        let messages = diagnostics::read(&outcome.stderr);
        if outcome.ending == Ending::Exited(0) && library.is_file() {
            return Ok(Compiled::Library {
                path: library,
                findings: diagnostics::findings(&messages, self.directory),
            });
        }
        self.confirm(&outcome)?;
        Ok(Compiled::Rejected(self.errors(&messages, &outcome, entry)))
    }

    /// What the compiler says is wrong, or how it ended, should it say nothing.
    fn errors(&self, messages: &[Message], outcome: &Outcome, entry: &str) -> Vec<CompileError> {
        let mut errors = diagnostics::errors(messages, self.directory);
        if errors.is_empty() {
            errors.push(CompileError {
                file: entry.to_owned(),
                line: 0,
                code: String::new(),
                message: format!("the compiler gave up on this code: {}", describe(outcome)),
                rendered: String::new(),
            });
        }
        errors
    }

    /// Compiles a scaffold beside a submission's library, taking out what the submission lacks.
    pub fn program(&self, scaffold: &Scaffold, library: &Path, flavour: Flavour) -> Result<Program, BuildError> {
        let folder = self.directory.join(scaffold.name);
        self.write(&folder.join("main.rs"), &scaffold.main)?;
        let mut editors: Vec<Editor> = Vec::new();
        for (name, text) in &scaffold.checks {
            self.write(&folder.join(name), text)?;
            editors.push(
                Editor::new(scaffold.name, name, text).map_err(|error| self.broken(&error.to_string(), Vec::new()))?,
            );
        }
        let out = self.out(flavour);
        let program = out.join(scaffold.name);
        for round in 0..=ROUNDS + 1 {
            // The first try is the real one: nothing is missing in most submissions. After an error, look for all of them before generating code.
            let emit = if round == 0 { "--emit=link" } else { "--emit=metadata" };
            let mut outcome = self.check(scaffold, &folder, library, flavour, emit, &program)?;
            if round > 0 && outcome.ending == Ending::Exited(0) {
                outcome = self.check(scaffold, &folder, library, flavour, "--emit=link", &program)?;
            }
            if outcome.ending == Ending::Exited(0) {
                let lost = editors
                    .iter()
                    .zip(&scaffold.checks)
                    .flat_map(|(editor, (file, _))| {
                        editor
                            .lost()
                            .iter()
                            .map(move |(name, loss)| ((file.clone(), name.clone()), loss.clone()))
                    })
                    .collect();
                let path = self.keep(&program)?;
                return Ok(Program { path, lost });
            }
            self.confirm(&outcome)?;
            let messages = diagnostics::read(&outcome.stderr);
            if !self.edit(&mut editors, scaffold, &folder, &messages, round == ROUNDS)? {
                let text: Vec<_> = messages
                    .iter()
                    .filter(|message| message.is_error())
                    .map(|message| message.rendered.clone())
                    .take(3)
                    .collect();
                let text = if text.is_empty() {
                    describe(&outcome)
                } else {
                    text.join("\n")
                };
                return Err(self.broken(&text, self.errors(&messages, &outcome, "src/lib.rs")));
            }
        }
        Err(self.broken("taking out what the submission lacks never ended", Vec::new()))
    }

    /// Gives each editor the errors in its file; true when something was edited.
    fn edit(
        &self,
        editors: &mut [Editor],
        scaffold: &Scaffold,
        folder: &Path,
        messages: &[Message],
        everything: bool,
    ) -> Result<bool, BuildError> {
        let mut edited = false;
        for (editor, (name, _)) in editors.iter_mut().zip(&scaffold.checks) {
            let progress = match editor.apply(messages) {
                Progress::Stuck(_) => editor.take_out_everything(messages),
                _ if everything => editor.take_out_everything(messages),
                progress => progress,
            };
            if let Progress::Edited = progress {
                edited = true;
                self.write(&folder.join(name), editor.text())?;
            }
        }
        // A module of the driver says what it lacks of another one in the next round, and should say why.
        let module = |name: &str| name.split(['/', '.']).next().unwrap_or_default().to_owned();
        for at in 0..editors.len() {
            for other in (0..editors.len()).filter(|other| *other != at) {
                if module(&scaffold.checks[at].0) == module(&scaffold.checks[other].0) {
                    let causes = editors[other].causes().clone();
                    editors[at].learn(&causes);
                }
            }
        }
        Ok(edited)
    }

    fn check(
        &self,
        scaffold: &Scaffold,
        folder: &Path,
        library: &Path,
        flavour: Flavour,
        emit: &str,
        program: &Path,
    ) -> Result<Outcome, BuildError> {
        let mut arguments = self.arguments(scaffold.name, "bin", flavour);
        arguments.extend([emit, "--cap-lints=allow"].map(OsString::from));
        let mut libraries = vec![
            (self.exercise.as_str(), library),
            (self.kit.witness.name.as_str(), self.kit.witness.path.as_path()),
            (self.kit.protocol.name.as_str(), self.kit.protocol.path.as_path()),
        ];
        libraries.extend(
            self.kit
                .allowed
                .iter()
                .map(|library| (library.name.as_str(), library.path.as_path())),
        );
        self.link(&mut arguments, &libraries);
        let target = if emit == "--emit=link" {
            program.to_owned()
        } else {
            program.with_extension("rmeta")
        };
        arguments.extend(["-o".into(), target.into(), folder.join("main.rs").into()]);
        self.rustc(arguments, program.parent().unwrap_or(folder), folder)
    }

    fn arguments(&self, name: &str, kind: &str, flavour: Flavour) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec!["--crate-name".into(), name.into(), "--crate-type".into(), kind.into()];
        arguments.extend(FLAGS.iter().chain(flavour.flags()).map(OsString::from));
        if flavour == Flavour::Checked {
            arguments.push(
                if self.parallel {
                    "-Ccodegen-units=2"
                } else {
                    "-Ccodegen-units=1"
                }
                .into(),
            );
        }
        let mut remap = OsString::from("--remap-path-prefix=");
        remap.push(self.directory);
        remap.push("/=");
        arguments.push(remap);
        arguments
    }

    fn link(&self, arguments: &mut Vec<OsString>, libraries: &[(&str, &Path)]) {
        let mut search = OsString::from("-Ldependency=");
        search.push(&self.kit.dependencies);
        arguments.push(search);
        for (name, path) in libraries {
            let mut library = OsString::from(format!("--extern={name}="));
            library.push(path);
            arguments.push(library);
        }
    }

    /// Runs the compiler: it reads the toolchain, the compiled crates that submissions may use, and `sources`, and writes `out`.
    fn rustc(&self, arguments: Vec<OsString>, out: &Path, sources: &Path) -> Result<Outcome, BuildError> {
        let mut job = Job::new(self.toolchain.rustc(), out, self.limits, Profile::Compile);
        job.args = arguments;
        job.reads = vec![
            self.toolchain.root().to_owned(),
            self.kit.dependencies.clone(),
            sources.to_owned(),
        ];
        job.env = vec![("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into())];
        if let Some(generated) = &self.kit.generated {
            job.reads.push(generated.clone());
            job.env.push(("OUT_DIR".into(), generated.into()));
        }
        let outcome = self.sandbox.run(&job)?;
        match outcome.ending {
            // What rustc ends with: well, with errors, by a mistake of its own.
            Ending::Exited(0 | 1 | 101) => Ok(outcome),
            // A loader that does not find the compiler's libraries, for instance. No submission causes that.
            ending @ Ending::Exited(_) => Err(BuildError::Compiler {
                ending,
                text: String::from_utf8_lossy(&outcome.stderr).chars().take(400).collect(),
            }),
            _ => Ok(outcome),
        }
    }

    /// The directory that compilers of a flavour may write: two flavours are built at once.
    fn out(&self, flavour: Flavour) -> PathBuf {
        self.directory.join(flavour.directory())
    }

    fn write(&self, path: &Path, text: &str) -> Result<(), BuildError> {
        let failed = |source| BuildError::Write {
            path: path.to_owned(),
            source,
        };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        fs::write(path, text).map_err(failed)
    }

    /// Whether a failure of a compiler is the submission's: an error if it may be the machine's.
    fn confirm(&self, outcome: &Outcome) -> Result<(), BuildError> {
        let ground = |reason: String| {
            Err(BuildError::Ground {
                exercise: self.exercise.clone(),
                reason,
            })
        };
        // No source makes a compiler send itself these.
        if let Ending::Signalled(signal) = outcome.ending
            && [libc::SIGKILL, libc::SIGTERM, libc::SIGINT, libc::SIGHUP].contains(&signal)
        {
            return ground(format!(
                "the compiler was killed by signal {signal} from outside; try again"
            ));
        }
        if let Some(file) = self.kit.damage() {
            return ground(format!(
                "`{}` of the kit is damaged; try again, it will be rebuilt",
                file.display()
            ));
        }
        let room = statvfs(self.directory).map_or(u64::MAX, |place| place.blocks_available() * place.fragment_size());
        if room < ROOM {
            let place = self.directory.display();
            return ground(format!("`{place}` is on a full disk; free some space or set TMPDIR"));
        }
        Ok(())
    }

    /// Puts a program where no job can change it: what runs has the rights of the compiler that wrote it.
    fn keep(&self, program: &Path) -> Result<PathBuf, BuildError> {
        let kept = self.directory.join("bin").join(program.file_name().unwrap_or_default());
        let copied = take_over(program, &kept);
        copied.map(|()| kept).map_err(|source| BuildError::Keep {
            path: program.to_owned(),
            source,
        })
    }

    fn broken(&self, text: &str, errors: Vec<CompileError>) -> BuildError {
        BuildError::Checks {
            exercise: self.exercise.clone(),
            text: text.to_owned(),
            errors,
        }
    }
}

/// How a compiler ended, for a person.
fn describe(outcome: &Outcome) -> String {
    match outcome.ending {
        Ending::Signalled(_) => format!(
            "it {} (code that nests or expands too deeply does that)",
            outcome.ending
        ),
        ending => format!("it {ending}"),
    }
}
