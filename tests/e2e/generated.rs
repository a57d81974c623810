//! An exercise with generated code and a loopback: what the reference's build script wrote is there for the compiler of a submission,
//! whose own build script is ignored; checks reach 127.0.0.1, and nothing else.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::hostile::course;
use crate::support::{Sample, command, copy, finish, scratch};

/// The reference's.
const SCRIPT: &str = r#"//! Generates a number.

fn main() {
    let out = std::env::var("OUT_DIR").expect("cargo sets it");
    std::fs::write(std::path::Path::new(&out).join("number.rs"), "7").expect("written");
}
"#;

/// What checks see: the number, a connection to themselves, and that there is no way out.
const SPECS: &str = r#"
/// R1: generated code can be included.
#[test]
fn test_generated() {
    assert_eq!(include!(concat!(env!("OUT_DIR"), "/number.rs")), 7);
}

/// R1: the loopback is there.
#[test]
fn test_loopback() {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    client.write_all(b"x").unwrap();
    let (mut server, _) = listener.accept().unwrap();
    let mut byte = [0];
    server.read_exact(&mut byte).unwrap();
    assert_eq!(&byte, b"x");
}

/// R1: nothing else is there.
#[test]
fn test_outside() {
    let outside = std::net::SocketAddr::from(([192, 0, 2, 1], 9));
    let refused = std::net::TcpStream::connect(outside).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::NetworkUnreachable);
}
"#;

/// The small course, with these three checks.
fn generating() -> TempDir {
    let course = course::made(false);
    let at = |path: &str| course.path().join(path);
    let edit = |path: &str, from: &str, to: &str| {
        let text = fs::read_to_string(at(path)).expect("the course has it");
        assert!(text.contains(from), "{path}: {from}");
        fs::write(at(path), text.replacen(from, to, 1)).expect("written");
    };
    edit(
        "exercises/ex00/exercise.toml",
        "network = \"none\"",
        "network = \"loopback\"\ngenerated = true",
    );
    edit(
        "rubrics/ex00.toml",
        "checks = [",
        "checks = [\"spec/test_generated\", \"spec/test_loopback\", \"spec/test_outside\", ",
    );
    let specs = at("exercises/ex00/spec.rs");
    let text = fs::read_to_string(&specs).expect("the course has it") + SPECS;
    fs::write(specs, text).expect("written");
    fs::write(at("reference/ex00/build.rs"), SCRIPT).expect("written");
    course
}

/// A submission that is right, with a build script that must not run.
fn submission(mark: &Path) -> TempDir {
    let folder = scratch();
    copy(&Sample::named("ex00", "perfect").directory(), folder.path());
    let script = format!(
        "fn main() {{ std::fs::write({:?}, \"\").unwrap(); }}\n",
        mark.display().to_string()
    );
    fs::write(folder.path().join("build.rs"), script).expect("written");
    let manifest = folder.path().join("Cargo.toml");
    let text = fs::read_to_string(&manifest).expect("it has one") + "\n[build-dependencies]\nprotox = \"0.9\"\n";
    fs::write(manifest, text).expect("written");
    folder
}

fn card(course: &Path, submission: &Path, without: &str) -> Value {
    let mut grade = command();
    grade.args([
        "grade",
        "--no-cache",
        "--exercise",
        "ex00",
        "--format",
        "json",
        "--course",
    ]);
    grade.arg(course).arg(submission).env("CARGO", env!("CARGO"));
    if !without.is_empty() {
        grade.args(["--sandbox-without", without]);
    }
    finish(grade).expect(0).json()
}

#[test]
fn generated_code_and_a_loopback_are_there_and_a_build_script_is_ignored() {
    let course = generating();
    let place = scratch();
    let mark = place.path().join("mark");
    let submission = submission(&mark);
    for without in ["", "cgroup", "user,cgroup", "landlock", "seccomp"] {
        let card = card(course.path(), submission.path(), without);
        let checks = card["exercises"][0]["checks"].as_array().expect("a list");
        for name in ["spec/test_generated", "spec/test_loopback", "spec/test_outside"] {
            let check = checks.iter().find(|check| check["id"] == name).expect("it is listed");
            assert_eq!(check["verdict"], "passed", "without `{without}`: {check:#}");
        }
        assert!(
            !card.to_string().contains("build-script"),
            "nothing is said of it: {card:#}"
        );
    }
    // Without a network of its own nothing runs: it could talk to the machine.
    let card = card(course.path(), submission.path(), "user,namespaces,cgroup");
    let checks = card["exercises"][0]["checks"].as_array().expect("a list");
    let undecided = checks.iter().all(|check| check["verdict"] == "inconclusive");
    assert!(undecided, "{checks:#?}");
    assert!(!mark.exists(), "the submission's script did not run");
}
