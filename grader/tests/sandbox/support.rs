//! What all of these tests use.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use moulinette::model::limits::Limits;
use moulinette::system::sandbox::{Job, LayerName, LayerState, Outcome, ProcessSandbox, Profile, Sandbox, SandboxMode};

pub const MOULINETTE: &str = env!("CARGO_BIN_EXE_moulinette");

/// Supervision, limits and users: what holds when nothing else does. It lets shells start processes and look around.
pub fn sandbox() -> ProcessSandbox {
    use LayerName::{Cgroup, Landlock, Namespaces, Seccomp};
    without(&[Namespaces, Landlock, Seccomp, Cgroup])
}

/// Every layer that this host has.
pub fn full() -> ProcessSandbox {
    ProcessSandbox::new(MOULINETTE.into(), SandboxMode::Auto).unwrap()
}

/// Every layer that this host has, but some.
pub fn without(layers: &[LayerName]) -> ProcessSandbox {
    let without = layers.iter().copied().collect();
    ProcessSandbox::without(MOULINETTE.into(), SandboxMode::Auto, &without).unwrap()
}

pub fn has(sandbox: &ProcessSandbox, layer: &str) -> bool {
    let mut layers = sandbox.layers().iter();
    layers.any(|other| other.name == layer && other.state == LayerState::Active)
}

pub fn has_users() -> bool {
    has(&sandbox(), "user")
}

pub fn limits() -> Limits {
    Limits {
        cpu: Duration::from_secs(2),
        wall: Duration::from_secs(10),
        memory: 256 << 20,
        output: 64 << 10,
        file_size: 1 << 20,
        tasks: 16,
    }
}

/// A scratch directory that a job's user can reach.
pub fn scratch() -> tempfile::TempDir {
    tempfile::Builder::new()
        .prefix("sandbox-test-")
        .tempdir_in("/tmp")
        .unwrap()
}

pub fn shell(dir: &Path, script: &str) -> Job {
    let mut job = Job::new("/bin/sh", dir, limits(), Profile::Run);
    job.args = vec!["-c".into(), script.into()];
    job.env = vec![("PATH".into(), "/usr/bin:/bin".into())];
    job
}

pub fn run(script: &str) -> Outcome {
    let dir = scratch();
    sandbox().run(&shell(dir.path(), script)).unwrap()
}

/// Runs a program without arguments.
pub fn run_at(dir: &Path, program: PathBuf) -> Outcome {
    sandbox().run(&Job::new(program, dir, limits(), Profile::Run)).unwrap()
}

/// Whether something becomes true in time.
pub fn within(time: Duration, condition: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + time;
    while !condition() {
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// How long a process of a test sleeps: seconds that no other test, also of another run, sleeps.
pub fn nap(seconds: u32) -> String {
    format!("{seconds}.{:08}", std::process::id())
}

/// The live processes that sleep so long.
pub fn sleepers(nap: &str) -> usize {
    let command = format!("sleep\0{nap}\0");
    let pids = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line == command.as_bytes()))
        .count()
}

/// The live processes whose command line has this text, jails that are to become one of them included.
pub fn processes_with(text: &str) -> Vec<(i32, String)> {
    let own = i32::try_from(std::process::id()).unwrap();
    let pids = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| *pid != own)
        .filter_map(|pid| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            line.contains(text).then_some((pid, line))
        })
        .collect()
}

/// Compiles a small program that a job's user can execute.
pub fn program(dir: &Path, source: &str) -> PathBuf {
    let (file, binary) = (dir.join("program.rs"), dir.join("program"));
    fs::write(&file, source).unwrap();
    let status = std::process::Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .arg("--edition=2024")
        .arg("-o")
        .arg(&binary)
        .arg(&file)
        .status();
    assert!(status.unwrap().success());
    binary
}
