//! Identifiers and contexts.

use super::World;
use ex07::{SpanId, TraceContext, TraceFlags, TraceId};
use ex07_protocol::{Ids, Remote, Slot, stranger, trace_id};
use std::thread;

fn trace_text(id: &TraceId) -> String {
    format!("{:032x}", id.0)
}

fn span_text(id: &SpanId) -> String {
    format!("{:016x}", id.0)
}

pub(super) fn trace_to_hex(high: u64, low: u64) -> String {
    TraceId(u128::from(high) << 64 | u128::from(low)).to_hex()
}

pub(super) fn span_to_hex(id: u64) -> String {
    SpanId(id).to_hex()
}

pub(super) fn trace_from_hex(text: &str) -> Option<String> {
    TraceId::from_hex(text).map(|id| trace_text(&id))
}

pub(super) fn span_from_hex(text: &str) -> Option<String> {
    SpanId::from_hex(text).map(|id| span_text(&id))
}

/// What each of some threads makes, `count` times each.
fn on_threads<T: Send + 'static>(threads: u8, count: u16, make: fn() -> T) -> Vec<T> {
    let workers: Vec<_> = (0..threads.clamp(1, 8))
        .map(|_| thread::spawn(move || (0..count).map(|_| make()).collect::<Vec<T>>()))
        .collect();
    let made = workers
        .into_iter()
        .map(|worker| worker.join().expect("making an identifier panicked"));
    made.flatten().collect()
}

pub(super) fn generate_traces(threads: u8, count: u16) -> Vec<(u64, u64)> {
    on_threads(threads, count, || {
        let id: u128 = TraceId::generate().0;
        ((id >> 64) as u64, id as u64)
    })
}

pub(super) fn generate_spans(threads: u8, count: u16) -> Vec<u64> {
    on_threads(threads, count, || SpanId::generate().0)
}

fn with_ids(trace: u128, span: u64, sampled: bool) -> TraceContext {
    TraceContext {
        trace_id: TraceId(trace),
        span_id: SpanId(span),
        parent_span_id: None,
        flags: TraceFlags::with_sampled(sampled),
        trace_state: String::new(),
    }
}

/// A context of these identifiers, neither of which may be zero.
pub(super) fn made(high: u64, low: u64, span: u64, sampled: bool) -> TraceContext {
    with_ids(trace_id(high, low), span.max(1), sampled)
}

/// A context of this trace.
pub(super) fn of_trace(trace: u128) -> TraceContext {
    with_ids(trace, 1, false)
}

/// The context in a slot.
pub(super) fn known(world: &mut World, c: Slot) -> &mut TraceContext {
    let (trace, span) = stranger(c);
    world.contexts.entry(c).or_insert_with(|| with_ids(trace, span, true))
}

pub(super) fn ids(context: &TraceContext) -> Ids {
    Ids {
        trace: trace_text(&context.trace_id),
        span: span_text(&context.span_id),
        parent: context.parent_span_id.as_ref().map(span_text),
    }
}

pub(super) fn remote(context: &TraceContext) -> Remote {
    Remote {
        trace: trace_text(&context.trace_id),
        span: span_text(&context.span_id),
        sampled: context.flags.is_sampled(),
    }
}

pub(super) fn read(header: &str) -> Option<Remote> {
    TraceContext::from_traceparent(header).as_ref().map(remote)
}
