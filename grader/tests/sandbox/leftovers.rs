//! What is left of a job when it is over, or when its grader is: nothing.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use moulinette::system::sandbox::{Ending, Profile, Sandbox};

use crate::support::{has_users, nap, run, sandbox, scratch, shell, sleepers, text, within};

#[test]
fn a_fork_bomb_is_bounded_and_gone() {
    let nap = nap(31);
    let dir = scratch();
    let mut job = shell(dir.path(), &format!("bomb() {{ sleep {nap} & bomb & bomb; }}; bomb"));
    job.limits.wall = Duration::from_secs(2);
    let started = Instant::now();
    let outcome = sandbox().run(&job).unwrap();
    assert!(!outcome.ending.success());
    assert!(started.elapsed() < Duration::from_secs(8));
    assert_eq!(sleepers(&nap), 0);
}

#[test]
fn daemons_do_not_survive_their_job() {
    let nap = nap(27);
    let outcome = run(&format!(
        "setsid sh -c 'setsid sleep {nap} & sleep {nap}' >/dev/null 2>&1 & sleep 0.2; exit 0"
    ));
    assert_eq!(outcome.ending, Ending::Exited(0));
    assert_eq!(sleepers(&nap), 0);
}

#[test]
fn a_background_child_that_keeps_the_output_open_does_not_delay_the_end() {
    let nap = nap(16);
    let started = Instant::now();
    assert_eq!(run(&format!("sleep {nap} & exit 0")).ending, Ending::Exited(0));
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(sleepers(&nap), 0);
}

#[test]
fn a_trusted_job_keeps_its_user_but_is_supervised() {
    let nap = nap(14);
    let dir = scratch();
    let mut job = shell(
        dir.path(),
        &format!("id -u; setsid sleep {nap} >/dev/null 2>&1 & sleep 0.1"),
    );
    job.profile = Profile::Trusted;
    let outcome = sandbox().run(&job).unwrap();
    assert_eq!(outcome.ending, Ending::Exited(0));
    assert_eq!(text(&outcome.stdout).trim(), nix::unistd::getuid().to_string());
    assert_eq!(sleepers(&nap), 0);
}

/// Where the grader that is killed finds its scratch directory.
const SCRATCH: &str = "MOULINETTE_TEST_SCRATCH";
/// And how long its job sleeps.
const NAP: &str = "MOULINETTE_TEST_NAP";

/// Not a test: the grader that the next test kills.
#[test]
#[ignore = "started by another test"]
fn a_grader_to_be_killed() {
    let dir = PathBuf::from(std::env::var_os(SCRATCH).unwrap());
    let nap = std::env::var(NAP).unwrap();
    let outcome = sandbox().run(&shell(&dir, &format!("setsid sleep {nap} & sleep {nap} & sleep {nap}")));
    panic!("the job was to outlive its grader: {outcome:?}");
}

#[test]
fn a_killed_grader_leaves_nothing_running() {
    let nap = nap(33);
    let dir = scratch();
    let mut grader = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "leftovers::a_grader_to_be_killed"])
        .env(SCRATCH, dir.path())
        .env(NAP, &nap)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert!(
        within(Duration::from_secs(5), || sleepers(&nap) == 3),
        "the job did not start"
    );
    grader.kill().unwrap();
    grader.wait().unwrap();
    assert!(
        within(Duration::from_secs(5), || sleepers(&nap) == 0),
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
