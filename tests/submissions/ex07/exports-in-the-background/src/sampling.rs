//! L'échantillonnage.

use crate::TraceContext;

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

/// Une part des traces : celles dont les 64 premiers bits sont sous un seuil.
pub struct RatioSampler {
    /// De 0 à 2^64 compris.
    threshold: u128,
}

impl RatioSampler {
    /// Retient cette part.
    pub fn new(ratio: f64) -> Self {
        Self {
            threshold: (ratio.clamp(0.0, 1.0) * 2_f64.powi(64)) as u128,
        }
    }
}

impl Sampler for RatioSampler {
    fn should_sample(&self, context: &TraceContext, _name: &str) -> bool {
        context.trace_id.0 >> 64 < self.threshold
    }
}
