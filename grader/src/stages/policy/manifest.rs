//! The rules about the submission's own Cargo.toml, which is read and never used to build.

use toml::{Table, Value};

use super::found::Found;
use super::rules;
use crate::model::exercise::Exercise;
use crate::stages::diagnostics::plain;

const FILE: &str = "Cargo.toml";

/// How many dependencies are reported; each is looked for in the text.
const DEPENDENCIES: usize = 40;

/// The longest name in a message, in characters.
const NAME: usize = 60;

/// Checks a manifest.
pub(super) fn check(text: &str, exercise: &Exercise, found: &mut Found) {
    let table: Table = match text.parse() {
        Ok(table) => table,
        Err(error) => {
            let error: toml::de::Error = error;
            let place = error.span().map_or((0, 0), |span| place(text, span.start));
            let subject = format!("it is not valid TOML ({})", plain(error.message(), 200));
            return found.add_at(rules::MANIFEST, FILE, place, &subject);
        }
    };
    let flag = |section: &str, key: &str| table.get(section).and_then(|section| section.get(key));
    for key in ["proc-macro", "proc_macro"] {
        if flag("lib", key).and_then(Value::as_bool) == Some(true) {
            found.add_at(
                rules::PROCEDURAL,
                FILE,
                line(text, key),
                &format!("`{key} = true` in `[lib]`"),
            );
        }
    }
    // No build script runs either way. Where code is generated, the student's own cargo needs one and the crates it uses.
    let scripted = !exercise.generated;
    if scripted && flag("package", "build").is_some_and(|value| value.as_bool() != Some(false)) {
        found.add_at(rules::BUILD_SCRIPT, FILE, line(text, "build"), "`build` in `[package]`");
    }
    if scripted && table.contains_key("build-dependencies") {
        found.add_at(
            rules::BUILD_SCRIPT,
            FILE,
            line(text, "[build-dependencies"),
            "`[build-dependencies]`",
        );
    }
    let dependencies = table.get("dependencies").and_then(Value::as_table);
    let allowed = match exercise.crates.as_slice() {
        [] => "no crate".to_owned(),
        crates => crates.join(", "),
    };
    let others = dependencies.into_iter().flatten().filter_map(|(name, value)| {
        let package = value.get("package").and_then(Value::as_str).unwrap_or(name);
        (!allows(exercise, package)).then_some((name, package))
    });
    for (name, package) in others.take(DEPENDENCIES) {
        let subject = format!("`{}` ({} may use {allowed})", plain(package, NAME), exercise.id);
        found.add_at(rules::DEPENDENCY, FILE, line(text, name), &subject);
    }
}

fn allows(exercise: &Exercise, package: &str) -> bool {
    exercise
        .crates
        .iter()
        .any(|allowed| allowed.replace('_', "-") == package.replace('_', "-"))
}

/// The first line that begins with a key.
fn line(text: &str, key: &str) -> (u32, u32) {
    let mut lines = text.lines().zip(1..);
    let found = lines.find(|(line, _)| line.trim_start().trim_start_matches('"').starts_with(key));
    found.map_or((0, 0), |(line, number)| {
        (
            number,
            (line.chars().take_while(|c| c.is_whitespace()).count() + 1) as u32,
        )
    })
}

/// The line and the column of a byte.
fn place(text: &str, at: usize) -> (u32, u32) {
    let before = &text[..text.floor_char_boundary(at)];
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    let number = |number| u32::try_from(number).unwrap_or(u32::MAX);
    (number(line), number(column))
}
