//! Machines that fail: full disks, killed compilers, caches that cannot be written, many graders at once. Either the card is right, or
//! there is none.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Outcome, Sample, cache, command, command_with_cache, finish, moulinette, scratch};

/// How many graders start at once.
const MANY: usize = 16;
/// How often a compiler is killed, each time a little later.
const KILLS: u64 = 6;

/// A grading of one exercise with a temporary directory of its own.
pub fn grading(mut command: Command, temporary: &Path) -> Command {
    command
        .args([
            "grade",
            "--no-cache",
            "--quiet",
            "--exercise",
            "ex00",
            "--format",
            "json",
        ])
        .arg(Sample::named("ex00", "perfect").directory())
        .env("TMPDIR", temporary);
    command
}

/// What must not change from one grading to the next: the mark, and the verdicts. On a machine that is busy with fifteen other graders a
/// budget may be left undecided, which costs nothing.
pub fn lasting(card: &Value) -> Value {
    let checks = card["exercises"][0]["checks"].as_array().expect("a list").iter();
    let verdicts = checks.map(|check| {
        let budget = check["id"].as_str().is_some_and(|id| id.starts_with("budget/"));
        match check["verdict"].as_str() {
            Some("inconclusive") if budget => (check["id"].clone(), Value::from("passed")),
            _ => (check["id"].clone(), check["verdict"].clone()),
        }
    });
    serde_json::json!([card["mark"], verdicts.collect::<Vec<_>>()])
}

/// The card of a machine without faults. Its kit is there from then on.
pub fn right() -> Value {
    moulinette(["kit", "build", "--quiet", "ex00"]).expect(0);
    let place = open_place();
    lasting(&finish(grading(command(), place.path())).expect(0).json())
}

/// A directory that jobs can reach, who run as other users.
pub fn open_place() -> TempDir {
    let place = scratch();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
    place
}

/// Either the right card, or exit 70 and nothing; whether it was the card.
#[track_caller]
fn right_or_nothing(outcome: Outcome, right: &Value, about: &str) -> bool {
    if outcome.code == 0 {
        assert_eq!(&lasting(&outcome.json()), right, "{about}");
        return true;
    }
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (70, ""),
        "{about}: {}",
        outcome.stderr
    );
    false
}

/// A mount that is gone with the test.
struct Mounted(TempDir);

impl Mounted {
    /// None where this user may not mount.
    fn new(source: &Path, kind: Option<&str>, flags: MsFlags, data: Option<&str>) -> Option<Self> {
        let place = open_place();
        mount(Some(source), place.path(), kind, flags, data).ok()?;
        Some(Self(place))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Without this the directory cannot be removed, and the test's end says so.
        let _ = umount2(self.0.path(), MntFlags::MNT_DETACH);
    }
}

#[test]
fn a_full_disk_is_no_verdict() {
    let right = right();
    let mut outcomes = Vec::new();
    for size in ["16k", "200k", "1m", "2m", "4m", "8m", "512m"] {
        let options = format!("size={size},mode=0755");
        let disk = Mounted::new(Path::new("none"), Some("tmpfs"), MsFlags::empty(), Some(&options));
        let Some(disk) = disk else {
            eprintln!("skipped: this user may not mount");
            return;
        };
        let outcome = finish(grading(command(), disk.0.path()));
        outcomes.push(right_or_nothing(outcome, &right, &format!("a disk of {size}")));
    }
    assert_eq!(
        (outcomes.first(), outcomes.last()),
        (Some(&false), Some(&true)),
        "{outcomes:?}"
    );
}

#[test]
fn a_cache_that_cannot_be_written_serves_as_it_is() {
    let right = right();
    let Some(bound) = Mounted::new(cache(), None, MsFlags::MS_BIND, None) else {
        eprintln!("skipped: this user may not mount");
        return;
    };
    let read_only = MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
    mount(None::<&Path>, bound.0.path(), None::<&str>, read_only, None::<&str>)
        .expect("what is mounted can be made read-only");
    let place = open_place();
    let outcome = finish(grading(command_with_cache(bound.0.path()), place.path()));
    assert!(
        right_or_nothing(outcome, &right, "a read-only cache"),
        "it holds all that is needed"
    );
}

#[test]
fn a_killed_compiler_is_no_verdict() {
    let right = right();
    let mut killed = 0;
    for pause in 0..KILLS {
        let place = open_place();
        let child = start(grading(command(), place.path()));
        killed += u32::from(kill_compiler(place.path(), Duration::from_millis(20 * pause)));
        right_or_nothing(end(child), &right, &format!("a compiler killed after {pause}"));
    }
    assert!(killed > 0, "no compiler was met");
}

/// Kills a compiler that works in a directory, some time after it is first seen.
fn kill_compiler(place: &Path, pause: Duration) -> bool {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(20) {
        if let Some(compiler) = compilers(place).first() {
            std::thread::sleep(pause);
            return kill(Pid::from_raw(*compiler), Signal::SIGKILL).is_ok();
        }
    }
    false
}

/// The compilers that work in a directory: not their supervisors, whose first argument is another.
fn compilers(place: &Path) -> Vec<i32> {
    let place = place.to_string_lossy().into_owned();
    let is_one = |number: &i32| {
        let line = fs::read(format!("/proc/{number}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        let program = line.split('\0').next().unwrap_or_default();
        program.ends_with("/rustc") && line.contains(&place)
    };
    let entries = fs::read_dir("/proc").expect("Linux has it").flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let found: Vec<i32> = numbers.filter(is_one).collect();
    // A compiler that is about to become its linker looks like a second one.
    found
        .iter()
        .copied()
        .filter(|number| parent(*number).is_some_and(|parent| !found.contains(&parent)))
        .collect()
}

fn parent(number: i32) -> Option<i32> {
    let status = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    status.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn start(mut command: Command) -> Child {
    let piped = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    piped.spawn().expect("the program starts")
}

fn end(child: Child) -> Outcome {
    let output = child.wait_with_output().expect("it ends");
    Outcome {
        code: output.status.code().expect("no signal ends the program"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

#[test]
fn many_graders_at_once_share_the_cores_and_agree() {
    let right = right();
    let cores = std::thread::available_parallelism().expect("there are some").get();
    let place = open_place();
    let mut children: Vec<Child> = (0..MANY).map(|_| start(grading(command(), place.path()))).collect();
    let mut most = 0;
    while children
        .iter_mut()
        .any(|child| child.try_wait().expect("it can be asked").is_none())
    {
        most = most.max(compilers(place.path()).len());
        std::thread::sleep(Duration::from_millis(10));
    }
    for child in children {
        // Nothing is wrong with this machine: each of them gives its card.
        let outcome = end(child).expect(0);
        right_or_nothing(outcome, &right, "one of many");
    }
    assert!((1..=cores).contains(&most), "{most} compilers at once on {cores} cores");
}
