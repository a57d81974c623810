//! L'échantillonnage.

use crate::{SpanId, TraceContext};

/// Décide si un span est retenu.
pub trait Sampler: Send + Sync {
    /// La décision.
    fn should_sample(&self, context: &TraceContext, name: &str) -> bool;
}

/// Tout.
pub struct AlwaysOnSampler;

impl Sampler for AlwaysOnSampler {
    fn should_sample(&self, _context: &TraceContext, _name: &str) -> bool {
        true
    }
}

/// Rien.
pub struct AlwaysOffSampler;

impl Sampler for AlwaysOffSampler {
    fn should_sample(&self, _context: &TraceContext, _name: &str) -> bool {
        false
    }
}

/// Une part des spans, tirée au sort.
pub struct RatioSampler {
    ratio: f64,
}

impl RatioSampler {
    /// Retient cette part.
    pub fn new(ratio: f64) -> Self {
        Self { ratio }
    }
}

impl Sampler for RatioSampler {
    fn should_sample(&self, _context: &TraceContext, _name: &str) -> bool {
        let lot = (SpanId::generate().0 >> 11) as f64 / (1_u64 << 53) as f64;
        lot < self.ratio
    }
}
