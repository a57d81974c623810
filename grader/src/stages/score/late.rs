//! What lateness leaves of a mark.

use jiff::{SignedDuration, Timestamp};

use crate::model::ids::ExerciseId;
use crate::model::rules::LatePolicy;

/// What is kept of a late exercise.
pub struct Kept {
    /// When it was due.
    pub due: Timestamp,
    /// Started days since then.
    pub days: u32,
    /// Percent of the mark.
    pub percent: f64,
}

const DAY: i128 = SignedDuration::from_hours(24).as_nanos();

/// What is kept of an exercise handed in at a time; nothing to say if that was in time.
pub fn kept(policy: &LatePolicy, exercise: &ExerciseId, submitted_at: Timestamp) -> Option<Kept> {
    let due = policy.due(exercise)?;
    let since = submitted_at.duration_since(due);
    if since <= SignedDuration::from_mins(i64::from(policy.grace_minutes)) || !since.is_positive() {
        return None;
    }
    let started = (since.as_nanos() + DAY - 1) / DAY;
    let days = u32::try_from(started).unwrap_or(u32::MAX);
    let percent = if days > policy.max_days {
        0.0
    } else {
        (100.0 - policy.percent_per_day * f64::from(days))
            .max(policy.floor)
            .clamp(0.0, 100.0)
    };
    Some(Kept { due, days, percent })
}
