//! Exporters, and tracers that several threads share.

use super::recorder::Recorder;
use super::{World, sampling};
use ex07::{AlwaysOnSampler, JaegerExporter, Span, SpanBuilder, SpanExporter, StdoutExporter, Tracer};
use std::sync::Arc;
use std::thread;

pub(super) fn flush(world: &mut World) {
    sampling::tracer(world).flush();
}

/// A tracer that samples everything, and its exporter.
fn recording() -> (Tracer, Arc<Recorder>) {
    let recorder = Arc::new(Recorder::default());
    let tracer = Tracer::new("service", Arc::new(AlwaysOnSampler), recorder.clone());
    (tracer, recorder)
}

pub(super) fn count_exports(spans: u16) -> u32 {
    let (tracer, recorder) = recording();
    for _ in 0..spans {
        drop(tracer.span("any").start());
    }
    tracer.flush();
    recorder.calls()
}

fn some_span() -> Span {
    let mut span = SpanBuilder::new("any \"thing\"\n").start();
    span.add_event("event");
    span.set_error("no");
    span.end()
}

pub(super) fn print_span() -> bool {
    StdoutExporter.export(vec![some_span()]).is_ok()
}

pub(super) fn send_span(endpoint: &str) {
    let _ = JaegerExporter::new(endpoint).export(vec![some_span()]);
}

pub(super) fn together(threads: u8, spans: u8) -> Vec<String> {
    let (tracer, recorder) = recording();
    let tracer = Arc::new(tracer);
    let workers: Vec<_> = (0..threads.clamp(1, 8))
        .map(|thread| {
            let tracer = Arc::clone(&tracer);
            thread::spawn(move || {
                for span in 0..spans {
                    drop(tracer.span(format!("t{thread}-{span}")).start());
                    // Every other thread flushes now and then, among the spans of the others.
                    if thread % 2 == 1 && span % 8 == 7 {
                        tracer.flush();
                    }
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().expect("a thread that traces panicked");
    }
    tracer.flush();
    recorder.names()
}
