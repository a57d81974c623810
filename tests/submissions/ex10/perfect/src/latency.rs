//! How long a message takes.

use crate::network::{NodeId, concerns};
use rand::{Rng, rngs::StdRng};
use std::time::Duration;

/// A delay of some messages.
#[derive(Debug, Clone)]
pub struct LatencyRule {
    /// The sender, any if `None`.
    pub from: Option<NodeId>,
    /// The receiver, any if `None`.
    pub to: Option<NodeId>,
    /// The delay.
    pub latency: LatencyConfig,
    /// How many of the messages it concerns, from 0 to 1.
    pub probability: f64,
}

/// The distribution of a delay.
#[derive(Debug, Clone)]
pub enum LatencyConfig {
    /// Always the same.
    Fixed(Duration),
    /// Anything between two bounds, all equally likely.
    Uniform {
        /// The least.
        min: Duration,
        /// The most.
        max: Duration,
    },
    /// A bell around the mean, cut off at zero.
    Normal {
        /// The mean.
        mean: Duration,
        /// The standard deviation.
        std_dev: Duration,
    },
    /// Mostly short, now and then long.
    Exponential {
        /// The mean.
        mean: Duration,
    },
}

impl LatencyRule {
    /// What the rule adds to a message.
    pub(crate) fn delay(&self, from: &NodeId, to: &NodeId, rng: &mut StdRng) -> Duration {
        if concerns(&self.from, &self.to, from, to) && chance(self.probability, rng) {
            self.latency.draw(rng)
        } else {
            Duration::ZERO
        }
    }
}

impl LatencyConfig {
    fn draw(&self, rng: &mut StdRng) -> Duration {
        match self {
            Self::Fixed(latency) => *latency,
            Self::Uniform { min, max } => *min + max.saturating_sub(*min).mul_f64(rng.r#gen::<f64>()),
            Self::Normal { mean, std_dev } => {
                seconds(mean.as_secs_f64() + std_dev.as_secs_f64() * standard_normal(rng))
            }
            // The inverse of the distribution; the argument of the logarithm is in (0, 1].
            Self::Exponential { mean } => seconds(mean.as_secs_f64() * -(1.0 - rng.r#gen::<f64>()).ln()),
        }
    }
}

/// Whether something with this probability happens.
pub(crate) fn chance(probability: f64, rng: &mut StdRng) -> bool {
    probability > 0.0 && rng.r#gen::<f64>() < probability
}

/// Box and Muller, *A Note on the Generation of Random Normal Deviates* (1958).
fn standard_normal(rng: &mut StdRng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.r#gen::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.r#gen::<f64>()).cos()
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}
