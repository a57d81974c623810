//! How the points of a criterion are shared among its checks.

use crate::model::ids::CheckId;
use crate::model::points::Points;
use crate::model::rubric::{Criterion, Rule};
use crate::model::scorecard::Worth;
use crate::model::verdict::Verdict;

/// What each check of a criterion earned, and what the criterion did.
pub struct Marked {
    /// By check, in the criterion's order.
    pub checks: Vec<(CheckId, Worth)>,
    /// Of the criterion, its cap applied.
    pub worth: Worth,
}

/// Marks one criterion.
pub fn mark(criterion: &Criterion, verdict: impl Fn(&CheckId) -> Verdict) -> Marked {
    let holds: Vec<bool> = criterion.checks.iter().map(|(id, _)| counts(verdict(id))).collect();
    let all = holds.iter().all(|holds| *holds);
    let earns = |holds: bool| match criterion.rule {
        Rule::Proportional => holds,
        Rule::AllOrNothing => all,
    };
    let checks: Vec<(CheckId, Worth)> = shares(criterion)
        .zip(&criterion.checks)
        .zip(&holds)
        .map(|((possible, (id, _)), holds)| {
            let earned = if earns(*holds) { possible } else { Points::ZERO };
            (id.clone(), Worth { earned, possible })
        })
        .collect();
    let sum: Points = checks.iter().map(|(_, worth)| worth.earned).sum();
    let possible = criterion.possible();
    Marked {
        checks,
        worth: Worth {
            earned: sum.min(possible),
            possible,
        },
    }
}

/// Whether a verdict earns its check's points: an undecided one does, provisionally.
fn counts(verdict: Verdict) -> bool {
    verdict.earns() || verdict == Verdict::Inconclusive
}

/// The parts of a criterion's points, by weight, in whole hundredths that sum to them exactly: each part ends where the rounded running
/// total does.
fn shares(criterion: &Criterion) -> impl Iterator<Item = Points> {
    let total: f64 = criterion.checks.iter().map(|(_, weight)| weight.number()).sum();
    let mut weights = 0.0;
    let mut given = Points::ZERO;
    criterion.checks.iter().map(move |(_, weight)| {
        weights += weight.number();
        let end = criterion.points.share(weights / total);
        let part = end.less(given);
        given = end;
        part
    })
}
