//! What is left of a job when it is over, or when its grader is: nothing.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use moulinette::system::sandbox::{Ending, Profile, Sandbox};

use crate::support::{has_users, processes_with, run, sandbox, scratch, shell, text, within};

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
fn a_trusted_job_keeps_its_user_but_is_supervised() {
    let dir = scratch();
    let mut job = shell(dir.path(), "id -u; setsid sleep 14.1421 >/dev/null 2>&1 & sleep 0.1");
    job.profile = Profile::Trusted;
    let outcome = sandbox().run(&job).unwrap();
    assert_eq!(outcome.ending, Ending::Exited(0));
    assert_eq!(text(&outcome.stdout).trim(), nix::unistd::getuid().to_string());
    assert_eq!(processes_with("14.1421"), 0);
}

/// Where the grader that is killed finds its scratch directory.
const SCRATCH: &str = "MOULINETTE_TEST_SCRATCH";

/// Not a test: the grader that the next test kills.
#[test]
#[ignore = "started by another test"]
fn a_grader_to_be_killed() {
    let dir = PathBuf::from(std::env::var_os(SCRATCH).unwrap());
    let outcome = sandbox().run(&shell(&dir, "setsid sleep 33.1662 & sleep 33.1662 & sleep 33.1662"));
    panic!("the job was to outlive its grader: {outcome:?}");
}

#[test]
fn a_killed_grader_leaves_nothing_running() {
    let dir = scratch();
    let mut grader = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "leftovers::a_grader_to_be_killed"])
        .env(SCRATCH, dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert!(
        within(Duration::from_secs(5), || processes_with("sleep\u{0}33.1662") == 3),
        "the job did not start"
    );
    grader.kill().unwrap();
    grader.wait().unwrap();
    assert!(
        within(Duration::from_secs(5), || processes_with("33.1662") == 0),
        "the job outlived its grader"
    );
}

#[test]
fn a_supervisor_cannot_be_killed_by_a_job_of_another_user_and_its_end_is_the_job_s() {
    let outcome = run("kill -9 $PPID; sleep 0.5; exit 3");
    if has_users() {
        assert_eq!(outcome.ending, Ending::Exited(3));
        assert!(text(&outcome.stderr).contains("not permitted"));
    } else {
        assert_eq!(outcome.ending, Ending::Signalled(9));
    }
}

#[test]
fn a_process_that_kills_all_it_can_reaches_its_own_job_only() {
    if !has_users() {
        return;
    }
    let (victim, attacker) = (scratch(), scratch());
    let sandbox = sandbox();
    std::thread::scope(|scope| {
        let victim = scope.spawn(|| sandbox.run(&shell(victim.path(), "sleep 0.6; exit 7")).unwrap());
        std::thread::sleep(Duration::from_millis(100));
        let outcome = sandbox
            .run(&shell(attacker.path(), "sleep 50 & kill -9 -1; exit 4"))
            .unwrap();
        assert_eq!(outcome.ending, Ending::Exited(4));
        assert_eq!(victim.join().unwrap().ending, Ending::Exited(7));
    });
}
