//! One card with a bit of everything, some of it hostile.

use std::collections::BTreeMap;

use crate::model::check::CheckInfo;
use crate::model::evidence::{CheckRecord, CompileError, Evidence, Measurement, Story, StoryLine};
use crate::model::exercise::{Exercise, Network, ProcessLimits, Requirement};
use crate::model::ids::CheckId;
use crate::model::points::{Points, Weight};
use crate::model::result::{ExerciseResult, Session};
use crate::model::rubric::{Criterion, Penalties, Penalty, Rubric, Rule, Visibility};
use crate::model::rules::{CourseRules, LatePolicy, Letter, Letters};
use crate::model::scorecard::{Digests, ExerciseDigests, SandboxReport, Scorecard};
use crate::model::verdict::{Finding, FindingKind, Resource, Verdict};
use crate::stages::score::score;

/// Text that would do harm where it is shown unescaped.
pub const HOSTILE: &str = "\u{1b}[2J\u{202e}<script>\r\n::error::`*|";

const CHECKS: [(&str, &str, &str); 9] = [
    ("spec/test_tick", "R1", "Ticks count."),
    ("spec/test_merge", "R2", "Merging takes the maximum."),
    (
        "hidden/merge_takes_the_maximum",
        "R2",
        "Merging takes the larger counter of each node, then ticks.",
    ),
    ("hidden/merge_learns", "R2", ""),
    ("hidden/nodes_are_listed", "R3", "All nodes are listed."),
    ("hidden/bytes_survive", "R3", "What is written is read."),
    ("hidden/threads", "R3", "A clock crosses threads."),
    ("budget/merge-time", "R4", ""),
    ("budget/compare-growth", "R4", ""),
];

fn number(number: f64) -> Points {
    Points::new(number).expect("points")
}

fn id(text: &str) -> CheckId {
    text.parse().expect("a check id")
}

fn criterion(id: &str, title: &str, points: f64, checks: &[&str]) -> Criterion {
    Criterion {
        id: id.parse().expect("a criterion id"),
        title: title.to_owned(),
        points: number(points),
        cap: None,
        bonus: false,
        visibility: Visibility::Public,
        rule: Rule::Proportional,
        checks: checks
            .iter()
            .map(|check| (check.parse().expect("a check id"), Weight::ONE))
            .collect(),
    }
}

fn rubric(exercise: &str) -> Rubric {
    let merge = criterion(
        "merge",
        "Réception d'un message",
        45.0,
        &[
            "spec/test_merge",
            "hidden/merge_takes_the_maximum",
            "hidden/merge_learns",
        ],
    );
    let cost = criterion("cost", "Coût", 10.0, &["budget/merge-time", "budget/compare-growth"]);
    let criteria = vec![
        criterion("counters", "Compteurs", 15.0, &["spec/test_tick"]),
        merge,
        Criterion {
            rule: Rule::AllOrNothing,
            ..criterion(
                "nodes",
                "Nœuds",
                30.0,
                &["hidden/nodes_are_listed", "hidden/bytes_survive"],
            )
        },
        Criterion {
            visibility: Visibility::Hidden,
            ..cost
        },
        Criterion {
            bonus: true,
            ..criterion("threads", "Threads", 5.0, &["hidden/threads"])
        },
    ];
    let price = |each, cap| Penalty {
        each: number(each),
        cap: number(cap),
    };
    let penalties = Penalties {
        warning: price(0.5, 1.0),
        missing_docs: price(0.5, 5.0),
        policy: price(5.0, 20.0),
    };
    Rubric::new(exercise.parse().expect("an id"), criteria, penalties).expect("a sound rubric")
}

fn exercise(exercise: &str, title: &str) -> Exercise {
    let requirement = |id: &str, text: &str, concepts: &[&str]| Requirement {
        id: id.to_owned(),
        text: text.to_owned(),
        concepts: concepts.iter().map(|concept| (*concept).to_owned()).collect(),
    };
    let merge = "`merge` prend le maximum composante par composante, y compris pour les nœuds que seule l'horloge reçue connaît, puis ajoute 1 au compteur du nœud local.";
    Exercise {
        id: exercise.parse().expect("an id"),
        title: title.to_owned(),
        summary: "Horloges".to_owned(),
        entry: "src/lib.rs".to_owned(),
        crates: vec!["serde".to_owned()],
        network: Network::None,
        generated: false,
        allows: Vec::new(),
        limits: ProcessLimits::default(),
        requirements: vec![
            requirement("R1", "`tick` ajoute 1.", &["5.4.4.h"]),
            requirement("R2", merge, &["5.4.4.i", "5.4.4.l"]),
            requirement("R3", "`known_nodes` rend chaque nœud une seule fois.", &["5.4.4.k"]),
            requirement("R4", "`merge` coûte un temps linéaire.", &["5.4.4.k"]),
        ],
        budgets: Vec::new(),
    }
}

fn record(check: &str, verdict: Verdict, detail: &str) -> CheckRecord {
    CheckRecord {
        id: id(check),
        verdict,
        detail: detail.to_owned(),
        story: None,
        resource: None,
        measurement: None,
        wall_ms: 12.3456,
        cpu_ms: 7.0,
    }
}

fn line(call: &str, actual: &str, expected: Option<&str>) -> StoryLine {
    StoryLine {
        call: call.to_owned(),
        actual: actual.to_owned(),
        expected: expected.map(str::to_owned),
    }
}

fn merge_story() -> Story {
    Story {
        lines: vec![
            line("c1.tick(&\"b\".into());", "", None),
            line("c0.merge(&c1, &\"a\".into());", "", None),
            line("c0.get(&\"b\".into())", "0", Some("1")),
        ],
        objection: "the reference answers differently".to_owned(),
        found_after: 3,
    }
}

fn long_story() -> Story {
    let nodes = |skip: usize| {
        let names: Vec<String> = (0..12)
            .filter(|n| *n != skip)
            .map(|n| format!("\"node-{n:02}\""))
            .collect();
        format!("[{}]", names.join(", "))
    };
    let lines = vec![
        line("c0.tick_all(12);", "", None),
        line("c0.known_nodes()", &nodes(7), Some(&nodes(99))),
    ];
    Story {
        lines,
        objection: format!("a node is missing {HOSTILE}"),
        found_after: 41,
    }
}

fn measured(check: &str, verdict: Verdict, unit: &str, figures: [f64; 4]) -> CheckRecord {
    let [value, low, high, limit] = figures;
    let detail = if verdict == Verdict::Failed {
        "over the limit"
    } else {
        "too close to the limit to tell"
    };
    let measurement = Some(Measurement {
        unit: unit.to_owned(),
        value,
        low,
        high,
        limit,
        samples: 31,
    });
    CheckRecord {
        measurement,
        ..record(check, verdict, detail)
    }
}

fn finding(kind: FindingKind, rule: &str, line: u32, message: &str) -> Finding {
    Finding {
        kind,
        rule: rule.to_owned(),
        file: "src/clock.rs".to_owned(),
        line,
        column: 5,
        message: message.to_owned(),
    }
}

fn examined() -> Evidence {
    let story = |check: &str, story: Story| CheckRecord {
        story: Some(story),
        ..record(check, Verdict::Failed, "does not agree")
    };
    let checks = vec![
        record("spec/test_tick", Verdict::Passed, ""),
        record(
            "spec/test_merge",
            Verdict::Failed,
            "assertion failed: left == right (spec.rs:40)",
        ),
        story("hidden/merge_takes_the_maximum", merge_story()),
        story(
            "hidden/merge_learns",
            Story {
                found_after: 9,
                ..merge_story()
            },
        ),
        story("hidden/nodes_are_listed", long_story()),
        record(
            "hidden/bytes_survive",
            Verdict::NotCompiled,
            "no method named `to_bytes` found for struct `VectorClock`",
        ),
        CheckRecord {
            resource: Some(Resource::Memory),
            ..record("hidden/threads", Verdict::Exhausted, "used more than 512 MiB")
        },
        measured("budget/merge-time", Verdict::Failed, "ratio", [5.21456, 4.9, 5.6, 4.0]),
        measured(
            "budget/compare-growth",
            Verdict::Inconclusive,
            "exponent",
            [1.5, 1.4, 1.61, 1.5],
        ),
    ];
    let findings = vec![
        finding(FindingKind::Warning, "unused_variables", 3, "unused variable: `x`"),
        finding(FindingKind::Warning, "dead_code", 9, "function `f` is never used"),
        finding(FindingKind::Warning, "dead_code", 12, HOSTILE),
        finding(
            FindingKind::MissingDocs,
            "missing_docs",
            20,
            "missing documentation for a method",
        ),
    ];
    Evidence::Examined { checks, findings }
}

fn unbuildable() -> Evidence {
    let rendered = format!(
        "error[E0308]: mismatched types\n --> src/lib.rs:7:5\n  |\n7 |\t\"{HOSTILE}\"\n  | ^^^^ expected `u64`\n"
    );
    let error = |line, rendered| CompileError {
        file: "src/lib.rs".to_owned(),
        line,
        code: "E0308".to_owned(),
        message: "mismatched types".to_owned(),
        rendered,
    };
    Evidence::Unbuildable {
        errors: vec![error(7, rendered), error(9, String::new())],
        findings: Vec::new(),
    }
}

fn refused() -> Evidence {
    let message = "the entry file `src/lib.rs` is missing: put the public items there";
    let finding = Finding {
        kind: FindingKind::Intake,
        rule: "no-entry".to_owned(),
        file: String::new(),
        line: 0,
        column: 0,
        message: message.to_owned(),
    };
    Evidence::Refused {
        findings: vec![finding],
    }
}

/// Passed, failed, unbuildable, refused and missing exercises on one card.
pub fn card() -> Scorecard {
    let checks = CHECKS.map(|(check, requirement, summary)| CheckInfo {
        id: id(check),
        requirements: vec![requirement.to_owned()],
        summary: summary.to_owned(),
    });
    let passed = Evidence::Examined {
        checks: checks
            .iter()
            .map(|check| record(&check.id.to_string(), Verdict::Passed, ""))
            .collect(),
        findings: Vec::new(),
    };
    let given = [
        ("ex00", "VectorClock", examined()),
        ("ex01", "ConsistentHash", passed),
        ("ex02", "RaftCore", unbuildable()),
        ("ex03", "Paxos", refused()),
        ("ex04", "Swim", Evidence::Missing),
    ];
    let made: Vec<(Exercise, Rubric, Evidence)> = given
        .into_iter()
        .map(|(id, title, evidence)| (exercise(id, title), rubric(id), evidence))
        .collect();
    let results: Vec<ExerciseResult<'_>> = made
        .iter()
        .map(|(exercise, rubric, evidence)| ExerciseResult {
            exercise,
            rubric,
            checks: &checks,
            folder: format!("{}-mine", exercise.id),
            evidence: evidence.clone(),
            digests: ExerciseDigests {
                submission: "aa".to_owned(),
                checks: "bb".to_owned(),
                rubric: "cc".to_owned(),
            },
            wall_ms: 345.6789,
            cached: false,
        })
        .collect();
    score(&results, &rules(), &session())
}

fn rules() -> CourseRules {
    let letter = |letter: &str, from| Letter {
        letter: letter.to_owned(),
        from: number(from),
    };
    let late = LatePolicy {
        percent_per_day: 10.0,
        max_days: 7,
        exercises: [(
            "ex00".parse().expect("an id"),
            "2026-11-21T23:59:00Z".parse().expect("a time"),
        )]
        .into(),
        ..LatePolicy::none()
    };
    CourseRules {
        pass_mark: number(50.0),
        letters: Letters::new(vec![letter("A", 90.0), letter("E", 50.0), letter("F", 0.0)]).expect("a scale"),
        late,
        weights: BTreeMap::new(),
    }
}

fn session() -> Session {
    Session {
        digests: Digests {
            submission: "d0".to_owned(),
            course: "c0".to_owned(),
        },
        toolchain: "rustc 1.95.0".to_owned(),
        seed: 7,
        sandbox: SandboxReport {
            mode: "auto".to_owned(),
            layers: vec!["rlimits".to_owned(), "seccomp".to_owned()],
            lacking: Vec::new(),
            warning: None,
        },
        submitted_at: Some("2026-11-23T08:00:00Z".parse().expect("a time")),
        ignored: vec!["notes".to_owned(), HOSTILE.to_owned()],
        started_at: "2026-11-23T09:00:00Z".parse().expect("a time"),
        wall_ms: 1234.5678,
        jobs: 2,
        stages_ms: [("kit".to_owned(), 1.0)].into(),
    }
}
