//! How a context is written into a message, and read from one.

use std::sync::Arc;

use crate::{TraceContext, tracestate};

/// A message that can carry a context: the headers of a request, the attributes of a record. How names are compared, with
/// or without regard to case, is the carrier's business.
pub trait Carrier {
    /// The value of a header.
    fn get(&self, key: &str) -> Option<&str>;
    /// Writes a header, in place of another of that name.
    fn set(&mut self, key: &str, value: String);
    /// The names of all headers.
    fn keys(&self) -> Vec<&str>;
}

/// A way to carry contexts.
pub trait Propagator: Send + Sync {
    /// Writes a context into a message.
    fn inject(&self, context: &TraceContext, carrier: &mut dyn Carrier);
    /// Reads the context of a message, if it carries a good one.
    fn extract(&self, carrier: &dyn Carrier) -> Option<TraceContext>;
}

/// The way of W3C Trace Context: the headers `traceparent` and `tracestate`.
pub struct W3CTraceContextPropagator;

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";

impl Propagator for W3CTraceContextPropagator {
    fn inject(&self, context: &TraceContext, carrier: &mut dyn Carrier) {
        carrier.set(TRACEPARENT, context.to_traceparent());
        // An empty list is allowed, but best not sent. One that the carrier has already belongs to another context.
        if !context.trace_state.is_empty() || carrier.get(TRACESTATE).is_some() {
            carrier.set(TRACESTATE, context.trace_state.clone());
        }
    }

    fn extract(&self, carrier: &dyn Carrier) -> Option<TraceContext> {
        let header = carrier.get(TRACEPARENT)?.trim_matches([' ', '\t']);
        let context = TraceContext::from_traceparent(header)?;
        // A malformed list is as good as none.
        let trace_state = carrier.get(TRACESTATE).and_then(tracestate::normalized);
        Some(TraceContext {
            trace_state: trace_state.unwrap_or_default(),
            ..context
        })
    }
}

/// Several ways at once, for services that changed from one to another at different times.
pub struct CompositePropagator {
    propagators: Vec<Arc<dyn Propagator>>,
}

impl CompositePropagator {
    /// All these, the best first.
    pub fn new(propagators: Vec<Arc<dyn Propagator>>) -> Self {
        Self { propagators }
    }
}

impl Propagator for CompositePropagator {
    /// Writes in every way.
    fn inject(&self, context: &TraceContext, carrier: &mut dyn Carrier) {
        for propagator in &self.propagators {
            propagator.inject(context, carrier);
        }
    }

    /// Reads in the first way that finds a context.
    fn extract(&self, carrier: &dyn Carrier) -> Option<TraceContext> {
        self.propagators
            .iter()
            .find_map(|propagator| propagator.extract(carrier))
    }
}
