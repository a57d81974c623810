//! Every format, of one rich card.

mod sample;

use insta::assert_snapshot;

use super::{Colors, Format, render};
use crate::model::points::Points;
use crate::model::scorecard::{Audience, Scorecard, State, Timing};
use sample::{HOSTILE, card};

const FORMATS: [Format; 5] = [
    Format::Terminal,
    Format::Json,
    Format::Markdown,
    Format::Junit,
    Format::Github,
];

fn student() -> Scorecard {
    card().for_audience(Audience::Student)
}

#[test]
fn terminal_for_a_student() {
    assert_snapshot!(render(&student(), Format::Terminal, Colors::Off));
}

#[test]
fn terminal_for_an_instructor() {
    assert_snapshot!(render(&card(), Format::Terminal, Colors::Off));
}

#[test]
fn json_for_an_instructor() {
    assert_snapshot!(render(&card(), Format::Json, Colors::Off));
}

#[test]
fn an_interrupted_grading_shows_no_mark_in_any_format() {
    let mut card = student();
    (card.mark, card.letter, card.passed, card.interrupted) = (None, None, false, true);
    card.exercises[0].state = State::Unfinished;
    for format in [Format::Terminal, Format::Markdown, Format::Junit, Format::Github] {
        let shown = render(&card, format, Colors::Off);
        assert!(shown.contains("grading was interrupted"), "{shown}");
        assert!(!shown.to_lowercase().contains("letter"), "{shown}");
    }
    assert!(render(&card, Format::Json, Colors::Off).contains("\"mark\": null"));
}

#[test]
fn markdown_for_a_student() {
    assert_snapshot!(render(&student(), Format::Markdown, Colors::Off));
}

#[test]
fn junit() {
    assert_snapshot!(render(&student(), Format::Junit, Colors::Off));
}

#[test]
fn github() {
    assert_snapshot!(render(&student(), Format::Github, Colors::Off));
}

#[test]
fn every_format_warns_of_a_missing_sandbox() {
    let mut card = student();
    for format in FORMATS {
        assert!(!render(&card, format, false).contains("graded without a sandbox"));
    }
    card.sandbox.mode = "off".to_owned();
    card.sandbox.warning = Some(format!("graded without a sandbox {HOSTILE}"));
    for format in FORMATS {
        let text = render(&card, format, false);
        assert!(text.contains("graded without a sandbox"), "{format:?}");
        assert!(!text.contains('\u{1b}'), "{format:?}");
    }
}

#[test]
fn colours_only_add_escape_sequences() {
    let plain = render(&student(), Format::Terminal, false);
    let colored = render(&student(), Format::Terminal, true);
    assert!(!plain.contains('\u{1b}'));
    assert!(colored.contains("\u{1b}[31m"));
    let codes = [
        "\u{1b}[0m",
        "\u{1b}[1m",
        "\u{1b}[2m",
        "\u{1b}[31m",
        "\u{1b}[32m",
        "\u{1b}[33m",
    ];
    let stripped = codes.iter().fold(colored, |text, code| text.replace(code, ""));
    let trimmed: Vec<&str> = stripped.lines().map(str::trim_end).collect();
    assert_eq!(trimmed.join("\n"), plain.trim_end());
}

#[test]
fn nothing_harmful_of_a_submission_reaches_a_report() {
    for format in FORMATS {
        let shown = render(&student(), format, Colors::Off);
        assert!(!shown.contains(HOSTILE), "{format:?}");
        for c in ['\u{1b}', '\r', '\u{202e}'] {
            assert!(!shown.contains(c), "{format:?}: {c:?}");
        }
    }
    let github = render(&student(), Format::Github, Colors::Off);
    assert!(github.lines().all(|line| line.starts_with("::")));
    let markdown = render(&student(), Format::Markdown, Colors::Off);
    let prose = markdown.split("```").step_by(2).collect::<String>();
    assert!(!prose.contains("<script>"));
}

#[test]
fn a_card_survives_its_json() {
    let card = card();
    let text = render(&card, Format::Json, Colors::Off);
    let read: Scorecard = serde_json::from_str(&text).expect("a card");
    assert_eq!(read, card);
    assert_eq!(render(&read, Format::Json, Colors::Off), text);
}

#[test]
fn a_card_of_another_version_is_refused() {
    let text = render(&card(), Format::Json, Colors::Off).replacen("scorecard/1", "scorecard/2", 1);
    assert!(serde_json::from_str::<Scorecard>(&text).is_err());
}

#[test]
fn two_gradings_of_the_same_differ_in_the_timing_block_only() {
    let mut later = card();
    later.timing = Timing::default();
    let without = |card: &Scorecard| {
        let mut value = serde_json::to_value(card).expect("JSON");
        value
            .as_object_mut()
            .and_then(|card| card.remove("timing"))
            .expect("a timing block");
        value.to_string()
    };
    assert_eq!(without(&card()), without(&later));
    assert!(
        !without(&card()).contains("5.215"),
        "a measured figure is outside of the timing block"
    );
}

#[test]
fn a_students_reports_do_not_tell_what_is_hidden() {
    let mut card = card();
    // A number that occurs nowhere else.
    let secret = Points::from_hundredths(7_777);
    for exercise in &mut card.exercises {
        for check in exercise
            .checks
            .iter_mut()
            .filter(|check| check.id.to_string().starts_with("hidden/"))
        {
            check.worth = check.worth.map(|worth| crate::model::scorecard::Worth {
                possible: secret,
                ..worth
            });
        }
    }
    assert!(render(&card, Format::Json, Colors::Off).contains("77.77"));
    let student = card.for_audience(Audience::Student);
    for format in FORMATS {
        let shown = render(&student, format, Colors::Off);
        assert!(!shown.contains("77.77") && !shown.contains("Coût"), "{format:?}");
    }
}
