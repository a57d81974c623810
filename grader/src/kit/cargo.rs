//! Runs cargo on a kit's workspace and reads what it built.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, thread};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;
use serde::Deserialize;

use super::{ExerciseKit, KitError, Library, PROFILE, file_error};
use crate::model::ids::ExerciseId;
use crate::progress::{Event, Observer};
use crate::system::toolchain::Toolchain;
use crate::system::{cache, interrupt};

/// How much of cargo's log an error shows.
const LOG: usize = 4000;

/// One build of the kit of one exercise.
pub(super) struct Build<'a> {
    pub workspace: &'a Path,
    pub target: &'a Path,
    /// Where what submissions are compiled with is collected.
    pub libraries: &'a Path,
    /// Where the judge is kept. In the target directory, the judges of all versions of an exercise have one path.
    pub judges: &'a Path,
    /// Where what the reference's build script generates is kept, if the exercise has generated code.
    pub generated: Option<PathBuf>,
    pub exercise: &'a ExerciseId,
    pub toolchain: &'a Toolchain,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    pkg: String,
}

impl Metadata {
    fn node(&self, id: &str) -> Option<&Node> {
        self.resolve.nodes.iter().find(|node| node.id == id)
    }

    /// These packages and all that they depend on.
    fn reached<'m>(&'m self, roots: Vec<&'m String>) -> BTreeSet<&'m String> {
        let mut reached = BTreeSet::new();
        let mut next = roots;
        while let Some(id) = next.pop() {
            if reached.insert(id) {
                next.extend(
                    self.node(id)
                        .iter()
                        .flat_map(|node| &node.deps)
                        .map(|dependency| &dependency.pkg),
                );
            }
        }
        reached
    }
}

/// A line of `cargo build --message-format=json`; only artifacts and what build scripts wrote matter.
#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    package_id: String,
    target: Option<Target>,
    profile: Option<Profile>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    executable: Option<PathBuf>,
    out_dir: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Profile {
    opt_level: String,
}

#[derive(Default)]
struct Artifacts {
    /// The library of a package by its id: built for programs, not for build scripts.
    libraries: BTreeMap<String, PathBuf>,
    /// All of these with their packages: some packages are built more than once, with other features.
    built: Vec<(String, PathBuf)>,
    judge: Option<PathBuf>,
    /// Where the build script of a package wrote, by its id.
    written: BTreeMap<String, PathBuf>,
}

impl Build<'_> {
    pub(super) fn run(&self, observer: &dyn Observer) -> Result<ExerciseKit, KitError> {
        let metadata = self.metadata()?;
        observer.on(Event::KitStarted {
            exercise: self.exercise.clone(),
            packages: metadata.packages.len(),
        });
        let artifacts = self.build(&metadata, observer)?;
        let missing = |library: &str| KitError::NotBuilt {
            exercise: self.exercise.clone(),
            library: library.to_owned(),
        };
        let package = |name: &str| {
            metadata
                .packages
                .iter()
                .find(|package| package.name == name)
                .ok_or_else(|| missing(name))
        };
        let open = self.collect(&metadata, &artifacts)?;
        let judge = self.keep(artifacts.judge.as_deref().ok_or_else(|| missing("judge"))?)?;
        let generated = match &self.generated {
            Some(to) => {
                let reference = &package(self.exercise.as_str())?.id;
                let from = artifacts.written.get(reference);
                gather(from.ok_or_else(|| missing("generated code"))?, to)?
            }
            None => Vec::new(),
        };
        let library = |name: &str, id: &str| {
            let path = open.get(id).cloned().ok_or_else(|| missing(name))?;
            Ok::<_, KitError>(Library {
                name: name.to_owned(),
                path,
            })
        };
        let allowed = &package(&format!("{}-allowed", self.exercise))?.id;
        let node = metadata.node(allowed).ok_or_else(|| missing("allowed"))?;
        // What the judge is made of is in the judge.
        let mut linked = metadata.reached(vec![allowed, &package("witness")?.id]);
        linked.insert(&package(&format!("{}-checks", self.exercise))?.id);
        let files = linked
            .iter()
            .filter_map(|id| open.get(*id))
            .chain([&judge])
            .chain(&generated);
        let seal = |path: &PathBuf| Ok((path.clone(), cache::digest(path).map_err(file_error("read", path))?));
        Ok(ExerciseKit {
            seals: files.map(seal).collect::<Result<_, KitError>>()?,
            protocol: library(
                &format!("{}_protocol", self.exercise),
                &package(&format!("{}-checks", self.exercise))?.id,
            )?,
            witness: library("witness", &package("witness")?.id)?,
            allowed: node
                .deps
                .iter()
                .map(|dependency| library(&dependency.name, &dependency.pkg))
                .collect::<Result<_, _>>()?,
            dependencies: self.libraries.to_owned(),
            generated: self.generated.clone(),
            judge,
        })
    }

    /// Copies the judge to where no other build puts one.
    fn keep(&self, built: &Path) -> Result<PathBuf, KitError> {
        fs::create_dir_all(self.judges).map_err(file_error("create", self.judges))?;
        let kept = self.judges.join(built.file_name().unwrap_or_default());
        // Graders may be running an older copy, or a damaged one.
        let new = kept.with_extension("new");
        fs::copy(built, &new)
            .and_then(|_| fs::rename(&new, &kept))
            .map_err(file_error("write", &kept))?;
        Ok(kept)
    }

    /// Links the libraries that compilers of submissions may read into a directory of their own, and gives them by package. Where
    /// cargo builds them lie also the judge and the reference.
    fn collect(&self, metadata: &Metadata, artifacts: &Artifacts) -> Result<BTreeMap<String, PathBuf>, KitError> {
        fs::create_dir_all(self.libraries).map_err(file_error("create", self.libraries))?;
        let closed = ["judge", self.exercise.as_str()];
        let ids: BTreeSet<&str> = metadata
            .packages
            .iter()
            .filter(|package| closed.contains(&package.name.as_str()))
            .map(|package| package.id.as_str())
            .collect();
        let mut open = BTreeMap::new();
        for (id, built) in artifacts.built.iter().filter(|(id, _)| !ids.contains(id.as_str())) {
            let linked = self.libraries.join(built.file_name().unwrap_or_default());
            match fs::remove_file(&linked) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(file_error("replace", &linked)(error)),
                _ => {}
            }
            fs::hard_link(built, &linked)
                .or_else(|_| fs::copy(built, &linked).map(drop))
                .map_err(file_error("link", &linked))?;
            if artifacts.libraries.get(id) == Some(built) {
                open.insert(id.clone(), linked);
            }
        }
        Ok(open)
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments).current_dir(self.workspace).stdin(Stdio::null());
        // What the caller's own cargo set must not reach this one; what finds the toolchain and the registry must.
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            let steers = (text.starts_with("CARGO_")
                && text != "CARGO_HOME"
                && !text.starts_with("CARGO_NET")
                && !text.starts_with("CARGO_REGISTR")
                && !text.starts_with("CARGO_HTTP"))
                || text.starts_with("RUSTC")
                || text.starts_with("RUSTFLAGS")
                || text == "RUST_BACKTRACE";
            if steers {
                command.env_remove(&name);
            }
        }
        command
            .env("RUSTC", self.toolchain.trusted_rustc())
            .env("CARGO_TERM_COLOR", "never");
        command
    }

    fn metadata(&self) -> Result<Metadata, KitError> {
        let filter = self.toolchain.host().to_owned();
        let output = self
            .cargo(&["metadata", "--format-version", "1", "--filter-platform", &filter])
            .output()
            .map_err(KitError::NoCargo)?;
        if !output.status.success() {
            return Err(self.failed(&output.stderr));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| self.failed(error.to_string().as_bytes()))
    }

    fn build(&self, metadata: &Metadata, observer: &dyn Observer) -> Result<Artifacts, KitError> {
        let names: BTreeMap<_, _> = metadata
            .packages
            .iter()
            .map(|package| (package.id.as_str(), package.name.as_str()))
            .collect();
        let mut command = self.cargo(&[
            "build",
            "--profile",
            PROFILE,
            "--lib",
            "--bins",
            "--message-format=json-render-diagnostics",
        ]);
        command.args([
            "-p",
            &format!("{}-checks", self.exercise),
            "-p",
            &format!("{}-allowed", self.exercise),
        ]);
        command
            .arg("--target-dir")
            .arg(self.target)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(KitError::NoCargo)?;
        let process = Pid::from_raw(i32::try_from(child.id()).expect("process ids are small"));
        let running = interrupt::on_signal(move || {
            // It may have ended by itself.
            let _ = kill(process, Signal::SIGTERM);
        });
        let (stdout, mut stderr) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        let log = thread::spawn(move || {
            let mut text = Vec::new();
            // A log that breaks off only shortens the message.
            let _ = stderr.read_to_end(&mut text);
            text
        });
        let mut artifacts = Artifacts::default();
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let Ok(message) = serde_json::from_str::<Message>(&line) else {
                continue;
            };
            if message.reason == "build-script-executed"
                && let Some(written) = message.out_dir
            {
                artifacts.written.insert(message.package_id, written);
                continue;
            }
            if message.reason != "compiler-artifact" {
                continue;
            }
            if let Some(name) = names.get(message.package_id.as_str()) {
                observer.on(Event::KitCompiled {
                    exercise: self.exercise.clone(),
                    package: (*name).to_owned(),
                });
            }
            artifacts.take(message);
        }
        // Its number stays its own until it is waited for.
        let ended = waitid(Id::Pid(process), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT);
        drop(running);
        let status = ended
            .map_err(io::Error::from)
            .and_then(|_| child.wait())
            .map_err(KitError::NoCargo)?;
        let log = log.join().unwrap_or_default();
        if status.success() {
            Ok(artifacts)
        } else {
            Err(self.failed(&log))
        }
    }

    fn failed(&self, log: &[u8]) -> KitError {
        let text = String::from_utf8_lossy(log);
        let start = text.char_indices().rev().nth(LOG).map_or(0, |(at, _)| at);
        KitError::Build {
            exercise: self.exercise.clone(),
            log: text[start..].trim().to_owned(),
        }
    }
}

/// Copies the files that a build script wrote to a folder that holds nothing else, and gives the copies.
fn gather(from: &Path, to: &Path) -> Result<Vec<PathBuf>, KitError> {
    match fs::remove_dir_all(to) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(file_error("replace", to)(error)),
        _ => {}
    }
    fs::create_dir_all(to).map_err(file_error("create", to))?;
    let mut copies = Vec::new();
    for entry in fs::read_dir(from).map_err(file_error("read", from))? {
        let entry = entry.map_err(file_error("read", from))?;
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copies.extend(gather(&path, &copy)?);
        } else {
            fs::copy(&path, &copy).map_err(file_error("write", &copy))?;
            copies.push(copy);
        }
    }
    Ok(copies)
}

impl Artifacts {
    fn take(&mut self, message: Message) {
        let (Some(target), Some(profile)) = (message.target, message.profile) else {
            return;
        };
        if let Some(executable) = message.executable {
            self.judge = Some(executable);
            return;
        }
        let is = |kind: &str| target.kind.iter().any(|other| other == kind);
        if is("proc-macro") {
            if let Some(file) = message.filenames.into_iter().find(|file| {
                file.extension()
                    .is_some_and(|extension| extension == "so" || extension == "dylib")
            }) {
                self.built.push((message.package_id.clone(), file.clone()));
                self.libraries.insert(message.package_id, file);
            }
        } else if (is("lib") || is("rlib")) && profile.opt_level != "0" {
            // What build scripts and macros link is built without optimisation: another copy, never the submission's.
            if let Some(file) = message
                .filenames
                .into_iter()
                .find(|file| file.extension().is_some_and(|extension| extension == "rlib"))
            {
                self.built.push((message.package_id.clone(), file.clone()));
                self.libraries.insert(message.package_id, file);
            }
        }
    }
}
