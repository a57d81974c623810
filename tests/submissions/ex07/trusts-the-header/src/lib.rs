//! Traces distribuées : ce qui arrive d'ailleurs est cru sur parole.

mod baggage;
mod context;
mod data;
mod exporters;
mod guard;
mod propagation;
mod sampling;
mod tracer;

pub use baggage::Baggage;
pub use context::{SpanId, TraceContext, TraceFlags, TraceId};
pub use data::{AttributeValue, Severity, Span, SpanEvent, SpanKind, SpanLink, SpanStatus};
pub use exporters::{ExportError, JaegerExporter, SpanExporter, StdoutExporter};
pub use guard::{ActiveSpan, SpanBuilder};
pub use propagation::{Carrier, CompositePropagator, Propagator, W3CTraceContextPropagator};
pub use sampling::{AlwaysOffSampler, AlwaysOnSampler, RatioSampler, Sampler};
pub use tracer::Tracer;
