//! Texts that are made to hurt the scan itself.

use std::time::{Duration, Instant};

use super::*;

/// Far more than any of these takes, so that only what is not linear fails.
const PATIENCE: Duration = Duration::from_secs(20);

fn timed(code: &str) -> Vec<Finding> {
    let started = Instant::now();
    let (findings, _) = scanned(&[("src/lib.rs", code)], &exercise());
    let took = started.elapsed();
    assert!(took < PATIENCE, "{took:?} for `{}...`", &code[..code.len().min(60)]);
    assert!(findings.len() <= 2 * 60 + 1, "{}", findings.len());
    for finding in &findings {
        assert!(finding.message.len() < 1000 && finding.rule.len() < 40);
    }
    findings
}

#[test]
fn what_is_no_rust_is_left_to_the_compiler() {
    for code in [
        "fn f() {", "fn f() }", "(]", "\"", "'", "r#\"", "/*", "\u{0}", "1e", "#", "'''", "b'", "\\",
    ] {
        let findings = timed(code);
        assert!(
            findings.iter().all(|finding| finding.rule == "unreadable-source"),
            "{code}: {findings:?}"
        );
    }
    // One file that cannot be read hides nothing of the others.
    let files = [("src/lib.rs", "mod a; {"), ("src/b.rs", "use std::fs;")];
    let (findings, _) = scanned(&files, &exercise());
    let rules: Vec<&str> = findings.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(rules, ["files", "unreadable-source"]);
}

#[test]
fn depth_takes_no_stack() {
    for (open, close) in [("(", ")"), ("{", "}"), ("m!(", ")"), ("use a::{", "};")] {
        timed(&format!("{}{}", open.repeat(100_000), close.repeat(100_000)));
    }
    let depth = 10_000;
    for (open, close) in [
        ("[", "]"),
        ("mod m {", "}"),
        ("#[cfg_attr(all(), ", ")]"),
        ("#[cfg(not(", "))] fn f() {}"),
        ("#[serde(", ")]"),
        ("macro_rules! m { () => {", "} }"),
        ("#[", "]"),
        ("#[cfg(test)] mod m {", "}"),
        ("std::{", "}"),
    ] {
        timed(&format!("{}{}", open.repeat(depth), close.repeat(depth)));
        timed(&open.repeat(depth));
    }
    timed(&format!(
        "#[cfg({}test{})] fn f() {{}}",
        "all(".repeat(depth),
        ")".repeat(depth)
    ));
}

#[test]
fn time_grows_with_length_alone() {
    let size = 128 << 10;
    for part in [
        "unsafe {}\n",
        "use ",
        "use a::{b, c as d};\n",
        "a::",
        "::a",
        "std::fs::read();\n",
        "use std::fs as f;\n",
        "#[cfg(test)] use {} ",
        "#[test] ",
        "#[serde(a = \"std::fs::b\")] ",
        "m!(std, fs); ",
        "macro_rules! m { ($a:ident) => { std::$a } }\n",
        "use a as b; use b as c;\n",
        "extern crate a as b;\n",
        "\"std\" ",
        "$a ",
        "mod a;\n",
        "/// std::fs\n",
        "é ",
        "x = rand::y();\n",
    ] {
        timed(&part.repeat(size / part.len()));
    }
    let many: String = (0..40_000).map(|n| format!("use x{n}::y as z{n};\n")).collect();
    timed(&many);
}

#[test]
fn megabytes_are_read_in_seconds() {
    // Ten of them take this long without optimisation, and intake takes four.
    let code = "pub fn f(x: &mut Vec<u8>) -> Option<u8> { x.iter().map(|y| y + 1).next() }\n";
    timed(&code.repeat((2 << 20) / code.len()));
}

#[test]
fn a_hostile_manifest_is_bounded() {
    let many: String = (0..20_000).map(|n| format!("x{n} = \"1\"\n")).collect();
    let texts = [
        format!("[dependencies]\n{many}"),
        format!("x = {}{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("[{}]", "a.".repeat(100_000) + "b"),
        format!(
            "[dependencies]\n\"{}\" = 1\n\"\\u001b[31m\\u202e\" = \"1\"",
            "n".repeat(100_000)
        ),
        "dependencies = 1\npackage = []\nlib = \"x\"".to_owned(),
    ];
    for text in texts {
        let started = Instant::now();
        let (findings, _) = scanned(&[("src/lib.rs", ""), ("Cargo.toml", &text)], &exercise());
        assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
        assert!(findings.len() <= 61, "{}", findings.len());
        for finding in findings {
            assert!(finding.message.len() < 1000 && !finding.message.contains(char::is_control));
        }
    }
}
