//! What is left of a job when it is over, or when its grader is: nothing.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use moulinette::system::sandbox::{Ending, Job, LayerName, Profile, Sandbox, SandboxError};

use crate::support::{
    full, has, has_users, nap, processes_with, run, sandbox, scratch, shell, sleepers, text, within, without,
};

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
/// How long its job sleeps.
const NAP: &str = "MOULINETTE_TEST_NAP";
/// And whether it goes without everything but supervision.
const BARE: &str = "MOULINETTE_TEST_BARE";

/// Not a test: the grader that the next tests kill.
#[test]
#[ignore = "started by other tests"]
fn a_grader_to_be_killed() {
    let dir = PathBuf::from(std::env::var_os(SCRATCH).unwrap());
    let nap = std::env::var(NAP).unwrap();
    let script = format!("setsid sleep {nap} & sleep {nap} & sleep {nap}");
    let outcome = if std::env::var_os(BARE).is_some() {
        sandbox().run(&shell(&dir, &script))
    } else {
        full().run(&Job {
            profile: Profile::Compile,
            ..shell(&dir, &script.replace("setsid ", ""))
        })
    };
    panic!("the job was to outlive its grader: {outcome:?}");
}

fn grader(dir: &Path, nap: &str, bare: bool) -> Child {
    let mut grader = Command::new(std::env::current_exe().unwrap());
    grader
        .args(["--ignored", "--exact", "leftovers::a_grader_to_be_killed"])
        .env(SCRATCH, dir)
        .env(NAP, nap)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if bare {
        grader.env(BARE, "yes");
    }
    grader.spawn().unwrap()
}

#[test]
fn a_killed_grader_leaves_nothing_running() {
    for bare in [true, false] {
        let nap = nap(33);
        let dir = scratch();
        let mut grader = grader(dir.path(), &nap, bare);
        assert!(
            within(Duration::from_secs(10), || sleepers(&nap) == 3),
            "the job did not start"
        );
        grader.kill().unwrap();
        grader.wait().unwrap();
        assert!(
            within(Duration::from_secs(5), || processes_with(&nap).is_empty()),
            "the job outlived its grader"
        );
    }
}

#[test]
fn the_moment_at_which_a_grader_is_killed_does_not_matter() {
    for (number, moment) in [2, 4, 7, 11, 16, 25, 40, 70, 150].into_iter().enumerate() {
        let nap = nap(35);
        let dir = scratch();
        let mut grader = grader(dir.path(), &nap, number % 3 == 2);
        std::thread::sleep(Duration::from_millis(moment));
        grader.kill().unwrap();
        grader.wait().unwrap();
        assert!(
            within(Duration::from_secs(10), || processes_with(&nap).is_empty()),
            "{:?} are left after {moment} ms",
            processes_with(&nap)
        );
        // The next one does not trip over anything.
        let after = full().run(&Job {
            profile: Profile::Compile,
            ..shell(dir.path(), "echo well > file; cat file")
        });
        assert_eq!(text(&after.unwrap().stdout), "well\n");
    }
}

#[test]
fn a_killed_supervisor_leaves_nothing_running_and_is_our_error_if_the_job_could_not_do_it() {
    for sandbox in [full(), without(&[LayerName::Namespaces])] {
        if !has(&sandbox, "user") && !has(&sandbox, "namespaces") && !has(&sandbox, "cgroup") {
            eprintln!("skipped: here children of a compiler outlive a supervisor until their own limits end them");
            continue;
        }
        let nap = nap(37);
        let dir = scratch();
        let job = Job {
            profile: Profile::Compile,
            ..shell(dir.path(), &format!("sleep {nap} & sleep {nap}"))
        };
        let outcome = std::thread::scope(|scope| {
            let running = scope.spawn(|| sandbox.run(&job));
            assert!(within(Duration::from_secs(10), || sleepers(&nap) == 2));
            let supervisor = processes_with(&nap)
                .into_iter()
                .find(|(_, line)| line.contains("\"stage\":\"supervise\""));
            let (pid, _) = supervisor.unwrap();
            nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL).unwrap();
            running.join().unwrap()
        });
        assert!(within(Duration::from_secs(5), || processes_with(&nap).is_empty()));
        if has(&sandbox, "user") {
            assert!(matches!(outcome, Err(SandboxError::Lost { .. })), "{outcome:?}");
        }
        assert_eq!(
            sandbox.run(&shell(dir.path(), "exit 3")).unwrap().ending,
            Ending::Exited(3)
        );
    }
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
