//! What is timed: the life of a span, many spans until they are exported, and a context's way through headers.

use ex07::{
    AlwaysOnSampler, AttributeValue, Carrier, ExportError, Propagator, Span, SpanExporter, SpanId, TraceContext,
    TraceFlags, TraceId, Tracer, W3CTraceContextPropagator,
};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use witness::Work;

witness::workloads! { spans, inject_extract }

/// An exporter that counts.
#[derive(Default)]
struct Counter(AtomicU64);

impl SpanExporter for Counter {
    fn export(&self, spans: Vec<Span>) -> Result<(), ExportError> {
        self.0.fetch_add(spans.len() as u64, Relaxed);
        Ok(())
    }
}

/// A request and `size` calls that it makes, each a span with an attribute and an event, then a flush; counts the spans
/// that are exported.
fn spans(size: usize) -> Work {
    let counter = Arc::new(Counter::default());
    let tracer = Tracer::new("service", Arc::new(AlwaysOnSampler), counter.clone());
    witness::work(move || {
        let before = counter.0.load(Relaxed);
        let request = tracer.span("request").start();
        for number in 0..size {
            let call = tracer.span_with_parent("call", request.context());
            let mut call = call
                .with_attribute("number", AttributeValue::Int(number as i64))
                .start();
            call.add_event("answered");
        }
        drop(request);
        tracer.flush();
        counter.0.load(Relaxed) - before
    })
}

/// Headers in a map.
#[derive(Default)]
struct Headers(HashMap<String, String>);

impl Carrier for Headers {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    fn set(&mut self, key: &str, value: String) {
        match self.0.get_mut(key) {
            Some(there) => *there = value,
            None => drop(self.0.insert(key.to_owned(), value)),
        }
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}

/// Sends `size` contexts through headers; adds up what arrives.
fn inject_extract(size: usize) -> Work {
    let mut headers = Headers::default();
    let contexts: Vec<TraceContext> = (1..=size as u64)
        .map(|number| TraceContext {
            trace_id: TraceId(u128::from(number) << 64 | 7),
            span_id: SpanId(number),
            parent_span_id: None,
            flags: TraceFlags::with_sampled(number % 2 == 0),
            trace_state: "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7".to_owned(),
        })
        .collect();
    witness::work(move || {
        let mut sum = 0_u64;
        for context in &contexts {
            W3CTraceContextPropagator.inject(context, &mut headers);
            if let Some(arrived) = W3CTraceContextPropagator.extract(&headers) {
                let flag = u64::from(arrived.flags.is_sampled());
                sum = sum.wrapping_add((arrived.trace_id.0 >> 64) as u64 ^ arrived.span_id.0 << 1 ^ flag);
            }
        }
        sum
    })
}
