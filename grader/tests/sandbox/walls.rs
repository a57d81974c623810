//! Each layer by itself: what it denies, and that without it the same can be done.

use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::time::Duration;

use moulinette::model::exercise::Network;
use moulinette::model::verdict::Resource;
use moulinette::system::sandbox::LayerName::{self, Cgroup, Landlock, Namespaces, Seccomp, User};
use moulinette::system::sandbox::{Clock, Ending, Job, Outcome, ProcessSandbox, Profile, Sandbox};

use crate::support::{full, has, limits, nap, program, scratch, sleepers, text, without};

/// The program, compiled once.
fn attacker() -> PathBuf {
    static PROGRAM: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = PROGRAM.get_or_init(|| {
        let dir = scratch();
        fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
        let path = program(dir.path(), include_str!("attacker.rs"));
        (dir, path)
    });
    path.clone()
}

fn attack(dir: &Path, what: &str, with: &str) -> Job {
    let mut job = Job::new(attacker(), dir, limits(), Profile::Run);
    job.args = vec![what.into(), with.into()];
    job
}

fn try_in(sandbox: &ProcessSandbox, what: &str, with: &str) -> Outcome {
    let dir = scratch();
    sandbox.run(&attack(dir.path(), what, with)).unwrap()
}

/// Only these layers, and not even a user of its own: the job is as much root as the test is.
fn only(layers: &[LayerName]) -> ProcessSandbox {
    let all = [User, Namespaces, Landlock, Seccomp, Cgroup];
    let others: Vec<LayerName> = all.into_iter().filter(|layer| !layers.contains(layer)).collect();
    without(&others)
}

/// What an attack aims at: all of it belongs to the test.
struct World {
    dir: tempfile::TempDir,
    tcp: TcpListener,
    udp: UdpSocket,
    _pathname: UnixListener,
    _abstract: UnixListener,
    name: String,
    victim: Child,
}

impl World {
    fn new() -> Self {
        let dir = scratch();
        fs::write(dir.path().join("hidden"), "secret").unwrap();
        let name = format!("moulinette-test-{}", std::process::id());
        Self {
            tcp: TcpListener::bind("127.0.0.1:0").unwrap(),
            udp: UdpSocket::bind("127.0.0.1:0").unwrap(),
            _pathname: UnixListener::bind(dir.path().join("socket")).unwrap(),
            _abstract: UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap(),
            victim: Command::new("/bin/sleep").arg("60").spawn().unwrap(),
            name,
            dir,
        }
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.victim.kill();
        let _ = self.victim.wait();
    }
}

#[test]
fn each_layer_denies_what_is_its_business_and_nothing_else_does() {
    let world = World::new();
    let (victim, tcp, udp) = (
        world.victim.id().to_string(),
        world.tcp.local_addr().unwrap().to_string(),
        world.udp.local_addr().unwrap().to_string(),
    );
    let table: &[(&str, String, &[&str])] = &[
        ("read", world.path("hidden"), &["landlock", "namespaces"]),
        ("read", format!("/proc/{victim}/cmdline"), &["landlock", "namespaces"]),
        ("list", "/proc".to_owned(), &["landlock"]),
        ("list", world.path(""), &["landlock", "namespaces"]),
        ("stat", world.path("hidden"), &["namespaces"]),
        ("stat", format!("/proc/{victim}"), &["namespaces"]),
        ("write", world.path("new"), &["landlock", "namespaces"]),
        ("chmod", world.path("hidden"), &["seccomp", "namespaces"]),
        ("connect", tcp, &["landlock-tcp", "seccomp", "namespaces"]),
        ("send", udp, &["seccomp", "namespaces"]),
        (
            "abstract",
            world.name.clone(),
            &["landlock-scope", "seccomp", "namespaces"],
        ),
        ("pathname", world.path("socket"), &["seccomp", "namespaces"]),
        ("datagrams", String::new(), &["seccomp"]),
        ("fork", String::new(), &["seccomp"]),
        ("spawn", "/bin/true".to_owned(), &["landlock", "seccomp", "namespaces"]),
        ("signal", victim.clone(), &["landlock-scope", "seccomp", "namespaces"]),
        ("seize", victim, &["landlock", "seccomp", "namespaces"]),
        ("memfd", String::new(), &["seccomp"]),
        ("segment", String::new(), &["seccomp"]),
        ("unshare", String::new(), &["seccomp"]),
    ];
    // What a host forbids anyway says nothing about a layer.
    let bare = only(&[]);
    let possible: Vec<bool> = table
        .iter()
        .map(|(what, with, _)| text(&try_in(&bare, what, with).stdout) == "done\n")
        .collect();
    let sure = [
        "read", "stat", "list", "write", "connect", "send", "fork", "spawn", "signal", "chmod",
    ];
    for (layer, name) in [(Landlock, "landlock"), (Seccomp, "seccomp"), (Namespaces, "namespaces")] {
        let sandbox = only(&[layer]);
        if !has(&sandbox, name) {
            eprintln!("skipped: this host has no {name}");
            continue;
        }
        for ((what, with, denied_by), possible) in table.iter().zip(&possible) {
            assert!(
                *possible || !sure.contains(what),
                "`{what} {with}` fails without any layer"
            );
            if !possible {
                eprintln!("skipped: `{what} {with}` fails here without any layer");
                continue;
            }
            let part = denied_by.iter().find(|part| part.starts_with(name));
            let denied = part.is_some_and(|part| has(&sandbox, part));
            let outcome = try_in(&sandbox, what, with);
            let said = text(&outcome.stdout);
            assert_eq!(
                said.starts_with("denied"),
                denied,
                "`{what} {with}` with {name} alone: {said}{outcome:?}"
            );
        }
    }
    // All together deny all of it.
    let all = full();
    for (what, with, denied_by) in table {
        if denied_by.iter().any(|layer| has(&all, layer)) {
            let said = text(&try_in(&all, what, with).stdout);
            assert!(said.starts_with("denied"), "`{what} {with}` with all layers: {said}");
        }
    }
    assert!(!world.dir.path().join("new").exists() || fs::remove_file(world.dir.path().join("new")).is_ok());
}

#[test]
fn nothing_of_this_changes_how_a_program_ends() {
    for sandbox in [
        full(),
        without(&[Namespaces]),
        without(&[User, Namespaces]),
        without(&[User]),
    ] {
        let ending = |what, with| try_in(&sandbox, what, with).ending;
        assert_eq!(ending("nothing", ""), Ending::Exited(0));
        assert_eq!(ending("exit", "7"), Ending::Exited(7));
        assert_eq!(ending("panic", ""), Ending::Exited(101));
        assert_eq!(ending("abort", ""), Ending::Signalled(6));
        assert_eq!(ending("allocate", "1000"), Ending::Exhausted(Resource::Memory));
        assert_eq!(text(&try_in(&sandbox, "threads", "12").stdout), "done\n");
        let overflow = try_in(&sandbox, "overflow", "");
        assert_eq!(overflow.ending, Ending::Signalled(6));
        assert!(
            text(&overflow.stderr).contains("overflowed its stack"),
            "{}",
            text(&overflow.stderr)
        );
        let dir = scratch();
        let mut job = attack(dir.path(), "loop", "");
        job.limits.cpu = Duration::from_millis(200);
        let outcome = sandbox.run(&job).unwrap();
        assert_eq!(outcome.ending, Ending::TimedOut(Clock::Cpu));
        assert!(outcome.cpu >= Duration::from_millis(190), "{:?}", outcome.cpu);
        let mut job = attack(dir.path(), "sleep", "");
        job.limits.wall = Duration::from_millis(200);
        assert_eq!(sandbox.run(&job).unwrap().ending, Ending::TimedOut(Clock::Wall));
    }
}

#[test]
fn shared_memory_is_bounded_by_the_address_space() {
    for sandbox in [full(), without(&[Cgroup])] {
        let outcome = try_in(&sandbox, "share", "3000");
        assert!(text(&outcome.stdout).starts_with("denied"), "{outcome:?}");
    }
    let sandbox = without(&[Seccomp]);
    if has(&sandbox, "cgroup") {
        // It may start processes, so it has a group, and that counts what is touched.
        assert_eq!(
            try_in(&sandbox, "share", "1200").ending,
            Ending::Exhausted(Resource::Memory)
        );
    }
}

#[test]
fn processes_have_memory_together_where_there_is_a_control_group() {
    let sandbox = full();
    if !has(&sandbox, "cgroup") {
        eprintln!("skipped: this host has no control groups that can be written");
        return;
    }
    let dir = scratch();
    let mut job = attack(dir.path(), "allocate-thrice", "200");
    job.profile = Profile::Compile;
    assert_eq!(sandbox.run(&job).unwrap().ending, Ending::Exhausted(Resource::Memory));
    // The group has forgotten that.
    job.args = vec!["nothing".into()];
    assert_eq!(sandbox.run(&job).unwrap().ending, Ending::Exited(0));
    let mut alone = attack(dir.path(), "allocate-thrice", "200");
    alone.profile = Profile::Compile;
    assert_eq!(without(&[Cgroup]).run(&alone).unwrap().ending, Ending::Exited(0));
}

#[test]
fn a_daemon_of_a_compiler_is_gone_with_it() {
    for sandbox in [
        full(),
        without(&[Namespaces]),
        without(&[Seccomp]),
        only(&[Namespaces]),
        only(&[]),
    ] {
        let nap = nap(41);
        let dir = scratch();
        let mut job = attack(dir.path(), "leave", &nap);
        job.profile = Profile::Compile;
        assert_eq!(sandbox.run(&job).unwrap().ending, Ending::Exited(0));
        assert_eq!(sleepers(&nap), 0);
    }
}

#[test]
fn a_loopback_is_its_own_and_not_the_machine_s() {
    let sandbox = full();
    if !has(&sandbox, "namespaces") {
        eprintln!("skipped: this host has no namespaces");
        return;
    }
    let world = World::new();
    let dir = scratch();
    let mut job = attack(dir.path(), "talk", "");
    job.network = Network::Loopback;
    assert_eq!(text(&sandbox.run(&job).unwrap().stdout), "done\n");
    job.args = vec!["connect".into(), world.tcp.local_addr().unwrap().to_string().into()];
    assert!(text(&sandbox.run(&job).unwrap().stdout).starts_with("denied"));
    job.network = Network::None;
    job.args = vec!["talk".into()];
    assert!(text(&sandbox.run(&job).unwrap().stdout).starts_with("denied"));
}

#[test]
fn a_job_writes_its_directory_and_reads_what_it_was_given() {
    let given = scratch();
    fs::write(given.path().join("given"), "").unwrap();
    let path = |name: &str| given.path().join(name).display().to_string();
    for sandbox in [full(), without(&[Namespaces]), without(&[Landlock]), without(&[User])] {
        let dir = scratch();
        let mut job = attack(dir.path(), "write", "file");
        job.reads = vec![given.path().to_owned()];
        assert_eq!(text(&sandbox.run(&job).unwrap().stdout), "done\n");
        assert_eq!(fs::read_to_string(dir.path().join("file")).unwrap(), "x");
        job.args = vec!["read".into(), path("given").into()];
        assert_eq!(text(&sandbox.run(&job).unwrap().stdout), "done\n");
        job.args = vec!["write".into(), path("new").into()];
        assert!(text(&sandbox.run(&job).unwrap().stdout).starts_with("denied"));
        assert!(!given.path().join("new").exists());
    }
}
