//! The policy scan over texts made of Rust's pieces.

use std::collections::BTreeMap;

use moulinette::model::exercise::Exercise;
use moulinette::model::verdict::Finding;
use moulinette::stages::intake::Sources;
use moulinette::stages::policy::{Admission, RULES, Severity, scan};
use proptest::prelude::*;

use super::{cases, damaged};

const PIECES: &[&str] = &[
    "std",
    "::",
    "fs",
    "process",
    "tokio",
    "net",
    "env",
    "os",
    "use",
    "as",
    "self",
    "s",
    "*",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ",",
    ";",
    "#",
    "!",
    "unsafe",
    "extern",
    "crate",
    "\"C\"",
    "fn",
    "f",
    "mod",
    "macro_rules",
    "m",
    "$",
    "a",
    ":",
    "ident",
    "=>",
    "cfg",
    "test",
    "cfg_attr",
    "all",
    "not",
    "any",
    "path",
    "=",
    "\"x.rs\"",
    "include_str",
    "pub",
    "const",
    "'a",
    "'",
    "\"",
    "//",
    "/*",
    "*/",
    "\n",
    "r#",
    "r#std",
    "serde",
    "\"std::fs::read\"",
    "<",
    ">",
    "->",
    ".",
    "é",
    "0",
    "assert_eq",
    "panic",
    "set_hook",
    "feature",
    "impl",
    "struct",
    "static",
    "type",
    "tests",
    "#[cfg(test)]",
    "#[test]",
    "$crate",
    "\u{feff}",
    "#!",
    "\t",
    "\u{0}",
    "b'",
    "c\"",
    "1.",
    "b",
    "core",
    "arch",
    "asm",
];

const HONEST: &str = include_str!("../policy/honest/macros.rs");

fn exercise() -> Exercise {
    let text = "id = \"ex00\"\ntitle = \"T\"\nsummary = \"S\"\nentry = \"src/lib.rs\"\ncrates = [\"serde\", \"tokio\"]\n\
                [[requirement]]\nid = \"R1\"\ntext = \"t\"\nconcepts = []\n";
    toml::from_str(text).unwrap()
}

fn scanned(files: &[(&str, &str)], manifest: Option<&str>) -> (Vec<Finding>, bool) {
    let sources = Sources {
        files: files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect::<BTreeMap<_, _>>(),
        manifest: manifest.map(str::to_owned),
        findings: Vec::new(),
    };
    match scan(sources, &exercise()) {
        Admission::Admitted(admitted) => (admitted.findings().to_vec(), false),
        Admission::Refused(findings) => (findings, true),
    }
}

/// Findings lie within the text, are bounded, show nothing that could fool a terminal, and refuse if and only if one of them does.
fn sensible(text: &str, file: &str, (findings, refused): &(Vec<Finding>, bool)) -> Result<(), TestCaseError> {
    let refuses = |finding: &Finding| {
        RULES
            .iter()
            .any(|rule| rule.id == finding.rule && rule.severity == Severity::Refusal)
    };
    prop_assert_eq!(findings.iter().any(refuses), *refused);
    prop_assert!(findings.len() <= 121);
    for finding in findings.iter().filter(|finding| finding.file == file) {
        let lines: Vec<&str> = text.split('\n').collect();
        prop_assert!(finding.line as usize <= lines.len(), "{:?}", finding);
        let line = lines[(finding.line as usize).saturating_sub(1)];
        prop_assert!(finding.column as usize <= line.chars().count() + 1, "{:?}", finding);
        prop_assert!(finding.message.len() < 1500 && !finding.message.contains(char::is_control));
    }
    Ok(())
}

fn pieces() -> impl Strategy<Value = String> {
    (
        prop::collection::vec(prop::sample::select(PIECES), 0..60),
        any::<bool>(),
    )
        .prop_map(|(pieces, spaced)| pieces.join(if spaced { " " } else { "" }))
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn any_pieces_make_sensible_findings(text in pieces()) {
        sensible(&text, "src/lib.rs", &scanned(&[("src/lib.rs", &text)], None))?;
    }

    #[test]
    fn any_text_makes_sensible_findings(text in any::<String>(), manifest in any::<String>()) {
        let found = scanned(&[("src/lib.rs", &text)], Some(&manifest));
        sensible(&text, "src/lib.rs", &found)?;
        sensible(&manifest, "Cargo.toml", &found)?;
    }

    #[test]
    fn a_damaged_program_makes_sensible_findings(text in damaged(HONEST, PIECES)) {
        sensible(&text, "src/lib.rs", &scanned(&[("src/lib.rs", &text)], None))?;
    }

    /// Whatever stands before it, an open use of a file is found, or the compiler cannot read the text either.
    #[test]
    fn nothing_before_it_hides_a_use(before in pieces().prop_filter("no file that is not built", |text| !text.contains('#'))) {
        let text = format!("{before}\n;; fn g() {{ std::fs::read(\"x\"); unsafe {{}} }}\n");
        let (findings, refused) = scanned(&[("src/lib.rs", &text)], None);
        let readable = text.parse::<proc_macro2::TokenStream>().is_ok();
        let inside = before.contains("/*") || before.contains('"') || before.contains('\'');
        if readable && !inside {
            prop_assert!(refused && findings.iter().any(|finding| finding.rule == "files"), "{findings:?}");
        }
    }

    /// Comments and spaces between tokens change nothing.
    #[test]
    fn comments_between_tokens_change_nothing(pieces in prop::collection::vec(prop::sample::select(&PIECES[..48]), 0..30)) {
        let rules = |text: &str| -> Vec<String> {
            let (findings, _) = scanned(&[("src/lib.rs", text)], None);
            findings.into_iter().map(|finding| finding.rule).collect()
        };
        prop_assert_eq!(rules(&format!(" {}", pieces.join(" "))), rules(&format!(" {}", pieces.join(" /* x */ "))));
    }

    #[test]
    fn a_damaged_manifest_makes_sensible_findings(text in damaged(MANIFEST, &["[", "]", "=", "\"", "x", "\n", "lib", "build = 1", "{", "'''"])) {
        sensible(&text, "Cargo.toml", &scanned(&[("src/lib.rs", "")], Some(&text)))?;
    }
}

const MANIFEST: &str = "[package]\nname = \"x\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[lib]\npath = \"src/lib.rs\"\n\n\
                        [dependencies]\nserde = { version = \"1\", features = [\"derive\"] }\nrand = \"0.9\"\n";
