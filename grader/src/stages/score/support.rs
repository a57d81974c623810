//! What the tests of scoring have in common: small exercises, rubrics and evidence.

use std::collections::BTreeMap;

use crate::model::check::CheckInfo;
use crate::model::evidence::{CheckRecord, Evidence};
use crate::model::exercise::{Exercise, Network, ProcessLimits, Requirement};
use crate::model::ids::{CheckId, ExerciseId};
use crate::model::points::{Points, Weight};
use crate::model::result::{ExerciseResult, Session};
use crate::model::rubric::{Criterion, Penalties, Penalty, Rubric, Rule, Visibility};
use crate::model::scorecard::{Digests, ExerciseDigests, SandboxReport};
use crate::model::verdict::{Finding, FindingKind, Verdict};

/// An exercise with its rubric.
#[derive(Debug, Clone)]
pub struct Subject {
    pub exercise: Exercise,
    pub rubric: Rubric,
    pub checks: Vec<CheckInfo>,
}

pub fn exercise_id(id: &str) -> ExerciseId {
    id.parse().expect("an exercise id")
}

pub fn check_id(id: &str) -> CheckId {
    id.parse().expect("a check id")
}

pub fn points(number: f64) -> Points {
    Points::new(number).expect("points")
}

/// A criterion of the usual kind whose checks weigh one each.
pub fn criterion(id: &str, worth: f64, checks: &[&str]) -> Criterion {
    Criterion {
        id: id.parse().expect("a criterion id"),
        title: id.to_owned(),
        points: points(worth),
        cap: None,
        bonus: false,
        visibility: Visibility::Public,
        rule: Rule::Proportional,
        checks: checks.iter().map(|check| (check_id(check), Weight::ONE)).collect(),
    }
}

pub fn penalties() -> Penalties {
    let price = |each, cap| Penalty {
        each: points(each),
        cap: points(cap),
    };
    Penalties {
        warning: price(0.5, 3.0),
        missing_docs: price(0.5, 5.0),
        policy: price(5.0, 20.0),
    }
}

/// An exercise whose checks are those of the criteria, all about requirement R1.
pub fn subject(id: &str, criteria: Vec<Criterion>) -> Subject {
    let ids = criteria
        .iter()
        .flat_map(|criterion| criterion.checks.iter().map(|(check, _)| check.clone()));
    let info = |id| CheckInfo {
        id,
        requirements: vec!["R1".to_owned()],
        summary: String::new(),
    };
    let checks = ids.map(info).collect();
    let rubric = Rubric::new(exercise_id(id), criteria, penalties()).expect("a sound rubric");
    let requirement = Requirement {
        id: "R1".to_owned(),
        text: "Tout tient.".to_owned(),
        concepts: vec!["5.4.4.a".to_owned()],
    };
    let exercise = Exercise {
        id: exercise_id(id),
        title: "Title".to_owned(),
        summary: "summary".to_owned(),
        entry: "src/lib.rs".to_owned(),
        crates: Vec::new(),
        network: Network::None,
        generated: false,
        allows: Vec::new(),
        limits: ProcessLimits::default(),
        requirements: vec![requirement],
        budgets: Vec::new(),
    };
    Subject {
        exercise,
        rubric,
        checks,
    }
}

pub fn record(id: &CheckId, verdict: Verdict) -> CheckRecord {
    CheckRecord {
        id: id.clone(),
        verdict,
        detail: String::new(),
        story: None,
        resource: None,
        measurement: None,
        wall_ms: 1.0,
        cpu_ms: 1.0,
    }
}

pub fn findings(kind: FindingKind, count: u32) -> Vec<Finding> {
    let finding = |line| Finding {
        kind,
        rule: "rule".to_owned(),
        file: "src/lib.rs".to_owned(),
        line,
        column: 0,
        message: "message".to_owned(),
    };
    (1..=count).map(finding).collect()
}

impl Subject {
    pub fn with(&self, evidence: Evidence) -> ExerciseResult<'_> {
        ExerciseResult {
            exercise: &self.exercise,
            rubric: &self.rubric,
            checks: &self.checks,
            folder: "ex01-hash".to_owned(),
            evidence,
            digests: ExerciseDigests::default(),
            wall_ms: 1.0,
            cached: false,
        }
    }

    /// Every check with one verdict, except some.
    pub fn examined(&self, usual: Verdict, except: &[(&str, Verdict)], findings: Vec<Finding>) -> ExerciseResult<'_> {
        let verdict = |id: &CheckId| {
            except
                .iter()
                .find(|(name, _)| check_id(name) == *id)
                .map_or(usual, |(_, v)| *v)
        };
        let checks = self
            .checks
            .iter()
            .map(|info| record(&info.id, verdict(&info.id)))
            .collect();
        self.with(Evidence::Examined { checks, findings })
    }
}

pub fn session() -> Session {
    Session {
        digests: Digests::default(),
        toolchain: "rustc 1.95.0".to_owned(),
        seed: 7,
        sandbox: SandboxReport::default(),
        submitted_at: None,
        ignored: Vec::new(),
        started_at: "2026-11-23T08:00:00Z".parse().expect("a time"),
        wall_ms: 1234.5678,
        jobs: 2,
        stages_ms: BTreeMap::new(),
    }
}
