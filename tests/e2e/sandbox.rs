//! What the command line says of the sandbox, and what is left when the program is killed.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Sample, cache, command, finish, moulinette, names, scratch};

fn sample() -> Sample {
    Sample::named("ex00", "half-finished")
}

#[test]
fn strict_refuses_below_its_demands_and_names_what_is_missing() {
    let mut grade = command();
    grade.args(["grade", "--exercise", "ex00", "--sandbox", "strict"]);
    grade
        .args(["--sandbox-without", "landlock,namespaces"])
        .arg(sample().directory());
    let refused = finish(grade).expect(70);
    assert_eq!(refused.stdout, "");
    for part in [
        "files would not be isolated",
        "landlock is off",
        "remedy",
        "--sandbox auto",
    ] {
        assert!(refused.stderr.contains(part), "{part}: {}", refused.stderr);
    }
}

#[test]
fn a_layer_can_be_left_out_by_the_environment_and_doctor_shows_it() {
    let mut doctor = command();
    doctor.arg("doctor").env("MOULINETTE_SANDBOX_WITHOUT", "seccomp,cgroup");
    let text = finish(doctor).stdout;
    for layer in ["seccomp", "cgroup"] {
        let line = text.lines().find(|line| line.trim().starts_with(layer));
        assert!(line.is_some_and(|line| line.ends_with(" off")), "{text}");
    }
    let unknown = moulinette(["doctor", "--sandbox-without", "rlimits"]).expect(2);
    assert!(unknown.stderr.contains("rlimits"), "{}", unknown.stderr);
}

#[test]
fn every_report_of_a_grading_without_sandbox_warns_of_it() {
    for format in ["terminal", "json", "markdown", "junit", "github"] {
        let mut grade = command();
        grade.args(["grade", "--exercise", "ex00", "--sandbox", "off", "--format", format]);
        grade.arg(sample().directory());
        let text = finish(grade).expect(0).stdout;
        assert!(text.contains("graded without a sandbox"), "{format}: {text}");
    }
}

#[test]
fn a_card_says_which_layers_were_lacking_and_why() {
    let mut grade = command();
    grade.args([
        "grade",
        "--exercise",
        "ex00",
        "--sandbox-without",
        "landlock",
        "--format",
        "json",
    ]);
    grade.arg(sample().directory());
    let card = finish(grade).expect(0).json();
    let lacking = card["sandbox"]["lacking"].as_array().expect("a list");
    let landlock = lacking.iter().find(|layer| layer["name"] == "landlock");
    assert_eq!(landlock.expect("it is listed")["reason"], "off");
    let warning = card["sandbox"]["warning"].as_str().expect("a warning");
    assert!(warning.contains("landlock (off)"), "{warning}");
}

/// The processes whose command line names a path below a directory.
fn processes_below(directory: &Path) -> Vec<String> {
    let wanted = directory.display().to_string();
    let entries = fs::read_dir("/proc").expect("it can be listed").flatten();
    entries
        .filter_map(|entry| fs::read(entry.path().join("cmdline")).ok())
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .filter(|line| line.contains(&wanted))
        .collect()
}

#[test]
fn a_killed_grader_leaves_nothing_that_runs_and_nothing_that_the_next_one_trips_over() {
    let before = sample().card();
    let temporary = scratch();
    fs::set_permissions(temporary.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).expect("it is ours");
    let grade = || {
        let mut grade = command();
        grade.args(["grade", "--no-cache", "--exercise", "ex00", "--format", "json"]);
        grade
            .args(["--audience", "instructor"])
            .arg(sample().directory())
            .env("TMPDIR", temporary.path());
        grade
    };
    for moment in [30, 80, 150, 300, 500, 800, 1200, 1800] {
        let mut grader = grade()
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        std::thread::sleep(Duration::from_millis(moment));
        grader.kill().expect("it is ours");
        grader.wait().expect("it is ours");
        let deadline = Instant::now() + Duration::from_secs(10);
        while !processes_below(temporary.path()).is_empty() {
            let left = processes_below(temporary.path());
            assert!(Instant::now() < deadline, "after {moment} ms these are left: {left:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    let after = finish(grade()).expect(0).json();
    assert_eq!(after["mark"], before["mark"]);
    let left: Vec<String> = names(temporary.path());
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn compilers_of_submissions_see_no_judge_and_no_reference() {
    let _built = sample().card();
    let kits = walkdir::WalkDir::new(cache().join("kit")).min_depth(2).max_depth(2);
    let folders = kits
        .into_iter()
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|end| end == "lib"));
    let mut seen = 0;
    for folder in folders {
        let exercise = folder.file_name().to_string_lossy()[..4].to_owned();
        for name in names(folder.path()) {
            seen += 1;
            let secret = name.contains("judge") || name.starts_with(&format!("lib{exercise}-"));
            let library = [".rlib", ".so"].iter().any(|end| name.ends_with(end));
            assert!(library && !secret, "{name}");
        }
    }
    assert!(seen > 0, "the kit is somewhere else");
}
