//! Tests of `diagnostics`.

use std::path::Path;

use super::*;
use crate::model::verdict::FindingKind;
use proptest::prelude::*;

/// A line as the compiler prints it, with one primary span.
fn line(level: &str, code: &str, message: &str, file: &str, rendered: &str) -> String {
    let span = serde_json::json!({
        "file_name": file, "byte_start": 10, "byte_end": 12, "line_start": 2, "line_end": 2, "column_start": 3, "column_end": 5,
        "is_primary": true, "text": [], "label": "here", "suggested_replacement": null, "suggestion_applicability": null, "expansion": null,
    });
    serde_json::json!({
        "$message_type": "diagnostic", "message": message, "code": {"code": code, "explanation": null}, "level": level,
        "spans": [span], "children": [{"message": "try this", "code": null, "level": "help", "spans": [], "children": [], "rendered": null}],
        "rendered": rendered,
    })
    .to_string()
}

fn read_one(line: &str) -> Message {
    let mut messages = read(line.as_bytes());
    assert_eq!(messages.len(), 1, "{}", line.get(..200).unwrap_or(line));
    messages.remove(0)
}

#[test]
fn a_message_is_read_with_its_place() {
    let message = read_one(&line("error", "E0599", "no method `x`", "src/lib.rs", "error\n"));
    assert!(message.is_error());
    assert_eq!(
        (message.code.as_str(), message.text.as_str()),
        ("E0599", "no method `x`")
    );
    let span = &message.spans[0];
    assert_eq!(
        (span.file.as_str(), span.bytes.clone(), span.line, span.column),
        ("src/lib.rs", 10..12, 2, 3)
    );
    assert_eq!((span.primary, span.label.as_str()), (true, "here"));
    assert_eq!(message.help, ["try this"]);
}

#[test]
fn what_is_no_message_is_skipped() {
    let error = line("error", "E1", "bad", "src/lib.rs", "");
    let count = r#"{"message":"aborting due to 1 previous error","code":null,"level":"error","spans":[],"children":[],"rendered":""}"#;
    let learn = r#"{"message":"For more information","code":null,"level":"failure-note","spans":[],"children":[],"rendered":""}"#;
    let artifact = r#"{"$message_type":"artifact","artifact":"/tmp/x.rmeta","emit":"metadata"}"#;
    let text = [
        "thread 'rustc' panicked",
        "{",
        "{}",
        "[1]",
        "",
        &error,
        count,
        learn,
        artifact,
        &error[..error.len() - 1],
    ]
    .join("\n");
    assert_eq!(read(text.as_bytes()).len(), 1);
}

#[test]
fn a_crash_of_the_compiler_is_an_error() {
    let message = read_one(
        r#"{"message":"it broke","code":null,"level":"error: internal compiler error","spans":[],"children":[],"rendered":"x"}"#,
    );
    assert!(message.is_error());
}

#[test]
fn calls_of_macros_are_listed_from_the_inside_out() {
    let mut span = serde_json::Value::Null;
    for depth in (0..3).rev() {
        let expansion = if span.is_null() {
            span
        } else {
            serde_json::json!({"span": span, "macro_decl_name": "m!", "def_site_span": null})
        };
        span = serde_json::json!({
            "file_name": format!("{depth}.rs"), "byte_start": depth, "byte_end": depth, "line_start": depth, "column_start": 1, "is_primary": true,
            "label": null, "expansion": expansion,
        });
    }
    let text = serde_json::json!({"message": "m", "level": "error", "code": null, "rendered": null, "spans": [span], "children": []});
    let message = read_one(&text.to_string());
    let files: Vec<_> = message.spans[0].places().map(|(file, ..)| file.to_owned()).collect();
    assert_eq!(files, ["0.rs", "1.rs", "2.rs"]);
}

#[test]
fn a_macro_without_end_costs_the_chain_only() {
    let one = r#"{"file_name":"src/lib.rs","byte_start":1,"byte_end":2,"line_start":7,"column_start":1,"is_primary":true,"label":null,"expansion":"#;
    let depth = 5000;
    let span = format!(
        "{}null{}",
        format!(r#"{one}{{"span":"#).repeat(depth) + one,
        "}".repeat(2 * depth + 1)
    );
    let message = read_one(&format!(
        r#"{{"message":"recursion","level":"error","code":null,"rendered":"r","spans":[{span}],"children":[]}}"#
    ));
    assert_eq!(message.spans[0].line, 7);
    assert!(message.spans[0].expanded_at.is_empty());
}

#[test]
fn everything_is_bounded() {
    let long = "x".repeat(100_000);
    let message = read_one(&line("error", &long, &long, &long, &long));
    assert!(message.text.len() < 2000 && message.code.len() < 2000 && message.spans[0].file.len() < 2000);
    assert!(message.rendered.len() <= 64 << 10);
    let huge = "x".repeat(2 << 20);
    assert_eq!(read(line("error", "", &huge, "", "").as_bytes()), []);
    let many = line("warning", "w", "w", "src/lib.rs", "") + "\n";
    assert_eq!(read(many.repeat(5000).as_bytes()).len(), 2000);
}

const RENDERED: &str = "\
error[E0277]: the trait bound `A: Clone` is not satisfied
   --> /home/me/sub/src/lib.rs:2:3
    |
2   |     \u{1b}[31mcopy(a)\u{202e}
    |     ^^^^ nope
    |
note: required by a bound in `copy`
   --> /rustc/59807616e1fa/library/core/src/clone.rs:10:5
    |
10  |     fn copy<T: Clone>() {}
    |                ^^^^^ required
help: consider this
    |
1   + #[derive(Clone)]
    |
   ::: /root/.rustup/toolchains/stable/lib/x.rs:1:1
    |
1   | struct Secret;
    = note: the last word
";

#[test]
fn an_excerpt_shows_the_students_own_lines_only() {
    let text = excerpt::trim(RENDERED, Path::new("/home/me/sub"));
    let expected = "\
error[E0277]: the trait bound `A: Clone` is not satisfied
   --> src/lib.rs:2:3
    |
2   |     \\u{1b}[31mcopy(a)\\u{202e}
    |     ^^^^ nope
    |
note: required by a bound in `copy`
help: consider this
    |
1   + #[derive(Clone)]
    |
    = note: the last word";
    assert_eq!(text, expected);
}

#[test]
fn excerpts_are_bounded() {
    let many = "error: x\n".repeat(1000);
    let text = excerpt::trim(&many, Path::new("/sub"));
    assert_eq!(text.lines().count(), 41);
    assert!(text.ends_with("..."));
    assert!(excerpt::trim(&"x".repeat(1 << 16), Path::new("/sub")).len() <= 4096 + 4);
}

#[test]
fn errors_name_the_students_file() {
    let messages = [
        read_one(&line(
            "error",
            "E0308",
            "mismatched types",
            "/home/me/sub/src/clock.rs",
            RENDERED,
        )),
        read_one(&line("error", "E0432", "unresolved", "src/lib.rs", "")),
        read_one(&line("error", "E0080", "overflow", "/rustc/1/core.rs", "")),
        read_one(&line("warning", "dead_code", "never used", "src/lib.rs", "")),
    ];
    let errors = errors(&messages, Path::new("/home/me/sub/"));
    let places: Vec<_> = errors
        .iter()
        .map(|error| (error.file.as_str(), error.line, error.code.as_str()))
        .collect();
    assert_eq!(
        places,
        [
            ("src/clock.rs", 2, "E0308"),
            ("src/lib.rs", 2, "E0432"),
            ("", 0, "E0080")
        ]
    );
    let many = vec![messages[0].clone(); 100];
    assert_eq!(super::errors(&many, Path::new("/")).len(), 8);
}

#[test]
fn warnings_become_findings_that_say_what_to_do() {
    let messages = [
        read_one(&line(
            "warning",
            "unused_mut",
            "variable does not need to be mutable",
            "src/lib.rs",
            "",
        )),
        read_one(&line(
            "warning",
            "missing_docs",
            "missing documentation for a function",
            "src/lib.rs",
            "",
        )),
        read_one(&line("warning", "some_lint", "strange", "src/lib.rs", "")),
        read_one(&line(
            "warning",
            "unused_mut",
            "variable does not need to be mutable",
            "src/lib.rs",
            "",
        )),
        read_one(&line("warning", "far", "away", "/rustc/x.rs", "")),
        read_one(&line("error", "E0001", "no", "src/lib.rs", "")),
    ];
    let findings = findings(&messages, Path::new("/sub"));
    let shown: Vec<_> = findings
        .iter()
        .map(|finding| {
            (
                finding.kind,
                finding.rule.as_str(),
                finding.line,
                finding.message.as_str(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (FindingKind::Warning, "some_lint", 2, "strange: try this"),
            (
                FindingKind::Warning,
                "unused_mut",
                2,
                "variable does not need to be mutable: remove `mut`"
            ),
            (
                FindingKind::MissingDocs,
                "missing_docs",
                2,
                "missing documentation for a function: write a `///` comment above it that says what it is for"
            ),
        ]
    );
}

/// JSON values of any shape, with the keys of a message among others.
fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let keys = [
        "message",
        "level",
        "code",
        "spans",
        "children",
        "rendered",
        "file_name",
        "byte_start",
        "expansion",
        "span",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(Value::from("error")),
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        let key = prop::sample::select(keys.to_vec());
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..9)
                .prop_map(|pairs| Value::Object(pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn garbage_is_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), value in json()) {
        for message in read(&bytes).into_iter().chain(read(value.to_string().as_bytes())) {
            errors(std::slice::from_ref(&message), Path::new("/sub"));
            findings(&[message], Path::new("/sub"));
        }
    }

    #[test]
    fn a_damaged_message_is_read_without_a_panic(at in 0..400_usize, byte in any::<u8>(), cut in 0..600_usize) {
        let mut bytes = line("error", "E0599", "no é", "src/lib.rs", "\u{1b}[0m").into_bytes();
        let length = bytes.len();
        bytes[at % length] = byte;
        bytes.truncate(cut);
        for message in read(&bytes) {
            prop_assert!(!message.text.chars().any(char::is_control));
        }
    }

    #[test]
    fn excerpts_of_anything_are_bounded_and_plain(text in "(.|\n|--> |::: |\\| ){0,600}") {
        let shown = excerpt::trim(&text, Path::new("/sub"));
        prop_assert!(shown.len() <= 4096 + 4);
        prop_assert!(shown.chars().all(|c| c == '\n' || !c.is_control()));
    }
}
