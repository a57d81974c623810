//! For a pull request or a job summary.

use std::fmt::Write;

use crate::model::evidence::CompileError;
use crate::model::scorecard::{ExerciseScore, Scorecard, State};

use super::escape::{fenced, line, lines, markdown, markdown_prose};
use super::terminal::{kind, lateness};
use super::view::{self, Section, Trouble};

/// The report as Markdown.
pub fn render(card: &Scorecard) -> String {
    let mut text = String::new();
    let outcome = if card.passed { "passed" } else { "not passed" };
    let provisional = if card.provisional { ", provisional" } else { "" };
    let headline = match (card.mark, &card.letter) {
        (Some(mark), Some(letter)) => {
            let (mark, letter) = (mark.number(), markdown(letter));
            format!("# Mark {mark:.2} / 100, {letter}, {outcome}{provisional}\n")
        }
        _ => format!("# No mark: {}\n", view::INTERRUPTED),
    };
    push(&mut text, &headline);
    if let Some(warning) = &card.sandbox.warning {
        push(&mut text, &format!("> **Warning:** {}\n", markdown(warning)));
    }
    overview(&mut text, card);
    for exercise in &card.exercises {
        show(&mut text, card, exercise);
    }
    concepts(&mut text, card);
    text
}

fn push(text: &mut String, paragraph: &str) {
    writeln!(text, "{paragraph}").expect("a string takes all");
}

fn overview(text: &mut String, card: &Scorecard) {
    push(text, "| Exercise | Mark | Checks that hold |\n| --- | ---: | ---: |");
    for exercise in &card.exercises {
        let state = match exercise.state {
            State::Missing => "not handed in".to_owned(),
            State::Unfinished => "not examined".to_owned(),
            State::Refused => "refused".to_owned(),
            State::Unbuildable => "does not compile".to_owned(),
            State::Examined => format!("{} of {}", exercise.passed(), exercise.checks.len()),
        };
        let provisional = if exercise.provisional { " (provisional)" } else { "" };
        let title = markdown(&exercise.title);
        push(
            text,
            &format!(
                "| {} {title} | {:.2}{provisional} | {state} |",
                exercise.id,
                exercise.percentage.number()
            ),
        );
    }
    text.push('\n');
    if let Some(trust) = view::trust(card) {
        push(text, &format!("Points {trust}.\n"));
    }
}

fn show(text: &mut String, card: &Scorecard, exercise: &ExerciseScore) {
    let examined = exercise.state == State::Examined;
    let sections = if examined { view::sections(exercise) } else { Vec::new() };
    let quiet = sections.is_empty() && exercise.findings.is_empty() && exercise.errors.is_empty();
    if quiet && exercise.late.is_none() {
        return;
    }
    push(text, &format!("## {} {}\n", exercise.id, markdown(&exercise.title)));
    if examined {
        criteria(text, exercise);
    }
    for penalty in &exercise.penalties {
        let what = kind(penalty.kind, penalty.count);
        push(
            text,
            &format!("- {} {what}: {} lost", penalty.count, view::points(penalty.lost)),
        );
    }
    if let Some(late) = &exercise.late {
        push(text, &format!("- {}", lateness(late)));
    }
    text.push('\n');
    for error in &exercise.errors {
        push(text, &fenced("text", &compile_error(error)));
    }
    for section in &sections {
        show_section(text, card, exercise, section);
    }
    findings(text, exercise);
}

/// The criteria that did not earn everything.
fn criteria(text: &mut String, exercise: &ExerciseScore) {
    for criterion in exercise
        .criteria
        .iter()
        .filter(|criterion| criterion.worth.earned < criterion.worth.possible)
    {
        let (title, worth) = (markdown_prose(&criterion.title), criterion.worth);
        let bonus = if criterion.bonus { " (bonus)" } else { "" };
        push(
            text,
            &format!("- {title}{bonus}: {} of {}", worth.earned, view::points(worth.possible)),
        );
    }
}

fn compile_error(error: &CompileError) -> Vec<String> {
    if error.rendered.trim().is_empty() {
        vec![line(&format!(
            "error: {} ({}:{})",
            error.message, error.file, error.line
        ))]
    } else {
        lines(error.rendered.trim_end()).collect()
    }
}

fn show_section(text: &mut String, card: &Scorecard, exercise: &ExerciseScore, section: &Section<'_>) {
    if let Some(requirement) = section.requirement {
        push(
            text,
            &format!(
                "**{}** {}\n",
                markdown(&requirement.id),
                markdown_prose(&requirement.text)
            ),
        );
    }
    for trouble in &section.troubles {
        show_trouble(text, card, exercise, trouble);
    }
}

fn show_trouble(text: &mut String, card: &Scorecard, exercise: &ExerciseScore, trouble: &Trouble<'_>) {
    let first = trouble.first();
    let ids: Vec<String> = trouble.checks.iter().map(|check| format!("`{}`", check.id)).collect();
    let reason = markdown_prose(trouble.reason());
    let reason = if reason.is_empty() {
        reason
    } else {
        format!("; {reason}")
    };
    push(text, &format!("- {}: {}{reason}\n", ids.join(", "), trouble.outcome()));
    if let Some(figures) = view::figures(card, exercise, first) {
        push(text, &format!("  {figures}\n"));
    }
    if let Some(story) = &first.story {
        let steps: Vec<String> = view::steps(story).collect();
        push(text, &fenced("rust", &steps));
    }
}

fn findings(text: &mut String, exercise: &ExerciseScore) {
    for finding in &exercise.findings {
        let place = match finding.file.as_str() {
            "" => String::new(),
            file => format!("{}{}: ", markdown(file), view::position(finding)),
        };
        push(
            text,
            &format!(
                "- {place}{}",
                markdown_prose(&format!("{}{}", finding.message, view::rule(finding)))
            ),
        );
    }
    if !exercise.findings.is_empty() {
        text.push('\n');
    }
}

fn concepts(text: &mut String, card: &Scorecard) {
    let weak = view::weak_concepts(card);
    if weak.is_empty() {
        return;
    }
    push(
        text,
        "## Concepts to work on\n\n| Concept | Checks that hold |\n| --- | ---: |",
    );
    for (code, passed, total) in weak {
        push(text, &format!("| {} | {passed} of {total} |", markdown(code)));
    }
}
