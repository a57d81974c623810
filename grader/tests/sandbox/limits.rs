//! How programs end that want more than they may have.

use std::fs;
use std::time::{Duration, Instant};

use moulinette::model::verdict::Resource;
use moulinette::system::sandbox::{Clock, Ending, Job, Profile, Sandbox};

use crate::support::{has_users, limits, program, run, run_at, sandbox, scratch, shell, text};

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
    let outcome = run_at(home.path(), binary);
    assert_eq!(
        outcome.ending,
        Ending::Exhausted(Resource::Memory),
        "{}",
        text(&outcome.stderr)
    );
    assert!(outcome.max_rss < limits().memory + (32 << 20));
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
fn threads_up_to_the_limit_work_and_more_are_told_as_such() {
    let source = r#"fn main() {
        let count: usize = std::env::args().nth(1).unwrap().parse().unwrap();
        let barrier = std::sync::Arc::new(std::sync::Barrier::new(count));
        let threads: Vec<_> = (0..count)
            .map(|_| {
                let barrier = barrier.clone();
                std::thread::spawn(move || {
                    let kept: Vec<String> = (0..1000).map(|n| n.to_string()).collect();
                    barrier.wait();
                    kept.len()
                })
            })
            .collect();
        println!("{}", threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>());
    }"#;
    let (dir, home) = (scratch(), scratch());
    let binary = program(dir.path(), source);
    let mut job = Job::new(binary, home.path(), limits(), Profile::Run);
    job.args = vec!["15".into()];
    let outcome = sandbox().run(&job).unwrap();
    assert_eq!(
        (outcome.ending, text(&outcome.stdout)),
        (Ending::Exited(0), "15000\n".into())
    );
    if has_users() {
        job.args = vec!["64".into()];
        let outcome = sandbox().run(&job).unwrap();
        assert_eq!(
            outcome.ending,
            Ending::Exhausted(Resource::Processes),
            "{}",
            text(&outcome.stderr)
        );
    }
}

#[test]
fn a_program_too_large_to_start_is_not_our_error() {
    let (dir, home) = (scratch(), scratch());
    let source = "use std::mem::MaybeUninit;
        static mut HUGE: MaybeUninit<[u8; 1 << 30]> = MaybeUninit::uninit();
        fn main() { println!(\"{:p}\", &raw const HUGE); }";
    let outcome = run_at(home.path(), program(dir.path(), source));
    assert!(!outcome.ending.success());
}

#[test]
fn time_is_measured() {
    let outcome = run("sleep 0.2; i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done");
    assert!(outcome.wall >= Duration::from_millis(200));
    assert!(
        outcome.cpu >= Duration::from_millis(10) && outcome.cpu < outcome.wall,
        "{outcome:?}"
    );
}
