//! For a person at a terminal: per exercise the mark, then only what does not hold, why, and what to try.

use std::fmt::Write;

use crate::model::points::Points;
use crate::model::scorecard::{ExerciseScore, Lateness, Scorecard, State};
use crate::model::verdict::{Finding, FindingKind, Verdict};

use super::ink::{Ink, Page};
use super::view::{self, Section, Trouble};
use super::{Colors, escape};

/// Cells of a bar.
const CELLS: u64 = 20;
/// Shown of a list; the rest is counted.
const SHOWN: usize = 10;
/// Compile errors shown.
const ERRORS: usize = 5;
/// Concepts shown.
const CONCEPTS: usize = 12;

/// The report as text.
pub fn render(card: &Scorecard, colors: Colors) -> String {
    let mut page = Page::new(colors);
    for exercise in &card.exercises {
        show(&mut page, card, exercise);
        page.blank();
    }
    concepts(&mut page, card);
    conclusion(&mut page, card);
    page.finish()
}

fn show(page: &mut Page, card: &Scorecard, exercise: &ExerciseScore) {
    headline(page, card, exercise);
    match exercise.state {
        State::Missing => page.line(2, Ink::Faint, "not handed in"),
        State::Unfinished => page.line(2, Ink::Doubt, "not examined"),
        State::Refused => page.line(2, Ink::Bad, "refused, nothing of it was run:"),
        State::Unbuildable => compile_errors(page, exercise),
        State::Examined => examined(page, card, exercise),
    }
    findings(page, exercise);
    if let Some(late) = &exercise.late {
        page.line(2, Ink::Doubt, &lateness(late));
    }
}

fn headline(page: &mut Page, card: &Scorecard, exercise: &ExerciseScore) {
    let mark = exercise.percentage;
    let ink = if mark >= card.pass_mark { Ink::Good } else { Ink::Bad };
    let title = escape::line(&exercise.title);
    let name = format!("{} {title}", exercise.id);
    let provisional = if exercise.provisional { "  provisional" } else { "" };
    page.parts(&[
        (Ink::Strong, &format!("{name:<32}")),
        (ink, &bar(mark)),
        (Ink::Strong, &format!("{:>7} / 100", format!("{:.2}", mark.number()))),
        (Ink::Doubt, provisional),
    ]);
}

fn bar(mark: Points) -> String {
    let full = (mark.min(Points::FULL).hundredths() * CELLS / Points::FULL.hundredths()) as usize;
    format!("{}{}", "█".repeat(full), "░".repeat(CELLS as usize - full))
}

fn compile_errors(page: &mut Page, exercise: &ExerciseScore) {
    page.line(2, Ink::Bad, "it does not compile, so nothing of it could be run:");
    for error in exercise.errors.iter().take(ERRORS) {
        page.blank();
        if error.rendered.trim().is_empty() {
            let code = if error.code.is_empty() {
                String::new()
            } else {
                format!("[{}]", escape::line(&error.code))
            };
            page.line(4, Ink::Plain, &format!("error{code}: {}", escape::line(&error.message)));
            page.line(
                4,
                Ink::Faint,
                &format!("at {}:{}", escape::line(&error.file), error.line),
            );
        } else {
            escape::lines(error.rendered.trim_end()).for_each(|line| page.line(4, Ink::Plain, &line));
        }
    }
    rest(page, exercise.errors.len(), ERRORS, "errors");
}

fn rest(page: &mut Page, all: usize, shown: usize, what: &str) {
    if all > shown {
        page.line(4, Ink::Faint, &format!("and {} more {what}", all - shown));
    }
}

fn examined(page: &mut Page, card: &Scorecard, exercise: &ExerciseScore) {
    let (passed, total) = (exercise.passed(), exercise.checks.len());
    let sections = view::sections(exercise);
    if sections.is_empty() {
        page.line(2, Ink::Good, &format!("all {total} checks hold"));
        return;
    }
    page.line(
        2,
        Ink::Faint,
        &format!("{passed} of {total} checks hold{}", incomplete(exercise)),
    );
    for section in &sections {
        show_section(page, card, exercise, section);
    }
}

/// The criteria that did not earn everything.
fn incomplete(exercise: &ExerciseScore) -> String {
    let short = exercise
        .criteria
        .iter()
        .filter(|criterion| criterion.worth.earned < criterion.worth.possible);
    let parts: Vec<String> = short
        .map(|criterion| {
            let bonus = if criterion.bonus { "bonus, " } else { "" };
            format!(
                "{} ({bonus}{}/{})",
                escape::line(&criterion.title),
                criterion.worth.earned,
                criterion.worth.possible
            )
        })
        .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!("; points are left in: {}", parts.join(", "))
    }
}

fn show_section(page: &mut Page, card: &Scorecard, exercise: &ExerciseScore, section: &Section<'_>) {
    page.blank();
    if let Some(requirement) = section.requirement {
        let id = escape::line(&requirement.id);
        page.text(2, &format!("{id}  "), Ink::Strong, &escape::line(&requirement.text));
    }
    for trouble in &section.troubles {
        show_trouble(page, card, exercise, trouble);
    }
}

fn show_trouble(page: &mut Page, card: &Scorecard, exercise: &ExerciseScore, trouble: &Trouble<'_>) {
    let first = trouble.first();
    let undecided = first.verdict == Verdict::Inconclusive;
    let (mark, ink) = if undecided {
        ("?", Ink::Doubt)
    } else {
        ("✗", Ink::Bad)
    };
    page.indented(
        4,
        &[
            (ink, &format!("{mark} {} {}", first.id, trouble.outcome())),
            (Ink::Faint, &worth(trouble)),
        ],
    );
    let others: Vec<String> = trouble.checks[1..].iter().map(|check| check.id.to_string()).collect();
    if !others.is_empty() {
        let shown = others.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
        let more = if others.len() > SHOWN {
            format!(" and {} more", others.len() - SHOWN)
        } else {
            String::new()
        };
        page.text(6, "", Ink::Faint, &format!("the same for {shown}{more}"));
    }
    if !first.summary.is_empty() {
        page.text(6, "", Ink::Plain, &escape::line(&first.summary));
    }
    // A panic's message may have lines of its own: `left` and `right` of an assertion.
    for (at, line) in escape::lines(trouble.reason())
        .filter(|line| !line.is_empty())
        .enumerate()
    {
        page.text(6, if at == 0 { "why: " } else { "     " }, Ink::Plain, &line);
    }
    if let Some(figures) = view::figures(card, exercise, first) {
        page.line(6, Ink::Plain, &figures);
    }
    let Some(story) = &first.story else { return };
    for (at, step) in story.lines.iter().enumerate() {
        let shows = step.expected.is_some() || at + 1 == story.lines.len();
        let ink = if shows { ink } else { Ink::Plain };
        view::step(step).iter().for_each(|line| page.line(8, ink, line));
    }
    if let Some(test) = view::test(first) {
        page.line(6, Ink::Faint, "try it as a test:");
        test.iter().for_each(|line| page.line(8, Ink::Faint, line));
    }
}

/// What the checks would have earned, if the reader may know of all of them.
fn worth(trouble: &Trouble<'_>) -> String {
    let possible: Option<Vec<Points>> = trouble
        .checks
        .iter()
        .map(|check| check.worth.map(|worth| worth.possible))
        .collect();
    let lost = |points: Points| {
        if points == Points::ZERO {
            String::new()
        } else {
            format!("  ({})", view::points(points))
        }
    };
    possible
        .map(|points| lost(points.into_iter().sum()))
        .unwrap_or_default()
}

fn findings(page: &mut Page, exercise: &ExerciseScore) {
    if exercise.findings.is_empty() {
        return;
    }
    page.blank();
    for penalty in &exercise.penalties {
        let most = if penalty.capped { ", the most they can cost" } else { "" };
        let what = kind(penalty.kind, penalty.count);
        page.line(
            2,
            Ink::Bad,
            &format!("{} {what}: {} lost{most}", penalty.count, view::points(penalty.lost)),
        );
    }
    for finding in exercise.findings.iter().take(SHOWN) {
        page.text(
            2,
            "- ",
            Ink::Plain,
            &format!(
                "{}{}{}",
                place(finding),
                escape::line(&finding.message),
                view::rule(finding)
            ),
        );
    }
    rest(page, exercise.findings.len(), SHOWN, "findings");
}

/// What findings of a kind are called.
pub fn kind(kind: FindingKind, count: u32) -> &'static str {
    match (kind, count) {
        (FindingKind::Intake, 1) => "problem of its files",
        (FindingKind::Intake, _) => "problems of its files",
        (FindingKind::Policy, 1) => "violation of the rules",
        (FindingKind::Policy, _) => "violations of the rules",
        (FindingKind::Warning, 1) => "warning of the compiler",
        (FindingKind::Warning, _) => "warnings of the compiler",
        (FindingKind::MissingDocs, 1) => "public item without documentation",
        (FindingKind::MissingDocs, _) => "public items without documentation",
    }
}

fn place(finding: &Finding) -> String {
    match finding.file.as_str() {
        "" => String::new(),
        file => format!("{}{}: ", escape::line(file), view::position(finding)),
    }
}

/// What lateness cost, in words.
pub fn lateness(late: &Lateness) -> String {
    let days = if late.days == 1 { "day" } else { "days" };
    format!(
        "late: due {}, handed in {} {days} after that, begun ones counted; {} % of the mark is kept, {} lost",
        late.due,
        late.days,
        late.kept_percent,
        view::points(late.lost)
    )
}

fn concepts(page: &mut Page, card: &Scorecard) {
    if card.concepts.is_empty() {
        return;
    }
    let weak = view::weak_concepts(card);
    let all = card.concepts.len();
    page.line(
        0,
        Ink::Plain,
        &format!("Concepts: every check holds for {} of {all}", all - weak.len()),
    );
    if weak.is_empty() {
        return;
    }
    let mut text = String::new();
    for (at, (code, passed, total)) in weak.iter().take(CONCEPTS).enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        write!(text, "{comma}{} {passed}/{total}", escape::line(code)).expect("a string takes all");
    }
    if weak.len() > CONCEPTS {
        write!(text, " and {} more", weak.len() - CONCEPTS).expect("a string takes all");
    }
    page.text(2, "to work on: ", Ink::Plain, &text);
}

fn conclusion(page: &mut Page, card: &Scorecard) {
    if !card.ignored.is_empty() {
        let names: Vec<String> = card
            .ignored
            .iter()
            .take(SHOWN)
            .map(|name| escape::line(&escape::short(name, 60)))
            .collect();
        page.text(
            0,
            "ignored: ",
            Ink::Faint,
            &format!("{} (no exercise of the course)", names.join(", ")),
        );
    }
    if let Some(warning) = &card.sandbox.warning {
        page.text(0, "warning: ", Ink::Doubt, &escape::line(warning));
    }
    if let Some(trust) = view::trust(card) {
        page.text(0, "points ", Ink::Faint, &trust);
    }
    if card.provisional {
        page.line(
            0,
            Ink::Doubt,
            "provisional: undecided checks count as held; grade again to settle them",
        );
    }
    let (Some(mark), Some(letter)) = (card.mark, &card.letter) else {
        page.parts(&[(Ink::Strong, "No mark: "), (Ink::Doubt, view::INTERRUPTED)]);
        return;
    };
    let (ink, outcome) = if card.passed {
        (Ink::Good, "passed")
    } else {
        (Ink::Bad, "not passed")
    };
    let letter = escape::line(letter);
    page.parts(&[
        (
            Ink::Strong,
            &format!("Mark {:.2} / 100, letter {letter}, ", mark.number()),
        ),
        (ink, outcome),
        (Ink::Faint, &format!(" (from {})", card.pass_mark)),
    ]);
}
