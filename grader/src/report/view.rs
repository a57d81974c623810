//! What reports for people have in common: what does not hold, told once, in the statement's order.

use crate::model::evidence::{Measurement, Story, StoryLine};
use crate::model::ids::CheckKind;
use crate::model::points::Points;
use crate::model::scorecard::{CheckScore, ExerciseScore, RequirementScore, Scorecard, State, TrustScore, Worth};
use crate::model::verdict::{Finding, FindingKind, Resource, Verdict};

use super::escape;

/// What every report says instead of a mark when grading was interrupted.
pub const INTERRUPTED: &str = "grading was interrupted; exercises that were not examined are named";

/// Answers longer than this are compared part by part.
const LONG: usize = 60;
/// Longer stories are not repeated as a test.
const LONGEST_TEST: usize = 16;

/// A requirement and what does not hold of it.
pub struct Section<'c> {
    /// The requirement; checks without one come last.
    pub requirement: Option<&'c RequirementScore>,
    /// What does not hold.
    pub troubles: Vec<Trouble<'c>>,
}

/// Checks that do not hold for one and the same reason.
pub struct Trouble<'c> {
    /// The checks, never empty.
    pub checks: Vec<&'c CheckScore>,
}

/// What does not hold in an exercise.
pub fn sections(exercise: &ExerciseScore) -> Vec<Section<'_>> {
    let mut troubles: Vec<Trouble<'_>> = Vec::new();
    for check in exercise.open() {
        match troubles.iter_mut().find(|trouble| same_reason(trouble.first(), check)) {
            Some(trouble) => trouble.checks.push(check),
            None => troubles.push(Trouble { checks: vec![check] }),
        }
    }
    let places = exercise.requirements.iter().map(Some).chain([None]);
    let mut sections: Vec<Section<'_>> = places
        .map(|requirement| Section {
            requirement,
            troubles: Vec::new(),
        })
        .collect();
    for trouble in troubles {
        let first = trouble.first().requirements.first();
        let place = exercise
            .requirements
            .iter()
            .position(|requirement| Some(&requirement.id) == first);
        sections[place.unwrap_or(exercise.requirements.len())]
            .troubles
            .push(trouble);
    }
    sections.retain(|section| !section.troubles.is_empty());
    sections
}

/// Whether two checks tell the same: one story, or one missing item, or one requirement with one message.
fn same_reason(left: &CheckScore, right: &CheckScore) -> bool {
    if left.verdict != right.verdict || left.resource != right.resource {
        return false;
    }
    match (&left.story, &right.story) {
        (Some(left), Some(right)) => left.lines == right.lines && left.objection == right.objection,
        (None, None) => {
            let alike = !left.detail.is_empty() && left.detail == right.detail;
            let anywhere = matches!(left.verdict, Verdict::NotCompiled | Verdict::NotRun);
            alike && (anywhere || left.requirements.first() == right.requirements.first())
        }
        _ => false,
    }
}

impl<'c> Trouble<'c> {
    /// The check that tells it.
    pub fn first(&self) -> &'c CheckScore {
        self.checks[0]
    }

    /// What happened, in words.
    pub fn outcome(&self) -> &'static str {
        let check = self.first();
        match (check.verdict, check.resource) {
            (Verdict::Passed, _) => "holds",
            (Verdict::Failed, _) => "does not hold",
            (Verdict::TimedOut, _) => "took too long",
            (Verdict::Crashed, _) => "crashed",
            (Verdict::Exhausted, Some(Resource::Memory)) => "used up its memory",
            (Verdict::Exhausted, Some(Resource::Output)) => "printed too much",
            (Verdict::Exhausted, Some(Resource::Processes)) => "started too many threads",
            (Verdict::Exhausted, Some(Resource::Disk)) => "wrote too much",
            (Verdict::Exhausted, None) => "used up what it may use",
            (Verdict::NotCompiled, _) => "is missing or does not compile",
            (Verdict::NotRun, _) => "was not run",
            (Verdict::Inconclusive, _) => "could not be decided, and costs nothing",
        }
    }

    /// Why, one line; empty if the story says it.
    pub fn reason(&self) -> &'c str {
        let check = self.first();
        match &check.story {
            Some(story) => &story.objection,
            None => &check.detail,
        }
    }
}

/// The figures of a budget, in words.
pub fn figures(card: &Scorecard, exercise: &ExerciseScore, check: &CheckScore) -> Option<String> {
    if check.id.kind() != CheckKind::Budget {
        return None;
    }
    let Measurement {
        unit,
        value,
        low,
        high,
        limit,
        ..
    } = card
        .timing
        .exercises
        .get(&exercise.id)?
        .checks
        .get(&check.id)?
        .measurement
        .as_ref()?;
    let what = match unit.as_str() {
        "ratio" => "times the reference's time",
        "exponent" => "as the exponent of its growth",
        other => other,
    };
    let spread = if low == high {
        String::new()
    } else {
        format!(" (between {low:.2} and {high:.2})")
    };
    Some(format!("measured {value:.2} {what}{spread}, at most {limit}"))
}

/// The rule of the policy that a finding is about, to be looked up; nothing for other findings.
pub fn rule(finding: &Finding) -> String {
    match finding.kind {
        FindingKind::Policy => format!(" [{}]", escape::line(&finding.rule)),
        FindingKind::Intake | FindingKind::Warning | FindingKind::MissingDocs => String::new(),
    }
}

/// Where in its file a finding is: `:3:5`, `:3`, or nothing.
pub fn position(finding: &Finding) -> String {
    match (finding.line, finding.column) {
        (0, _) => String::new(),
        (line, 0) => format!(":{line}"),
        (line, column) => format!(":{line}:{column}"),
    }
}

/// On whose word the points rest, for who may know.
pub fn trust(card: &Scorecard) -> Option<String> {
    let graded = card
        .exercises
        .iter()
        .filter(|exercise| exercise.state == State::Examined);
    let known: Vec<(&ExerciseScore, TrustScore)> = graded
        .filter_map(|exercise| exercise.trust.map(|trust| (exercise, trust)))
        .collect();
    let sums = |worth: fn(&TrustScore) -> Worth| {
        let sums = known.iter().map(|(exercise, trust)| {
            let Worth { earned, possible } = worth(trust);
            format!("{} {earned} of {possible}", exercise.id)
        });
        sums.collect::<Vec<_>>().join(", ")
    };
    (!known.is_empty()).then(|| {
        format!(
            "on the submission's own word (public checks, counts of allocations): {}; judged outside of it: {}",
            sums(|trust| trust.inside),
            sums(|trust| trust.outside)
        )
    })
}

/// The steps of a story as lines to show.
pub fn steps(story: &Story) -> impl Iterator<Item = String> {
    story.lines.iter().flat_map(step)
}

/// A step of a story as lines to show: the call, and what it answered.
pub fn step(line: &StoryLine) -> Vec<String> {
    let call = escape::line(&line.call);
    let actual = escape::line(&line.actual);
    match &line.expected {
        Some(expected) => {
            let expected = escape::line(expected);
            let mut lines = vec![call];
            if expected.chars().count().max(actual.chars().count()) <= LONG {
                lines.push(format!("// expected: {}", named(&expected)));
                lines.push(format!("// actual:   {}", named(&actual)));
            } else {
                lines.push("// expected -, actual +".to_owned());
                lines.extend(compared(&expected, &actual));
            }
            lines
        }
        None if actual.is_empty() => vec![call],
        None => vec![format!("{call}  // {actual}")],
    }
}

fn named(answer: &str) -> &str {
    if answer.is_empty() { "returns" } else { answer }
}

/// A unified diff of two answers, one part a line.
fn compared(expected: &str, actual: &str) -> Vec<String> {
    let parts = |text: &str| text.replace(", ", ",\n") + "\n";
    let (expected, actual) = (parts(expected), parts(actual));
    let diff = similar::TextDiff::from_lines(expected.as_str(), actual.as_str());
    let text = diff.unified_diff().context_radius(2).to_string();
    text.lines().map(|line| format!("// {line}")).collect()
}

/// A story as a test to paste, if it is short.
pub fn test(check: &CheckScore) -> Option<Vec<String>> {
    let story = check.story.as_ref().filter(|story| story.lines.len() <= LONGEST_TEST)?;
    let name: String = check
        .id
        .name()
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect();
    let mut lines = vec![
        "#[test]".to_owned(),
        format!("fn {name}() {{"),
        "    // make the values that are used first".to_owned(),
    ];
    lines.extend(story.lines.iter().map(|line| format!("    {}", statement(line))));
    lines.push("}".to_owned());
    Some(lines)
}

/// A step as a statement: with an assertion where it needs no type of the exercise, else with a remark.
fn statement(line: &StoryLine) -> String {
    let call = escape::line(&line.call);
    let Some(expected) = &line.expected else {
        return ended(call);
    };
    let expected = escape::line(expected);
    let value = expected == "true"
        || expected == "false"
        || !expected.is_empty() && expected.bytes().all(|b| b.is_ascii_digit());
    let expression = !call.ends_with(';') && !call.ends_with('}') && !call.contains("//");
    match (expression, value) {
        (true, true) => format!("assert_eq!({call}, {expected});"),
        (true, false) => format!("dbg!({call}); // expected {}", named(&escape::short(&expected, LONG))),
        (false, _) => format!("{} // expected {}", ended(call), named(&expected)),
    }
}

fn ended(call: String) -> String {
    if call.ends_with([';', '}']) || call.contains("//") {
        call
    } else {
        call + ";"
    }
}

/// Points with their word.
pub fn points(points: Points) -> String {
    let word = if points == Points::from_hundredths(100) {
        "point"
    } else {
        "points"
    };
    format!("{points} {word}")
}

/// Concepts of which some check does not hold, those that hold least first.
pub fn weak_concepts(card: &Scorecard) -> Vec<(&str, u32, u32)> {
    let mut weak: Vec<(&str, u32, u32)> = card
        .concepts
        .iter()
        .filter(|(_, score)| score.passed < score.total)
        .map(|(code, score)| (code.as_str(), score.passed, score.total))
        .collect();
    // By the share that holds, compared without division.
    weak.sort_by_key(|(_, passed, total)| u64::from(*passed) * 1_000_000 / u64::from((*total).max(1)));
    weak
}
