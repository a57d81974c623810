//! Which traces are worth their cost.

use crate::TraceContext;

/// Decides at the start of a span whether it is recorded.
pub trait Sampler: Send + Sync {
    /// Whether the span of this context and this name is recorded. Its flags tell what was decided before, if anything.
    fn should_sample(&self, context: &TraceContext, name: &str) -> bool;
}

/// Records everything.
pub struct AlwaysOnSampler;

impl Sampler for AlwaysOnSampler {
    fn should_sample(&self, _: &TraceContext, _: &str) -> bool {
        true
    }
}

/// Records nothing.
pub struct AlwaysOffSampler;

impl Sampler for AlwaysOffSampler {
    fn should_sample(&self, _: &TraceContext, _: &str) -> bool {
        false
    }
}

/// Records a share of all traces, and those completely: the identifier of a trace is the lot that it drew, so every
/// service comes to the same decision without asking.
pub struct RatioSampler {
    ratio: f64,
}

impl RatioSampler {
    /// Records this share: nothing from 0 down, everything from 1 up.
    ///
    /// ```
    /// use ex07::{RatioSampler, Sampler, TraceContext};
    ///
    /// assert!(RatioSampler::new(1.0).should_sample(&TraceContext::new_root(), "order"));
    /// ```
    pub fn new(ratio: f64) -> Self {
        Self { ratio }
    }
}

/// As many bits as an `f64` holds exactly. They are taken from the right: level 2 of the standard promises randomness for
/// the last seven bytes only ("Random Trace ID Flag"), and some services put a time into the first ones.
const LOT_BITS: u32 = f64::MANTISSA_DIGITS;

impl Sampler for RatioSampler {
    /// The lot is in `0.0..1.0`, so that comparing strictly is right at both ends.
    fn should_sample(&self, context: &TraceContext, _: &str) -> bool {
        let lots = 1_u128 << LOT_BITS;
        let lot = (context.trace_id.0 % lots) as f64 / lots as f64;
        lot < self.ratio
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TraceId;

    /// Whether a trace is recorded.
    fn records(ratio: f64, trace: u128) -> bool {
        let context = TraceContext {
            trace_id: TraceId(trace),
            ..TraceContext::new_root()
        };
        RatioSampler::new(ratio).should_sample(&context, "any")
    }

    #[test]
    fn the_ends_are_exact() {
        for trace in [1, 1 << 64, u128::from(u64::MAX), u128::MAX] {
            assert!(!records(0.0, trace) && !records(-1.0, trace) && !records(f64::NAN, trace));
            assert!(records(1.0, trace) && records(2.0, trace));
        }
    }

    #[test]
    fn lots_are_compared_with_the_ratio() {
        let quarter = 1_u128 << (LOT_BITS - 2);
        assert!(!records(0.25, quarter));
        assert!(records(0.25, quarter - 1));
        assert!(records(0.26, quarter));
    }
}
