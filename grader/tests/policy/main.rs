//! The policy over code that it must have nothing to say of: honest programs, references, templates, samples.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use moulinette::catalog::Catalog;
use moulinette::course::Course;
use moulinette::model::exercise::Exercise;
use moulinette::model::verdict::Finding;
use moulinette::stages::intake::{self, Intake, IntakeLimits, Sources};
use moulinette::stages::policy::{Admission, scan};

#[expect(dead_code, unused_imports, reason = "it need only compile")]
mod honest;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn findings(sources: Sources, exercise: &Exercise) -> Vec<Finding> {
    match scan(sources, exercise) {
        Admission::Admitted(admitted) => admitted.findings().to_vec(),
        Admission::Refused(findings) => findings,
    }
}

fn plain_exercise() -> Exercise {
    let text = "id = \"ex00\"\ntitle = \"T\"\nsummary = \"S\"\nentry = \"src/lib.rs\"\ncrates = [\"serde\", \"thiserror\", \"tokio\"]\n\
                [[requirement]]\nid = \"R1\"\ntext = \"t\"\nconcepts = []\n";
    toml::from_str(text).unwrap()
}

#[test]
fn honest_programs_are_admitted_without_a_word() {
    let mut count = 0;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy/honest")).unwrap() {
        let path = entry.unwrap().path();
        let sources = Sources {
            files: BTreeMap::from([("src/lib.rs".to_owned(), fs::read_to_string(&path).unwrap())]),
            ..Sources::default()
        };
        assert_eq!(findings(sources, &plain_exercise()), [], "{}", path.display());
        count += 1;
    }
    assert!(count >= 20, "{count}");
}

/// Every reference, template and sample of the course: its path, its exercise, its sources.
fn of_the_course() -> Vec<(PathBuf, Exercise, Sources)> {
    let course = Course::read(&repository()).unwrap();
    let exercises = Catalog::read(&course, &[]).unwrap().exercises();
    let mut found = Vec::new();
    for (id, exercise) in &exercises {
        let samples = repository().join(format!("tests/submissions/{id}"));
        let mut folders: Vec<PathBuf> = fs::read_dir(samples)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        folders.extend(["reference", "templates"].map(|folder| repository().join(format!("{folder}/{id}"))));
        for folder in folders {
            let mut read =
                intake::read(&folder, &exercises, std::slice::from_ref(id), &IntakeLimits::default()).unwrap();
            match read.exercises.remove(id) {
                Some(Intake::Received(sources)) => found.push((folder, exercise.clone(), sources)),
                other => panic!("{}: {other:?}", folder.display()),
            }
        }
    }
    assert!(found.len() >= 12, "{}", found.len());
    found
}

#[test]
fn references_templates_and_samples_are_admitted_without_a_word() {
    for (folder, exercise, sources) in of_the_course() {
        assert_eq!(findings(sources, &exercise), [], "{}", folder.display());
    }
}

/// Run with `--nocapture` for the figures. The bound is one that a loaded machine and an unoptimised build keep.
#[test]
fn scanning_takes_no_time_to_speak_of() {
    let mut figures: Vec<(Duration, usize, PathBuf)> = Vec::new();
    for (folder, exercise, sources) in of_the_course() {
        let bytes = sources.files.values().map(String::len).sum();
        let run = || {
            let sources = sources.clone();
            let started = Instant::now();
            findings(sources, &exercise);
            started.elapsed()
        };
        let best = (0..3).map(|_| run()).min().unwrap();
        figures.push((best, bytes, folder));
    }
    figures.sort();
    for (took, bytes, folder) in figures.iter().rev().take(3) {
        println!("{took:?} for {bytes} bytes of {}", folder.display());
    }
    assert!(
        figures.iter().all(|(took, ..)| *took < Duration::from_millis(500)),
        "{figures:?}"
    );
}
