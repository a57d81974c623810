//! Phi accrual failure detection (Hayashibara, Défago, Yared, Katayama: "The φ Accrual Failure Detector", 2004).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The least deviation that is reckoned with, in seconds: a rhythm is never so regular that a millisecond matters.
const LEAST_DEVIATION: f64 = 0.1;

/// Says how suspicious a silence is: `phi` is 1 if a node that is alive would be silent for so long once in ten times, 2
/// for once in a hundred, and so on.
pub struct PhiAccrualDetector {
    intervals: VecDeque<Duration>,
    max_samples: usize,
    threshold: f64,
    last: Option<Instant>,
    /// The interval to go by while none was seen.
    expected: Option<Duration>,
}

impl PhiAccrualDetector {
    /// A detector that has heard nothing, and learns from the last `max_samples` intervals.
    #[must_use]
    pub fn new(threshold: f64, max_samples: usize) -> Self {
        Self {
            intervals: VecDeque::new(),
            max_samples,
            threshold,
            last: None,
            expected: None,
        }
    }

    /// The same, with an interval to go by until one was seen.
    pub(crate) fn expecting(mut self, interval: Duration) -> Self {
        self.expected = Some(interval);
        self
    }

    /// A heartbeat, now.
    pub fn heartbeat(&mut self) {
        self.heartbeat_at(Instant::now());
    }

    /// A heartbeat at a given time. One that is earlier than the last is a late message, and teaches nothing.
    pub fn heartbeat_at(&mut self, at: Instant) {
        match self.last {
            Some(last) if at < last => return,
            Some(last) => {
                self.intervals.push_back(at - last);
                while self.intervals.len() > self.max_samples {
                    self.intervals.pop_front();
                }
            }
            None => {}
        }
        self.last = Some(at);
    }

    /// How suspicious the silence from `last_heartbeat` to `now` is.
    ///
    /// The chance that an interval is longer is taken from a normal distribution, in its logistic approximation
    /// `1 / (1 + exp(x))` with `x = 1.5976 z + 0.070566 z^3` (Bowling et al., 2009). Its logarithm does not underflow.
    #[must_use]
    pub fn phi(&self, now: Instant, last_heartbeat: Instant) -> f64 {
        let Some((mean, deviation)) = self.rhythm() else {
            return 0.0;
        };
        let silence = now.saturating_duration_since(last_heartbeat).as_secs_f64();
        let z = (silence - mean) / deviation.max(LEAST_DEVIATION);
        let x = z * (1.5976 + 0.070_566 * z * z);
        let surprise = if x > 30.0 { x } else { x.exp().ln_1p() };
        surprise / std::f64::consts::LN_10
    }

    /// Whether the silence reaches the threshold.
    #[must_use]
    pub fn is_suspected(&self, now: Instant, last_heartbeat: Instant) -> bool {
        self.phi(now, last_heartbeat) >= self.threshold
    }

    /// Mean and deviation of the intervals, in seconds.
    fn rhythm(&self) -> Option<(f64, f64)> {
        if self.intervals.is_empty() {
            let expected = self.expected?.as_secs_f64();
            return Some((expected, expected / 4.0));
        }
        let count = self.intervals.len() as f64;
        let mean = self.intervals.iter().map(Duration::as_secs_f64).sum::<f64>() / count;
        let squares = self
            .intervals
            .iter()
            .map(|interval| (interval.as_secs_f64() - mean).powi(2));
        Some((mean, (squares.sum::<f64>() / count).sqrt()))
    }
}
