//! Decides on a limit from samples: yes, no, or not yet.

use std::time::Duration;

use crate::stats::{self, Interval, Z};
use crate::timing::Settings;
use crate::wire::{Figures, Verdict};

/// A verdict, why, and the figures if it came to figures.
pub type Outcome = (Verdict, String, Option<Figures>);

/// Samples of a figure, and what they say of its limit.
pub(crate) struct Sampling {
    settings: Settings,
    samples: Vec<f64>,
    effort: Duration,
    limit: f64,
    /// How far from the limit all of a few samples must lie to decide, when there is no time for more.
    margin: f64,
    /// What the limit bounds.
    what: &'static str,
}

impl Sampling {
    /// No samples yet. `what` is what the limit bounds.
    pub(crate) fn new(settings: Settings, limit: f64, margin: f64, what: &'static str) -> Self {
        Self {
            settings,
            samples: Vec::new(),
            effort: Duration::ZERO,
            limit,
            margin,
            what,
        }
    }

    /// Adds a sample, and the cpu time that it took.
    pub(crate) fn add(&mut self, sample: f64, effort: Duration) {
        self.samples.push(sample);
        self.effort += effort;
    }

    /// Begins again; what was spent is spent.
    pub(crate) fn forget(&mut self) {
        self.samples.clear();
    }

    /// Whether there is no more time.
    pub(crate) fn is_spent(&self) -> bool {
        self.effort >= self.settings.effort || self.samples.len() >= self.settings.most
    }

    /// Whether more samples are wanted.
    pub(crate) fn is_open(&self) -> bool {
        !self.is_spent() && self.decided().is_none()
    }

    /// The interval, if there are enough samples for one.
    fn interval(&self) -> Option<Interval> {
        (self.samples.len() >= self.settings.fewest)
            .then(|| stats::median_interval(&self.samples, Z))
            .flatten()
    }

    fn decided(&self) -> Option<(Verdict, Interval)> {
        let interval = self.interval()?;
        Some((decide(interval, self.limit)?, interval))
    }

    /// What the samples say.
    pub(crate) fn outcome(&self) -> Outcome {
        if let Some((verdict, interval)) = self.decided() {
            return told(verdict, interval, self.limit, self.samples.len(), self.what);
        }
        if let Some(interval) = self.interval() {
            return told(
                Verdict::Inconclusive,
                interval,
                self.limit,
                self.samples.len(),
                self.what,
            );
        }
        // An operation so slow that there was time for a few samples only. All of them far from the limit are enough.
        let Some(interval) = stats::range(&self.samples).filter(|_| self.samples.len() >= 2) else {
            return (Verdict::Inconclusive, "too few samples".to_owned(), None);
        };
        let widened = Interval {
            low: interval.low - self.margin,
            high: interval.high + self.margin,
            ..interval
        };
        let verdict = decide(widened, self.limit).unwrap_or(Verdict::Inconclusive);
        told(verdict, interval, self.limit, self.samples.len(), self.what)
    }
}

/// A decision, once the interval lies wholly on one side of the limit.
fn decide(interval: Interval, limit: f64) -> Option<Verdict> {
    if interval.high < limit {
        Some(Verdict::Passed)
    } else if interval.low > limit {
        Some(Verdict::Failed)
    } else {
        None
    }
}

/// An outcome that came to figures.
pub(crate) fn told(verdict: Verdict, interval: Interval, limit: f64, samples: usize, what: &str) -> Outcome {
    let detail = match verdict {
        Verdict::Passed => String::new(),
        // The figures vary from run to run and stand apart; what a verdict says must not.
        Verdict::Failed => format!("over the limit: at most {limit} {what}"),
        _ => format!("too close to the limit to tell: at most {limit} {what}"),
    };
    let figures = Figures {
        value: interval.median,
        low: interval.low,
        high: interval.high,
        samples: samples as u32,
    };
    (verdict, detail, Some(figures))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampling(samples: &[f64], each: Duration) -> Sampling {
        let mut sampling = Sampling::new(Settings::default(), 2.0, 0.5, "times");
        for sample in samples {
            sampling.add(*sample, each);
        }
        sampling
    }

    const QUICK: Duration = Duration::from_millis(1);

    #[test]
    fn few_samples_decide_nothing_while_there_is_time() {
        assert!(sampling(&[1.0; 13], QUICK).is_open());
        assert!(!sampling(&[1.0; 14], QUICK).is_open());
        assert_eq!(sampling(&[1.0; 14], QUICK).outcome().0, Verdict::Passed);
        assert_eq!(sampling(&[3.0; 14], QUICK).outcome().0, Verdict::Failed);
    }

    #[test]
    fn samples_on_both_sides_ask_for_more_and_end_open() {
        let mixed: Vec<f64> = (0..120).map(|at| if at % 2 == 0 { 1.9 } else { 2.1 }).collect();
        assert!(sampling(&mixed[..40], QUICK).is_open());
        let (verdict, detail, figures) = sampling(&mixed, QUICK).outcome();
        assert_eq!(
            (verdict, detail.as_str()),
            (Verdict::Inconclusive, "too close to the limit to tell: at most 2 times")
        );
        assert_eq!(figures.map(|figures| figures.samples), Some(120));
    }

    #[test]
    fn a_few_odd_samples_turn_nothing() {
        let mut samples = vec![1.0; 40];
        samples[..8].fill(9.0);
        assert_eq!(sampling(&samples, QUICK).outcome().0, Verdict::Passed);
    }

    #[test]
    fn a_few_slow_samples_decide_if_they_lie_far_from_the_limit() {
        let slow = Duration::from_millis(400);
        assert!(!sampling(&[9.0, 8.0, 9.5], slow).is_open());
        assert_eq!(sampling(&[9.0, 8.0, 9.5], slow).outcome().0, Verdict::Failed);
        assert_eq!(sampling(&[2.4, 2.6, 2.6], slow).outcome().0, Verdict::Inconclusive);
        assert_eq!(sampling(&[1.0, 1.1, 1.2], slow).outcome().0, Verdict::Passed);
        assert_eq!(
            sampling(&[9.0], Duration::from_secs(2)).outcome().0,
            Verdict::Inconclusive
        );
    }
}
