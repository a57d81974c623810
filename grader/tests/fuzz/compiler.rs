//! The reader of the compiler's messages, which come from a process that compiled a submission.

use std::path::Path;

use moulinette::stages::diagnostics::{errors, findings, read};
use proptest::prelude::*;

use super::{cases, damaged};

const LINE: &str = concat!(
    r#"{"message":"mismatched types","code":{"code":"E0308"},"level":"error","spans":[{"file_name":"/here/src/lib.rs","byte_start":3,"#,
    r#""byte_end":9,"line_start":2,"line_end":2,"column_start":4,"column_end":9,"is_primary":true,"label":"expected `u8`","#,
    r#""expansion":{"span":{"file_name":"src/m.rs","byte_start":1,"byte_end":2,"line_start":1,"column_start":1,"is_primary":false,"#,
    r#""label":null,"expansion":null}}}],"children":[{"message":"try this","level":"help","spans":[]}],"#,
    r#""rendered":"error[E0308]: mismatched types\n --> src/lib.rs:2:4\n  |\n2 | x\n"}"#,
    "\n"
);

const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "null",
    "true",
    "-1",
    "4294967296",
    "1e400",
    "\\u0000",
    "\\ud800",
    "\u{1b}[2J",
    "\n",
    "\"spans\":",
    "\"level\":\"warning\"",
    "failure-note",
    "\\n --> ",
    "::: /etc/passwd:1:1\\n",
    "\u{202e}",
    "../..",
    "é",
];

/// What is shown is bounded, and holds nothing that could fool a terminal.
fn sensible(printed: &[u8]) -> Result<(), TestCaseError> {
    let messages = read(printed);
    prop_assert!(messages.len() <= 2000);
    for message in &messages {
        prop_assert!(message.rendered.len() <= 64 << 10);
        prop_assert!(message.spans.len() <= 64 && message.related.len() <= 64);
        prop_assert!(
            message
                .spans
                .iter()
                .all(|span| span.bytes.start <= span.bytes.end && span.expanded_at.len() <= 64)
        );
        prop_assert!(!message.text.contains(char::is_control));
    }
    let errors = errors(&messages, Path::new("/here"));
    prop_assert!(errors.len() <= 8);
    for error in errors {
        prop_assert!(
            error.rendered.len() <= 4100 && !error.file.starts_with('/'),
            "{:?}",
            error
        );
        prop_assert!(error.rendered.chars().all(|c| c == '\n' || !c.is_control()));
        prop_assert!(!error.message.contains(char::is_control) && error.file.split('/').all(|part| part != ".."));
    }
    let findings = findings(&messages, Path::new("/here"));
    prop_assert!(findings.len() <= 200);
    for finding in findings {
        prop_assert!(!finding.message.contains(char::is_control) && !finding.file.starts_with('/'));
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        sensible(&bytes)?;
    }

    #[test]
    fn damaged_messages_are_read(lines in prop::collection::vec(damaged(LINE, PIECES), 1..4)) {
        sensible(lines.concat().as_bytes())?;
    }

    #[test]
    fn any_rendered_text_is_shown_harmless(text in "(.|\n|\t|--> |::: |\\| |/here/|\u{1b}\\[2J){0,300}", file in "(/here/|/|\\.\\./|src/|<anon>|[a-z.]){0,4}") {
        let span = serde_json::json!({"file_name": file, "byte_start": 9, "byte_end": 3, "line_start": 1, "column_start": 1,
            "is_primary": true, "label": text, "expansion": null});
        let line = serde_json::json!({"message": text, "level": "error", "code": {"code": text}, "rendered": text, "spans": [span], "children": []});
        sensible(format!("{line}\n{}", line.to_string().replace("\"error\"", "\"warning\"")).as_bytes())?;
    }
}
