//! What all tests share: the program under test, one cache for all of them, the repository's files, the cards of the samples.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};
use std::time::Duration;
use std::{env, fs};

use moulinette::system::cache::closed_to_others;
use serde_json::Value;
use tempfile::TempDir;

/// No call of the program takes longer, also when it builds kits on a slow and loaded machine.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_moulinette-under-test");

/// How a call of the program ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The exit status.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Outcome {
    /// The outcome if the exit status is `code`.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "standard error:\n{}\nstandard output:\n{}",
            self.stderr, self.stdout
        );
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON: {error}\n{}\n{}", self.stdout, self.stderr))
    }
}

/// The program, ready to be given arguments: the shared cache, nothing of the caller's that steers it.
pub fn command() -> Command {
    command_with_cache(cache())
}

/// The same with another cache.
pub fn command_with_cache(cache: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .arg0("moulinette")
        .env("MOULINETTE_CACHE", cache)
        .env_remove("NO_COLOR")
        .env_remove("RUSTC")
        .env("COLUMNS", "100")
        .current_dir("/");
    command
}

/// Runs a command to its end.
pub fn finish(command: Command) -> Outcome {
    let output = assert_cmd::Command::from_std(command)
        .timeout(PATIENCE)
        .output()
        .expect("the program starts and ends");
    let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
    Outcome {
        code: output.status.code().expect("no signal ends the program"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// Runs the program with some arguments.
pub fn moulinette<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Outcome {
    let mut command = command();
    command.args(arguments);
    finish(command)
}

/// The root of the repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("this package is a folder of it")
}

/// The cache of all tests, so that a kit is built once per checkout: the caller's if it names one, else below the target directory,
/// unless the program runs as root and the users that its jobs run as could not get there.
pub fn cache() -> &'static Path {
    static CACHE: LazyLock<PathBuf> = LazyLock::new(|| {
        let path = env::var_os("MOULINETTE_CACHE").map_or_else(|| reachable().join("cache"), PathBuf::from);
        fs::create_dir_all(&path).expect("the cache can be made");
        path
    });
    &CACHE
}

/// A directory for what must be reached by other users: caches.
pub fn reachable() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    if nix::unistd::geteuid().is_root() && closed_to_others(target).is_some() {
        PathBuf::from("/var/cache/moulinette-tests")
    } else {
        target.to_owned()
    }
}

/// A directory that goes away with the test.
pub fn scratch() -> TempDir {
    tempfile::Builder::new()
        .prefix("moulinette-e2e-")
        .tempdir()
        .expect("a temporary directory can be made")
}

/// A sample submission of one exercise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sample {
    /// The exercise.
    pub exercise: String,
    /// The name of its folder, which says how it behaves.
    pub name: String,
}

impl Sample {
    /// A sample by its names.
    pub fn named(exercise: &str, name: &str) -> Self {
        Self {
            exercise: exercise.to_owned(),
            name: name.to_owned(),
        }
    }

    /// Where it is.
    pub fn directory(&self) -> PathBuf {
        repository()
            .join("tests/submissions")
            .join(&self.exercise)
            .join(&self.name)
    }

    /// Its scorecard, for instructors: graded once per run of the tests, anew.
    pub fn card(&self) -> Arc<Value> {
        type Cards = Mutex<BTreeMap<Sample, Arc<OnceLock<Arc<Value>>>>>;
        static CARDS: Cards = Mutex::new(BTreeMap::new());
        let cell = Arc::clone(
            CARDS
                .lock()
                .expect("no panic holds it")
                .entry(self.clone())
                .or_default(),
        );
        Arc::clone(cell.get_or_init(|| Arc::new(self.grade())))
    }

    /// Grades it anew. A busy machine may leave a budget undecided: then it is asked again, twice.
    fn grade(&self) -> Value {
        let fresh = || {
            let mut command = command();
            command.args(["grade", "--no-cache", "--exercise", &self.exercise]);
            command
                .args(["--format", "json", "--audience", "instructor"])
                .arg(self.directory());
            finish(command).expect(0).json()
        };
        let mut card = fresh();
        for _ in 0..2 {
            if card["provisional"] == true {
                card = fresh();
            }
        }
        card
    }
}

/// The folders of exercises that a folder of the repository holds.
pub fn exercises_below(folder: &str) -> Vec<String> {
    names(&repository().join(folder))
        .into_iter()
        .filter(|name| name.parse::<moulinette::model::ids::ExerciseId>().is_ok())
        .collect()
}

/// The names in a directory, in order.
pub fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("it can be listed")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).sort_by_file_name() {
        let entry = entry.expect("it can be listed");
        let target = to.join(entry.path().strip_prefix(from).expect("below it"));
        if entry.file_type().is_dir() {
            fs::create_dir_all(&target).expect("a folder can be made");
        } else {
            fs::copy(entry.path(), &target).expect("a file can be copied");
        }
    }
}

/// Runs `work` on every item, as many at a time as the machine has cores, and gives the results in order.
pub fn each<'t, T: Sync, R: Send>(items: &'t [T], work: impl Fn(&'t T) -> R + Sync) -> Vec<R> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let next = Mutex::new(items.iter().enumerate());
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let taken = next.lock().expect("no panic holds it").next();
                    let Some((at, item)) = taken else { break };
                    let result = work(item);
                    done.lock().expect("no panic holds it").push((at, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no panic holds it");
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}
