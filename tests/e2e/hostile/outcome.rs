//! What a case came to, held against what was expected.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use walkdir::WalkDir;

use super::case::Case;
use super::host::{self, Targets};
use super::place;
use super::run::{Run, grade};
use crate::support::{cache, repository};

/// More than the grader ever holds, MiB.
const GRADER: u64 = 160;
/// More than a judge ever holds, MiB.
const JUDGE: u64 = 512;
/// The formats in which cases about texts are shown, besides JSON.
const FORMATS: [&str; 4] = ["terminal", "markdown", "github", "junit"];

/// What all cases share.
pub struct Setting<'s> {
    /// What this machine isolates.
    pub isolated: BTreeSet<&'static str>,
    /// Without budgets, with budgets.
    pub courses: [&'s Path; 2],
    /// A directory that everybody may enter.
    pub place: &'s Path,
    /// Of the program.
    pub options: &'s [&'s str],
}

/// What a case came to.
pub struct Outcome {
    pub name: String,
    verdict: String,
    /// What it needs and this machine lacks, if the attack succeeded.
    pub open: Vec<String>,
    took: Duration,
    memory: [u64; 2],
    /// What is not as it must be.
    pub wrong: Vec<String>,
}

impl Outcome {
    /// Grades a case and looks at what is left.
    pub fn of(case: &Case, setting: &Setting<'_>) -> Self {
        let lacking = lacking(case, setting);
        if case.harmful && !lacking.is_empty() {
            return Self {
                verdict: "not run".to_owned(),
                open: lacking,
                ..Self::unknown(case)
            };
        }
        let place = setting.place.join(case.name.replace('/', "-"));
        fs::create_dir(&place).expect("a folder can be made");
        fs::set_permissions(&place, fs::Permissions::from_mode(0o755)).expect("it can be opened to all");
        let course = setting.course(case);
        let mut targets = Targets::new(&place, course);
        let submission = place::submission(case, &targets, &place);
        let shown = case.name.starts_with("texts/");
        // A case about texts is shown in every format, from what the first grading found.
        let memory: &[&str] = if shown { &[] } else { &["--no-cache"] };
        let options = [setting.options, memory].concat();
        let run = grade(
            &submission,
            course,
            &place,
            &[&options[..], &["--format", "json"]].concat(),
            case.within,
        );
        let mut outcome = Self {
            took: run.took,
            memory: [run.grader_mib, run.judge_mib],
            ..Self::unknown(case)
        };
        outcome.hold_against(case, setting, &run, &mut targets);
        outcome.look_around(&place, &targets);
        outcome.read(case, "json", &run);
        for format in FORMATS.into_iter().filter(|_| shown) {
            let run = grade(
                &submission,
                course,
                &place,
                &[&options[..], &["--format", format]].concat(),
                case.within,
            );
            if run.code != Some(0) {
                outcome.wrong.push(format!("no report as {format}: {}", run.stderr));
            }
            outcome.read(case, format, &run);
        }
        drop(targets);
        fs::remove_dir_all(&place).expect("what is there can be removed");
        outcome
    }

    fn unknown(case: &Case) -> Self {
        Self {
            name: case.name.clone(),
            verdict: String::new(),
            open: Vec::new(),
            took: Duration::ZERO,
            memory: [0, 0],
            wrong: Vec::new(),
        }
    }

    /// Whether there is a card, with the verdicts that must be.
    fn hold_against(&mut self, case: &Case, setting: &Setting<'_>, run: &Run, targets: &mut Targets) {
        for (what, held, most) in [
            ("the grader", run.grader_mib, GRADER),
            ("a judge", run.judge_mib, JUDGE),
        ] {
            if held > most {
                self.wrong.push(format!("{what} held {held} MiB"));
            }
        }
        let card: Option<Value> = (run.code == Some(0))
            .then(|| serde_json::from_str(&run.stdout).ok())
            .flatten();
        let Some(card) = card else {
            self.verdict = run.code.map_or("hung".to_owned(), |code| format!("exit {code}"));
            let errors: String = run.stderr.chars().take(600).collect();
            self.open = lacking(case, setting);
            if !self.open.is_empty() {
                return;
            }
            return self
                .wrong
                .push(format!("there is no card ({}): {errors}", self.verdict));
        };
        let exercise = &card["exercises"][0];
        let verdicts = verdicts(exercise);
        self.verdict = shown(exercise, &verdicts);
        self.never_pass(case, exercise, &verdicts);
        let mut escapes = targets.hits();
        escapes.extend(escapes_in(exercise));
        if run.stdout.contains(host::SECRET) {
            escapes.push("the report tells the secret".to_owned());
        }
        if !escapes.is_empty() {
            self.open = lacking(case, setting);
            if self.open.is_empty() {
                self.wrong.push(format!("not contained: {}", escapes.join("; ")));
            }
            return;
        }
        if let (Some(rule), true) = (&case.refused_by, setting.isolated.contains(host::POLICY)) {
            if exercise["state"] != "refused" || !says(&exercise["findings"], rule) {
                self.wrong.push(format!("`{rule}` does not refuse it"));
            }
            return;
        }
        let state = exercise["state"].as_str().unwrap_or_default();
        if !case.expect.state.split(' ').any(|expected| expected == state) {
            self.wrong
                .push(format!("its state is {state}, expected {}", case.expect.state));
        }
        for (check, (verdict, detail)) in &verdicts {
            let expected = case.expect.of(check, state);
            if !expected.split(' ').any(|expected| expected == verdict) {
                self.wrong
                    .push(format!("{check} is {verdict} ({detail}), expected {expected}"));
            }
        }
        for text in case.expect.says.iter().filter(|text| !says(exercise, text)) {
            self.wrong.push(format!("the card does not say `{text}`"));
        }
    }

    /// What the unchanged sample fails stays failed, whatever was done to it, and nothing is left undecided in its favour.
    fn never_pass(&mut self, case: &Case, exercise: &Value, verdicts: &BTreeMap<String, (String, String)>) {
        let path = format!("tests/submissions/ex00/{}/expected.toml", case.base);
        let expected = fs::read_to_string(repository().join(path)).expect("samples have expectations");
        let expected: toml::Table = expected.parse().expect("they are TOML");
        let fails = |check: &str| {
            expected["verdicts"]
                .get(check)
                .is_some_and(|verdict| verdict.as_str() != Some("passed"))
        };
        for (check, (verdict, _)) in verdicts {
            let outside = check.starts_with("hidden/") || check.ends_with("-time") || check.ends_with("-growth");
            if outside && fails(check) && verdict == "passed" {
                self.wrong.push(format!("{check} is forged"));
            }
            if verdict == "inconclusive" && !check.starts_with("budget/") {
                self.wrong.push(format!("{check} is inconclusive"));
            }
        }
        if exercise["provisional"] == true && !case.budgets {
            self.wrong.push("the card is provisional".to_owned());
        }
    }

    /// Whether something is left behind.
    fn look_around(&mut self, place: &Path, targets: &Targets) {
        self.wrong.extend(host::leftovers(place, &targets.mark));
        let temporary = fs::read_dir(place.join("tmp")).expect("it is there");
        let left = temporary.map(|entry| format!("{} is left", entry.expect("listed").path().display()));
        self.wrong.extend(left);
    }

    /// Whether a report can be shown: no control characters, nothing that it must not say.
    fn read(&mut self, case: &Case, format: &str, run: &Run) {
        for (stream, text) in [("report", &run.stdout), ("progress", &run.stderr)] {
            if let Some(harmful) = text.chars().find(|c| moves_or_turns(*c)) {
                self.wrong.push(format!("the {stream} as {format} holds {harmful:?}"));
            }
            for never in case.expect.never.iter().filter(|never| text.contains(*never)) {
                self.wrong.push(format!("the {stream} as {format} says `{never}`"));
            }
            let own = ["::error ", "::warning ", "::notice "];
            let commands = text.lines().filter(|line| line.trim_start().starts_with("::"));
            if commands
                .into_iter()
                .any(|line| format != "github" || !own.iter().any(|start| line.starts_with(start)))
            {
                self.wrong
                    .push(format!("the {stream} as {format} gives orders to a workflow"));
            }
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let contained = match (self.wrong.is_empty(), self.open.is_empty()) {
            (false, _) => "WRONG".to_owned(),
            (true, true) => "contained".to_owned(),
            (true, false) => format!("not contained here: needs {}", self.open.join(", ")),
        };
        let [grader, judge] = self.memory;
        write!(
            f,
            "{:<48} {:<44} {contained:<40} {:>5.1} s  {grader:>3}/{judge:>3} MiB",
            self.name,
            self.verdict,
            self.took.as_secs_f64()
        )
    }
}

/// What a case needs and this machine does not isolate.
fn lacking(case: &Case, setting: &Setting<'_>) -> Vec<String> {
    let lacking = case
        .needs
        .iter()
        .filter(|need| !setting.isolated.contains(need.as_str()));
    lacking.cloned().collect()
}

/// The checks of an exercise: verdict and detail.
fn verdicts(exercise: &Value) -> BTreeMap<String, (String, String)> {
    let text = |check: &Value, key: &str| check[key].as_str().unwrap_or_default().to_owned();
    let checks = exercise["checks"].as_array().into_iter().flatten();
    checks
        .map(|check| (text(check, "id"), (text(check, "verdict"), text(check, "detail"))))
        .collect()
}

/// The state of an exercise, and how many checks got which verdict.
fn shown(exercise: &Value, verdicts: &BTreeMap<String, (String, String)>) -> String {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for (verdict, _) in verdicts.values() {
        *counts.entry(verdict).or_default() += 1;
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(verdict, count)| format!("{count} {verdict}"))
        .collect();
    match exercise["state"].as_str() {
        Some("examined") => counts.join(", "),
        other => other.unwrap_or_default().to_owned(),
    }
}

/// What attacks say that they could do.
fn escapes_in(exercise: &Value) -> Vec<String> {
    let text = exercise["checks"].to_string();
    let parts = text.split("escaped: ").skip(1);
    let parts: BTreeSet<String> = parts.map(|part| part.chars().take(80).collect()).collect();
    parts.into_iter().take(1).collect()
}

fn says(card: &Value, text: &str) -> bool {
    match card {
        Value::String(said) => said.contains(text),
        Value::Array(items) => items.iter().any(|item| says(item, text)),
        Value::Object(fields) => fields.values().any(|field| says(field, text)),
        _ => false,
    }
}

/// Characters that move a cursor, start an escape sequence, turn the direction of a text, or cannot be seen.
fn moves_or_turns(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The compiled files of the cache and what would change if somebody wrote them.
pub fn kit() -> BTreeSet<(String, (u64, i64, u32))> {
    let files = WalkDir::new(cache()).into_iter().filter_map(Result::ok);
    let compiled = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        [".rlib", ".rmeta", ".so"].iter().any(|end| name.ends_with(end))
            || name.ends_with("-judge")
            || path.ends_with("bin/rustc")
    };
    files
        .filter(|entry| entry.file_type().is_file() && compiled(entry.path()))
        .filter_map(|entry| {
            let meta = entry.metadata().ok()?;
            Some((
                entry.path().display().to_string(),
                (meta.len(), meta.mtime(), meta.mode()),
            ))
        })
        .collect()
}
