//! Programs that a judge starts by itself.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use moulinette::system::sandbox::{Ending, Profile, Sandbox};
use nix::libc;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::support::{has_users, nap, sandbox, scratch, shell, sleepers, text, within};

/// The command of a launcher, started by hand as a judge would.
fn launch(argv: &[OsString]) -> Child {
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
    child.stdin.take().unwrap().write_all(b"step\n").unwrap();
    let pid = child.id();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(text(&output.stdout), format!("{pid}\nstep\n0\n1\n2\n3\n4\n"));
    assert_eq!(text(&output.stderr), "said\n");
}

#[test]
fn a_launched_program_leads_its_group_and_obeys_limits() {
    let nap = nap(17);
    let dir = scratch();
    let mut job = shell(dir.path(), &format!("sleep {nap} & while :; do :; done"));
    job.limits.cpu = Duration::from_secs(1);
    let sandbox = sandbox();
    let launcher = sandbox.launcher(&job).unwrap();
    let mut child = launch(launcher.argv());
    let pid = Pid::from_raw(child.id().try_into().unwrap());
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(libc::SIGXCPU));
    killpg(pid, Signal::SIGKILL).unwrap();
    assert!(within(Duration::from_secs(2), || sleepers(&nap) == 0));
}

#[test]
fn dropping_a_launcher_ends_what_escaped_from_its_program() {
    let nap = nap(22);
    if !has_users() {
        return;
    }
    let dir = scratch();
    let sandbox = sandbox();
    let launcher = sandbox
        .launcher(&shell(
            dir.path(),
            &format!("setsid sleep {nap} >/dev/null 2>&1 & sleep 0.2"),
        ))
        .unwrap();
    assert_eq!(fs::metadata(dir.path()).unwrap().uid(), launcher.uid().unwrap());
    let mut child = launch(launcher.argv());
    child.wait().unwrap();
    assert!(within(Duration::from_secs(2), || sleepers(&nap) == 1));
    drop(launcher);
    assert!(within(Duration::from_secs(2), || sleepers(&nap) == 0));
}

#[test]
fn a_trusted_job_can_start_a_launcher_and_both_are_gone_with_it() {
    let nap = nap(28);
    let (judge_dir, witness_dir) = (scratch(), scratch());
    let sandbox = sandbox();
    let launcher = sandbox
        .launcher(&shell(witness_dir.path(), &format!("id -u >&4; sleep {nap}")))
        .unwrap();
    // The judge reads one answer and ends; its witness would sleep on.
    let mut judge = shell(judge_dir.path(), "mkfifo answers; \"$@\" > answers & head -n 1 answers");
    judge.profile = Profile::Trusted;
    judge.args.push("judge".into());
    judge.args.extend_from_slice(launcher.argv());
    let outcome = sandbox.run(&judge).unwrap();
    assert_eq!(outcome.ending, Ending::Exited(0), "{}", text(&outcome.stderr));
    let uid = launcher.uid().unwrap_or_else(|| nix::unistd::getuid().as_raw());
    assert_eq!(text(&outcome.stdout), format!("{uid}\n"));
    assert_eq!(sleepers(&nap), 0);
}
