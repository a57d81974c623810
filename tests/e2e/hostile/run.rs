//! Runs the program on a case, with an eye on the clock and on the memory of the trusted processes.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::support::command;

/// How often the processes are looked at.
const LOOK: Duration = Duration::from_millis(50);

/// How one call of the program ended.
pub struct Run {
    /// The exit status; none if the outer limit ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
    /// The most that the grader held, MiB.
    pub grader_mib: u64,
    /// The most that a judge held, MiB.
    pub judge_mib: u64,
}

/// Grades a submission in a place of its own.
pub fn grade(submission: &Path, course: &Path, place: &Path, options: &[&str], within: u64) -> Run {
    let temporary = place.join("tmp");
    fs::create_dir_all(&temporary).expect("a folder can be made");
    let output = |name: &str| File::create(place.join(name)).expect("a file can be made");
    let mut grading: Command = command();
    grading
        .args([
            "grade",
            "--exercise",
            "ex00",
            "--jobs",
            "1",
            "--audience",
            "instructor",
            "--course",
        ])
        .arg(course)
        .args(options)
        .arg(submission)
        .env("TMPDIR", &temporary)
        .env("HOSTILE_SECRET", super::host::SECRET)
        .stdin(Stdio::null())
        .stdout(output("stdout"))
        .stderr(output("stderr"))
        .process_group(0);
    let started = Instant::now();
    let mut child = grading.spawn().expect("the program starts");
    let mut run = Run {
        code: None,
        stdout: String::new(),
        stderr: String::new(),
        took: Duration::ZERO,
        grader_mib: 0,
        judge_mib: 0,
    };
    while started.elapsed() < Duration::from_secs(within) && child.try_wait().expect("it is ours").is_none() {
        run.look(&child);
        std::thread::sleep(LOOK);
    }
    run.took = started.elapsed();
    if child.try_wait().expect("it is ours").is_none() {
        let group = Pid::from_raw(i32::try_from(child.id()).expect("a process id"));
        let _ = killpg(group, Signal::SIGKILL);
    }
    run.code = child.wait().expect("it is ours").code();
    let text = |name: &str| {
        let bytes = fs::read(place.join(name)).expect("it was made");
        String::from_utf8(bytes).expect("the program writes UTF-8")
    };
    (run.stdout, run.stderr) = (text("stdout"), text("stderr"));
    run
}

impl Run {
    /// Notes what the trusted processes hold.
    fn look(&mut self, child: &Child) {
        self.grader_mib = self.grader_mib.max(high_water(child.id()));
        // The grader starts supervisors, and those start judges.
        for judge in children(child.id()).into_iter().flat_map(children) {
            let name = fs::read_link(format!("/proc/{judge}/exe")).unwrap_or_default();
            if name.to_string_lossy().ends_with("-judge") {
                self.judge_mib = self.judge_mib.max(high_water(judge));
            }
        }
    }
}

/// The most that a process held, MiB.
fn high_water(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or_default() >> 10
}

fn children(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task"));
    let tasks = tasks.into_iter().flatten().filter_map(Result::ok);
    let lists = tasks.map(|task| fs::read_to_string(task.path().join("children")).unwrap_or_default());
    let all = lists.collect::<Vec<_>>().join(" ");
    all.split_ascii_whitespace()
        .filter_map(|pid| pid.parse().ok())
        .collect()
}
