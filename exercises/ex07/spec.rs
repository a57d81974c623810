//! The public checks: what the statement says, in examples that a student can read and run.

use ex07::{
    AlwaysOffSampler, AlwaysOnSampler, AttributeValue, Baggage, Carrier, CompositePropagator, ExportError,
    JaegerExporter, Propagator, RatioSampler, Sampler, Severity, Span, SpanBuilder, SpanEvent, SpanExporter, SpanId,
    SpanKind, SpanLink, SpanStatus, StdoutExporter, TraceContext, TraceFlags, TraceId, Tracer,
    W3CTraceContextPropagator,
};
use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::SystemTime;

/// The example of the standard.
const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// An exporter that keeps what it gets.
#[derive(Default)]
struct TestExporter {
    spans: Mutex<Vec<Span>>,
}

impl SpanExporter for TestExporter {
    fn export(&self, spans: Vec<Span>) -> Result<(), ExportError> {
        self.spans.lock().expect("no export panics").extend(spans);
        Ok(())
    }
}

/// A tracer and what it exports.
fn tracer_with(sampler: impl Sampler + 'static) -> (Tracer, Arc<TestExporter>) {
    let exporter = Arc::new(TestExporter::default());
    let tracer = Tracer::new("test-service", Arc::new(sampler), exporter.clone());
    (tracer, exporter)
}

/// What has been exported so far.
fn exported(tracer: &Tracer, exporter: &TestExporter) -> Vec<Span> {
    tracer.flush();
    exporter.spans.lock().expect("no export panics").clone()
}

/// Headers of a message.
#[derive(Default)]
struct Headers(HashMap<String, String>);

impl Carrier for Headers {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    fn set(&mut self, key: &str, value: String) {
        self.0.insert(key.to_owned(), value);
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}

/// A way of our own to carry a context.
struct OwnHeader;

impl Propagator for OwnHeader {
    fn inject(&self, context: &TraceContext, carrier: &mut dyn Carrier) {
        carrier.set("x-own", context.to_traceparent());
    }

    fn extract(&self, carrier: &dyn Carrier) -> Option<TraceContext> {
        carrier.get("x-own").and_then(TraceContext::from_traceparent)
    }
}

/// R2: a new root has identifiers, and no parent.
#[test]
fn test_trace_context_generation() {
    let context = TraceContext::new_root();
    assert!(context.parent_span_id.is_none());
    assert_ne!(context.trace_id.0, 0);
    assert_ne!(context.span_id.0, 0);
    assert_ne!(context.trace_id, TraceContext::new_root().trace_id);
}

/// R2: a child is in the trace of its parent, which it names, and is another span.
#[test]
fn test_child_context() {
    let parent = TraceContext::new_root();
    let child = parent.child();
    assert_eq!(child.trace_id, parent.trace_id);
    assert_eq!(child.parent_span_id, Some(parent.span_id));
    assert_ne!(child.span_id, parent.span_id);
    assert_eq!(child.flags.is_sampled(), parent.flags.is_sampled());
}

/// R3: what is written as a header is read from it.
#[test]
fn test_traceparent_roundtrip() {
    let original = TraceContext::new_root();
    let parsed = TraceContext::from_traceparent(&original.to_traceparent()).expect("it was just written");
    assert_eq!(parsed.trace_id, original.trace_id);
    assert_eq!(parsed.span_id, original.span_id);
    assert_eq!(parsed.flags.is_sampled(), original.flags.is_sampled());
}

/// R3: the header has four fields, of 2, 32, 16 and 2 digits.
#[test]
fn test_traceparent_format() {
    let header = TraceContext::new_root().to_traceparent();
    let parts: Vec<&str> = header.split('-').collect();
    assert_eq!(parts.len(), 4);
    assert_eq!(parts[0], "00");
    assert_eq!([parts[1].len(), parts[2].len(), parts[3].len()], [32, 16, 2]);
}

/// R3: the standard's example is read, later versions too, and malformed headers are refused.
#[test]
fn test_traceparent_rules() {
    let context = TraceContext::from_traceparent(HEADER).expect("this is the standard's example");
    assert_eq!(context.trace_id, TraceId(0x4bf92f3577b34da6a3ce929d0e0e4736));
    assert_eq!(context.span_id, SpanId(0x00f067aa0ba902b7));
    assert!(context.flags.is_sampled());

    let later = HEADER.replacen("00", "cc", 1);
    assert!(TraceContext::from_traceparent(&later).is_some());
    assert!(TraceContext::from_traceparent(&format!("{later}-more")).is_some());

    for bad in [
        "".to_owned(),
        HEADER.to_uppercase(),
        HEADER.replacen("00", "ff", 1),
        format!("{HEADER}-more"),
        format!("{later}.more"),
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01".to_owned(),
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01".to_owned(),
        HEADER[1..].to_owned(),
    ] {
        assert!(TraceContext::from_traceparent(&bad).is_none(), "{bad:?}");
    }
}

/// R1: identifiers are 32 and 16 hexadecimal digits, and nothing else is one.
#[test]
fn test_ids_in_hexadecimal() {
    assert_eq!(TraceId(0xbeef).to_hex(), "0000000000000000000000000000beef");
    assert_eq!(SpanId(0xbeef).to_hex(), "000000000000beef");
    assert_eq!(
        TraceId::from_hex("0000000000000000000000000000beef"),
        Some(TraceId(0xbeef))
    );
    assert_eq!(SpanId::from_hex("000000000000beef"), Some(SpanId(0xbeef)));
    for bad in [
        "",
        "beef",
        "000000000000bee",
        "+00000000000beef",
        "000000000000beeg",
        "éééééééé",
    ] {
        assert_eq!(SpanId::from_hex(bad), None, "{bad:?}");
        assert_eq!(TraceId::from_hex(&bad.repeat(2)), None, "{bad:?} twice");
    }
    assert_ne!(TraceId::generate(), TraceId::generate());
    assert_ne!(SpanId::generate(), SpanId::generate());
}

/// R2: the sampled flag is the lowest bit.
#[test]
fn test_flags() {
    assert_eq!(TraceFlags::SAMPLED, 0x01);
    assert!(TraceFlags::with_sampled(true).is_sampled());
    assert!(!TraceFlags::with_sampled(false).is_sampled());
    let _: TraceFlags = TraceFlags::new();
}

/// R6, R10: a span that leaves its scope ends and is exported.
#[test]
fn test_span_lifecycle() {
    let (tracer, exporter) = tracer_with(AlwaysOnSampler);
    {
        let builder = tracer.span("test-operation").with_kind(SpanKind::Internal);
        let mut span = builder.with_attribute("key", "value").start();
        span.add_event("something happened");
        span.set_status(SpanStatus::Ok);
    }
    let spans = exported(&tracer, &exporter);
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0].name, "test-operation");
    assert!(spans[0].end_time.is_some_and(|end| end >= spans[0].start_time));
    assert!(matches!(spans[0].kind, SpanKind::Internal));
    assert!(matches!(spans[0].status, SpanStatus::Ok));
    assert!(matches!(&spans[0].attributes["key"], AttributeValue::String(value) if value == "value"));
}

/// R7: a child span is in the trace of its parent and names it.
#[test]
fn test_span_parent_child() {
    let (tracer, exporter) = tracer_with(AlwaysOnSampler);
    let parent_span = tracer.span("parent").start();
    let parent_context = parent_span.context().clone();
    drop(tracer.span_with_parent("child", &parent_context).start());
    drop(parent_span);

    let spans = exported(&tracer, &exporter);
    assert_eq!(spans.len(), 2);
    let find = |name: &str| spans.iter().find(|span| span.name == name).expect("both were exported");
    let (child, parent) = (find("child"), find("parent"));
    assert_eq!(child.context.trace_id, parent.context.trace_id);
    assert_eq!(child.context.parent_span_id, Some(parent.context.span_id));
    assert!(parent.context.parent_span_id.is_none());
}

/// R9: a ratio of 0 samples nothing, and one of 1 everything.
#[test]
fn test_ratio_sampler() {
    let (never, always) = (RatioSampler::new(0.0), RatioSampler::new(1.0));
    for _ in 0..100 {
        let context = TraceContext::new_root();
        assert!(!never.should_sample(&context, "test"));
        assert!(always.should_sample(&context, "test"));
    }
}

/// R9: with a ratio, a trace always gets the same answer, and about that share of traces a yes.
#[test]
fn test_ratio_sampler_is_consistent() {
    let sampler = RatioSampler::new(0.5);
    let contexts: Vec<TraceContext> = (0..4096).map(|_| TraceContext::new_root()).collect();
    let sampled = contexts.iter().filter(|context| sampler.should_sample(context, "a"));
    // Chance alone strays by 300 from 2048 less than once in 1e18 runs: 2 exp(-2 * 300^2 / 4096).
    assert!((1748..=2348).contains(&sampled.count()));
    for context in &contexts[..100] {
        let answer = sampler.should_sample(context, "a");
        assert_eq!(sampler.should_sample(&context.child(), "b"), answer);
    }
}

/// R8: what is not sampled is not exported, and its context says so.
#[test]
fn test_unsampled_spans() {
    assert!(!AlwaysOffSampler.should_sample(&TraceContext::new_root(), "any"));
    assert!(AlwaysOnSampler.should_sample(&TraceContext::new_root(), "any"));

    let (tracer, exporter) = tracer_with(AlwaysOffSampler);
    let span = tracer.span("quiet").start();
    assert!(!span.context().flags.is_sampled());
    drop(span);
    assert!(exported(&tracer, &exporter).is_empty());

    let (tracer, _) = tracer_with(AlwaysOnSampler);
    assert!(tracer.span("loud").start().context().flags.is_sampled());
}

/// R5: a context goes through a carrier.
#[test]
fn test_w3c_propagator() {
    let context = TraceContext::new_root();
    let mut headers = Headers::default();
    assert!(W3CTraceContextPropagator.extract(&headers).is_none());
    W3CTraceContextPropagator.inject(&context, &mut headers);
    assert!(headers.keys().contains(&"traceparent"));
    let extracted = W3CTraceContextPropagator
        .extract(&headers)
        .expect("it was just injected");
    assert_eq!(extracted.trace_id, context.trace_id);
    assert_eq!(extracted.span_id, context.span_id);
}

/// R4: a `tracestate` goes along; a malformed one is dropped, and the trace goes on.
#[test]
fn test_tracestate() {
    let mut context = TraceContext::new_root();
    context.trace_state = "congo=t61rcWkgMzE".to_owned();
    assert_eq!(context.child().trace_state, "congo=t61rcWkgMzE");
    let mut headers = Headers::default();
    W3CTraceContextPropagator.inject(&context, &mut headers);
    assert_eq!(headers.get("tracestate"), Some("congo=t61rcWkgMzE"));
    let extracted = W3CTraceContextPropagator
        .extract(&headers)
        .expect("it was just injected");
    assert_eq!(extracted.trace_state, "congo=t61rcWkgMzE");

    headers.set("tracestate", "congo=1,FOO=2".to_owned());
    let extracted = W3CTraceContextPropagator
        .extract(&headers)
        .expect("traceparent is still good");
    assert_eq!(extracted.trace_state, "");
}

/// R5: a composite writes in all ways, and reads in the first that answers.
#[test]
fn test_composite_propagator() {
    let both = CompositePropagator::new(vec![Arc::new(OwnHeader), Arc::new(W3CTraceContextPropagator)]);
    let (own, standard) = (TraceContext::new_root(), TraceContext::new_root());
    let mut headers = Headers::default();
    both.inject(&own, &mut headers);
    assert_eq!(headers.keys().len(), 2);
    W3CTraceContextPropagator.inject(&standard, &mut headers);
    assert_eq!(
        both.extract(&headers).map(|context| context.trace_id),
        Some(own.trace_id)
    );
    headers.set("x-own", "garbage".to_owned());
    assert_eq!(
        both.extract(&headers).map(|context| context.trace_id),
        Some(standard.trace_id)
    );
}

/// R6: events are kept in order, with their attributes.
#[test]
fn test_span_events() {
    let (tracer, exporter) = tracer_with(AlwaysOnSampler);
    {
        let mut span = tracer.span("with-events").start();
        span.add_event("event1");
        let attributes = HashMap::from([("key".to_owned(), AttributeValue::String("value".to_owned()))]);
        span.add_event_with_attrs("event2", attributes);
    }
    let spans = exported(&tracer, &exporter);
    assert_eq!(spans[0].events.len(), 2);
    assert_eq!(spans[0].events[0].name, "event1");
    assert_eq!(spans[0].events[1].name, "event2");
    assert!(spans[0].events[1].attributes.contains_key("key"));
}

/// R6: every type of value converts by itself.
#[test]
fn test_attribute_conversions() {
    let mut span = SpanBuilder::new("any")
        .with_attribute("str", "text")
        .with_attribute("int", 7_i64)
        .start();
    span.set_attribute("string", String::from("text"));
    span.set_attribute("float", 0.5);
    span.set_attribute("bool", true);
    span.set_attribute("strings", vec!["a".to_owned()]);
    span.set_attribute("ints", vec![1_i64, 2]);
    let attributes = span.end().attributes;
    assert!(matches!(&attributes["str"], AttributeValue::String(text) if text == "text"));
    assert!(matches!(&attributes["string"], AttributeValue::String(text) if text == "text"));
    assert!(matches!(attributes["int"], AttributeValue::Int(7)));
    assert!(matches!(attributes["float"], AttributeValue::Float(number) if (0.5..=0.5).contains(&number)));
    assert!(matches!(attributes["bool"], AttributeValue::Bool(true)));
    assert!(matches!(&attributes["strings"], AttributeValue::StringArray(texts) if texts == &["a"]));
    assert!(matches!(&attributes["ints"], AttributeValue::IntArray(numbers) if numbers == &[1, 2]));
}

/// R6, R10: `end` returns the span: links, error, kind.
#[test]
fn test_end_returns_the_span() {
    let other = TraceContext::new_root();
    let builder = SpanBuilder::new("batch")
        .with_kind(SpanKind::Consumer)
        .with_link(other.clone());
    let mut span = builder.with_parent(&other).start();
    span.set_error("broken");
    let span = span.end();
    assert_eq!(span.context.parent_span_id, Some(other.span_id));
    assert_eq!(span.links.len(), 1);
    assert_eq!(span.links[0].context.span_id, other.span_id);
    assert!(matches!(span.kind, SpanKind::Consumer));
    assert!(matches!(&span.status, SpanStatus::Error { message } if message == "broken"));
    assert!(span.end_time.is_some());
}

/// R10: a panic ends the span that it drops, once.
#[test]
fn test_span_ends_on_panic() {
    let (tracer, exporter) = tracer_with(AlwaysOnSampler);
    let span = tracer.span("doomed").start();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        let _span = span;
        std::panic::resume_unwind(Box::new("on purpose"));
    }));
    assert!(panicked.is_err());
    assert_eq!(exported(&tracer, &exporter).len(), 1);
    assert_eq!(
        exported(&tracer, &exporter).len(),
        1,
        "a second flush exports nothing again"
    );
}

/// R11: an exporter may fail, and nothing else does.
#[test]
fn test_exporters() {
    struct Broken;
    impl SpanExporter for Broken {
        fn export(&self, _: Vec<Span>) -> Result<(), ExportError> {
            Err(ExportError::Failed("on purpose".to_owned()))
        }
    }
    let tracer = Tracer::new("test-service", Arc::new(AlwaysOnSampler), Arc::new(Broken));
    drop(tracer.span("lost").start());
    tracer.flush();
    assert_eq!(ExportError::Failed("why".to_owned()).to_string(), "Export failed: why");

    assert!(
        StdoutExporter
            .export(vec![SpanBuilder::new("shown").start().end()])
            .is_ok()
    );
    let nobody_there = JaegerExporter::new("http://127.0.0.1:1/api/traces");
    let _: Result<(), ExportError> = nobody_there.export(vec![SpanBuilder::new("sent").start().end()]);
}

/// R12: threads share a tracer.
#[test]
fn test_threads_share_a_tracer() {
    let (tracer, exporter) = tracer_with(AlwaysOnSampler);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    drop(tracer.span("shared").start());
                }
            });
        }
    });
    assert_eq!(exported(&tracer, &exporter).len(), 200);
}

/// R13: items are set, read and removed.
#[test]
fn test_baggage() {
    let mut baggage = Baggage::new();
    baggage.set("user_id", "12345");
    baggage.set("tenant", "acme");
    assert_eq!(baggage.get("user_id"), Some("12345"));
    assert_eq!(baggage.get("tenant"), Some("acme"));
    assert_eq!(baggage.get("nonexistent"), None);

    baggage.remove("user_id");
    assert_eq!(baggage.get("user_id"), None);
    assert_eq!(baggage.iter().collect::<Vec<_>>(), [("tenant", "acme")]);
    assert!(Baggage::default().iter().next().is_none());
}

/// R6, R12: the types have the traits and the fields that the statement says.
#[test]
fn test_required_traits() {
    fn shared<T: Send + Sync + ?Sized>() {}
    fn plain<T: Debug + Clone>() {}
    shared::<Tracer>();
    shared::<dyn SpanExporter>();
    shared::<dyn Sampler>();
    shared::<dyn Propagator>();
    shared::<JaegerExporter>();
    plain::<Span>();
    plain::<Baggage>();
    let severities = [
        Severity::Trace,
        Severity::Debug,
        Severity::Info,
        Severity::Warn,
        Severity::Error,
        Severity::Fatal,
    ];
    let event = |severity: Severity| SpanEvent {
        name: format!("{severity:?}"),
        timestamp: SystemTime::now(),
        attributes: HashMap::new(),
        severity: Some(severity),
    };
    let links = vec![SpanLink {
        context: TraceContext::new_root(),
        attributes: HashMap::new(),
    }];
    let span = Span {
        context: TraceContext::new_root(),
        name: "by hand".to_owned(),
        kind: SpanKind::Client,
        start_time: SystemTime::now(),
        end_time: None,
        attributes: HashMap::new(),
        events: severities.map(event).to_vec(),
        status: SpanStatus::Unset,
        links,
    };
    assert_eq!(span.clone().events.len(), 6);
}
