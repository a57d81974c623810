//! Tests of `partial`.

use super::*;
use crate::stages::diagnostics::Level;
use proptest::prelude::*;

mod compiled;
mod fixture;

/// An error at some bytes of `driver.rs`.
fn error(code: &str, text: &str, bytes: Range<usize>) -> Message {
    let span = Span {
        file: "runner/driver.rs".to_owned(),
        bytes,
        line: 1,
        column: 1,
        primary: true,
        label: String::new(),
        expanded_at: vec![],
    };
    Message {
        level: Level::Error,
        code: code.to_owned(),
        text: text.to_owned(),
        rendered: String::new(),
        spans: vec![span],
        related: vec![],
        help: vec![],
    }
}

/// An error at the first occurrence of `needle`.
fn error_at(editor: &Editor, needle: &str, code: &str) -> Message {
    let start = editor.text().find(needle).expect("the needle is in the text");
    error(code, "no `x` here", start..start + needle.len())
}

fn editor(text: &str) -> Editor {
    Editor::new("runner", "driver.rs", text).unwrap()
}

#[test]
fn a_body_is_replaced_and_lines_stay() {
    let mut editor = editor("fn a() -> u8 {\n    x\n}\nfn b() {}\n");
    let error = error_at(&editor, "x", "E0425");
    assert_eq!(editor.apply(&[error]), Progress::Edited);
    assert_eq!(
        editor.text(),
        "fn a() -> u8 { witness::unavailable(\"no `x` here [E0425]\") \n\n}\nfn b() {}\n"
    );
    assert_eq!(editor.lost().keys().collect::<Vec<_>>(), ["a"]);
}

#[test]
fn leaves_of_an_import_go_one_by_one() {
    for (lost, left) in [
        ("B", "use x::{A,   c::{D, E as F}};\n"),
        ("D", "use x::{A, B, c::{   E as F}};\n"),
        ("E as F", "use x::{A, B, c::{D,       }};\n"),
        ("c", "use x::{A, B,               };\n"),
        ("x", "                            \n"),
    ] {
        let mut editor = editor("use x::{A, B, c::{D, E as F}};\n");
        let error = error_at(&editor, lost, "E0432");
        assert_eq!(editor.apply(&[error]), Progress::Edited);
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(squeezed(editor.text()), squeezed(left), "{lost}");
    }
}

#[test]
fn what_mentions_a_lost_type_goes_in_the_same_round() {
    let mut editor = editor(
        "use x::{A, b};\npub struct World { a: Vec<A>, n: u8 }\nfn helper(a: A) {}\nfn user() { matches!(1, A::One); }\nfn other() { y.A; m::A; b() }\n",
    );
    let (a, b) = (error_at(&editor, "A", "E0432"), error_at(&editor, "b}", "E0432"));
    assert_eq!(editor.apply(&[a, b]), Progress::Edited);
    assert_eq!(editor.lost().keys().collect::<Vec<_>>(), ["World::a", "helper", "user"]);
    assert!(editor.text().contains("World { a: (), n: u8 }"), "{}", editor.text());
    assert!(
        editor.text().contains("fn other() { y.A; m::A; b() }"),
        "{}",
        editor.text()
    );
    // The user of a name in small letters is left to the compiler, and gets the first message.
    let later = error_at(&editor, "b() }", "E0425");
    assert_eq!(editor.apply(&[later]), Progress::Edited);
    assert_eq!(editor.lost()["other"].message, "unresolved import `x::b`");
}

#[test]
fn the_world_and_its_language_stay() {
    let text = "use ex00_protocol::Steps;\n#[derive(Default)]\npub struct World { a: A, b: B }\nimpl Steps for World { fn s(&mut self) { 1 } }\n";
    let mut editor = editor(text);
    let derive = error_at(&editor, "Default", "E0277");
    assert_eq!(editor.apply(&[derive]), Progress::Edited);
    assert!(editor.text().contains("World { a: (), b: () }"));
    for needle in ["Default", "Steps for"] {
        let stuck = error_at(&editor, needle, "E0277");
        assert_eq!(editor.apply(std::slice::from_ref(&stuck)), Progress::Stuck(vec![stuck]));
    }
    let signature = error_at(&editor, "&mut self", "E0053");
    assert_eq!(editor.apply(std::slice::from_ref(&signature)), Progress::Edited);
    assert_eq!(
        editor.lost().keys().collect::<Vec<_>>(),
        ["Steps::s", "World::a", "World::b"]
    );
    let signature = error_at(&editor, "&mut self", "E0053");
    assert_eq!(
        editor.apply(std::slice::from_ref(&signature)),
        Progress::Stuck(vec![signature])
    );
}

#[test]
fn a_world_that_lacks_a_field_still_starts() {
    let text = "use x::{A, B};\npub struct World { a: A, b: u8, c: u8 }\nimpl Default for World {\nfn default() -> Self {\nlet c = 1;\nSelf { a: A::new(), b: B\n::new(), c }\n}\n}\n";
    let mut editor = editor(text);
    let missing = ["A, B", "B}"].map(|at| error_at(&editor, at, "E0432"));
    assert_eq!(editor.apply(&missing), Progress::Edited);
    assert!(
        editor.text().contains("World { a: (), b: (), c: u8 }"),
        "{}",
        editor.text()
    );
    assert!(
        editor.text().contains("Self { a: (), b: ()\n, c }"),
        "{}",
        editor.text()
    );
    let at = editor.text().find("c }\n").unwrap();
    let value = error("E0308", "mismatched types", at..at + 1);
    assert_eq!(editor.apply(&[value]), Progress::Edited);
    assert!(
        editor.text().contains("Self { a: (), b: ()\n, c: () }"),
        "{}",
        editor.text()
    );
    let before = error_at(&editor, "let c", "E0308");
    assert_eq!(editor.apply(&[before]), Progress::Edited);
    assert!(
        editor.text().contains("fn default() -> Self { witness::unavailable("),
        "{}",
        editor.text()
    );
}

#[test]
fn a_derive_takes_out_the_field_that_it_mentions() {
    let mut editor = editor("#[derive(Clone, Copy)]\nstruct Pair { a: A, b: B }\n");
    let mut message = error_at(&editor, "Copy", "E0204");
    let mut field = error_at(&editor, "b: B", "").spans.remove(0);
    field.primary = false;
    message.spans.push(field);
    assert_eq!(editor.apply(&[message]), Progress::Edited);
    assert_eq!(editor.text(), "#[derive(Clone, Copy)]\nstruct Pair { a: A, b: () }\n");
}

#[test]
fn functions_that_are_called_by_name_stay() {
    let mut editor = editor(
        "witness::workloads! { a }\nfn a(size: Gone) {}\npub fn b() -> Gone {}\nfn c() -> Gone {}\npub(super) fn d() -> Gone {}\n",
    );
    let errors: Vec<_> = ["size: Gone", "b() -> Gone", "c() -> Gone", "d() -> Gone"]
        .map(|at| error_at(&editor, at, "E0412"))
        .into();
    assert_eq!(editor.apply(&errors), Progress::Edited);
    assert!(editor.text().contains("fn a(size: Gone) { witness::unavailable("));
    assert!(editor.text().contains("fn b() -> Gone { witness::unavailable("));
    assert!(!editor.text().contains("fn c") && !editor.text().contains("fn d"));
}

#[test]
fn an_opaque_return_type_gets_a_future_or_goes() {
    let mut editor =
        editor("fn a() -> impl Future<Output = u8> { gone1 }\nfn b() -> Option<impl Iterator> { gone2 }\n");
    let errors: Vec<_> = ["gone1", "gone2"].map(|at| error_at(&editor, at, "E0425")).into();
    assert_eq!(editor.apply(&errors), Progress::Edited);
    assert!(
        editor
            .text()
            .starts_with("fn a() -> impl Future<Output = u8> { async move { witness::unavailable(")
    );
    assert!(!editor.text().contains("fn b"));
}

#[test]
fn an_import_of_ours_is_not_the_submissions_fault() {
    for text in [
        "use ex00_protocol::{Steps};\n",
        "use std::Steps;\n",
        "use witness::{a::{Steps}, b};\n",
    ] {
        let mut editor = editor(text);
        let broken = error_at(&editor, "Steps", "E0432");
        assert_eq!(
            editor.apply(std::slice::from_ref(&broken)),
            Progress::Stuck(vec![broken])
        );
    }
}

#[test]
fn errors_elsewhere_are_not_ours() {
    let mut editor = editor("fn a() {}\n");
    let mut elsewhere = error("E0425", "no", 0..2);
    elsewhere.spans[0].file = "runner/main.rs".to_owned();
    assert_eq!(editor.apply(&[elsewhere.clone()]), Progress::Nothing);
    elsewhere.spans[0].file = "other_driver.rs".to_owned();
    assert_eq!(editor.apply(&[elsewhere]), Progress::Nothing);
    assert_eq!(editor.apply(&[error("E0425", "no", 0..1000)]), Progress::Nothing);
}

#[test]
fn a_message_about_another_source_may_mention_this_one() {
    let mut editor = editor("fn read() {}\n");
    let mut message = error("E0425", "cannot find function `read`", 0..7);
    message.related = std::mem::take(&mut message.spans);
    for (file, progress) in [
        ("runner/spec.rs", Progress::Nothing),
        ("runner/main.rs", Progress::Nothing),
        ("runner/driver/keys.rs", Progress::Nothing),
        ("src/lib.rs", Progress::Edited),
    ] {
        let mut primary = message.related[0].clone();
        primary.file = file.to_owned();
        message.spans = vec![primary];
        assert_eq!(editor.apply(std::slice::from_ref(&message)), progress, "{file}");
    }
    let mut keys = Editor::new("runner", "driver/keys.rs", "fn read() {}\n").unwrap();
    message.related[0].file = "runner/driver/keys.rs".to_owned();
    message.spans[0].file = "runner/driver.rs".to_owned();
    assert_eq!(keys.apply(std::slice::from_ref(&message)), Progress::Nothing);
}

#[test]
fn what_another_module_lost_is_the_reason_here() {
    let mut driver = editor("use x::Clock;\nfn helper(clock: Clock) {}\n");
    let missing = error_at(&driver, "Clock;", "E0432");
    assert_eq!(driver.apply(&[missing]), Progress::Edited);
    let mut keys = Editor::new(
        "runner",
        "driver/keys.rs",
        "use super::helper;\nfn read() { helper() }\n",
    )
    .unwrap();
    keys.learn(driver.causes());
    for (needle, code, text) in [
        ("helper;", "E0432", "unresolved import `super::helper`"),
        ("helper()", "E0425", "cannot find function `helper` in this scope"),
    ] {
        let mut later = error_at(&keys, needle, code);
        later.text = text.to_owned();
        later.spans[0].file = "runner/driver/keys.rs".to_owned();
        assert_eq!(keys.apply(&[later]), Progress::Edited);
    }
    assert_eq!(keys.lost()["read"].message, "unresolved import `x::Clock`");
}

#[test]
fn a_message_cannot_break_out_of_its_string() {
    let mut editor = editor("fn a() { x }\n");
    let nasty = error("E0", "\") } fn evil() { (\"\n\u{202e}\\", 9..10);
    assert_eq!(editor.apply(&[nasty]), Progress::Edited);
    assert_eq!(editor.text().matches('\n').count(), 1);
    assert!(!editor.text().contains('\u{202e}'));
    let file: syn::File = syn::parse_str(editor.text()).unwrap();
    assert_eq!(file.items.len(), 1);
}

#[test]
fn a_source_that_is_not_rust_names_its_line() {
    let error = Editor::new("runner", "driver.rs", "fn a() {}\nfn {\n").unwrap_err();
    assert!(
        error.to_string().starts_with("driver.rs:2: is not valid Rust"),
        "{error}"
    );
}

/// Errors anywhere, with codes that are treated differently.
fn errors() -> impl Strategy<Value = Vec<Message>> {
    let code = prop::sample::select(vec!["E0432", "E0407", "E0599", "E0277", ""]);
    let error = (code, 0..4000_usize, 0..200_usize)
        .prop_map(|(code, start, len)| error(code, "a `Counter` is wrong", start..start + len));
    prop::collection::vec(error, 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn edits_keep_lines_parse_and_come_to_an_end(rounds in prop::collection::vec(errors(), 1..6), spec in any::<bool>()) {
        let text = if spec { fixture::SPEC } else { fixture::DRIVER };
        let mut editor = editor(text);
        for errors in &rounds {
            let before = editor.text().to_owned();
            let progress = editor.apply(errors);
            prop_assert_eq!(progress == Progress::Edited, editor.text() != before);
            prop_assert_eq!(editor.text().matches('\n').count(), text.matches('\n').count());
            prop_assert!(syn::parse_str::<syn::File>(editor.text()).is_ok());
        }
        let mut rounds = 0;
        while editor.take_out_everything(&[error("E0599", "no", 700..701)]) == Progress::Edited {
            rounds += 1;
            prop_assert!(rounds < 100, "{}", editor.text());
        }
        prop_assert!(syn::parse_str::<syn::File>(editor.text()).is_ok());
    }
}
