//! Distributed tracing: what one request caused, across all the services that it went through.
//!
//! # The idea
//! A *span* is one operation: what it was, when it began and ended, and which operation caused it. The spans that one
//! request caused form a tree, the *trace*. No service sees the tree: each makes its own spans and hands them to a
//! collector, which joins them by identifiers that nobody had to agree upon. Three decisions make this work (Sigelman et
//! al. 2010, "Dapper, a Large-Scale Distributed Systems Tracing Infrastructure", section 2):
//!
//! - *Identifiers are drawn at random.* A trace has 128 bits, a span 64; no two services have to ask each other.
//! - *Context travels in band.* Who calls another service sends along which trace and which span the call belongs to:
//!   the header `traceparent` of W3C Trace Context, and `tracestate` for what vendors want to add.
//! - *Data travels out of band.* Spans are kept, sent in batches and off the request's path. Recording all of them costs
//!   too much, so whether a trace is *sampled* is decided once, at its start, and travels with the context.
//!
//! # The contract
//! - [`TraceId`] and [`SpanId`] name, [`TraceContext`] is what travels; [`TraceContext::to_traceparent`] and
//!   [`TraceContext::from_traceparent`] are its standard form.
//! - A [`Propagator`] carries a context through a [`Carrier`]: [`W3CTraceContextPropagator`] as the standard says,
//!   [`CompositePropagator`] in several ways at once. [`Baggage`] is what an application adds.
//! - [`Tracer::span`] makes a [`SpanBuilder`], whose [`start`](SpanBuilder::start) gives an [`ActiveSpan`]: a guard that
//!   ends the [`Span`] when it is dropped, however that comes about.
//! - A [`Sampler`] decides at the start, a [`SpanExporter`] gets what has ended: [`StdoutExporter`] prints it,
//!   [`JaegerExporter`] sends it to a collector.
//!
//! # Invariants
//! - An identifier that this crate makes is never zero: the standard reserves zero for "none".
//! - The spans of a trace have its identifier, and each names its parent; only a root has none.
//! - A span ends once, and is handed to the exporter at most once. What had ended before [`Tracer::flush`] was called has
//!   been handed over when it returns.
//! - A header from outside is checked completely before any of it is believed.
//!
//! # Cost
//! Starting and ending a span takes constant time and no lock but for one push onto the buffer; exporting `n` spans is
//! `O(n)`, and no lock that a span needs is held meanwhile. Reading `traceparent` is one pass over 55 bytes without an
//! allocation.
//!
//! # Common mistakes
//! - Reading hexadecimal digits with `from_str_radix` alone, which takes `+1` and upper case too.
//! - Cutting a header by byte positions without asking first whether it is ASCII: the next `é` is a panic.
//! - Refusing an unknown version of the header: every later version promises to begin as this one does.
//! - Dropping the trace because `tracestate` is malformed: only `tracestate` is dropped then.
//! - Drawing lots for each span: half of the spans of a trace are of no use. The trace identifier is the lot.
//! - Exporting in both `end` and `drop`, or in neither when a panic unwinds.
//!
//! # Example
//! ```
//! use ex07::*;
//! use std::sync::Arc;
//!
//! let tracer = Tracer::new("shop", Arc::new(AlwaysOnSampler), Arc::new(StdoutExporter));
//! let mut order = tracer.span("order").with_kind(SpanKind::Server).start();
//! order.set_attribute("items", 3_i64);
//!
//! // What the shop would send along with its call of the payment service, and what that would make of it.
//! let header = order.context().to_traceparent();
//! let caller = TraceContext::from_traceparent(&header).expect("it was just written");
//! let payment = tracer.span_with_parent("pay", &caller).start();
//! assert_eq!(payment.context().trace_id, order.context().trace_id);
//! assert_eq!(payment.context().parent_span_id, Some(order.context().span_id));
//!
//! drop(payment);
//! let order = order.end();
//! assert!(order.end_time.is_some());
//! tracer.flush();
//! ```

mod active;
mod baggage;
mod builder;
mod context;
mod export;
mod id;
mod jaeger;
mod otlp;
mod pipeline;
mod propagation;
mod random;
mod sampling;
mod span;
mod tracer;
mod tracestate;

pub use active::ActiveSpan;
pub use baggage::Baggage;
pub use builder::SpanBuilder;
pub use context::{TraceContext, TraceFlags};
pub use export::{ExportError, SpanExporter, StdoutExporter};
pub use id::{SpanId, TraceId};
pub use jaeger::JaegerExporter;
pub use propagation::{Carrier, CompositePropagator, Propagator, W3CTraceContextPropagator};
pub use sampling::{AlwaysOffSampler, AlwaysOnSampler, RatioSampler, Sampler};
pub use span::{AttributeValue, Severity, Span, SpanEvent, SpanKind, SpanLink, SpanStatus};
pub use tracer::Tracer;
