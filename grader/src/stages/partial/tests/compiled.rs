//! The editor against the real compiler: pieces of a submission are deleted one by one, and only their users may be lost.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::fixture::{DELETIONS, DRIVER, PROTOCOL, SPEC, SUBMISSION, WITNESS};
use crate::stages::diagnostics::{self, Message};
use crate::stages::partial::{Editor, Progress};
use crate::stages::specs;

/// Rounds of editing that one missing item may take.
const ROUNDS: usize = 4;

/// Compiles a crate to metadata and gives back what the compiler says.
fn rustc(dir: &Path, root: &str, name: &str, kind: &str, libraries: &[&str]) -> Vec<Message> {
    let mut command = Command::new("rustc");
    command.current_dir(dir).args([
        "--edition=2024",
        "--emit=metadata",
        "--error-format=json",
        "--cap-lints=allow",
        "-L.",
    ]);
    command.args(["--crate-type", kind, "--crate-name", name, root]);
    for library in libraries {
        command.arg(format!("--extern={library}=lib{library}.rmeta"));
    }
    let output = command.output().expect("rustc is installed");
    let messages = diagnostics::read(&output.stderr);
    assert_eq!(
        output.status.success(),
        messages.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    messages
}

/// The submission without some of its pieces.
fn without(pieces: &[&str]) -> String {
    let mut text = String::new();
    let mut inside = Vec::new();
    for line in SUBMISSION.lines() {
        match line.trim().split_once(' ') {
            Some(("//<", piece)) => inside.push(piece),
            Some(("//>", piece)) => assert_eq!(inside.pop(), Some(piece)),
            _ if inside.iter().any(|piece| pieces.contains(piece)) => {}
            _ => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    text
}

/// An exercise compiled against a submission until it compiles.
struct Built {
    driver: Editor,
    spec: Editor,
    rounds: usize,
}

/// Compiles the libraries that do not change.
fn prepare(dir: &Path) {
    fs::create_dir(dir.join("runner")).unwrap();
    for (name, text) in [("demo_protocol", PROTOCOL), ("witness", WITNESS)] {
        fs::write(dir.join(format!("{name}.rs")), text).unwrap();
        assert_eq!(rustc(dir, &format!("{name}.rs"), name, "lib", &[]), []);
    }
}

fn build(dir: &Path, submission: &str) -> Built {
    fs::write(dir.join("demo.rs"), submission).unwrap();
    assert_eq!(rustc(dir, "demo.rs", "demo", "lib", &[]), []);
    let found = specs::discover("spec.rs", SPEC).unwrap();
    let table: String = found
        .specs
        .iter()
        .map(|spec| format!("({:?}, {}),", spec.name, spec.entry()))
        .collect();
    let main = format!(
        "mod driver; mod spec;\n\
         static SPECS: &[(&str, fn())] = &[{table}];\n\
         fn main() {{\n\
             let _: Box<dyn demo_protocol::Steps> = Box::new(<driver::World as Default>::default());\n\
             SPECS.iter().for_each(|(_, run)| run());\n\
         }}\n"
    );
    fs::write(dir.join("runner/main.rs"), main).unwrap();
    let mut built = Built {
        driver: Editor::new("runner", "driver.rs", DRIVER).unwrap(),
        spec: Editor::new("runner", "spec.rs", &found.text).unwrap(),
        rounds: 0,
    };
    loop {
        fs::write(dir.join("runner/driver.rs"), built.driver.text()).unwrap();
        fs::write(dir.join("runner/spec.rs"), built.spec.text()).unwrap();
        let messages = rustc(
            dir,
            "runner/main.rs",
            "runner",
            "bin",
            &["demo", "demo_protocol", "witness"],
        );
        if messages.is_empty() {
            return built;
        }
        let seen: Vec<_> = messages.iter().map(|message| message.rendered.as_str()).collect();
        built.rounds += 1;
        assert!(
            built.rounds < ROUNDS,
            "no end:\n{}\n{}\n{}",
            seen.join("\n"),
            built.driver.text(),
            built.spec.text()
        );
        for message in &messages {
            assert!(
                built.driver.concerns(message) || built.spec.concerns(message),
                "unmapped: {}",
                message.rendered
            );
        }
        for editor in [&mut built.driver, &mut built.spec] {
            let progress = editor.apply(&messages);
            assert!(
                !matches!(progress, Progress::Stuck(_)),
                "{progress:?}\n{}",
                seen.join("\n")
            );
        }
    }
}

fn names(editor: &Editor) -> BTreeSet<&str> {
    editor.lost().keys().map(String::as_str).collect()
}

#[test]
fn a_missing_item_costs_only_what_uses_it() {
    let dir = tempfile::tempdir().unwrap();
    prepare(dir.path());
    assert_eq!(
        build(dir.path(), &without(&[])).rounds,
        0,
        "the whole submission needs no edit"
    );
    for (deleted, driver, spec) in DELETIONS {
        let pieces: Vec<_> = deleted.split(',').collect();
        let built = build(dir.path(), &without(&pieces));
        assert_eq!(
            names(&built.driver),
            driver.iter().copied().collect(),
            "driver without {deleted}"
        );
        assert_eq!(
            names(&built.spec),
            spec.iter().copied().collect(),
            "spec without {deleted}"
        );
        assert_eq!(built.driver.text().lines().count(), DRIVER.lines().count());
    }
}

#[test]
fn a_mistyped_item_costs_only_what_uses_it() {
    let dir = tempfile::tempdir().unwrap();
    prepare(dir.path());
    let whole = without(&[]);
    for (from, to, lost) in [
        (
            "pub fn total(&self) -> u64 { self.total }",
            "pub fn total(&self) -> u32 { 1 }",
            ["Steps::total"],
        ),
        ("pub fn kind(", "fn kind(", ["Steps::kind"]),
        (
            "pub fn hash(text: &str)",
            "pub fn hash(text: &str, seed: u64)",
            ["Steps::hash"],
        ),
        (
            "fn close(&mut self);",
            "fn close(&mut self, hard: bool);",
            ["impl Sink for Recorder"],
        ),
        ("    Small,", "    Small, Middle,", ["number"]),
        (
            "#[derive(Debug, Clone, PartialEq)]",
            "#[derive(Debug, Clone)]",
            ["Steps::equals"],
        ),
        (
            "#[derive(Debug, Clone, Default)]",
            "#[derive(Debug, Clone)]",
            ["World::label"],
        ),
    ] {
        assert_eq!(whole.matches(from).count(), 1, "{from}");
        let built = build(dir.path(), &whole.replace(from, to));
        assert!(
            names(&built.driver).is_superset(&lost.into_iter().collect()),
            "{to}: {:?}",
            names(&built.driver)
        );
        assert!(built.driver.lost().len() <= 2, "{to}: {:?}", names(&built.driver));
    }
}

#[test]
fn every_loss_carries_the_first_message() {
    let dir = tempfile::tempdir().unwrap();
    prepare(dir.path());
    let built = build(dir.path(), &without(&["Counter", "kind", "export"]));
    for (name, loss) in built.driver.lost().iter().chain(built.spec.lost()) {
        assert_eq!(loss.to_string(), "unresolved import `demo::Counter` [E0432]", "{name}");
    }
    let built = build(dir.path(), &without(&["LIMIT"]));
    for (name, loss) in built.driver.lost().iter().chain(built.spec.lost()) {
        assert_eq!(
            loss.to_string(),
            "cannot find value `LIMIT` in crate `demo` [E0425]",
            "{name}"
        );
    }
    let built = build(dir.path(), &without(&["Label"]));
    assert_eq!(
        built.driver.lost()["Steps::label"].message,
        "unresolved import `demo::Label`"
    );
}

#[test]
fn taking_out_everything_compiles() {
    let dir = tempfile::tempdir().unwrap();
    prepare(dir.path());
    let built = build(dir.path(), &without(&[]));
    let (mut driver, mut spec) = (built.driver, built.spec);
    let message = |file: &str, at: usize| {
        let line = format!(
            r#"{{"message":"no","level":"error","code":null,"spans":[{{"file_name":"{file}","byte_start":{at},"byte_end":{at},"line_start":1,"column_start":1,"is_primary":true,"label":null,"expansion":null}}]}}"#
        );
        diagnostics::read(line.as_bytes()).remove(0)
    };
    let at = DRIVER.find("self.counter(c).add").unwrap();
    assert_eq!(
        driver.take_out_everything(&[message("runner/driver.rs", at)]),
        Progress::Edited
    );
    let at = spec.text().find("assert_eq").unwrap();
    assert_eq!(
        spec.take_out_everything(&[message("runner/spec.rs", at)]),
        Progress::Edited
    );
    fs::write(dir.path().join("runner/driver.rs"), driver.text()).unwrap();
    fs::write(dir.path().join("runner/spec.rs"), spec.text()).unwrap();
    let messages = rustc(
        dir.path(),
        "runner/main.rs",
        "runner",
        "bin",
        &["demo", "demo_protocol", "witness"],
    );
    assert_eq!(messages, [], "{}", driver.text());
    assert!(!driver.text().contains("Counter::"), "{}", driver.text());
}
