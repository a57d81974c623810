//! Tests of `specs`.

use super::*;

const SPEC: &str = r#"//! Checks.

use ex00::VectorClock;

fn helper() -> u8 {
    1
}

/// R1, R3: every tick counts,
/// also the second.
///
/// More.
#[test]
#[allow(unused_mut, reason = "shown to students")]
fn test_tick() {
    helper();
}

/// R2: time stands still.
#[tokio::test(
    start_paused = true
)]
async fn test_paused() {}

/// R2: two threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
pub async fn test_threads() {}

/// R4: one thread.
#[tokio::test]
async fn test_plain() {}
"#;

#[test]
fn checks_are_found_in_order() {
    let found = discover("spec.rs", SPEC).unwrap();
    let shown: Vec<_> = found
        .specs
        .iter()
        .map(|spec| (spec.name.as_str(), spec.line, spec.flavor, spec.entry()))
        .collect();
    let expected = [
        ("test_tick", 15, Flavor::Sync, "spec::test_tick"),
        (
            "test_paused",
            23,
            Flavor::Paused,
            "|| witness::aio::paused(spec::test_paused())",
        ),
        (
            "test_threads",
            27,
            Flavor::MultiThread { workers: 4 },
            "|| witness::aio::multi_thread(4, spec::test_threads())",
        ),
        (
            "test_plain",
            31,
            Flavor::CurrentThread,
            "|| witness::aio::current_thread(spec::test_plain())",
        ),
    ];
    assert_eq!(
        shown,
        expected.map(|(name, line, flavor, entry)| (name, line, flavor, entry.to_owned()))
    );
    let header = &found.specs[0].header;
    assert_eq!(header.requirements, ["R1", "R3"]);
    assert_eq!(header.summary, "every tick counts, also the second.");
}

#[test]
fn attributes_disappear_and_lines_stay() {
    let found = discover("spec.rs", SPEC).unwrap();
    assert!(
        !found.text.contains("#[test]") && !found.text.contains("tokio::test") && !found.text.contains("start_paused")
    );
    assert_eq!(found.text.lines().count(), SPEC.lines().count());
    for spec in &found.specs {
        let line = found.text.lines().nth(spec.line as usize - 1).unwrap();
        assert!(
            line.starts_with("pub ") && line.contains(&format!("fn {}()", spec.name)),
            "{line}"
        );
    }
    assert!(found.text.contains("\nfn helper()"));
    // What was made callable is no test any more.
    assert_eq!(
        discover("spec.rs", &found.text).unwrap_err()[0].to_string(),
        "spec.rs: has no check: write `#[test]` functions"
    );
}

#[test]
fn what_cannot_be_run_is_refused_with_its_line() {
    for (text, expected) in [
        (
            "/// R1: a.\n#[test]\n#[should_panic]\nfn a() {}",
            "spec.rs:4: `a` is a `should_panic` test",
        ),
        ("/// R1: a.\n#[test]\n#[ignore]\nfn a() {}", "spec.rs:4: `a` is ignored"),
        (
            "/// R1: a.\n#[test]\n#[cfg(unix)]\nfn a() {}",
            "spec.rs:4: `a` has an attribute",
        ),
        ("#[test]\nfn a() {}", "spec.rs:2: `a` names no requirement"),
        (
            "/// Rx: a.\n#[test]\nfn a() {}",
            "spec.rs:3: `a` names `Rx` where a requirement is expected",
        ),
        (
            "/// R1:\n#[test]\nfn a() {}",
            "spec.rs:3: `a` does not say what it checks",
        ),
        (
            "/// R1: a.\n#[test]\nfn a() -> Result<(), ()> { Ok(()) }",
            "spec.rs:3: `a` is a test: it takes nothing",
        ),
        ("/// R1: a.\n#[test]\nasync fn a() {}", "spec.rs:3: `a` is `async`"),
        (
            "/// R1: a.\n#[tokio::test]\nfn a() {}",
            "spec.rs:3: `a` is a `tokio::test` but not `async`",
        ),
        (
            "/// R1: a.\n#[rstest::test]\nfn a() {}",
            "spec.rs:2: `a`: the grader knows",
        ),
        (
            "/// R1: a.\n#[tokio::test(crate = \"x\")]\nasync fn a() {}",
            "spec.rs:2: `a`: the grader knows `flavor`",
        ),
        (
            "/// R1: a.\n#[tokio::test(flavor = \"local\")]\nasync fn a() {}",
            "spec.rs:2: `a`: `flavor` is",
        ),
        (
            "/// R1: a.\n#[tokio::test(worker_threads = 2)]\nasync fn a() {}",
            "spec.rs:2: `a`: `worker_threads` needs",
        ),
        (
            "/// R1: a.\n#[tokio::test(flavor = \"multi_thread\", worker_threads = 99)]\nasync fn a() {}",
            "spec.rs:2: `a`: `worker_threads` is",
        ),
        (
            "/// R1: a.\n#[tokio::test(flavor = \"multi_thread\", start_paused = true)]\nasync fn a() {}",
            "spec.rs:2: `a`: `start_paused` needs",
        ),
        (
            "mod tests {\n}",
            "spec.rs:1: `mod tests`: checks are found at the top level",
        ),
        ("fn a() {}", "spec.rs: has no check"),
        ("fn a() {}\nfn {", "spec.rs:2: is not valid Rust"),
    ] {
        let problems = discover("spec.rs", text).unwrap_err();
        assert!(
            problems[0].to_string().starts_with(expected),
            "{} / {expected}",
            problems[0]
        );
    }
}

const JUDGE: &str = r#"//! Judge.
mod driver;
#[path = "judge/order.rs"]
mod order;
mod plain;
judge::checks! {
    driver::World;
    ticks, order::compare, plain::deep,
}
/// R1: ticks.
fn ticks(trial: &mut Trial<Script>) -> Verdict { todo() }
"#;

fn modules(file: &str) -> Option<String> {
    match file {
        "ex00/judge/order.rs" => {
            Some("//! Order.\n/// R2, R3: compares.\npub fn compare(t: T) -> Verdict { x }\n".to_owned())
        }
        "ex00/plain.rs" => Some("/// R4: deep.\npub fn deep(t: T) {}\n".to_owned()),
        _ => None,
    }
}

#[test]
fn hidden_checks_are_found_in_their_modules() {
    let checks = hidden_checks("ex00/judge.rs", JUDGE, &modules).unwrap();
    let shown: Vec<_> = checks
        .iter()
        .map(|check| {
            (
                check.name.as_str(),
                check.file.as_str(),
                check.line,
                check.header.requirements.join(" "),
            )
        })
        .collect();
    let expected = [
        ("ticks", "ex00/judge.rs", 11, "R1"),
        ("compare", "ex00/judge/order.rs", 3, "R2 R3"),
        ("deep", "ex00/plain.rs", 2, "R4"),
    ];
    assert_eq!(
        shown,
        expected.map(|(name, file, line, ids)| (name, file, line, ids.to_owned()))
    );
}

#[test]
fn mistakes_in_a_judge_name_file_and_line() {
    for (from, to, expected) in [
        (
            "/// R1: ticks.",
            "/// Ticks.",
            "ex00/judge.rs:11: `ticks` names no requirement",
        ),
        (
            "order::compare",
            "order::other",
            "ex00/judge/order.rs: has no function `other`",
        ),
        (
            "order::compare",
            "a::b::c",
            "ex00/judge.rs:8: `judge::checks!` names a check in a module of a module",
        ),
        (
            "order::compare",
            "gone::c",
            "ex00/judge.rs:8: `judge::checks!` names `gone`, which is no module",
        ),
        (
            "judge/order.rs",
            "judge/gone.rs",
            "ex00/judge.rs:4: `mod order` is the file `ex00/judge/gone.rs`, which does not exist",
        ),
        (
            "order::compare",
            "ticks",
            "ex00/judge.rs:11: `ticks` is the name of two checks",
        ),
        ("driver::World;", "", "ex00/judge.rs:8: `judge::checks!` is written"),
        (
            "judge::checks!",
            "judge::other!",
            "ex00/judge.rs: `judge::checks!` is missing",
        ),
        (
            "ticks, order::compare, plain::deep,",
            "",
            "ex00/judge.rs: `judge::checks!` lists no check",
        ),
        ("{ todo() }", "{", "ex00/judge.rs:"),
    ] {
        let problems = hidden_checks("ex00/judge.rs", &JUDGE.replacen(from, to, 1), &modules).unwrap_err();
        assert!(
            problems[0].to_string().starts_with(expected),
            "{} / {expected}",
            problems[0]
        );
    }
}

#[test]
fn steps_and_workloads_are_listed_by_name() {
    let protocol = r#"
        witness::language! {
            /// fn not_this();
            pub trait Clocks {
                /// A local event.
                fn tick(c: Slot, node: String) => "fn c{c}; fn x";
                fn merge(c: Slot) => {
                    let fn_like = 1; format!("{}", fn_like)
                };
                fn get(c: Slot) -> fn() => |c| "fn".to_owned();
            }
        }
    "#;
    assert_eq!(
        language_steps("protocol.rs", protocol).unwrap(),
        ["tick", "merge", "get"]
    );
    assert_eq!(
        language_steps("protocol.rs", "fn a() {}").unwrap_err().to_string(),
        "protocol.rs: `witness::language!` is missing: add it at the top level of the file"
    );
    assert!(
        language_steps("protocol.rs", "witness::language! { pub trait A {} }")
            .unwrap_err()
            .to_string()
            .contains("declares no step")
    );
    let workload = "use witness::workloads;\nworkloads! { compare, merge, }\nfn compare() {}";
    assert_eq!(workload_names("workload.rs", workload).unwrap(), ["compare", "merge"]);
    assert!(workload_names("workload.rs", "witness::workloads! { a b }").is_err());
    assert!(workload_names("workload.rs", "witness::workloads! { a }\nwitness::workloads! { b }").is_err());
}
