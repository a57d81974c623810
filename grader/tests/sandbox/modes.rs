//! What is asked for, and what is said to be in force.

use moulinette::system::sandbox::{Ending, LayerName, LayerState, ProcessSandbox, Sandbox, SandboxError, SandboxMode};

use crate::support::{MOULINETTE, full, has, scratch, shell, text, without};

#[test]
fn strict_demands_that_memory_processes_network_and_files_are_isolated() {
    use LayerName::{Cgroup, Landlock, Namespaces, Seccomp, User};
    let strict = |without: &[LayerName]| {
        let without = without.iter().copied().collect();
        ProcessSandbox::without(MOULINETTE.into(), SandboxMode::Strict, &without)
    };
    let refused = |without: &[LayerName]| match strict(without) {
        Err(SandboxError::BelowStrict(missing)) => missing,
        other => panic!("{other:?}"),
    };
    let files = refused(&[Landlock, Namespaces]);
    assert!(files.contains("files would not be isolated"), "{files}");
    assert!(refused(&[Seccomp, Namespaces]).contains("network would not be isolated"));
    assert!(refused(&[Seccomp, Cgroup]).contains("memory would not be isolated"));
    assert!(refused(&[Seccomp, Namespaces, User]).contains("processes would not be isolated"));
    let all = full();
    if ["landlock", "namespaces", "seccomp"].iter().all(|name| has(&all, name)) {
        strict(&[]).unwrap();
        strict(&[Namespaces, User, Cgroup]).unwrap();
    }
}

#[test]
fn a_layer_that_is_left_out_is_off_and_named_so() {
    let sandbox = without(&[LayerName::Landlock, LayerName::User]);
    for layer in sandbox.layers() {
        let left_out = layer.name.starts_with("landlock") || layer.name == "user";
        assert_eq!(layer.state == LayerState::Off, left_out, "{}", layer.name);
    }
}

#[test]
fn off_confines_nothing_and_says_so() {
    let sandbox = ProcessSandbox::new(MOULINETTE.into(), SandboxMode::Off).unwrap();
    for layer in sandbox.layers() {
        let expected = if layer.name == "supervision" {
            LayerState::Active
        } else {
            LayerState::Off
        };
        assert_eq!(layer.state, expected, "{}", layer.name);
    }
    let dir = scratch();
    let outcome = sandbox
        .run(&shell(
            dir.path(),
            "id -u; ulimit -f; grep NoNewPrivs /proc/self/status",
        ))
        .unwrap();
    assert_eq!(outcome.ending, Ending::Exited(0));
    let (uid, stdout) = (nix::unistd::getuid(), text(&outcome.stdout));
    assert!(
        stdout.starts_with(&format!("{uid}\n")) && stdout.contains("NoNewPrivs:\t0"),
        "{stdout}"
    );
}
