//! A grader that is told to stop does so soon, leaves nothing behind, and gives no mark for a part.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{command, moulinette, repository, scratch};

/// When to send the signal: during start-up, compilation, public checks, hidden checks, budgets, or, on a fast machine, after the end.
const MOMENTS: [u64; 8] = [0, 10, 60, 200, 500, 900, 1500, 3000];
/// A machine that is busy with other things needs a while to end everything.
const PATIENCE: Duration = Duration::from_secs(60);

/// A grading of everything, with its own temporary directory.
struct Grading {
    child: Child,
    place: TempDir,
}

impl Grading {
    fn start() -> Self {
        let place = scratch();
        let card = place.path().join("card.json");
        let temporary = place.path().join("tmp");
        fs::create_dir(&temporary).expect("a folder can be made");
        let mut command = command();
        command
            .args(["grade", "--no-cache", "--quiet", "--output"])
            .arg(card)
            .arg(repository().join("tests/submissions/student"))
            .env("TMPDIR", temporary)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        open_to_jobs(place.path());
        Self {
            child: command.spawn().expect("the program starts"),
            place,
        }
    }

    fn signal(&self, signal: Signal) {
        let process = Pid::from_raw(i32::try_from(self.child.id()).expect("process ids are small"));
        kill(process, signal).expect("it is not waited for yet");
    }

    /// The exit status, and the card if there is one.
    fn end(mut self) -> (Option<i32>, Option<i32>, Option<Value>, TempDir) {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                break status;
            }
            assert!(started.elapsed() < PATIENCE, "a grader that was told to stop goes on");
            thread::sleep(Duration::from_millis(5));
        };
        let card = fs::read_to_string(self.place.path().join("card.json"));
        let card = card
            .ok()
            .map(|text| serde_json::from_str(&text).expect("a card is JSON"));
        (status.code(), status.signal(), card, self.place)
    }
}

/// Jobs run as other users, and must get to their working directories.
fn open_to_jobs(place: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(place, fs::Permissions::from_mode(0o755)).expect("it is ours");
}

/// The processes that work below a directory.
fn processes_in(place: &TempDir) -> Vec<String> {
    let place = place.path().to_string_lossy().into_owned();
    let entries = fs::read_dir("/proc").expect("Linux has it");
    let command = |path: std::path::PathBuf| {
        let line = fs::read(path.join("cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        line.contains(&place).then_some(line)
    };
    entries.flatten().filter_map(|entry| command(entry.path())).collect()
}

#[track_caller]
fn nothing_is_left(place: &TempDir) {
    let started = Instant::now();
    while !processes_in(place).is_empty() {
        assert!(started.elapsed() < PATIENCE, "{:#?}", processes_in(place));
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_signal_ends_a_grading_in_good_order() {
    // The kits are there before the clock runs.
    moulinette(["kit", "build", "--quiet"]).expect(0);
    let mut interrupted = 0;
    for (signal, moment) in [Signal::SIGINT, Signal::SIGTERM]
        .into_iter()
        .flat_map(|signal| MOMENTS.map(|moment| (signal, moment)))
    {
        let grading = Grading::start();
        thread::sleep(Duration::from_millis(moment));
        grading.signal(signal);
        let (status, killed, card, place) = grading.end();
        nothing_is_left(&place);
        let temporary = fs::read_dir(place.path().join("tmp")).expect("it is there").count();
        let about = format!("{signal} after {moment} ms: status {status:?}, signal {killed:?}");
        match status {
            // Before it listens, a signal does what it always does.
            None => assert!(killed.is_some() && card.is_none(), "{about}"),
            Some(0) => assert_eq!(card.expect("a card")["interrupted"], Value::Bool(false), "{about}"),
            Some(70) => {
                interrupted += 1;
                assert_eq!(temporary, 0, "{about}");
                let Some(card) = card else { continue };
                assert_eq!(
                    (&card["interrupted"], &card["mark"]),
                    (&Value::Bool(true), &Value::Null),
                    "{about}"
                );
                let states = card["exercises"].as_array().expect("a list").iter();
                assert!(
                    states
                        .map(|exercise| &exercise["state"])
                        .any(|state| state == "unfinished"),
                    "{about}"
                );
            }
            Some(other) => panic!("{about}: {other}"),
        }
    }
    assert!(interrupted > 2, "only {interrupted} of the signals came in time");
}

#[test]
fn a_grading_that_is_killed_leaves_no_process_and_troubles_nobody() {
    moulinette(["kit", "build", "--quiet"]).expect(0);
    for moment in MOMENTS {
        let grading = Grading::start();
        thread::sleep(Duration::from_millis(moment));
        grading.signal(Signal::SIGKILL);
        let (status, killed, _, place) = grading.end();
        assert!(killed.is_some() || status == Some(0), "{status:?}");
        nothing_is_left(&place);
        // The next one clears away what this one could not.
        let mut next = Command::new(crate::support::PROGRAM);
        next.args(["grade", "--quiet", "--exercise", "ex00"])
            .arg(repository().join("tests/submissions/student"))
            .env("MOULINETTE_CACHE", crate::support::cache())
            .env("TMPDIR", place.path().join("tmp"))
            .args(["--no-cache", "--format", "json"]);
        let card: Value = crate::support::finish(next).expect(0).json();
        assert_eq!(card["interrupted"], Value::Bool(false));
        let left: Vec<_> = fs::read_dir(place.path().join("tmp"))
            .expect("it is there")
            .flatten()
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}
