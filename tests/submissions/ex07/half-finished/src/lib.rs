//! Contextes et propagation ; les spans restent à faire.

mod baggage;
mod context;
mod propagation;

pub use baggage::Baggage;
pub use context::{SpanId, TraceContext, TraceFlags, TraceId};
pub use propagation::{Carrier, Propagator, W3CTraceContextPropagator};
