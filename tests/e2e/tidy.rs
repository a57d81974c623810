//! The rules of the repository that no lint knows. A rule that is neither a test nor a lint is a wish.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

use crate::support::{exercises_below, names, repository};

/// No file of ours is longer.
const LINES: usize = 600;

/// Sources that are data: students' work, good and bad.
const DATA: [&str; 2] = ["templates/", "tests/submissions/"];

/// The files of the repository: those that git tracks, or all, if this is no checkout.
fn files() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(repository())
        .output();
    let tracked: Vec<String> = match listed {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8(output.stdout).expect("names of files are UTF-8");
            text.split('\0')
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect()
        }
        _ => Vec::new(),
    };
    let mut files = if tracked.is_empty() { walk() } else { tracked };
    files.retain(|file| repository().join(file).is_file());
    assert!(files.len() > 50, "{files:?}");
    files
}

fn walk() -> Vec<String> {
    let shown = |entry: &walkdir::DirEntry| entry.depth() != 1 || entry.file_name() != "target";
    let entries = walkdir::WalkDir::new(repository())
        .follow_links(true)
        .into_iter()
        .filter_entry(shown)
        .filter_map(Result::ok);
    let relative = |path: &Path| path.strip_prefix(repository()).map(Path::to_owned).unwrap_or_default();
    entries
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| relative(entry.path()).to_string_lossy().into_owned())
        .collect()
}

/// Our own Rust sources, path and text.
fn sources() -> Vec<(String, String)> {
    let ours = |file: &String| file.ends_with(".rs") && !DATA.iter().any(|data| file.starts_with(data));
    let read = |file: String| {
        let text = fs::read_to_string(repository().join(&file)).expect("a source is UTF-8");
        (file, text)
    };
    files().into_iter().filter(ours).map(read).collect()
}

#[track_caller]
fn nothing(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}

#[test]
fn no_file_is_too_long() {
    let long = sources().into_iter().filter(|(_, text)| text.lines().count() > LINES);
    let found: Vec<String> = long
        .map(|(file, text)| format!("{file} has {} lines", text.lines().count()))
        .collect();
    nothing(&found, "split files of more than 600 lines");
}

#[test]
fn every_source_says_what_it_is() {
    let begins = |text: &str| {
        text.lines()
            .find(|line| !line.trim().is_empty())
            .is_some_and(|line| line.starts_with("//!"))
    };
    let found: Vec<String> = sources()
        .into_iter()
        .filter(|(_, text)| !begins(text))
        .map(|(file, _)| file)
        .collect();
    nothing(&found, "begin these with a `//!` comment");
}

#[test]
fn nothing_is_left_to_do() {
    // Put together here, so that this file does not contain what it looks for.
    let words: Vec<String> = ["todo", "unimplemented", "dbg"]
        .iter()
        .map(|word| format!("{word}!("))
        .collect();
    let mut found = Vec::new();
    for (file, text) in sources() {
        for (at, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let quoted = code.contains('"') || code.contains('`');
            found.extend(
                words
                    .iter()
                    .filter(|word| code.contains(*word) && !quoted)
                    .map(|word| format!("{file}:{}: {word}", at + 1)),
            );
        }
    }
    nothing(&found, "finish these");
}

#[test]
fn every_exercise_has_its_folders() {
    let exercises = exercises_below("exercises");
    for folder in ["reference", "templates", "tests/submissions"] {
        assert_eq!(
            exercises_below(folder),
            exercises,
            "{folder}/ has a folder for each exercise"
        );
    }
    let rubrics: Vec<String> = names(&repository().join("rubrics"))
        .into_iter()
        .filter(|name| name != "course.toml")
        .collect();
    let expected: Vec<String> = exercises.iter().map(|id| format!("{id}.toml")).collect();
    assert_eq!(rubrics, expected, "rubrics/ has a file for each exercise");
    for id in &exercises {
        let there: BTreeSet<String> = names(&repository().join("exercises").join(id)).into_iter().collect();
        let known = [
            "Cargo.toml",
            "exercise.toml",
            "statement.md",
            "spec.rs",
            "protocol.rs",
            "driver.rs",
            "judge.rs",
            "workload.rs",
            "mutants.toml",
            "judge",
            "driver",
            "inside.rs",
            "notes.md",
        ];
        let missing: Vec<&str> = known[..9]
            .iter()
            .copied()
            .filter(|name| !there.contains(*name))
            .collect();
        let strange: Vec<&String> = there.iter().filter(|name| !known.contains(&name.as_str())).collect();
        assert!(
            missing.is_empty() && strange.is_empty(),
            "exercises/{id} lacks {missing:?}, has {strange:?}"
        );
    }
}

#[test]
fn every_exercise_has_its_samples() {
    for id in exercises_below("exercises") {
        let samples = names(&repository().join("tests/submissions").join(&id));
        for needed in ["perfect", "half-finished", "does-not-compile"] {
            assert!(
                samples.iter().any(|name| name == needed),
                "{id} has no sample `{needed}`: {samples:?}"
            );
        }
        assert!(
            samples.len() > 3,
            "{id} has no sample of a typical mistake: {samples:?}"
        );
        for name in samples {
            let expected: PathBuf = ["tests/submissions", &id, &name, "expected.toml"].iter().collect();
            assert!(
                repository().join(&expected).is_file(),
                "{} is missing",
                expected.display()
            );
        }
    }
}

#[test]
fn the_grader_names_no_exercise() {
    let files: Vec<(String, syn::File)> = sources()
        .into_iter()
        .filter(|(file, _)| file.starts_with("grader/src/"))
        .map(|(file, text)| (file, syn::parse_file(&text).expect("the grader parses")))
        .collect();
    let tests: BTreeSet<String> = files
        .iter()
        .flat_map(|(file, parsed)| test_modules(file, parsed))
        .collect();
    let mut found = Vec::new();
    for (file, parsed) in files
        .iter()
        .filter(|(file, _)| !tests.contains(file) && !file.contains("/tests/"))
    {
        let mut search = Search { found: Vec::new() };
        search.visit_file(parsed);
        found.extend(search.found.into_iter().map(|name| format!("{file}: {name}")));
    }
    nothing(
        &found,
        "an exercise is folders and files; the grader knows none by name",
    );
}

/// The files of modules that exist in tests only.
fn test_modules(file: &str, parsed: &syn::File) -> Vec<String> {
    let folder = file.trim_end_matches("/mod.rs").trim_end_matches(".rs");
    let modules = parsed.items.iter().filter_map(|item| match item {
        syn::Item::Mod(item) if item.content.is_none() && in_tests(&item.attrs) => {
            Some(format!("{folder}/{}.rs", item.ident))
        }
        _ => None,
    });
    modules.collect()
}

fn in_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Ident>().is_ok_and(|what| what == "test")
    })
}

/// Looks for names of exercises in code: identifiers and literals that are no sentences. Documentation, messages and tests may give examples.
struct Search {
    found: Vec<String>,
}

impl Search {
    fn look(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let names = bytes
            .windows(4)
            .any(|four| four.starts_with(b"ex") && four[2..].iter().all(u8::is_ascii_digit));
        if names && !text.contains(' ') {
            self.found.push(text.to_owned());
        }
    }

    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Punct(_) => {}
                other => self.look(&other.to_string()),
            }
        }
    }
}

impl<'ast> Visit<'ast> for Search {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let tests = matches!(item, syn::Item::Mod(item) if in_tests(&item.attrs));
        if !tests {
            visit::visit_item(self, item);
        }
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_ident(&mut self, ident: &'ast syn::Ident) {
        self.look(&ident.to_string());
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.look(&literal.value());
    }

    fn visit_macro(&mut self, node: &'ast syn::Macro) {
        self.tokens(node.tokens.clone());
    }
}
