//! What is asked for, and what is said to be in force.

use moulinette::system::sandbox::{Ending, LayerState, ProcessSandbox, Sandbox, SandboxError, SandboxMode};

use crate::support::{MOULINETTE, has_users, scratch, shell, text};

#[test]
fn strict_demands_every_layer() {
    match ProcessSandbox::new(MOULINETTE.into(), SandboxMode::Strict) {
        Ok(sandbox) => assert!(sandbox.layers().iter().all(|layer| layer.state == LayerState::Active)),
        Err(SandboxError::BelowStrict(missing)) => assert!(!has_users() && missing.contains("user")),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn off_confines_nothing_and_says_so() {
    let sandbox = ProcessSandbox::new(MOULINETTE.into(), SandboxMode::Off).unwrap();
    let states: Vec<(&str, &LayerState)> = sandbox
        .layers()
        .iter()
        .map(|layer| (layer.name.as_str(), &layer.state))
        .collect();
    assert_eq!(
        states,
        [
            ("supervision", &LayerState::Active),
            ("rlimits", &LayerState::Off),
            ("no-new-privileges", &LayerState::Off),
            ("user", &LayerState::Off),
        ]
    );
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
