//! Tests of `policy`.

use super::*;
use crate::model::exercise::Module;

mod evasions;
mod hostile;
mod innocent;

/// An exercise that may use serde, tokio and thiserror, and nothing that the policy refuses.
fn exercise() -> Exercise {
    let text = "id = \"ex00\"\ntitle = \"T\"\nsummary = \"S\"\nentry = \"src/lib.rs\"\ncrates = [\"serde\", \"thiserror\", \"tokio\"]\n\
                [[requirement]]\nid = \"R1\"\ntext = \"t\"\nconcepts = []\n";
    toml::from_str(text).expect("an exercise")
}

fn sources(files: &[(&str, &str)]) -> Sources {
    let (manifest, code): (Vec<_>, Vec<_>) = files.iter().partition(|(path, _)| *path == "Cargo.toml");
    Sources {
        files: code
            .into_iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect(),
        manifest: manifest.first().map(|(_, text)| (*text).to_owned()),
        findings: Vec::new(),
    }
}

/// What is found, and whether the sources are refused.
fn scanned(files: &[(&str, &str)], exercise: &Exercise) -> (Vec<Finding>, bool) {
    match scan(sources(files), exercise) {
        Admission::Admitted(admitted) => (admitted.findings().to_vec(), false),
        Admission::Refused(findings) => (findings, true),
    }
}

/// The rules that the entry file breaks.
fn rules_of(code: &str) -> Vec<String> {
    let (findings, _) = scanned(&[("src/lib.rs", code)], &exercise());
    findings.into_iter().map(|finding| finding.rule).collect()
}

#[test]
fn a_finding_says_where_what_why_and_what_to_do() {
    let code = "//! Doc.\n\nfn f() {\n    let é = unsafe { g() };\n    unsafe { g() }\n}\nfn g() -> String {\n    std::fs::read_to_string(\"x\").unwrap()\n}\n";
    let (findings, refused) = scanned(&[("src/lib.rs", code)], &exercise());
    assert!(refused);
    let shown: Vec<String> = findings
        .iter()
        .map(|found| {
            format!(
                "{}:{}:{} {} {}",
                found.file, found.line, found.column, found.rule, found.message
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "src/lib.rs:4:13 unsafe-code `unsafe`: unsafe code can break what the checks rely on, and is compiled nowhere in this \
             course; use safe code: indices, `Rc`, `Arc`, `Cell`, atomics (also on line 5)",
            "src/lib.rs:8:5 files `std::fs`: checks run without files; keep the state in memory, or behind a trait that the caller \
             implements",
        ]
    );
}

#[test]
fn only_refusals_keep_an_exercise_from_being_built() {
    let (findings, refused) = scanned(&[("src/lib.rs", "use std::fs;")], &exercise());
    assert_eq!((findings.len(), refused), (1, false));
}

#[test]
fn an_exercise_allows_modules_one_by_one() {
    let code = "use std::net::TcpStream; use tokio::net; use std::fs; use std::os::fd::AsFd;";
    let mut exercise = exercise();
    exercise.allows = vec![Module::StdNet, Module::StdOs];
    let rules = |exercise: &Exercise| -> Vec<String> {
        let (findings, _) = scanned(&[("src/lib.rs", code)], exercise);
        findings.into_iter().map(|finding| finding.rule).collect()
    };
    assert_eq!(rules(&exercise), ["network", "files"]);
    exercise.network = crate::model::exercise::Network::Loopback;
    assert_eq!(rules(&exercise), ["files"]);
}

#[test]
fn every_module_that_can_be_allowed_is_one_that_is_refused() {
    for (name, module) in Module::NAMED {
        let code = format!("use {name}::Thing;");
        assert_eq!(rules_of(&code).len(), 1, "{name}");
        let mut exercise = exercise();
        exercise.allows = vec![module];
        assert_eq!(scanned(&[("src/lib.rs", &code)], &exercise).0, [], "{name}");
        let named = serde_json::to_value(module).expect("a name");
        assert_eq!(named, *name);
    }
}

#[test]
fn what_is_not_built_costs_nothing() {
    let parts = [
        "#[cfg(test)] mod tests { use std::fs; fn f() { unsafe { g() } } }",
        "#[cfg(test)]\n#[allow(dead_code)]\npub(crate) fn helper() -> std::env::Args { std::env::args() }",
        "#[cfg(test)] use std::{fs, process};",
        "#[cfg(all(test, unix))] const X: [u8; { 2 }] = [std::process::id() as u8; { 2 }];",
        "#[cfg(any(test, feature = \"slow\"))] impl X { fn f() { std::process::exit(1) } }",
        "#[test] fn reads() { std::fs::read(\"x\").unwrap(); }",
        "#[tokio::test(flavor = \"multi_thread\")]\nasync fn listens() { tokio::net::TcpListener::bind(\"\").await; }",
        "mod inner { #![cfg(test)] use std::fs; }",
        "#[cfg_attr(doc, doc = include_str!(\"../README.md\"))] struct S;",
        "#![cfg_attr(docsrs, feature(doc_cfg))]",
        "#[cfg(feature = \"python\")] extern \"C\" { fn f(); }",
    ];
    for part in parts {
        assert_eq!(rules_of(part), [""; 0], "{part}");
        let more = format!("{part}\nuse std::os;\n");
        assert_eq!(rules_of(&more), ["operating-system"], "{part}");
    }
    let files = [
        ("src/lib.rs", "mod a; #[cfg(test)] mod tests;"),
        ("src/a.rs", "fn f() {}"),
        ("src/main.rs", "fn main() { println!(\"{:?}\", std::env::args()); }"),
        ("src/tests.rs", "use std::fs;"),
        ("src/bin/tool.rs", "use std::process;"),
    ];
    assert_eq!(scanned(&files, &exercise()).0, []);
}

#[test]
fn every_file_that_a_built_file_names_is_read() {
    let files = [
        ("src/lib.rs", "mod a { mod c; } mod d;"),
        ("src/a/c.rs", "use std::fs;"),
        ("src/d/mod.rs", "pub mod e;"),
        ("src/d/e.rs", "use std::env;"),
        ("src/f.rs", "use std::os;"),
    ];
    let (findings, _) = scanned(&files, &exercise());
    let found: Vec<&str> = findings.iter().map(|finding| finding.file.as_str()).collect();
    assert_eq!(found, ["src/a/c.rs", "src/d/e.rs"]);
    // A macro may name any of them.
    let files = [
        ("src/lib.rs", "macro_rules! m { ($a:ident) => { mod $a; } } m!(f);"),
        ("src/f.rs", "use std::os;"),
    ];
    assert_eq!(scanned(&files, &exercise()).0.len(), 1);
    let files = [
        (
            "src/lib.rs",
            "macro_rules! m { ($(#[$a:meta])* $n:ident) => { $(#[$a])* mod $n; } } const A: &str = r\"src/f.rs\";",
        ),
        ("src/f.rs", "use std::os;"),
    ];
    assert_eq!(scanned(&files, &exercise()).0.len(), 1);
}

#[test]
fn a_manifest_is_read_and_never_built_with() {
    let text = "[package]\nname = \"x\"\nbuild = \"make.rs\"\n[lib]\nproc-macro = true\n[dependencies]\nserde = \"1\"\nrand = \"0.9\"\n\
                other = { package = \"libc\" }\n[dev-dependencies]\nproptest = \"1\"\n[build-dependencies]\ncc = \"1\"\n";
    let (findings, refused) = scanned(&[("src/lib.rs", ""), ("Cargo.toml", text)], &exercise());
    let found: Vec<(&str, u32)> = findings.iter().map(|found| (found.rule.as_str(), found.line)).collect();
    assert!(refused);
    assert_eq!(
        found,
        [
            ("build-script", 3),
            ("procedural-macro", 5),
            ("dependency-not-allowed", 8),
            ("dependency-not-allowed", 9),
            ("build-script", 12)
        ]
    );
    // Where code is generated, a script is expected. What it builds with is no crate of the submission.
    let generating = Exercise {
        generated: true,
        ..exercise()
    };
    let (findings, refused) = scanned(&[("src/lib.rs", "use cc::Build;"), ("Cargo.toml", text)], &generating);
    let found: Vec<&str> = findings.iter().map(|found| found.rule.as_str()).collect();
    assert!(refused);
    for rule in ["procedural-macro", "dependency-not-allowed", "crate-not-allowed"] {
        assert!(found.contains(&rule), "{rule}: {found:?}");
    }
    assert!(!found.contains(&"build-script"), "{found:?}");
    let (findings, refused) = scanned(&[("src/lib.rs", ""), ("Cargo.toml", "[package\n")], &exercise());
    assert_eq!(
        (findings[0].rule.as_str(), findings[0].line, refused),
        ("manifest-invalid", 1, false)
    );
}

#[test]
fn the_guide_is_the_table_of_rules() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../POLICY.md");
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == guide(), "write this into POLICY.md:\n{}", guide());
}

#[test]
fn rules_have_names_of_their_own() {
    let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(names.len(), RULES.len());
}
