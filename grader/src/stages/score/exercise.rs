//! One exercise: rubric and evidence to its score, lateness apart.

use std::collections::BTreeMap;

use crate::model::check::CheckInfo;
use crate::model::evidence::{CheckRecord, Evidence};
use crate::model::exercise::{Budget, BudgetUnit, Exercise, Requirement};
use crate::model::ids::{CheckId, CheckKind, CriterionId};
use crate::model::points::{Points, Weight};
use crate::model::result::ExerciseResult;
use crate::model::rubric::{Penalties, Penalty};
use crate::model::scorecard::{
    CheckScore, CriterionScore, ExerciseScore, PenaltyScore, RequirementScore, State, Trust, TrustScore, Worth,
};
use crate::model::verdict::{Finding, FindingKind, Verdict};

use super::criteria;

/// What one exercise earned.
pub fn score(result: &ExerciseResult<'_>) -> ExerciseScore {
    let mut checks: Vec<CheckScore> = outcomes(result);
    for check in &mut checks {
        check.trust = vouches(&check.id, result.exercise);
    }
    let verdicts: BTreeMap<CheckId, Verdict> = checks.iter().map(|check| (check.id.clone(), check.verdict)).collect();
    let verdict = |id: &CheckId| verdicts.get(id).copied().unwrap_or(Verdict::NotRun);
    let mut worth: BTreeMap<CheckId, (CriterionId, Worth)> = BTreeMap::new();
    let mut scores = Vec::new();
    for criterion in result.rubric.criteria() {
        let marked = criteria::mark(criterion, verdict);
        scores.push(CriterionScore {
            id: criterion.id.clone(),
            title: criterion.title.clone(),
            rule: criterion.rule,
            bonus: criterion.bonus,
            visibility: criterion.visibility,
            passed: tally(criterion.checks.iter().filter(|(id, _)| verdict(id).earns())),
            total: tally(criterion.checks.iter()),
            worth: marked.worth,
        });
        worth.extend(
            marked
                .checks
                .into_iter()
                .map(|(id, worth)| (id, (criterion.id.clone(), worth))),
        );
    }
    for check in &mut checks {
        if let Some((criterion, worth)) = worth.remove(&check.id) {
            check.criterion = Some(criterion);
            check.worth = Some(worth);
        }
    }
    let state = state(&result.evidence);
    let findings = findings(&result.evidence);
    let penalties = if state == State::Examined {
        penalties(result.rubric.penalties(), &findings)
    } else {
        Vec::new()
    };
    let earned: Points = scores.iter().map(|criterion| criterion.worth.earned).sum();
    let lost: Points = penalties.iter().map(|penalty| penalty.lost).sum();
    ExerciseScore {
        id: result.exercise.id.clone(),
        title: result.exercise.title.clone(),
        folder: result.folder.clone(),
        entry: result.exercise.entry.clone(),
        state,
        percentage: earned.less(lost),
        weight: Weight::ONE,
        provisional: checks.iter().any(|check| check.verdict == Verdict::Inconclusive),
        criteria: scores,
        trust: Some(trust(&checks)),
        penalties,
        late: None,
        requirements: requirements(result, &checks),
        checks,
        errors: match &result.evidence {
            Evidence::Unbuildable { errors, .. } => errors.clone(),
            Evidence::Missing | Evidence::Unfinished | Evidence::Refused { .. } | Evidence::Examined { .. } => {
                Vec::new()
            }
        },
        findings,
        limits: result.exercise.limits,
        network: result.exercise.network,
        digests: result.digests.clone(),
    }
}

fn state(evidence: &Evidence) -> State {
    match evidence {
        Evidence::Missing => State::Missing,
        Evidence::Unfinished => State::Unfinished,
        Evidence::Refused { .. } => State::Refused,
        Evidence::Unbuildable { .. } => State::Unbuildable,
        Evidence::Examined { .. } => State::Examined,
    }
}

/// The points of the checks by who vouches for them.
fn trust(checks: &[CheckScore]) -> TrustScore {
    let sum = |trust: Trust| {
        let worths = checks
            .iter()
            .filter(|check| check.trust == trust)
            .filter_map(|check| check.worth);
        worths.fold(Worth::default(), |sum, worth| Worth {
            earned: [sum.earned, worth.earned].into_iter().sum(),
            possible: [sum.possible, worth.possible].into_iter().sum(),
        })
    };
    TrustScore {
        inside: sum(Trust::Inside),
        outside: sum(Trust::Outside),
    }
}

/// Who vouches for a check. What is counted inside of the submission's process is its own word, whatever process asks for it.
fn vouches(id: &CheckId, exercise: &Exercise) -> Trust {
    let counted = |budget: &Budget| budget.id == id.name() && budget.kind == BudgetUnit::Allocations;
    match id.kind() {
        CheckKind::Spec => Trust::Inside,
        CheckKind::Budget if exercise.budgets.iter().any(counted) => Trust::Inside,
        CheckKind::Hidden | CheckKind::Budget => Trust::Outside,
    }
}

/// Each check of the exercise with its outcome, in the exercise's order.
fn outcomes(result: &ExerciseResult<'_>) -> Vec<CheckScore> {
    let all = |verdict, detail: &str| {
        result
            .checks
            .iter()
            .map(|info| outcome(info, verdict, detail))
            .collect()
    };
    match &result.evidence {
        Evidence::Missing => all(Verdict::NotRun, "the exercise was not handed in"),
        Evidence::Unfinished => all(Verdict::NotRun, "grading was interrupted before this exercise"),
        Evidence::Refused { .. } => all(Verdict::NotRun, "the submission was refused; see its findings"),
        Evidence::Unbuildable { .. } => all(Verdict::NotCompiled, "the submission does not compile"),
        Evidence::Examined { checks, .. } => {
            let records = worst(checks);
            result
                .checks
                .iter()
                .map(|info| recorded(info, records.get(&info.id).copied()))
                .collect()
        }
    }
}

fn outcome(info: &CheckInfo, verdict: Verdict, detail: &str) -> CheckScore {
    CheckScore {
        id: info.id.clone(),
        requirements: info.requirements.clone(),
        summary: info.summary.clone(),
        trust: Trust::default(),
        verdict,
        detail: detail.to_owned(),
        story: None,
        resource: None,
        criterion: None,
        worth: None,
    }
}

fn recorded(info: &CheckInfo, record: Option<&CheckRecord>) -> CheckScore {
    let Some(record) = record else {
        return outcome(info, Verdict::NotRun, "the check gave no verdict");
    };
    CheckScore {
        story: record.story.clone(),
        resource: record.resource,
        ..outcome(info, record.verdict, &record.detail)
    }
}

/// The records by check. Of several for one check the one that earns least is kept, whatever their order.
fn worst(records: &[CheckRecord]) -> BTreeMap<&CheckId, &CheckRecord> {
    let rank = |record: &CheckRecord| match record.verdict {
        Verdict::Passed => 2,
        Verdict::Inconclusive => 1,
        _ => 0,
    };
    let key = |record: &CheckRecord| (rank(record), record.verdict, record.detail.clone());
    let mut kept: BTreeMap<&CheckId, &CheckRecord> = BTreeMap::new();
    for record in records {
        kept.entry(&record.id)
            .and_modify(|other| {
                if key(record) < key(other) {
                    *other = record
                }
            })
            .or_insert(record);
    }
    kept
}

/// The findings in the order of the files, each once.
fn findings(evidence: &Evidence) -> Vec<Finding> {
    let mut findings = match evidence {
        Evidence::Missing | Evidence::Unfinished => Vec::new(),
        Evidence::Refused { findings }
        | Evidence::Unbuildable { findings, .. }
        | Evidence::Examined { findings, .. } => findings.clone(),
    };
    findings.sort_by(|a, b| (&a.file, a.line, a).cmp(&(&b.file, b.line, b)));
    findings.dedup();
    findings
}

/// What findings cost, for each kind that has a price and was found.
fn penalties(prices: &Penalties, findings: &[Finding]) -> Vec<PenaltyScore> {
    let priced = [
        (FindingKind::Policy, prices.policy),
        (FindingKind::Warning, prices.warning),
        (FindingKind::MissingDocs, prices.missing_docs),
    ];
    priced
        .into_iter()
        .filter_map(|(kind, Penalty { each, cap })| {
            let count = tally(findings.iter().filter(|finding| finding.kind == kind));
            let lost = each.times(u64::from(count)).min(cap);
            let capped = each.times(u64::from(count)) >= cap;
            (lost > Points::ZERO).then_some(PenaltyScore {
                kind,
                count,
                lost,
                capped,
            })
        })
        .collect()
}

fn requirements(result: &ExerciseResult<'_>, checks: &[CheckScore]) -> Vec<RequirementScore> {
    let score = |requirement: &Requirement| {
        let about = |check: &&CheckScore| check.requirements.contains(&requirement.id);
        RequirementScore {
            id: requirement.id.clone(),
            text: requirement.text.clone(),
            concepts: requirement.concepts.clone(),
            passed: tally(checks.iter().filter(about).filter(|check| check.verdict.earns())),
            total: tally(checks.iter().filter(about)),
        }
    };
    result.exercise.requirements.iter().map(score).collect()
}

fn tally<T>(things: impl Iterator<Item = T>) -> u32 {
    u32::try_from(things.count()).unwrap_or(u32::MAX)
}
