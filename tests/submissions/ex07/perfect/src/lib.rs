//! Traces distribuées : un tampon derrière un seul verrou, des gardes qui y déposent leur span à la fin.
//!
//! `end` rend le span à l'appelant au lieu de l'exporter ; un lot refusé par l'exporter attend le suivant ; un enfant suit
//! la décision de son parent. Un span refusé n'enregistre rien.

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
