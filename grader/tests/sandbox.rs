//! The sandbox against programs that misbehave: how they end, and what is left of them.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use moulinette::model::limits::Limits;
use moulinette::model::verdict::Resource;
use moulinette::system::sandbox::{
    Clock, Ending, Job, LayerState, Outcome, ProcessSandbox, Profile, Sandbox, SandboxError, SandboxMode,
};

const MOULINETTE: &str = env!("CARGO_BIN_EXE_moulinette");

fn sandbox() -> ProcessSandbox {
    ProcessSandbox::new(MOULINETTE.into(), SandboxMode::Auto).unwrap()
}

fn has_users() -> bool {
    sandbox()
        .layers()
        .iter()
        .any(|layer| layer.name == "user" && layer.state == LayerState::Active)
}

fn limits() -> Limits {
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
fn scratch() -> tempfile::TempDir {
    tempfile::Builder::new()
        .prefix("sandbox-test-")
        .tempdir_in("/tmp")
        .unwrap()
}

fn shell(dir: &Path, script: &str) -> Job {
    let mut job = Job::new("/bin/sh", dir, limits(), Profile::Run);
    job.args = vec!["-c".into(), script.into()];
    job.env = vec![("PATH".into(), "/usr/bin:/bin".into())];
    job
}

fn run(script: &str) -> Outcome {
    let dir = scratch();
    sandbox().run(&shell(dir.path(), script)).unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Processes whose command line holds a word; the word must not occur in our own.
fn processes_with(word: &str) -> usize {
    let pids = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| text(&line).contains(word)))
        .count()
}

/// Compiles a small program that a job's user can execute.
fn program(dir: &Path, source: &str) -> PathBuf {
    let (file, binary) = (dir.join("program.rs"), dir.join("program"));
    fs::write(&file, source).unwrap();
    let status = std::process::Command::new("rustc")
        .arg("--edition=2024")
        .arg("-o")
        .arg(&binary)
        .arg(&file)
        .status();
    assert!(status.unwrap().success());
    binary
}

#[test]
fn an_exit_status_and_both_streams_come_back() {
    let outcome = run("echo out; echo err >&2; exit 3");
    assert_eq!(outcome.ending, Ending::Exited(3));
    assert_eq!(
        (text(&outcome.stdout), text(&outcome.stderr)),
        ("out\n".into(), "err\n".into())
    );
    assert!(!outcome.truncated);
    assert!(outcome.max_rss > 0 && outcome.wall > Duration::ZERO);
}

#[test]
fn a_signal_is_told_from_an_exit() {
    assert_eq!(run("kill -SEGV $$").ending, Ending::Signalled(11));
    assert_eq!(run("kill -KILL $$").ending, Ending::Signalled(9));
}

#[test]
fn an_endless_loop_runs_out_of_cpu_time() {
    let dir = scratch();
    let mut job = shell(dir.path(), "while :; do :; done");
    job.limits.cpu = Duration::from_millis(300);
    let started = Instant::now();
    let outcome = sandbox().run(&job).unwrap();
    assert_eq!(outcome.ending, Ending::TimedOut(Clock::Cpu));
    assert!(
        outcome.cpu >= Duration::from_millis(290) && outcome.cpu < Duration::from_millis(900),
        "{:?}",
        outcome.cpu
    );
    assert!(started.elapsed() < Duration::from_secs(8));
}

#[test]
fn cpu_time_is_the_sum_over_processes_and_ignoring_the_signal_does_not_help() {
    let dir = scratch();
    let mut job = shell(
        dir.path(),
        "trap '' XCPU; (while :; do :; done) & (while :; do :; done) & wait",
    );
    job.limits.cpu = Duration::from_secs(1);
    let outcome = sandbox().run(&job).unwrap();
    assert_eq!(outcome.ending, Ending::TimedOut(Clock::Cpu));
    assert!(outcome.cpu < Duration::from_millis(1600), "{:?}", outcome.cpu);
}

#[test]
fn a_sleeper_runs_out_of_wall_time() {
    let dir = scratch();
    let mut job = shell(dir.path(), "sleep 60");
    job.limits.wall = Duration::from_millis(300);
    let started = Instant::now();
    let outcome = sandbox().run(&job).unwrap();
    assert_eq!(outcome.ending, Ending::TimedOut(Clock::Wall));
    assert!(outcome.wall >= job.limits.wall);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_flood_is_cut_and_ends_the_job() {
    let started = Instant::now();
    let outcome = run("yes");
    assert_eq!(outcome.ending, Ending::Exhausted(Resource::Output));
    assert!(outcome.truncated);
    assert_eq!(outcome.stdout.len() as u64, limits().output);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn both_streams_together_have_one_limit() {
    let outcome = run("yes & yes >&2; wait");
    assert_eq!(outcome.ending, Ending::Exhausted(Resource::Output));
    assert!((outcome.stdout.len() + outcome.stderr.len()) as u64 <= limits().output);
}

#[test]
fn output_up_to_the_limit_is_whole() {
    let outcome = run("head -c 65536 /dev/zero");
    assert_eq!(outcome.ending, Ending::Exited(0));
    assert_eq!((outcome.stdout.len(), outcome.truncated), (65536, false));
}

#[test]
fn a_large_file_is_refused() {
    let outcome = run("exec head -c 2000000 /dev/zero > big");
    assert_eq!(outcome.ending, Ending::Exhausted(Resource::Disk));
}

#[test]
fn memory_ends_in_exhaustion_of_memory() {
    let dir = scratch();
    let binary = program(
        dir.path(),
        "fn main() { let mut kept = Vec::new(); loop { kept.push(vec![1u8; 8 << 20]); std::hint::black_box(&kept); } }",
    );
    fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let home = scratch();
    let outcome = sandbox()
        .run(&Job::new(binary, home.path(), limits(), Profile::Run))
        .unwrap();
    assert_eq!(
        outcome.ending,
        Ending::Exhausted(Resource::Memory),
        "{}",
        text(&outcome.stderr)
    );
    assert!(outcome.max_rss < limits().memory + (32 << 20));
}

#[test]
fn a_fork_bomb_is_bounded_and_gone() {
    let dir = scratch();
    let mut job = shell(dir.path(), "bomb() { sleep 31.4159 & bomb & bomb; }; bomb");
    job.limits.wall = Duration::from_secs(2);
    let started = Instant::now();
    let outcome = sandbox().run(&job).unwrap();
    assert!(!outcome.ending.success());
    assert!(started.elapsed() < Duration::from_secs(8));
    assert_eq!(processes_with("31.4159"), 0);
}

#[test]
fn a_program_that_may_have_one_task_cannot_fork() {
    if !has_users() {
        return;
    }
    let dir = scratch();
    let mut job = shell(dir.path(), "/bin/true; echo not reached");
    job.limits.tasks = 1;
    let outcome = sandbox().run(&job).unwrap();
    assert!(!outcome.ending.success());
    assert_eq!(text(&outcome.stdout), "");
}

#[test]
fn daemons_do_not_survive_their_job() {
    let outcome = run("setsid sh -c 'setsid sleep 27.1828 & sleep 27.1828' >/dev/null 2>&1 & sleep 0.2; exit 0");
    assert_eq!(outcome.ending, Ending::Exited(0));
    assert_eq!(processes_with("27.1828"), 0);
}

#[test]
fn a_background_child_that_keeps_the_output_open_does_not_delay_the_end() {
    let started = Instant::now();
    assert_eq!(run("sleep 16.1803 & exit 0").ending, Ending::Exited(0));
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(processes_with("16.1803"), 0);
}

#[test]
fn no_descriptor_leaks_in() {
    let leaked = fs::File::open("/etc/hostname").unwrap();
    nix::fcntl::fcntl(&leaked, nix::fcntl::FcntlArg::F_SETFD(nix::fcntl::FdFlag::empty())).unwrap();
    let list = "for n in 0 1 2 3 4 5 6 7 8 9 10 11 12 20 30; do [ -e /proc/$$/fd/$n ] && echo $n; done; :";
    assert_eq!(
        text(&run(list).stdout).split_whitespace().collect::<Vec<_>>(),
        ["0", "1", "2"]
    );
    let dir = scratch();
    let mut job = shell(dir.path(), list);
    job.channel = Some(Vec::new());
    let with_channel = sandbox().run(&job).unwrap();
    assert_eq!(
        text(&with_channel.stdout).split_whitespace().collect::<Vec<_>>(),
        ["0", "1", "2", "3", "4"]
    );
}

#[test]
fn the_environment_is_what_the_job_lists() {
    let dir = scratch();
    let mut job = shell(dir.path(), "");
    job.program = "/usr/bin/env".into();
    job.args.clear();
    job.env = vec![("LANG".into(), "C".into())];
    let outcome = sandbox().run(&job).unwrap();
    let mut lines: Vec<String> = text(&outcome.stdout).lines().map(str::to_owned).collect();
    lines.sort();
    let home = dir.path().display();
    assert_eq!(
        lines,
        [format!("HOME={home}"), "LANG=C".to_owned(), format!("TMPDIR={home}")]
    );
}

#[test]
fn the_scratch_directory_is_the_job_s_and_we_can_read_and_remove_it() {
    let dir = scratch();
    let outcome = sandbox()
        .run(&shell(
            dir.path(),
            "pwd; umask 077; mkdir deep; echo kept > deep/file; umask",
        ))
        .unwrap();
    assert_eq!(text(&outcome.stdout), format!("{}\n0077\n", dir.path().display()));
    assert_eq!(fs::read_to_string(dir.path().join("deep/file")).unwrap(), "kept\n");
    dir.close().unwrap();
}

#[test]
fn a_directory_passes_from_one_job_to_the_next() {
    let dir = scratch();
    let sandbox = sandbox();
    let other = scratch();
    // Keeps the first user busy, so that the second job runs as another one.
    let _held = sandbox.launcher(&shell(other.path(), "")).unwrap();
    assert!(
        sandbox
            .run(&shell(dir.path(), "umask 077; echo one > file"))
            .unwrap()
            .ending
            .success()
    );
    drop(_held);
    let second = sandbox
        .run(&shell(dir.path(), "cat file && echo two > file && cat file"))
        .unwrap();
    assert_eq!(text(&second.stdout), "one\ntwo\n");
}

#[test]
fn root_becomes_another_user_who_gets_nothing_back() {
    if !has_users() {
        return;
    }
    let outcome = run("id -u; id -g; id -G; grep -E 'NoNewPrivs|CapEff' /proc/self/status; cat /etc/shadow");
    let stdout = text(&outcome.stdout);
    let lines: Vec<&str> = stdout.lines().collect();
    let uid: u32 = lines[0].parse().unwrap();
    assert!((61_000..61_256).contains(&uid));
    assert_eq!((lines[1], lines[2]), (lines[0], lines[0]));
    assert!(
        stdout.contains("NoNewPrivs:\t1") && stdout.contains("CapEff:\t0000000000000000"),
        "{stdout}"
    );
    assert!(text(&outcome.stderr).contains("Permission denied"));
}

#[test]
fn the_channel_goes_both_ways_beside_the_streams() {
    let dir = scratch();
    let mut job = shell(dir.path(), "cat <&3 >&4; cat; echo done >&2");
    job.channel = Some(b"a \xff script\n".to_vec());
    job.stdin = b"input".to_vec();
    let outcome = sandbox().run(&job).unwrap();
    assert_eq!(outcome.ending, Ending::Exited(0));
    assert_eq!(outcome.channel, b"a \xff script\n");
    assert_eq!(
        (text(&outcome.stdout), text(&outcome.stderr)),
        ("input".into(), "done\n".into())
    );
}

#[test]
fn large_input_does_not_block_and_unread_input_does_not_matter() {
    let dir = scratch();
    let mut job = shell(dir.path(), "wc -c <&3");
    job.channel = Some(vec![b'x'; 3 << 20]);
    job.stdin = vec![b'y'; 1 << 20];
    assert_eq!(text(&sandbox().run(&job).unwrap().stdout).trim(), (3 << 20).to_string());
}

#[test]
fn a_flooded_channel_ends_the_job() {
    let dir = scratch();
    let mut job = shell(dir.path(), "yes >&4");
    job.channel = Some(Vec::new());
    let outcome = sandbox().run(&job).unwrap();
    assert_eq!(outcome.ending, Ending::Exhausted(Resource::Output));
    assert_eq!(outcome.channel.len() as u64, limits().output);
}

#[test]
fn a_program_that_is_missing_is_our_error() {
    let dir = scratch();
    let job = Job::new("/no/such/program", dir.path(), limits(), Profile::Run);
    let error = sandbox().run(&job).unwrap_err();
    assert!(
        matches!(error, SandboxError::Jail { .. } | SandboxError::System { .. }),
        "{error}"
    );
    let job = Job::new("/etc/passwd", dir.path(), limits(), Profile::Run);
    assert!(sandbox().run(&job).is_err());
}

#[test]
fn many_jobs_at_once_do_not_disturb_each_other() {
    let sandbox = sandbox();
    std::thread::scope(|scope| {
        for number in 0..12 {
            let sandbox = &sandbox;
            scope.spawn(move || {
                let dir = scratch();
                for _ in 0..4 {
                    let outcome = sandbox
                        .run(&shell(dir.path(), &format!("sleep 0.05 & wait; exit {number}")))
                        .unwrap();
                    assert_eq!(outcome.ending, Ending::Exited(number), "{}", text(&outcome.stderr));
                }
            });
        }
    });
}

#[test]
fn a_trusted_job_keeps_its_user_but_is_supervised() {
    let dir = scratch();
    let mut job = shell(dir.path(), "id -u; setsid sleep 14.1421 >/dev/null 2>&1 & sleep 0.1");
    job.profile = Profile::Trusted;
    let outcome = sandbox().run(&job).unwrap();
    assert_eq!(outcome.ending, Ending::Exited(0));
    assert_eq!(text(&outcome.stdout).trim(), nix::unistd::getuid().to_string());
    assert_eq!(processes_with("14.1421"), 0);
}

/// The command of a launcher, started by hand as a judge would.
fn launch(argv: &[OsString]) -> std::process::Child {
    use std::process::{Command, Stdio};
    let mut command = Command::new(&argv[0]);
    command
        .args(&argv[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn a_launched_program_has_the_script_channel_on_3_and_4() {
    let dir = scratch();
    let sandbox = sandbox();
    let script = "echo $$ >&4; cat <&3 >&4; cat; echo hidden; echo said >&2; for n in 0 1 2 3 4 5 6 7 8; do [ -e /proc/$$/fd/$n ] && echo $n >&4; done; :";
    let launcher = sandbox.launcher(&shell(dir.path(), script)).unwrap();
    let mut child = launch(launcher.argv());
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"step\n").unwrap();
    let pid = child.id();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(text(&output.stdout), format!("{pid}\nstep\n0\n1\n2\n3\n4\n"));
    assert_eq!(text(&output.stderr), "said\n");
}

#[test]
fn a_launched_program_leads_its_group_and_obeys_limits() {
    let dir = scratch();
    let mut job = shell(dir.path(), "sleep 17.3205 & while :; do :; done");
    job.limits.cpu = Duration::from_secs(1);
    let sandbox = sandbox();
    let launcher = sandbox.launcher(&job).unwrap();
    let mut child = launch(launcher.argv());
    let pid = nix::unistd::Pid::from_raw(child.id().try_into().unwrap());
    let status = child.wait().unwrap();
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&status),
        Some(nix::libc::SIGXCPU)
    );
    nix::sys::signal::killpg(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(processes_with("17.3205"), 0);
}

#[test]
fn dropping_a_launcher_ends_what_escaped_from_its_program() {
    if !has_users() {
        return;
    }
    let dir = scratch();
    let sandbox = sandbox();
    let launcher = sandbox
        .launcher(&shell(dir.path(), "setsid sleep 22.3606 >/dev/null 2>&1 & sleep 0.2"))
        .unwrap();
    assert_eq!(fs::metadata(dir.path()).unwrap().uid(), launcher.uid().unwrap());
    let mut child = launch(launcher.argv());
    child.wait().unwrap();
    assert_eq!(processes_with("22.3606"), 1);
    drop(launcher);
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(processes_with("22.3606"), 0);
}
