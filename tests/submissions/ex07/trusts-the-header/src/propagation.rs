//! La propagation.

use crate::TraceContext;
use std::sync::Arc;

/// Des en-têtes.
pub trait Carrier {
    /// La valeur d'un en-tête.
    fn get(&self, key: &str) -> Option<&str>;
    /// Écrit un en-tête.
    fn set(&mut self, key: &str, value: String);
    /// Les noms des en-têtes.
    fn keys(&self) -> Vec<&str>;
}

/// Une façon de transmettre un contexte.
pub trait Propagator: Send + Sync {
    /// Écrit un contexte.
    fn inject(&self, context: &TraceContext, carrier: &mut dyn Carrier);
    /// Lit un contexte.
    fn extract(&self, carrier: &dyn Carrier) -> Option<TraceContext>;
}

/// W3C Trace Context.
pub struct W3CTraceContextPropagator;

impl Propagator for W3CTraceContextPropagator {
    fn inject(&self, context: &TraceContext, carrier: &mut dyn Carrier) {
        if !context.trace_state.is_empty() {
            carrier.set("tracestate", context.trace_state.clone());
        }
        carrier.set("traceparent", context.to_traceparent());
    }

    fn extract(&self, carrier: &dyn Carrier) -> Option<TraceContext> {
        let mut context = TraceContext::from_traceparent(carrier.get("traceparent")?)?;
        if let Some(list) = carrier.get("tracestate") {
            context.trace_state = list.to_owned();
        }
        Some(context)
    }
}

/// Plusieurs façons.
pub struct CompositePropagator {
    ways: Vec<Arc<dyn Propagator>>,
}

impl CompositePropagator {
    /// Toutes ces façons.
    pub fn new(propagators: Vec<Arc<dyn Propagator>>) -> Self {
        Self { ways: propagators }
    }
}

impl Propagator for CompositePropagator {
    fn inject(&self, context: &TraceContext, carrier: &mut dyn Carrier) {
        self.ways.iter().for_each(|way| way.inject(context, carrier));
    }

    fn extract(&self, carrier: &dyn Carrier) -> Option<TraceContext> {
        for way in &self.ways {
            let context = way.extract(carrier);
            if context.is_some() {
                return context;
            }
        }
        None
    }
}
