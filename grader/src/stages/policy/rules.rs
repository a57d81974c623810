//! The rules: what each refuses, why, and what to do instead. The students' guide is made of this table.

use std::fmt::Write as _;

/// What a finding of a rule leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The exercise is not built: all of its checks are `not_run`.
    Refusal,
    /// The exercise is built and graded; the rubric's `policy` penalty is taken off, once for each finding.
    Penalty,
}

/// A rule of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its stable name.
    pub id: &'static str,
    /// What a finding leads to.
    pub severity: Severity,
    /// What it is about, for the guide.
    pub about: &'static str,
    /// Why.
    pub why: &'static str,
    /// What to do instead.
    pub instead: &'static str,
}

macro_rules! rules {
    ($($name:ident: $severity:ident, $id:literal, $about:literal, $why:literal, $instead:literal;)*) => {
        $(pub(super) const $name: Rule = Rule {
            id: $id,
            severity: Severity::$severity,
            about: $about,
            why: $why,
            instead: $instead,
        };)*
        /// All rules of the scan, refusals first.
        pub const RULES: &[Rule] = &[$($name),*];
    };
}

rules! {
    UNSAFE: Refusal, "unsafe-code", "`unsafe` in any form: blocks, functions, impls, traits, attributes",
        "unsafe code can break what the checks rely on, and is compiled nowhere in this course",
        "use safe code: indices, `Rc`, `Arc`, `Cell`, atomics";
    ALLOWED_UNSAFE: Refusal, "unsafe-allowed", "`#![allow(unsafe_code)]`, also as `expect` or `warn`",
        "the compiler is told to forbid unsafe code and takes no weaker level",
        "remove the attribute; `#![forbid(unsafe_code)]` is welcome";
    FOREIGN: Refusal, "extern-block", "`extern` blocks: functions and statics of other languages",
        "a submission is Rust and nothing else",
        "write the function in Rust";
    LINKAGE: Refusal, "linkage",
        "attributes that reach the linker or replace parts of the runtime: `link`, `link_section`, `no_mangle`, `export_name`, `used`, `global_allocator`, `panic_handler` and their like",
        "they change the program that the submission is built into",
        "remove the attribute; checks call the items by their Rust names";
    ASSEMBLY: Refusal, "assembly", "`asm!`, `global_asm!`, `naked_asm!`, `#[naked]`",
        "machine code cannot be checked",
        "write it in Rust";
    INCLUSION: Refusal, "file-inclusion", "`include!`, `include_str!`, `include_bytes!`",
        "only Rust files below `src/` are handed in, and the compiler may read no other",
        "write the text into a constant, and code into a module";
    MODULE_PATH: Refusal, "module-path", "`#[path = ...]`",
        "modules are looked for where Rust looks for them",
        "name the file after the module, as in `src/name.rs`";
    PROCEDURAL: Refusal, "procedural-macro", "procedural macros of one's own: `#[proc_macro]`, `extern crate proc_macro`, `#![crate_type]`, `proc-macro = true`",
        "they run inside the compiler",
        "use `macro_rules!`, a function or a trait";
    SHADOWED: Refusal, "shadowed-name",
        "standard names with another meaning: `macro_rules! assert_eq`, `mod std`, `use x as core`, `extern crate self as std`",
        "what reads like the standard library would be something else",
        "choose another name";
    UNSTABLE: Refusal, "unstable-feature", "`#![feature(...)]`, `#![no_core]`",
        "the course is built with a stable compiler",
        "use what stable Rust has";
    PROCESSES: Penalty, "processes", "`std::process`, `tokio::process`; `ExitCode` and `Termination` are fine",
        "a library neither ends the process that uses it nor starts others, and checks run where none can be started",
        "return an error";
    FILES: Penalty, "files", "`std::fs`, `tokio::fs`",
        "checks run without files",
        "keep the state in memory, or behind a trait that the caller implements";
    NETWORK: Penalty, "network", "`std::net`, `tokio::net`; addresses such as `std::net::SocketAddr` are fine",
        "checks run without a network",
        "pass messages as values or over channels";
    ENVIRONMENT: Penalty, "environment", "`std::env`",
        "the environment of a check holds nothing, and results must not depend on it",
        "take the value as a parameter";
    SYSTEM: Penalty, "operating-system", "`std::os`",
        "the exercise is about none of the system's own interfaces",
        "use the portable part of the standard library";
    WHOLE: Penalty, "whole-library", "`use std::*`, `use tokio::*`",
        "it names everything, with what the exercise does not give",
        "import what is used";
    COMPOSED: Penalty, "composed-path", "a macro that puts a refused name together from parts: `std` here, `fs` there",
        "nobody can see what it names",
        "write the path in one piece";
    HOOK: Penalty, "panic-hook", "`std::panic::set_hook`, `take_hook`",
        "the hook belongs to the program, and the checks have theirs",
        "return an error, or catch the panic with `catch_unwind`";
    RENAMED: Penalty, "crate-rename", "`extern crate x as y`",
        "readers know crates by their names",
        "use the crate by its name";
    CRATE: Penalty, "crate-not-allowed", "crates outside of the exercise's list, in paths and in `extern crate`",
        "only the crates of the exercise's list are there",
        "use the standard library or a crate of the list";
    BUILD_ENVIRONMENT: Penalty, "build-environment", "`env!`, `option_env!`",
        "the grader compiles without cargo's variables",
        "write the value into a constant";
    COMPILE_ERROR: Penalty, "compile-error", "`compile_error!` outside of a `macro_rules!`",
        "code that stops the compiler is of no use to a caller",
        "remove it, or let a test say what must hold";
    NO_STD: Penalty, "no-std", "`#![no_std]`, `#![no_implicit_prelude]`",
        "the exercise is a library with the standard one, and checks use its types",
        "remove the attribute";
    BUILD_SCRIPT: Penalty, "build-script", "`build = ...` and `[build-dependencies]` in Cargo.toml, where the exercise generates no code",
        "no build script of a submission is run",
        "remove the key; the exercise needs none";
    DEPENDENCY: Penalty, "dependency-not-allowed", "dependencies of Cargo.toml outside of the exercise's list",
        "only the crates of the exercise's list are there",
        "remove the dependency and what needs it";
    MANIFEST: Penalty, "manifest-invalid", "a Cargo.toml that is not TOML",
        "its dependencies cannot be read",
        "correct it";
    UNREADABLE: Penalty, "unreadable-source", "a source that this scan cannot split into tokens",
        "the compiler says what is wrong with it",
        "close every bracket and every quote";
}

/// The rules as a page for students, in Markdown.
pub fn guide() -> String {
    let mut text = String::from(
        "# What a submission may not use\n\n\
         Before a submission is built its sources are read token by token. Comments and strings do not count, and no name is refused\n\
         for itself: a module of your own may be called `fs` or `process`, a method `env`. Code below `#[cfg(test)]`, functions with\n\
         `#[test]` and files that no built module names are not part of the build: they are not read, and cost nothing.\n\n\
         This scan exists to say clearly what is wrong and where. What code can do is bounded elsewhere: the compiler forbids unsafe\n\
         code, and every process of a submission runs in a sandbox.\n\n\
         An exercise may give what is otherwise refused: `allows` in its exercise.toml lists modules, and `network = \"loopback\"` gives\n\
         `std::net` and `tokio::net`. `moulinette show exNN` says so.\n",
    );
    for (severity, title) in [
        (
            Severity::Refusal,
            "Refused: the exercise is not built, and its checks are `not_run`",
        ),
        (
            Severity::Penalty,
            "Built and graded, less the rubric's `policy` penalty for each finding",
        ),
    ] {
        write!(
            text,
            "\n## {title}\n\n| rule | what | why | instead |\n| --- | --- | --- | --- |\n"
        )
        .expect("a string takes it");
        for rule in RULES.iter().filter(|rule| rule.severity == severity) {
            let Rule {
                id,
                about,
                why,
                instead,
                ..
            } = rule;
            writeln!(text, "| `{id}` | {about} | {why} | {instead} |").expect("a string takes it");
        }
    }
    text += "\nThe same thing found several times in one file is one finding, with its other lines.\n";
    text
}
