//! Workflow commands of GitHub Actions: one annotation for each compile error, each finding and each reason why checks do not hold.

use crate::model::scorecard::{ExerciseScore, Scorecard, State};
use crate::model::verdict::{FindingKind, Verdict};

use super::{escape, view};

/// The commands, a line each; the last one is the mark. `directory` is where the submission lies in the repository, empty for its root:
/// annotations name files from there.
pub fn render(card: &Scorecard, directory: &str) -> String {
    let mut commands = Vec::new();
    if let Some(warning) = &card.sandbox.warning {
        commands.push(command("warning", "", (0, 0), "sandbox", warning));
    }
    for exercise in &card.exercises {
        annotate(&mut commands, exercise, directory);
    }
    let outcome = if card.passed { "passed" } else { "not passed" };
    let provisional = if card.provisional { ", provisional" } else { "" };
    match (&card.mark, &card.letter) {
        (Some(mark), Some(letter)) => {
            let text = format!("mark {mark} of 100, letter {letter}, {outcome}{provisional}");
            commands.push(command("notice", "", (0, 0), "moulinette", &text));
        }
        _ => commands.push(command("error", "", (0, 0), "moulinette", view::INTERRUPTED)),
    }
    commands.join("\n") + "\n"
}

fn annotate(commands: &mut Vec<String>, exercise: &ExerciseScore, directory: &str) {
    let title = |about: &str| format!("{} {about}", exercise.id);
    let inside = |file: &str| {
        if file.is_empty() {
            return String::new();
        }
        let parts = [directory, exercise.folder.as_str(), file];
        parts
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("/")
    };
    if exercise.state == State::Unfinished {
        return;
    }
    if exercise.state == State::Missing {
        commands.push(command(
            "error",
            "",
            (0, 0),
            &title("missing"),
            "the exercise was not handed in",
        ));
        return;
    }
    for error in &exercise.errors {
        commands.push(command(
            "error",
            &inside(&error.file),
            (error.line, 0),
            &title(&error.code),
            &error.message,
        ));
    }
    for finding in &exercise.findings {
        let level = match finding.kind {
            FindingKind::Intake | FindingKind::Policy => "error",
            FindingKind::Warning | FindingKind::MissingDocs => "warning",
        };
        commands.push(command(
            level,
            &inside(&finding.file),
            (finding.line, finding.column),
            &title(&finding.rule),
            &finding.message,
        ));
    }
    if exercise.state != State::Examined {
        return;
    }
    for section in view::sections(exercise) {
        for trouble in &section.troubles {
            let first = trouble.first();
            let level = if first.verdict == Verdict::Inconclusive {
                "warning"
            } else {
                "error"
            };
            let id = section.requirement.map_or("", |requirement| &requirement.id);
            let mut text = vec![format!("{} {}", first.id, trouble.outcome())];
            text.extend(section.requirement.map(|requirement| escape::line(&requirement.text)));
            text.push(escape::line(trouble.reason()));
            text.extend(first.story.iter().flat_map(view::steps));
            text.retain(|line| !line.is_empty());
            commands.push(annotation(level, &title(id), &text));
        }
    }
}

/// An annotation of one line of text.
fn command(level: &str, file: &str, (line, column): (u32, u32), title: &str, text: &str) -> String {
    let mut properties = Vec::new();
    if !file.is_empty() {
        properties.push(format!("file={}", escape::property(&escape::line(file))));
        if line > 0 {
            properties.push(format!("line={line}"));
            if column > 0 {
                properties.push(format!("col={column}"));
            }
        }
    }
    properties.push(format!("title={}", escape::property(&escape::line(title.trim()))));
    format!(
        "::{level} {}::{}",
        properties.join(","),
        escape::command(&escape::line(text))
    )
}

/// An annotation of several lines, harmless already.
fn annotation(level: &str, title: &str, lines: &[String]) -> String {
    let title = escape::property(&escape::line(title.trim()));
    format!("::{level} title={title}::{}", escape::command(&lines.join("\n")))
}
