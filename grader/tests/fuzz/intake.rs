//! Intake over directories of any content.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Component, Path};

use moulinette::model::exercise::Exercise;
use moulinette::model::ids::ExerciseId;
use moulinette::stages::intake::{Intake, IntakeLimits, Submission, read};
use proptest::prelude::*;
use tempfile::TempDir;

use super::cases;

/// Something in a directory.
#[derive(Debug, Clone)]
enum Thing {
    File(Vec<u8>),
    Folder,
    Link(String),
}

fn name() -> impl Strategy<Value = Vec<u8>> {
    let known = [
        "ex00",
        "EX01-x",
        "ex00_old",
        "src",
        "lib.rs",
        "Cargo.toml",
        "build.rs",
        "a.rs",
        "mod.rs",
        ".rs",
        "..rs",
        "-",
    ];
    prop_oneof![
        6 => prop::sample::select(known.to_vec()).prop_map(|name| name.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..8),
        1 => prop::collection::vec(any::<u8>(), 1..4).prop_map(|mut name| { name.extend(b".rs"); name }),
    ]
    .prop_map(|name| name.into_iter().filter(|byte| *byte != b'/' && *byte != 0).collect())
}

fn thing() -> impl Strategy<Value = Thing> {
    prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..60).prop_map(Thing::File),
        3 => "\\PC{0,40}".prop_map(|text| Thing::File(text.into_bytes())),
        2 => Just(Thing::Folder),
        1 => prop::sample::select(vec!["/etc/passwd", ".", "..", "lib.rs", "nowhere"]).prop_map(|to| Thing::Link(to.to_owned())),
    ]
}

fn tree() -> impl Strategy<Value = Vec<(Vec<Vec<u8>>, Thing)>> {
    let path = prop_oneof![
        3 => prop::collection::vec(name(), 1..4),
        3 => name().prop_map(|name| vec![b"ex00".to_vec(), b"src".to_vec(), name]),
        1 => prop::collection::vec(name(), 1..12),
    ];
    prop::collection::vec((path, thing()), 0..14)
}

fn plant(root: &Path, things: &[(Vec<Vec<u8>>, Thing)]) {
    for (names, thing) in things {
        let mut path = root.to_owned();
        path.extend(
            names
                .iter()
                .map(|name| OsStr::from_bytes(name))
                .filter(|name| *name != "." && *name != ".."),
        );
        // What cannot be made is not there.
        let inside = path.components().all(|part| part != Component::ParentDir);
        // A link that was planted before leads out of the directory: nothing is planted through one.
        let mut folders = path.ancestors().skip(1).take_while(|folder| *folder != root);
        let straight = folders.all(|folder| !folder.is_symlink());
        let folder = straight
            && path
                .parent()
                .is_some_and(|parent| parent.starts_with(root) && fs::create_dir_all(parent).is_ok());
        if inside && folder && path.symlink_metadata().is_err() {
            let _ = match thing {
                Thing::File(bytes) => fs::write(&path, bytes),
                Thing::Folder => fs::create_dir(&path),
                Thing::Link(to) => symlink(to, &path),
            };
        }
    }
}

fn course() -> BTreeMap<ExerciseId, Exercise> {
    ["ex00", "ex01"]
        .map(|id| {
            let text = format!(
                "id = \"{id}\"\ntitle = \"T\"\nsummary = \"S\"\nentry = \"src/lib.rs\"\n[[requirement]]\nid = \"R1\"\ntext = \"t\"\nconcepts = []\n"
            );
            (id.parse().unwrap(), toml::from_str(&text).unwrap())
        })
        .into()
}

fn read_all(root: &Path, limits: &IntakeLimits) -> Submission {
    read(root, &course(), &[], limits).unwrap()
}

fn sensible(submission: &Submission, limits: &IntakeLimits) -> Result<(), TestCaseError> {
    for intake in submission.exercises.values() {
        match intake {
            Intake::Received(sources) => {
                prop_assert!(sources.files.contains_key("src/lib.rs"));
                prop_assert!(sources.files.len() <= limits.files);
                let bytes: usize = sources.files.values().map(String::len).sum();
                prop_assert!(bytes as u64 <= limits.total_bytes);
                for path in sources.files.keys() {
                    prop_assert!(path.starts_with("src/") && path.ends_with(".rs"), "{path}");
                    prop_assert!(path.split('/').all(|part| part != ".." && !part.is_empty()), "{path}");
                    // Two names that are shown alike would be one file.
                    prop_assert!(!path.contains('\u{fffd}'), "{path}");
                }
                prop_assert!(sources.findings.len() <= 200, "{}", sources.findings.len());
            }
            Intake::Malformed(findings) => prop_assert!(!findings.is_empty() && findings.len() <= 200),
        }
    }
    prop_assert!(submission.ignored.len() <= 200);
    Ok(())
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn any_directory_is_read(things in tree()) {
        let root = TempDir::new().unwrap();
        plant(root.path(), &things);
        let limits = IntakeLimits { files: 4, file_bytes: 50, total_bytes: 120, depth: 3 };
        for limits in [IntakeLimits::default(), limits] {
            let submission = read_all(root.path(), &limits);
            sensible(&submission, &limits)?;
            // Reading changes nothing and depends on nothing else.
            prop_assert_eq!(&submission.exercises, &read_all(root.path(), &limits).exercises);
        }
    }
}

#[test]
fn a_crowd_of_files_is_bounded() {
    let root = TempDir::new().unwrap();
    let src = root.path().join("ex00/src");
    fs::create_dir_all(&src).unwrap();
    fs::write(src.join("lib.rs"), "").unwrap();
    for number in 0..300 {
        fs::write(src.join(format!("note{number}.txt")), "").unwrap();
        fs::write(root.path().join(format!("stray{number}")), "").unwrap();
    }
    sensible(
        &read_all(root.path(), &IntakeLimits::default()),
        &IntakeLimits::default(),
    )
    .unwrap();
}

#[test]
fn names_that_are_shown_alike_are_refused() {
    let root = TempDir::new().unwrap();
    let src = root.path().join("ex00/src");
    fs::create_dir_all(&src).unwrap();
    fs::write(src.join("lib.rs"), "").unwrap();
    for name in [b"\xff.rs", b"\xfe.rs"] {
        fs::write(src.join(OsStr::from_bytes(name)), "").unwrap();
    }
    let submission = read_all(root.path(), &IntakeLimits::default());
    assert!(
        matches!(&submission.exercises[&"ex00".parse().unwrap()], Intake::Malformed(findings) if findings.len() == 2)
    );
}

#[test]
fn a_crowd_of_links_and_folders_is_bounded() {
    let root = TempDir::new().unwrap();
    let src = root.path().join("ex00/src");
    fs::create_dir_all(&src).unwrap();
    for number in 0..300 {
        symlink("lib.rs", src.join(format!("link{number}.rs"))).unwrap();
        fs::create_dir(root.path().join(format!("ex01_{number}"))).unwrap();
    }
    let submission = read_all(root.path(), &IntakeLimits::default());
    sensible(&submission, &IntakeLimits::default()).unwrap();
    let shown = format!("{:?}", submission.exercises);
    assert!(shown.len() < 100_000, "{}", shown.len());
}
