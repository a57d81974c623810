//! The figures that may differ between two gradings of the same.

use crate::model::evidence::{CheckRecord, Evidence, Measurement};
use crate::model::result::ExerciseResult;
use crate::model::scorecard::{CheckTiming, ExerciseTiming};

/// No figure is larger; JSON has no infinity.
const LARGEST: f64 = 1e12;

/// The figures of one exercise.
pub fn of(result: &ExerciseResult<'_>) -> ExerciseTiming {
    let records = match &result.evidence {
        Evidence::Examined { checks, .. } => checks.as_slice(),
        Evidence::Missing | Evidence::Unfinished | Evidence::Refused { .. } | Evidence::Unbuildable { .. } => &[],
    };
    ExerciseTiming {
        wall_ms: rounded(result.wall_ms),
        cached: result.cached,
        checks: records
            .iter()
            .map(|record| (record.id.clone(), check(record)))
            .collect(),
    }
}

fn check(record: &CheckRecord) -> CheckTiming {
    CheckTiming {
        wall_ms: rounded(record.wall_ms),
        cpu_ms: rounded(record.cpu_ms),
        measurement: record.measurement.as_ref().map(|measured| Measurement {
            value: rounded(measured.value),
            low: rounded(measured.low),
            high: rounded(measured.high),
            limit: rounded(measured.limit),
            ..measured.clone()
        }),
    }
}

/// A figure with three decimals that JSON can hold.
pub fn rounded(figure: f64) -> f64 {
    if figure.is_nan() {
        0.0
    } else {
        (figure.clamp(-LARGEST, LARGEST) * 1e3).round() / 1e3
    }
}
