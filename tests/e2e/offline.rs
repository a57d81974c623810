//! Once the kit is built, grading needs neither cargo nor a network nor anything of the user's home.

use std::path::PathBuf;
use std::process::Command;

use crate::support::{Sample, command, finish, moulinette, scratch};

#[test]
fn grading_works_without_cargo_once_the_kit_is_built() {
    moulinette(["kit", "build", "ex00"]).expect(0);
    let (home, nothing) = (scratch(), scratch());
    let sample = Sample::named("ex00", "half-finished");
    let mut grade = command();
    grade
        .args(["grade", "--no-cache", "--exercise", "ex00", "--format", "json"])
        .arg(sample.directory())
        .env("CARGO", "/nonexistent/cargo")
        .env("CARGO_HOME", home.path())
        .env("CARGO_NET_OFFLINE", "true")
        .env("HOME", home.path())
        .env("PATH", nothing.path())
        .env("RUSTC", compiler());
    let card = finish(grade).expect(0).json();
    assert_eq!(card["exercises"][0]["state"], "examined");
    assert_eq!(
        crate::support::names(home.path()),
        [""; 0],
        "nothing is left in the user's home"
    );
}

/// The compiler itself: the one in the search path may be rustup's, which needs the user's home.
fn compiler() -> PathBuf {
    let output = Command::new("rustc")
        .args(["--print", "sysroot"])
        .current_dir("/")
        .output()
        .expect("there is a compiler");
    PathBuf::from(String::from_utf8(output.stdout).expect("a path").trim_end()).join("bin/rustc")
}
