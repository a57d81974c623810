//! Public checks in a process each: what the process says is believed only if it is one answer to the one question.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::io::Write;
use std::process::{Command, Stdio};

use witness::wire::{self, Hello, LONGEST, SpecOutcome, SpecReply};

const NONCE: u64 = 0x1234_5678_9abc_def0;

/// Runs one check: its outcome, if it told one, and the status that the process left with.
fn run(name: &str) -> (Option<SpecOutcome>, Option<i32>) {
    let mut child = Command::new("sh")
        .args([
            "-c",
            "exec \"$0\" spec \"$1\" 3<&0 4>&1 </dev/null >/dev/null",
            env!("CARGO_BIN_EXE_toy"),
            name,
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut hello = Vec::new();
    wire::send(&mut hello, &Hello { nonce: NONCE }).unwrap();
    child.stdin.take().unwrap().write_all(&hello).unwrap();
    let output = child.wait_with_output().unwrap();
    let mut said = output.stdout.as_slice();
    let reply: Option<SpecReply> = wire::receive(&mut said, LONGEST).unwrap();
    assert!(said.is_empty());
    let outcome = reply.map(|reply| {
        assert_eq!(reply.nonce, NONCE);
        reply.outcome
    });
    (outcome, output.status.code())
}

/// The status that says whether a check passed.
fn status(passed: bool) -> Option<i32> {
    Some(wire::status(NONCE, passed))
}

#[test]
fn a_check_that_returns_has_passed() {
    assert_eq!(run("passes"), (Some(SpecOutcome::Passed), status(true)));
}

#[test]
fn a_panic_is_told_with_its_place() {
    let (Some(SpecOutcome::Failed { message, place }), left) = run("fails") else {
        panic!("it fails")
    };
    assert_eq!(left, status(false));
    assert!(message.contains("sums are wrong"), "{message}");
    assert!(place.contains("toy.rs:"), "{place}");
}

#[test]
fn what_is_missing_is_told() {
    let missing = SpecOutcome::Unavailable("no method named `forgotten` [E0599]".to_owned());
    assert_eq!(run("lacks_something"), (Some(missing), status(false)));
}

#[test]
fn silence_is_no_pass() {
    assert_eq!(run("exits"), (None, Some(0)));
    assert_eq!(run("is_not_there"), (None, Some(3)));
}

#[test]
fn threads_left_running_end_with_the_check() {
    assert_eq!(run("leaves_a_thread"), (Some(SpecOutcome::Passed), status(true)));
}

#[test]
fn no_status_says_by_chance_what_another_says() {
    for nonce in (0..1000_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)) {
        let (passed, failed) = (wire::status(nonce, true), wire::status(nonce, false));
        assert!(passed != failed && (10..100).contains(&passed) && (10..100).contains(&failed));
    }
}
