//! Standard output carries the report and standard error the progress; colours are for terminals.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use nix::pty::openpty;

use super::grade;
use crate::support::{Sample, command, finish};

/// Begins every colour.
const ESCAPE: char = '\x1b';

#[test]
fn the_report_and_the_progress_do_not_mix() {
    let sample = Sample::named("ex00", "does-not-compile");
    for format in ["json", "terminal", "markdown", "junit", "github"] {
        let outcome = grade(&sample, ["--no-cache", "--format", format]).expect(0);
        let progress = |line: &str| line.starts_with("ex00: ");
        assert!(
            outcome.stderr.lines().all(progress) && !outcome.stderr.is_empty(),
            "{format}: {}",
            outcome.stderr
        );
        assert!(
            !outcome.stdout.is_empty() && !outcome.stdout.lines().any(|line| line == "ex00: graded"),
            "{format}: {}",
            outcome.stdout
        );
        let quiet = grade(&sample, ["--no-cache", "--quiet", "--format", format]).expect(0);
        assert_eq!(quiet.stderr, "", "{format}");
        assert!(!quiet.stdout.is_empty(), "{format}");
    }
    grade(&sample, ["--format", "json"]).expect(0).json();
}

#[test]
fn a_pipe_gets_colours_only_if_asked() {
    let sample = Sample::named("ex00", "does-not-compile");
    let plain = grade(&sample, [""; 0]).expect(0).stdout;
    assert!(!plain.contains(ESCAPE), "{plain:?}");
    let coloured = grade(&sample, ["--color", "always"]).expect(0).stdout;
    assert!(coloured.contains(ESCAPE), "{coloured:?}");
    let json = grade(&sample, ["--color", "always", "--format", "json"])
        .expect(0)
        .stdout;
    assert!(!json.contains(ESCAPE), "colours are for reports that people read");
}

#[test]
fn a_terminal_gets_colours_unless_told_not_to() {
    assert!(on_a_terminal(|command| command).contains(ESCAPE));
    assert!(!on_a_terminal(|command| command.env("NO_COLOR", "1")).contains(ESCAPE));
    assert!(
        on_a_terminal(|command| command.env("NO_COLOR", "")).contains(ESCAPE),
        "empty means unset"
    );
    assert!(!on_a_terminal(|command| command.args(["--color", "never"])).contains(ESCAPE));
}

/// What the program writes to a terminal on standard output.
fn on_a_terminal(change: impl Fn(&mut Command) -> &mut Command) -> String {
    let sample = Sample::named("ex00", "does-not-compile");
    let mut grade = command();
    grade
        .args(["grade", "--quiet", "--exercise", "ex00"])
        .arg(sample.directory())
        .env("TERM", "xterm-256color");
    change(&mut grade);
    let pty = openpty(None, None).expect("there are terminals");
    let (master, slave): (OwnedFd, OwnedFd) = (pty.master, pty.slave);
    let reader = std::thread::spawn(move || {
        let (mut text, mut terminal) = (Vec::new(), File::from(master));
        // A terminal ends with an error once nobody has its other side open.
        let _ = terminal.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    });
    let mut child = grade
        .stdout(slave)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(grade);
    let status = child.wait().expect("it ends");
    let text = reader.join().expect("no panic");
    assert_eq!(status.code(), Some(0), "{text}");
    text
}

#[test]
fn a_closed_standard_error_is_no_fault() {
    let mut list = command();
    list.arg("list").stderr(Stdio::null()).stdin(Stdio::null());
    finish(list).expect(0);
}
