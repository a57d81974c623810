//! Tests of `intake`.

use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

fn course() -> BTreeMap<ExerciseId, Exercise> {
    let exercise = |id: &str| {
        let text = format!(
            "id = \"{id}\"\ntitle = \"T\"\nsummary = \"S\"\nentry = \"src/lib.rs\"\n[[requirement]]\nid = \"R1\"\ntext = \"t\"\nconcepts = []\n"
        );
        toml::from_str::<Exercise>(&text).expect("an exercise")
    };
    ["ex00", "ex01"]
        .map(|id| (id.parse().expect("an id"), exercise(id)))
        .into_iter()
        .collect()
}

fn write(root: &TempDir, path: &str, bytes: &[u8]) {
    let path = root.path().join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("created");
    fs::write(path, bytes).expect("written");
}

fn read_all(root: &TempDir) -> Submission {
    read(root.path(), &course(), &[], &IntakeLimits::default()).expect("a directory")
}

fn rules(intake: &Intake) -> Vec<&str> {
    match intake {
        Intake::Received(sources) => sources.findings.iter().map(|finding| finding.rule.as_str()).collect(),
        Intake::Malformed(findings) => findings.iter().map(|finding| finding.rule.as_str()).collect(),
    }
}

fn id(text: &str) -> ExerciseId {
    text.parse().expect("an id")
}

#[test]
fn folders_are_found_in_any_spelling_and_others_are_listed() {
    let root = TempDir::new().expect("a directory");
    write(&root, "EX00-clocks/src/lib.rs", b"");
    write(&root, "notes/readme.md", b"");
    write(&root, "ex77/src/lib.rs", b"");
    let submission = read_all(&root);
    assert!(matches!(submission.exercises[&id("ex00")], Intake::Received(_)));
    assert_eq!(submission.ignored, ["ex77", "notes"]);
}

#[test]
fn two_folders_for_one_exercise_are_a_finding_that_names_both() {
    let root = TempDir::new().expect("a directory");
    write(&root, "ex00/src/lib.rs", b"");
    write(&root, "ex00_old/src/lib.rs", b"");
    let submission = read_all(&root);
    let Intake::Malformed(findings) = &submission.exercises[&id("ex00")] else {
        panic!("ambiguous")
    };
    assert!(
        findings[0].message.contains("ex00, ex00_old"),
        "{}",
        findings[0].message
    );
}

#[test]
fn a_folder_of_one_exercise_is_a_submission_of_it() {
    let root = TempDir::new().expect("a directory");
    write(&root, "src/lib.rs", b"pub fn f() {}\n");
    let submission = read(root.path(), &course(), &[id("ex01")], &IntakeLimits::default()).expect("read");
    assert_eq!(submission.exercises.keys().collect::<Vec<_>>(), [&id("ex01")]);
    let named = TempDir::new().expect("a directory");
    write(&named, "ex00/src/lib.rs", b"");
    let inside = read(&named.path().join("ex00"), &course(), &[], &IntakeLimits::default()).expect("read");
    assert_eq!(inside.exercises.keys().collect::<Vec<_>>(), [&id("ex00")]);
}

#[test]
fn text_is_normalised_and_what_is_no_text_is_refused_with_its_line() {
    let root = TempDir::new().expect("a directory");
    write(&root, "ex00/src/lib.rs", b"\xef\xbb\xbfmod a;\r\nmod b;\r\n");
    write(&root, "ex01/src/lib.rs", b"fn a() {}\n// \xff\n");
    let submission = read_all(&root);
    let Intake::Received(sources) = &submission.exercises[&id("ex00")] else {
        panic!("received")
    };
    assert_eq!(sources.files["src/lib.rs"], "mod a;\nmod b;\n");
    let Intake::Malformed(findings) = &submission.exercises[&id("ex01")] else {
        panic!("refused")
    };
    assert_eq!((findings[0].rule.as_str(), findings[0].line), ("not-utf8", 2));
}

#[test]
fn links_large_files_deep_trees_and_other_files_end_as_findings() {
    let root = TempDir::new().expect("a directory");
    write(&root, "ex00/src/lib.rs", b"");
    write(&root, "ex00/src/data.bin", &[0; 10]);
    write(&root, "ex00/build.rs", b"fn main() {}");
    assert_eq!(
        rules(&read_all(&root).exercises[&id("ex00")]),
        ["build-script", "not-rust"]
    );

    symlink("/etc/passwd", root.path().join("ex00/src/secret.rs")).expect("linked");
    assert_eq!(rules(&read_all(&root).exercises[&id("ex00")]), ["not-a-file"]);
    fs::remove_file(root.path().join("ex00/src/secret.rs")).expect("removed");

    write(&root, "ex00/src/large.rs", &vec![b' '; 10 << 20]);
    assert_eq!(rules(&read_all(&root).exercises[&id("ex00")]), ["file-too-large"]);
    fs::remove_file(root.path().join("ex00/src/large.rs")).expect("removed");

    write(&root, "ex00/src/a/b/c/d/e/f/g/h/i/j/k.rs", b"");
    assert_eq!(rules(&read_all(&root).exercises[&id("ex00")]), ["too-deep"]);
}

#[test]
fn an_exercise_without_its_entry_file_says_what_is_there() {
    let root = TempDir::new().expect("a directory");
    write(&root, "ex00/src/main.rs", b"");
    fs::create_dir_all(root.path().join("ex01")).expect("created");
    let submission = read_all(&root);
    let Intake::Malformed(findings) = &submission.exercises[&id("ex00")] else {
        panic!("refused")
    };
    assert!(
        findings[0].message.contains("found src/main.rs"),
        "{}",
        findings[0].message
    );
    assert_eq!(rules(&submission.exercises[&id("ex01")]), ["no-entry-file"]);
}

#[test]
fn an_empty_entry_file_is_received() {
    let root = TempDir::new().expect("a directory");
    write(&root, "ex00/src/lib.rs", b"");
    assert_eq!(rules(&read_all(&root).exercises[&id("ex00")]), [""; 0]);
}
