//! What a job can see and touch.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use moulinette::system::sandbox::{Ending, Job, Profile, Sandbox, SandboxError};
use moulinette::system::workdir::Workdir;

use crate::support::{has_users, limits, run, sandbox, scratch, shell, text};

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
fn a_directory_that_a_job_closed_serves_the_next_job_and_is_removed() {
    let workdir = Workdir::create(Path::new("/tmp")).unwrap();
    let dir = workdir.scratch("dir").unwrap();
    let script = "mkdir a && mkdir a/b && echo x > a/b/c && ln -s / a/root && chmod 0 a/b a";
    assert!(sandbox().run(&shell(&dir, script)).unwrap().ending.success());
    assert!(
        sandbox()
            .run(&shell(&dir, "chmod 700 a; chmod 0 a; echo y > d"))
            .unwrap()
            .ending
            .success()
    );
    let path = workdir.path().to_owned();
    workdir.close().unwrap();
    assert!(!path.exists());
}

#[test]
fn a_program_in_a_closed_directory_is_named_as_unreachable() {
    if !has_users() {
        return;
    }
    let (dir, home) = (scratch(), scratch());
    let closed = dir.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::copy("/bin/true", closed.join("program")).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    let error = sandbox()
        .run(&Job::new(closed.join("program"), home.path(), limits(), Profile::Run))
        .unwrap_err();
    assert!(
        matches!(&error, SandboxError::Unreachable { blocked, .. } if *blocked == closed),
        "{error}"
    );
}
